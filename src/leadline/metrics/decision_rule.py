"""Decision rule, fitted on validation images after training: temperature, then thresholds."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.data.labels import class_index
from leadline.errors import SpecError
from leadline.experiments.training_settings import Decision
from leadline.metrics.calibration import (
    NoMinimumError,
    at_temperature,
    expected_calibration_error,
    fit_temperature,
    top_label,
)
from leadline.metrics.classification import cross_entropy
from leadline.metrics.estimates import CalibrationEffect, DecisionRule, NotFitted, OperatingPoint
from leadline.metrics.positive_class import ChosenBy, choose_positive
from leadline.metrics.roc import Floats
from leadline.metrics.thresholds import HALF, sensitive, youden

LabeledProbabilities = tuple[NDArray[Any], NDArray[np.int64]]
"""Probabilities (n, classes) and labels (n,)."""
VALIDATED_ON_TEST = NotFitted("validated_on_test")
TWO_CLASSES = ("positive", "prevalence", "subgroup_pattern")
"""The keys of [decision] that are for two classes."""


@dataclass(frozen=True)
class Calibration:
    """A temperature; 1.0 and the reason where none was fitted."""

    temperature: float
    not_fitted: NotFitted | None = None


def positive_class(decision: Decision, classes: Sequence[str], name: str) -> int | None:
    """The number of the class looked for; None where there are more than two.

    Where the experiment names none, `choose_positive` does. name: the experiment's, for messages.
    Raises SpecError for a class that the data do not have, and for settings that are for two
    classes where there are more.
    """
    listed = ", ".join(classes)
    if len(classes) > 2:
        if given := [key for key in TWO_CLASSES if getattr(decision, key)]:
            without = " ".join(f"--set decision.{key}=" for key in given)
            raise SpecError(
                f"{name}: decision.{given[0]} = {getattr(decision, given[0])!r} is for two "
                f"classes, and these data have {len(classes)}: {listed}; leave it out ({without})."
            )
        return None
    if decision.positive is None:
        return choose_positive(classes)[0]
    if (found := class_index(decision.positive, classes)) is None:
        raise SpecError(
            f"{name}: decision.positive = {decision.positive!r} is not a class of these data; "
            f"choose one of {listed} (--set decision.positive={shlex.quote(classes[1])})."
        )
    return found


def calibrate(decision: Decision, validation: LabeledProbabilities | None) -> Calibration:
    """Fit the temperature on validation images as the model was trained.

    validation: None where it is the test images.
    """
    if decision.calibration == "none":
        return Calibration(1.0, NotFitted("turned_off"))
    if validation is None:
        return Calibration(1.0, VALIDATED_ON_TEST)
    try:
        return Calibration(fit_temperature(*validation))
    except NoMinimumError:
        probabilities, labels = validation
        wrong = int(np.count_nonzero(probabilities.argmax(axis=1) != labels))
        return Calibration(1.0, NotFitted("no_minimum", len(labels), wrong))


def decide(
    decision: Decision,
    positive: int | None,
    classes: Sequence[str],
    calibration: Calibration,
    said: Mapping[str, LabeledProbabilities],
) -> DecisionRule:
    """Fit the operating points on validation, and tell what the calibration did.

    positive: what `positive_class` gave. said: what the calibrated model says of "test" and, unless
    that is the same, of "validation". Where no threshold can be fitted that is said, and the
    likelier class is what is decided for.
    """
    points, no_thresholds = _points(decision, positive, said.get("validation"))
    fitted = {} if calibration.not_fitted else said
    return DecisionRule(
        positive=None if positive is None else classes[positive],
        temperature=calibration.temperature,
        calibration=tuple(
            _calibration_effect(part, rows, positive, calibration.temperature)
            for part, rows in fitted.items()
        ),
        points=points,
        no_temperature=calibration.not_fitted,
        no_thresholds=no_thresholds,
        chosen_by=_chosen_by(decision, positive, classes),
    )


def _chosen_by(decision: Decision, positive: int | None, classes: Sequence[str]) -> str:
    if positive is None or decision.positive is not None:
        return ChosenBy.GIVEN.value
    return choose_positive(classes)[1].value


def score(probabilities: NDArray[Any], positive: int) -> Floats:
    """p(positive) of each image: float64 (n,)."""
    column: Floats = probabilities[:, positive].astype(np.float64)
    return column


def _points(
    decision: Decision, positive: int | None, validation: LabeledProbabilities | None
) -> tuple[tuple[OperatingPoint, ...], NotFitted | None]:
    """The operating points; the likelier class and the reason where none can be fitted."""
    if positive is None:
        return (), NotFitted("multiclass")
    if validation is None:
        return (HALF,), VALIDATED_ON_TEST
    probabilities, labels = validation
    scores, truth = score(probabilities, positive), labels == positive
    if truth.all() or not truth.any():
        return (HALF,), NotFitted("one_class", len(truth), int(np.count_nonzero(truth)))
    return (youden(scores, truth), sensitive(scores, truth, decision.sensitivity)), None


def _calibration_effect(
    part: str, labeled_probabilities: LabeledProbabilities, positive: int | None, temperature: float
) -> CalibrationEffect:
    """Before, as trained: the calibration taken back."""
    after, labels = labeled_probabilities[0].astype(np.float64), labeled_probabilities[1]
    both = at_temperature(after, 1 / temperature), after
    losses = [float(cross_entropy(rows, labels).mean()) for rows in both]
    errors = [_calibration_error(rows, labels, positive) for rows in both]
    return CalibrationEffect(part, *losses, *errors)


def _calibration_error(probabilities: Floats, labels: NDArray[Any], positive: int | None) -> float:
    if positive is None:
        return expected_calibration_error(*top_label(probabilities, labels))
    return expected_calibration_error(probabilities[:, positive], labels == positive)
