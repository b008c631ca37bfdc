"""Calibration of probabilities, and the temperature that corrects most of their error.

For two classes calibration is judged on p(positive): of the images with 0.8, are 80% positive? For
more classes on the likeliest class's probability: is that class right as often as it is sure?
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.errors import DataError
from leadline.metrics.array_checks import check_labels, check_probabilities
from leadline.metrics.roc import Floats
from leadline.statistics.intervals import Interval, wilson_interval

BINS = 15
COLDEST, HOTTEST = 0.05, 20.0
"""Temperatures outside are no calibration: answers of 0 and 1, or all alike."""
SMALLEST = float(np.finfo(np.float32).tiny)
"""A probability of 0 counts as this, 1.2e-38, as in the layer `features.temperature`."""


class NoMinimumError(DataError):
    """No temperature in the range has the least cross-entropy."""


@dataclass(frozen=True)
class Bin:
    """Images whose probability is from low up to high (the last bin holds high as well).

    mean_probability, share: what they say, and what is true; None in an empty bin. interval: of
    the share, Wilson's, taking images as independent.
    """

    low: float
    high: float
    n: int
    mean_probability: float | None
    share: float | None
    interval: Interval


def fit_temperature(probabilities: NDArray[Any], labels: NDArray[Any]) -> float:
    """The T whose probabilities p^(1/T), scaled to sum to 1, have the least cross-entropy.

    Above 1 it softens, below 1 it sharpens; no image changes class. probabilities: (n, classes).
    labels: int (n,). Raises NoMinimumError where no T from 0.05 to 20 has the least, as where no
    image is misclassified: then the likelihood grows for ever as T falls.
    Guo et al., On Calibration of Modern Neural Networks, ICML 2017.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    true = check_labels(labels, probabilities.shape[-1])
    rows = _logarithms(check_probabilities(probabilities, len(true), probabilities.shape[-1]))
    right = rows[np.arange(len(true)), true]

    def loss(log_temperature: float) -> float:
        scale = np.exp(-log_temperature)
        return float(np.mean(logsumexp(rows * scale, axis=1) - right * scale))

    ends = float(np.log(COLDEST)), float(np.log(HOTTEST))
    # In 1/T the loss is convex, so it has one valley in log T as well.
    found = float(minimize_scalar(loss, bounds=ends, method="bounded", options={"xatol": 1e-6}).x)
    if loss(found) >= min(map(loss, ends)) or min(found - ends[0], ends[1] - found) < 1e-3:
        wrong = int(np.count_nonzero(rows.argmax(axis=1) != true))
        raise NoMinimumError(
            f"no temperature from {COLDEST:g} to {HOTTEST:g} fits best: {wrong:,} of {len(true):,} "
            "images are classified wrongly."
        )
    return float(np.exp(found))


def at_temperature(probabilities: NDArray[Any], temperature: float) -> Floats:
    """p^(1/T), scaled so that rows sum to 1: float64 (n, classes). What the layer does."""
    logarithms = _logarithms(probabilities.astype(np.float64)) / temperature
    powers = np.exp(logarithms - logarithms.max(axis=1, keepdims=True))
    scaled: Floats = powers / powers.sum(axis=1, keepdims=True)
    return scaled


def bin_of(probabilities: Floats, bins: int = BINS) -> NDArray[np.int64]:
    """Which of so many equal bins between 0 and 1 each probability lies in: int64 (n,)."""
    return np.minimum((probabilities * bins).astype(np.int64), bins - 1)


def reliability_bins(
    probabilities: Floats, hits: NDArray[np.bool_], bins: int = BINS
) -> tuple[Bin, ...]:
    """Predicted and observed frequencies, by equal bins of the probability; empty ones as well.

    probabilities: (n,), 0 to 1. hits: (n,), whether what they were said of is true.
    """
    where = bin_of(probabilities, bins)
    made = []
    for number in range(bins):
        own = where == number
        n, right = int(np.count_nonzero(own)), int(np.count_nonzero(hits[own]))
        mean = float(probabilities[own].mean()) if n else None
        share = right / n if n else None
        low, high = number / bins, (number + 1) / bins
        made.append(Bin(low, high, n, mean, share, wilson_interval(right, n)))
    return tuple(made)


def expected_calibration_error(
    probabilities: Floats, hits: NDArray[np.bool_], bins: int = BINS
) -> float:
    """Mean over images of |what was said - what was true| of their bin; 0 to 1, lower is better.

    probabilities: (n,), 0 to 1, in equal bins; 1.0 belongs to the last. hits: (n,).
    Naeini, Cooper and Hauskrecht, AAAI 2015. It is never below 0, so few images make it large by
    chance alone.
    """
    return float(calibration_errors(probabilities, hits, np.ones((1, len(hits))), bins)[0])


def calibration_errors(
    probabilities: Floats, hits: NDArray[np.bool_], weights: Floats, bins: int = BINS
) -> Floats:
    """The expected calibration error of d resamples at once: (d,). weights: (d, n)."""
    by_bin = residuals(probabilities, hits, bins)
    errors: Floats = np.abs(weights @ by_bin).sum(axis=1) / weights.sum(axis=1)
    return errors


def residuals(probabilities: Floats, hits: NDArray[np.bool_], bins: int = BINS) -> Floats:
    """Predicted minus observed, in the bin of each image, 0 in the others: (n, bins)."""
    by_bin = np.zeros((len(hits), bins))
    by_bin[np.arange(len(hits)), bin_of(probabilities, bins)] = probabilities - hits
    return by_bin


def top_label(probabilities: Floats, labels: NDArray[np.int64]) -> tuple[Floats, NDArray[np.bool_]]:
    """Of (n, classes): the likeliest class's probability, and whether it is the true one; (n,)."""
    said = probabilities.argmax(axis=1)
    return probabilities[np.arange(len(said)), said], said == labels


def squared_errors(probabilities: Floats, labels: NDArray[np.int64]) -> Floats:
    """Of each image, summed over (n, classes): float64 (n,), 0 to 2. Brier, 1950."""
    truth = np.eye(probabilities.shape[1])[labels]
    errors: Floats = ((probabilities - truth) ** 2).sum(axis=1)
    return errors


def _logarithms(probabilities: Floats) -> Floats:
    logarithms: Floats = np.log(np.maximum(probabilities, SMALLEST))
    return logarithms
