"""Evaluation of a trained model: fit decisions on validation, then measure every part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.diagnosis.generalization_gap import (
    LabelledPredictions,
    generalisation_gap,
    loss_of,
)
from leadline.analysis.diagnosis.training_diagnosis import diagnose
from leadline.analysis.diagnosis.training_findings import Diagnosis
from leadline.analysis.prediction_time import Timing
from leadline.analysis.significance.guessing import Guessing, against_guessing
from leadline.data.dataset import Part, Split
from leadline.data.groups import find_groups
from leadline.errors import ModelFileError
from leadline.experiments import Experiment
from leadline.explain.example_images import explained_point
from leadline.explain.explanations import Explanations, explain_model
from leadline.export import time_model_files
from leadline.metrics.binary import BinaryPredictions, binary_metrics
from leadline.metrics.calibration import at_temperature
from leadline.metrics.decision_rule import calibrate, decide, positive_class, score
from leadline.metrics.estimates import BinaryMetrics, DecisionRule, MulticlassMetrics
from leadline.metrics.multiclass import multiclass_metrics
from leadline.models.built_model import BuiltModel
from leadline.models.calibrated import with_temperature
from leadline.models.library_messages import in_one_line
from leadline.runs import MODEL_FILE, Predictions, Run
from leadline.training.history import Fitted
from leadline.training.loop import predict
from leadline.workflow.events import WarningMessage, Watcher

RESAMPLING_SEED = 0
"""The same resamples for every run, so that a figure's interval is a matter of the run alone."""


@dataclass(frozen=True)
class EvaluatedModel:
    """A calibrated model, its predictions for each part, and their metrics."""

    built: BuiltModel
    predictions: Mapping[str, Predictions]
    decided: DecisionRule
    details: Mapping[str, BinaryMetrics | MulticlassMetrics]


def judge(experiment: Experiment, split: Split, trained: BuiltModel) -> EvaluatedModel:
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
    return EvaluatedModel(built, predictions, decided, details)


def check_decision(experiment: Experiment, split: Split) -> int | None:
    """The number of the class looked for, None for more than two; SpecError where it is none."""
    return positive_class(experiment.decision, split.classes, experiment.name)


def predictions_of(built: BuiltModel, part: Part, subgroup_pattern: str | None) -> Predictions:
    """Return the model's predictions for the images of one part."""
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
    decided: DecisionRule,
    experiment: Experiment,
) -> BinaryMetrics | MulticlassMetrics:
    rng = np.random.default_rng(RESAMPLING_SEED)
    if positive is None:
        rows = said.probabilities.astype(np.float64)
        return multiclass_metrics(rows, said.labels, classes, rng, said.groups)
    return binary_metrics(
        BinaryPredictions(
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


TRAIN_JUDGED = 5_000
"""Training images that are judged, drawn where there are more: enough for half a point."""


def guessed(split: Split, judged: EvaluatedModel) -> Guessing:
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
    experiment: Experiment, split: Split, judged: EvaluatedModel, fitted: Fitted, guessing: Guessing
) -> Diagnosis:
    """The diagnosis of a trained and judged model."""
    rng = np.random.default_rng(RESAMPLING_SEED)
    part: Literal["validation", "test"] = "test" if split.validation_is_test else "validation"
    answers = judged.predictions[part]
    held = LabelledPredictions(answers.probabilities, answers.labels, answers.groups)
    # The history has the losses as they were before a temperature was fitted.
    raw = at_temperature(answers.probabilities, 1 / judged.decided.temperature)
    return diagnose(
        fitted,
        experiment,
        loss_of(LabelledPredictions(raw, answers.labels, answers.groups), rng),
        classes=len(split.classes),
        gap=generalisation_gap(_of_train(split, judged, rng), held, part, rng),
        guessing=guessing,
        validation_is_test=split.validation_is_test,
    )


def _of_train(
    split: Split, judged: EvaluatedModel, rng: np.random.Generator
) -> LabelledPredictions:
    images = split.train.images
    if len(images) > TRAIN_JUDGED:
        images = images.take(np.sort(rng.choice(len(images), TRAIN_JUDGED, replace=False)))
    return LabelledPredictions(predict(judged.built, images.pixels), images.labels, images.groups)


REDRAWING_SEED = 0
"""The same redrawn weights for every run of an architecture, so that runs can be compared."""


def explained(
    judged: EvaluatedModel, split: Split, name: str, on_event: Watcher
) -> Explanations | None:
    """Maps of test images, None where the model has no convolution, or its maps fail.

    Of two classes with fitted thresholds the decision at Youden's is explained, else the most
    probable class.
    """
    positive, threshold = explained_point(judged.decided, split.classes)
    try:
        return explain_model(
            judged.built.model,
            split.test.images,
            judged.predictions["test"].probabilities,
            np.random.default_rng(REDRAWING_SEED),
            positive=positive,
            threshold=threshold,
        )
    except Exception as error:  # noqa: BLE001 - a user's own layers may fail in any way
        said = f"{type(error).__name__}: {in_one_line(error)}"
        on_event(WarningMessage(f"{name}: no explanations: {said}"))
        return None


SOME_IMAGES = 16


def timed(place: Path, model_file: str, images: NDArray[np.uint8]) -> Timing | None:
    """The time of one prediction of the run in that place; None where it has no ONNX file.

    model_file: "model.onnx", or why there is none. images: uint8 (n, height, width, channels).
    """
    if model_file != MODEL_FILE or not len(images):
        return None
    return time_model_files([(place / MODEL_FILE, images[:SOME_IMAGES])])[0]


def timed_together(done: Iterable[tuple[Run, NDArray[np.uint8]]]) -> dict[str, Timing]:
    """Time the first run of each experiment that has an ONNX file, all in turn.

    done: runs with images that they take.
    """
    first: dict[str, tuple[Path, NDArray[np.uint8]]] = {}
    for run, images in done:
        if (path := run.folder / MODEL_FILE).is_file() and len(images):
            first.setdefault(run.experiment.name, (path, images[:SOME_IMAGES]))
    try:
        return dict(zip(first, time_model_files(list(first.values())), strict=True))
    except ModelFileError:  # a file was changed by hand: the study stands, without times
        return {}
