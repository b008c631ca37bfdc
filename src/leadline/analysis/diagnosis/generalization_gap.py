"""Generalization gap: training images against held-out ones, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot, log
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from leadline.errors import DataError
from leadline.metrics.bootstrap import units_of
from leadline.metrics.bootstrap_estimates import Figures
from leadline.metrics.classification import PROBABILITY_CLIP, cross_entropy
from leadline.metrics.estimates import Estimate
from leadline.metrics.roc import Floats
from leadline.metrics.sample import Ratio
from leadline.statistics.intervals import mean_interval, wilson_interval

LARGEST_LOSS = -log(PROBABILITY_CLIP)


Limit = Literal["fitting", "generalising", "unclear"]


@dataclass(frozen=True, eq=False)
class LabelledPredictions:
    """Predictions for some images: probabilities (n, k), labels (n,), groups.

    groups: None where patients are not known.
    """

    probabilities: NDArray[Any]
    labels: NDArray[np.int64]
    groups: Sequence[str] | None = None


@dataclass(frozen=True)
class PartEvaluation:
    """One side of the gap: n images, accuracy 0 to 1, loss in nats."""

    n: int
    accuracy: Estimate
    loss: Estimate


@dataclass(frozen=True)
class Gap:
    """Training images against held-out ones, by the model that was kept, nothing random in it.

    held_part: which the held-out ones are. accuracy: train less held-out; loss: held-out less
    train; so both are above 0 where training images are known better. majority: the share of the
    most frequent class among the training images, what always naming it would reach.
    """

    held_part: Literal["validation", "test"]
    train: PartEvaluation
    held: PartEvaluation
    accuracy: Estimate
    loss: Estimate
    majority: float


def generalisation_gap(
    train: LabelledPredictions,
    held: LabelledPredictions,
    held_part: Literal["validation", "test"],
    rng: np.random.Generator,
) -> Gap:
    """The gap in accuracy and in loss, each with its 95% interval.

    Accuracy is bounded by Wilson, the loss by its standard error; both by a bootstrap of patients
    where these are known. rng: for that. Raises DataError for a part without images.
    """
    seen, unseen = _side(train, "train", rng), _side(held, held_part, rng)
    return Gap(
        held_part=held_part,
        train=seen,
        held=unseen,
        accuracy=difference(seen.accuracy, unseen.accuracy),
        loss=difference(unseen.loss, seen.loss),
        majority=float(np.bincount(train.labels).max() / len(train.labels)),
    )


def difference(estimate: Estimate, other: Estimate) -> Estimate:
    """One less the other, of different images, from the interval of each.

    With Wilson's intervals it is Newcombe's for two proportions (Statistics in Medicine 17, 1998,
    method 10); with others, what Zou and Donner made of it (Statistics in Medicine 27, 2008).
    """
    if estimate.value is None or other.value is None:
        raise DataError("a difference needs two figures. Received: one that is unknown.")
    value = estimate.value - other.value
    low = value - hypot(estimate.value - estimate.low, other.high - other.value)
    high = value + hypot(estimate.high - estimate.value, other.value - other.low)
    return Estimate(value, low, high, "mover")


def loss_of(labelled_predictions: LabelledPredictions, rng: np.random.Generator) -> Estimate:
    """The mean cross-entropy in nats, with its 95% interval.

    Of independent images its standard error; of patients a bootstrap, for which rng is.
    """
    losses = cross_entropy(labelled_predictions.probabilities, labelled_predictions.labels)
    if labelled_predictions.groups is None:
        return _mean(losses)
    return _by_patient(labelled_predictions, losses, "loss", rng)


def _side(
    labelled_predictions: LabelledPredictions, part: str, rng: np.random.Generator
) -> PartEvaluation:
    if not len(labelled_predictions.labels):
        raise DataError(f"a gap needs images on both sides. Received: none of {part}.")
    right = labelled_predictions.probabilities.argmax(axis=1) == labelled_predictions.labels
    if labelled_predictions.groups is None:
        accuracy = _share(right)
    else:
        accuracy = _by_patient(labelled_predictions, right.astype(np.float64), "accuracy", rng)
    return PartEvaluation(len(right), accuracy, loss_of(labelled_predictions, rng))


def _by_patient(
    labelled_predictions: LabelledPredictions, values: Floats, name: str, rng: np.random.Generator
) -> Estimate:
    ratio = Ratio(values, np.ones(len(values)))
    estimate = Figures(
        {name: ratio}, {}, units_of(len(values), labelled_predictions.groups), rng
    ).ratio(name)
    if name == "loss" and estimate.method == "unknown":
        return replace(estimate, high=LARGEST_LOSS)
    return estimate


def _share(right: NDArray[np.bool_]) -> Estimate:
    count = int(right.sum())
    return Estimate(count / len(right), *wilson_interval(count, len(right)), "wilson")


def _mean(losses: Floats) -> Estimate:
    mean, bounds = float(losses.mean()), mean_interval(losses)
    if bounds is None:
        return Estimate(mean, 0.0, LARGEST_LOSS, "unknown")
    return Estimate(mean, max(0.0, bounds[0]), bounds[1], "standard_error")


def limit_of(gap: Gap) -> Limit:
    """Find what most of the held-out errors and of the held-out loss come from.

    Fitting: at least half of both is there on the training images already, beyond the intervals.
    Generalising: at least half of both is not.
    """
    errors, loss = 1 - (gap.held.accuracy.value or 0.0), gap.held.loss.value or 0.0
    if gap.accuracy.high < errors / 2 and gap.loss.high < loss / 2:
        return "fitting"
    if gap.accuracy.low > errors / 2 and gap.loss.low > loss / 2:
        return "generalising"
    return "unclear"
