"""A run of two classes on made-up probabilities, judged by leadline's own functions."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from tests.report.conftest import sample_run

from leadline.analysis.run_results import BinaryResults
from leadline.experiments.training_settings import Decision
from leadline.metrics.binary import BinaryPredictions, binary_metrics
from leadline.metrics.binary_curves import curves
from leadline.metrics.classification import evaluate
from leadline.metrics.decision_rule import Calibration, calibrate, decide
from leadline.report.page_content import RunPage

CLASSES = ("NORMAL", "PNEUMONIA")
DECISION = Decision(prevalence=(0.05, 0.3), subgroup_pattern="(bacteria|virus)")


def answers(n: int, seed: int, spread: float = 1.6) -> BinaryPredictions:
    """n images of n / 2 patients; the third of the positives that is viral is harder to find."""
    rng = np.random.default_rng(seed)
    positive = np.arange(n) % 8 < 5
    viral = positive & (np.arange(n) % 3 == 0)
    centre = np.where(positive, np.where(viral, 1.5, 2.5), -2.2)
    scores = 1 / (1 + np.exp(-(centre + rng.normal(0, spread, n))))
    kinds = [
        "virus" if v else "bacteria" if p else "" for p, v in zip(positive, viral, strict=True)
    ]
    groups = [f"p{p}-{index // 2}" for index, p in enumerate(positive)]
    return BinaryPredictions(scores, positive, groups, kinds)


@cache
def judged(seed: int, spread: float, classes: tuple[str, str], validated: bool) -> BinaryResults:
    """160 test images, and 120 validation images where validated; kept, for it takes a second."""
    validation = answers(120, 100 + seed, spread) if validated else None
    return two_class_content(answers(160, seed, spread), validation, classes)


def two_class_content(
    test: BinaryPredictions,
    validation: BinaryPredictions | None,
    classes: tuple[str, str] = CLASSES,
) -> BinaryResults:
    """Thresholds fitted on validation; nothing is fitted where that is None."""
    said = {
        name: (np.stack([1 - one.scores, one.scores], axis=1), one.positive.astype(np.int64))
        for name, one in (("test", test), ("validation", validation))
        if one is not None
    }
    before = calibrate(DECISION, None) if validation is None else Calibration(1.25)
    decided = decide(DECISION, 1, classes, before, said)
    rng = np.random.default_rng(0)
    judged = {
        name: binary_metrics(one, classes, decided.points, rng, prevalences=DECISION.prevalence)
        for name, one in (("test", test), ("validation", validation))
        if one is not None
    }
    return BinaryResults(
        decided,
        judged["test"],
        judged.get("validation"),
        curves(test.scores, test.positive) if 0 < test.positive.sum() < len(test.scores) else None,
        None if validation is None else curves(validation.scores, validation.positive),
    )


def two_class_run(
    name: str = "cnn-1",
    seed: int = 0,
    *,
    classes: tuple[str, str] = CLASSES,
    validated: bool = True,
    spread: float = 1.6,
    **changes: Any,
) -> RunPage:
    """A run on 160 test and 120 validation images."""
    test = answers(160, seed, spread)
    probabilities = np.stack([1 - test.scores, test.scores], axis=1)
    evaluation = evaluate(probabilities, test.positive.astype(np.int64), classes)
    own = {
        "classes": classes,
        "evaluation_test": evaluation,
        "evaluation_validation": evaluation if validated else None,
        "validation_is_test": not validated,
        "counts": {"train": 900, "validation": 120 if validated else 160, "test": 160},
        "confused": (),
        "unused_layers": (),
        "binary": judged(seed, spread, classes, validated),
    }
    return sample_run(name, seed, **(own | changes))
