"""A page of each kind with every section that there is, in the language that is spoken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from tests.analysis.diagnosis.course_of import diagnosed, gap_of, real
from tests.report.comparisons import comparison, pair
from tests.report.conftest import sample_run
from tests.report.sections.test_confusion_change_view import POSSIBLE, SAME, STEP, SUSPECT, shown
from tests.report.sections.test_explanation_view import made_up
from tests.report.sections.test_ood_view import content as ood_content
from tests.report.two_classes import two_class_run

from leadline.analysis.failed_runs import FailedRun
from leadline.analysis.label_errors import LabelErrors, LabelRecord
from leadline.analysis.significance.confusion_change import ConfusionChanges
from leadline.data.audit import CHECKS, Audit, Finding, Measured
from leadline.data.remarks import remark
from leadline.explain.gallery import Gallery
from leadline.models.built_model import UnusedLayer
from leadline.report.audit_page import render_audit
from leadline.report.html_pages import render_run, render_study
from leadline.report.page_content import RunPage, StudyPage
from leadline.report.sections.audit_view import AuditView, audit_view

CLASSES = ("4", "9", "7")
ENVIRONMENT = {
    "written": "2026-11-24T01:57:29+00:00",
    "python": "3.11.2",
    "system": "Linux x86_64",
    "processors": "2",
    "torch_threads": "2",
    "jax": "",
}
WARNING = remark("validation-unused", n=16, setting="carve")
DEAD = UnusedLayer("l1_mp", "MaxPooling2D", "not-read", "l2", ("l1",))
METHOD = "t_test_with_seeds"
LABELS = LabelRecord(
    LabelErrors(10_000, 3, 9, 1, 1, (SUSPECT, POSSIBLE)), np.zeros((2, 4, 4, 1), np.uint8)
)
FINDINGS = (
    Finding(
        "unreadable", ("train",), 1,
        {"files": [{
            "name": "a.png", "split": "train",
            "reason": {
                "code": "unreadable", "values": {"file": "a.png", "reason": "truncated"},
            },
        }]},
    ),
    Finding(
        "left-out", (), 3,
        {"kinds": [
            {"reason": reason, "format": "", "suffix": suffix, "count": 1, "first": "…"}
            for reason, suffix in (("unread-format", ""), ("hidden", ""), ("link", ""))
        ]},
    ),
    Finding(
        "shared-group", ("train", "test"), 12,
        {"images": 30, "share": 0.048, "examples": ["p1", "p2"]},
    ),
    *(
        Finding(
            "duplicate", splits, 4,
            {"groups": 2, "same_class": same, "from_files": files, "byte_identical": 2,
             "byte_identical_groups": 1, "examples": [["p1.png", "p2.png"]]},
        )
        for splits, same, files in (
            (("train", "test"), False, True), (("train", "test"), True, False),
            (("train",), True, False),
        )
    ),
    *(
        Finding(
            "near-duplicate", splits, 3,
            {"examples": [{"images": ["p1.png", "p2.png"], "correlation": 0.95}]},
        )
        for splits in (("train", "test"), ("train",))
    ),
    Finding("small-split", ("validation",), 16, {"right": 15, "interval": [0.72, 0.99]}),
    Finding("small-class", ("test",), 1, {"classes": {"PNEUMONIA": 12}}),
    Finding(
        "missing-subgroup", ("validation",), 1,
        {"subgroups": {"virus": {"train": 1345, "test": 148}}},
    ),
    Finding(
        "prevalence-shift", ("train", "test"), 624,
        {"test": "chi-square", "p_value": 0.00001,
         "shares": {"train": {"NORMAL": 0.257, "PNEUMONIA": 0.743},
                    "test": {"NORMAL": 0.375, "PNEUMONIA": 0.625}}},
    ),
    *(
        Finding("shortcut", ("train", "test"), 1,
                {"features": features, "auc": 0.834, "interval": [0.8, 0.87]})
        for features in ("file size", "together")
    ),
)  # fmt: skip


def audit() -> AuditView:
    """With a finding of every kind."""
    assert {one.kind for one in FINDINGS} == {check.code for check in CHECKS}
    counts = {"NORMAL": 1341, "PNEUMONIA": 3875}
    found = Audit(
        "data/chest",
        {"train": counts, "validation": counts, "test": counts},
        FINDINGS,
        (
            Measured("image size", 0.9, (0.88, 0.92), True),
            Measured("brightness", 0.5, (0.4, 0.6), False),
        ),
        (remark("no-group-pattern"),),
        pictures={"p1.png": np.zeros((4, 4), np.uint8)},
    )
    return audit_view(found, "leadline data")


def of_many(name: str = "mlp-1", seed: int = 0) -> RunPage:
    """Of three classes."""
    history = real("large-steps")
    gap = gap_of((990, 1000), (900, 1000), (0.02, 0.4))
    layers = sample_run().layers
    normalized = ("gamma", 24, "+", "beta", 24, "+", "mean", 24, "+", "variance", 24, "=", 96)
    changes: tuple[dict[str, Any], ...] = (
        {"meaning": "pixels-scaled", "weights": 0, "formula": ()},
        {"formula": normalized, "weights": 96, "trainable": 48},
        {"meaning": "temperature", "values": (("temperature", 1.25),), "weights": 0},
    )
    return sample_run(
        name,
        seed,
        classes=CLASSES,
        dataset_name="mnist",
        source="keras",
        history=history,
        kept_epoch=len(history),
        diagnosis=diagnosed(history, 0.047, gap=gap),
        layers=tuple(replace(row, **new) for row, new in zip(layers, changes, strict=True)),
        unused_layers=(DEAD,),
        warnings=(WARNING,),
        environment=ENVIRONMENT,
        explanations=made_up(),
        ood=ood_content(10, ["p1", "p2", "p3", "p4", "p5"] * 2),
        gallery=Gallery((shown(),), (shown(first=0),)),
        labels=LABELS,
        confused=(),
    )


FAILED = (
    FailedRun("cnn-1", 2, "diverged", 4, 2, "nan", 0.25),
    FailedRun("cnn-9", 0, "diverged", 1, 1, "inf", None),
)


def many_study() -> str:
    names = ("mlp-1", "hog-1", "cnn-1")
    compared = comparison(
        pair("cnn-1", "mlp-1", method=METHOD),
        pair("cnn-1", "hog-1", 0.002, "equivalent", method=METHOD),
        pair("mlp-1", "hog-1", 0.0, "no difference shown", method=METHOD),
    )
    return render_study(
        StudyPage(
            "lab",
            "The lab: nine digit classifiers",
            "The nine models of the lab, trained as the lab trained them, beside the lab's own "
            "figures.",
            tuple(of_many(name, seed) for name in names for seed in (0, 1)),
            environment=ENVIRONMENT,
            quick=True,
            wall_s=127.0,
            command="leadline study lab",
            comparison=compared,
            confusion_changes=ConfusionChanges(
                n=10_000, n_groups=None, beyond_chance=True, steps=(replace(STEP, changes=(SAME,)),)
            ),
            labels=LABELS,
            failed=FAILED,
        )
    )


def chest_study() -> str:
    names = ("cnn-1", "mlp-1")
    one = pair("cnn-1", "mlp-1", method="delong_by_patient")
    return render_study(
        StudyPage(
            "films",
            "Chest X-rays: normal or pneumonia",
            "",
            tuple(of_two(name) for name in names),
            environment=ENVIRONMENT,
            audit=audit(),
            comparison=comparison(one, areas=(one,), n_groups=40),
        )
    )


def of_two(name: str = "cnn-1") -> RunPage:
    """Films of two classes, with patients and subgroups."""
    return two_class_run(
        name, dataset_name="chest-xray", environment=ENVIRONMENT, source="cache", unused_layers=()
    )


PAGES = {
    "many-run": lambda: render_run(of_many()),
    "two-class-run": lambda: render_run(of_two()),
    "unfitted-run": lambda: render_run(two_class_run(validated=False, environment=ENVIRONMENT)),
    "many-study": many_study,
    "two-class-study": chest_study,
    "audit": lambda: render_audit(audit()),
}
"""Each page's name, and what renders it."""
