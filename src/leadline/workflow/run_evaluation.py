"""What a trained model is worth: its decisions fitted on validation, then judged on every part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from leadline.data.dataset import Part, Split
from leadline.data.groups import find_groups
from leadline.experiments import Experiment
from leadline.metrics.binary import Answers, detect
from leadline.metrics.decision_rule import calibrate, decide, positive_class, score
from leadline.metrics.estimates import Decided, Detection, ManyClass
from leadline.metrics.multiclass import judge_many
from leadline.models.built_model import BuiltModel
from leadline.models.calibrated import with_temperature
from leadline.runs import Predictions
from leadline.training.loop import predict

RESAMPLING_SEED = 0
"""The same resamples for every run, so that a figure's interval is a matter of the run alone."""


@dataclass(frozen=True)
class Judged:
    """A calibrated model, what it says of each part, and what that is worth."""

    built: BuiltModel
    predictions: Mapping[str, Predictions]
    decided: Decided
    details: Mapping[str, Detection | ManyClass]


def judge(experiment: Experiment, split: Split, trained: BuiltModel) -> Judged:
    """Calibrate on validation, fit the operating points there, and judge what came of it.

    Nothing is fitted where validation is the test images. Raises SpecError as `check_decision`.
    """
    decision, positive = experiment.decision, check_decision(experiment, split)
    parts: dict[str, Part] = {"validation": split.validation, "test": split.test}
    raw = None
    if split.validation_is_test:
        del parts["validation"]
    else:
        images = split.validation.images
        raw = predict(trained, images.pixels), images.labels
    calibration = calibrate(decision, raw)
    built = with_temperature(trained, calibration.temperature)
    predictions = {
        name: predictions_of(built, part, decision.subgroup_pattern) for name, part in parts.items()
    }
    said = {name: (one.probabilities, one.labels) for name, one in predictions.items()}
    decided = decide(decision, positive, split.classes, calibration, said)
    details = {
        name: _detail(one, positive, split.classes, decided, experiment)
        for name, one in predictions.items()
    }
    return Judged(built, predictions, decided, details)


def check_decision(experiment: Experiment, split: Split) -> int | None:
    """The number of the class looked for, None for more than two; SpecError where it is none."""
    return positive_class(experiment.decision, split.classes, experiment.name)


def predictions_of(built: BuiltModel, part: Part, subgroup_pattern: str | None) -> Predictions:
    """What the model says of the images of one part."""
    images = part.images
    return Predictions(
        images.names,
        part.indices,
        images.labels,
        predict(built, images.pixels),
        images.groups,
        None if subgroup_pattern is None else find_groups(images.names, subgroup_pattern),
    )


def _detail(
    said: Predictions,
    positive: int | None,
    classes: tuple[str, ...],
    decided: Decided,
    experiment: Experiment,
) -> Detection | ManyClass:
    rng = np.random.default_rng(RESAMPLING_SEED)
    if positive is None:
        rows = said.probabilities.astype(np.float64)
        return judge_many(rows, said.labels, classes, rng, said.groups)
    return detect(
        Answers(
            score(said.probabilities, positive),
            said.labels == positive,
            said.groups,
            said.subgroups,
        ),
        (classes[1 - positive], classes[positive]),
        decided.points,
        rng,
        prevalences=experiment.decision.prevalence,
    )
