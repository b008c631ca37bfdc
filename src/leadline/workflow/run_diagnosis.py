"""How a run's training went: training images judged beside the others, then the history read."""

from __future__ import annotations

from typing import Literal

import numpy as np

from leadline.analysis.diagnosis.generalization_gap import Said, generalisation_gap, loss_of
from leadline.analysis.diagnosis.training_diagnosis import diagnose
from leadline.analysis.diagnosis.training_findings import Diagnosis
from leadline.analysis.significance.guessing import Guessing, against_guessing
from leadline.data.dataset import Split
from leadline.experiments import Experiment
from leadline.metrics.calibration import at_temperature
from leadline.training.history import Fitted
from leadline.training.loop import predict
from leadline.workflow.run_evaluation import RESAMPLING_SEED, Judged

TRAIN_JUDGED = 5_000
"""Training images that are judged, drawn where there are more: enough for half a point."""


def guessed(split: Split, judged: Judged) -> Guessing:
    """The judged model against guessing, on its test images."""
    test, classes = judged.predictions["test"], split.classes
    return against_guessing(
        [test.probabilities],
        test.labels,
        classes,
        np.bincount(split.train.images.labels, minlength=len(classes)).tolist(),
        np.random.default_rng(RESAMPLING_SEED),
        groups=test.groups,
    )


def diagnosed(
    experiment: Experiment, split: Split, judged: Judged, fitted: Fitted, guessing: Guessing
) -> Diagnosis:
    """The diagnosis of a trained and judged model."""
    rng = np.random.default_rng(RESAMPLING_SEED)
    part: Literal["validation", "test"] = "test" if split.validation_is_test else "validation"
    answers = judged.predictions[part]
    held = Said(answers.probabilities, answers.labels, answers.groups)
    # The history has the losses as they were before a temperature was fitted.
    raw = at_temperature(answers.probabilities, 1 / judged.decided.temperature)
    return diagnose(
        fitted,
        experiment,
        loss_of(Said(raw, answers.labels, answers.groups), rng),
        classes=len(split.classes),
        gap=generalisation_gap(_of_train(split, judged, rng), held, part, rng),
        guessing=guessing,
        validation_is_test=split.validation_is_test,
    )


def _of_train(split: Split, judged: Judged, rng: np.random.Generator) -> Said:
    images = split.train.images
    if len(images) > TRAIN_JUDGED:
        images = images.take(np.sort(rng.choice(len(images), TRAIN_JUDGED, replace=False)))
    return Said(predict(judged.built, images.pixels), images.labels, images.groups)
