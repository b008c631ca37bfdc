"""The record holds every figure that the page shows: each is looked for in the record's numbers."""

import json
import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.report.comparisons import comparison, pair
from tests.report.conftest import sample_run
from tests.report.page_figures import leaves, page_figures, written
from tests.report.two_classes import two_class_run

from leadline.analysis.label_errors import LabelErrors, LabelRecord, Suspect
from leadline.analysis.prediction_time import Timing
from leadline.analysis.significance.confusion_change import (
    ConfusedCounts,
    ConfusionChange,
    ConfusionChanges,
    Step,
)
from leadline.data.audit import Audit, Finding, Measured
from leadline.metrics.classification import evaluate
from leadline.report.html_pages import render_run, render_study
from leadline.report.json_report import plain, run_summary, study_summary
from leadline.report.page_content import StudyPage
from leadline.report.sections.audit_view import audit_view

TIMING = Timing(0.0725, 0.0701, 0.0812, 200, 1, 2, "onnxruntime 1.23", "a processor")
SUSPECT = Suspect(7, "7.png", "cat", "dog & co", 0.0123, 0.9456, 2, 2, likely=True)
LABELS = LabelRecord(LabelErrors(30, 2, 2, 1, 347, (SUSPECT,)), np.zeros((1, 4, 4, 1), np.uint8))
AUDIT = audit_view(
    Audit(
        "films",
        {"train": {"a": 371, "b": 412}, "test": {"a": 93, "b": 104}},
        (
            Finding(
                "shared-group", ("train", "test"), 17,
                {"images": 31, "share": 0.157, "examples": ["p1", "p2"]},
            ),
        ),
        (Measured("brightness", 0.613, (0.547, 0.679), False),),
        (),
    )
)  # fmt: skip


CHANGE = ConfusionChange(
    "cat", "dog & co", both_ways=False, n=317,
    before=ConfusedCounts(41.5, 0.0), after=ConfusedCounts(12.0, 0.0),
    fewer=0.0931, low=0.0517, high=0.1345, righter=0.09,
    p=0.0007, p_corrected=0.0014, minimum_detectable_difference=0.0433,
    of_seeds=False, method="t_test_with_seeds", verdict="fixed",
)  # fmt: skip
CONFUSION_CHANGES = ConfusionChanges(30, None, True, (Step("mlp-1", "cnn-1", 2, 1, 1, (CHANGE,)),))


def whole_study():
    runs = (
        sample_run("mlp-1", timing=TIMING),
        sample_run("mlp-1", 1, wall_s=5.25),
        sample_run("cnn-1", wall_s=61.5),
    )
    return StudyPage(
        name="s", title="S", description="", runs=runs, audit=AUDIT, labels=LABELS,
        timings={"mlp-1": TIMING, "cnn-1": replace(TIMING, median_ms=617.3)},
        confusion_changes=CONFUSION_CHANGES, wall_s=73.2,
        comparison=comparison(pair("mlp-1", "cnn-1", 0.0123)),
    )  # fmt: skip


def of_areas():
    runs = two_class_run("mlp-1"), two_class_run("cnn-1", 1)
    pairs = (pair("cnn-1", "mlp-1", 0.021),)
    return StudyPage(
        "s", "S", "", runs, comparison=comparison(*pairs, areas=(pair("cnn-1", "mlp-1", 0.017),))
    )


def of_confusions():
    """One experiment with two seeds, which take cats for dogs far more often than chance would."""
    runs, classes = [], ("cat", "cow", "dog", "owl")
    for seed, astray in enumerate((147, 214)):
        confusion = np.full((4, 4), 31) + 800 * np.eye(4, dtype=int)
        confusion[0, 2] = astray
        cells = [cell for cell in np.ndindex(4, 4) for _ in range(confusion[cell])]
        labels, said = np.array(cells).T
        evaluation = evaluate(np.eye(4)[said] * 0.6 + 0.1, labels, classes)
        runs.append(sample_run("mlp-1", seed, classes=classes, evaluation_test=evaluation))
    return StudyPage("s", "S", "", tuple(runs))


STUDIES = {"whole": whole_study, "areas": of_areas, "confusions": of_confusions}
RUNS = {"three classes": sample_run, "two classes": two_class_run}


def shown_and_held(html, record):
    """Figures on the page, and every form of every number of the record."""
    body = re.sub(r'id="environment".*?</section>', "", html, flags=re.DOTALL)  # versions, dates
    table = json.loads(json.dumps(plain(record)))
    held = {form for value in (*leaves(table), *derived(table)) for form in written(value)}
    return page_figures(body), held


def derived(table):
    """What the page reckons from two numbers of the record."""
    for model in table.get("answers", {}).get("weights", ()):
        weights = sum(model["places"].values())
        yield from (count / weights for count in model["places"].values())
    splits = (table.get("audit") or {"images": {}})["images"]
    for counts in splits.values():
        total = sum(counts.values())
        yield from (total, *(count / total for count in counts.values()))
    yield sum(sum(counts.values()) for counts in splits.values())
    for step in (table.get("confusion_changes") or {"steps": []})["steps"]:
        for change in step["changes"]:
            # Of so many images, in images.
            yield from (
                change[key] * change["n"]
                for key in ("low", "high", "minimum_detectable_difference")
                if change[key]
            )
            before, after = (sum(change[key].values()) for key in ("before", "after"))
            yield from (before, after, after - before)


@cache
def drawn(name):
    """A study's page as HTML, and its record."""
    page = STUDIES[name]()
    return render_study(page), study_summary(page, ["r"] * len(page.runs))


@pytest.mark.parametrize("name", STUDIES)
def test_every_figure_of_a_study_is_in_its_record(name):
    shown, held = shown_and_held(*drawn(name))
    assert len(shown) > 80
    assert shown - held == set()


@pytest.mark.parametrize("name", RUNS)
def test_every_figure_of_a_run_is_in_its_record(name):
    page = RUNS[name]()
    shown, held = shown_and_held(render_run(page), run_summary(page))
    assert len(shown) > 50
    assert shown - held == set()


@pytest.mark.parametrize("key", ["topology", "training", "test"])
def test_a_part_that_is_left_out_is_missed(key):
    page = sample_run(evaluation_validation=None, validation_is_test=True)
    record = plain(run_summary(page))
    del record[key]
    shown, held = shown_and_held(render_run(page), record)
    assert shown - held


@pytest.mark.parametrize("key", ["tradeoffs", "comparison", "confusion_changes", "audit"])
def test_a_section_that_is_left_out_is_missed(key):
    html, record = drawn("whole")
    shown, held = shown_and_held(html, plain(record) | {key: None})
    assert shown - held


def test_confusions_over_the_seeds_are_told():
    _, record = drawn("confusions")
    (found,) = plain(record)["answers"]["confused"]
    assert (found["name"], found["errors"]) == ("mlp-1", 11 * 31 + 180.5)
    (one,) = found["drawn"]
    assert (one["true"], one["predicted"], one["count"], one["seeds"]) == (
        "cat", "dog", 180.5, 2,
    )  # fmt: skip


def test_labels_that_are_likely_wrong_are_told_whole():
    _, record = drawn("whole")
    labels = plain(record)["labels"]
    assert labels["found"]["suspects"] == [vars(SUSPECT)]
    assert (labels["found"]["possible"], labels["ceiling"]) == (347, 29 / 30)
    assert labels["reversible"] == 2 / 30
