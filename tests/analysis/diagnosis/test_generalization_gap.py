"""The generalisation gap: by hand, against statsmodels' numbers for Newcombe, and by simulation."""

from math import log

import numpy as np
import pytest

from leadline.analysis.diagnosis.generalization_gap import (
    LARGEST_LOSS,
    LabelledPredictions,
    difference,
    generalisation_gap,
    loss_of,
)
from leadline.errors import DataError
from leadline.metrics.estimates import Estimate
from leadline.statistics.intervals import wilson_interval


def rng():
    return np.random.default_rng(0)


def said(right, wrong, sure=0.8, groups=None):
    """Two classes, all images of the first; so many are found, with this probability."""
    rows = [[sure, 1 - sure]] * right + [[1 - sure, sure]] * wrong
    return LabelledPredictions(np.array(rows), np.zeros(right + wrong, np.int64), groups)


def test_by_hand():
    gap = generalisation_gap(said(9, 1), said(6, 4), "validation", rng())
    assert (gap.train.n, gap.held.n, gap.held_part) == (10, 10, "validation")
    assert gap.accuracy.value == pytest.approx(0.3)
    # Three images of ten cost -log 0.2 instead of -log 0.8.
    assert gap.loss.value == pytest.approx(0.3 * log(0.8 / 0.2))
    assert gap.majority == 1.0


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        # Newcombe 1998, table II, method 10: contrasts a to e.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
    ],
)
def test_shares_differ_as_newcombe_printed(one, other, low, high):
    sides = [Estimate(a / n, *wilson_interval(a, n), "wilson") for a, n in (one, other)]
    found = difference(*sides)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_patients_make_it_less_sure():
    """Each patient's five images are all right or all wrong."""
    names = [f"p{image // 5}" for image in range(200)]
    alone = generalisation_gap(said(200, 0), said(160, 40), "test", rng())
    grouped = generalisation_gap(said(200, 0), said(160, 40, groups=names), "test", rng())
    assert grouped.accuracy.value == alone.accuracy.value
    assert grouped.accuracy.low < alone.accuracy.low
    assert grouped.accuracy.high > alone.accuracy.high
    assert "patient_bootstrap" in grouped.held.accuracy.method
    width = grouped.held.accuracy.high - grouped.held.accuracy.low
    # Forty patients, 80% right: 2 × 1.96 × √(0.8 × 0.2 / 40), and not √(… / 200).
    assert width == pytest.approx(0.248, abs=0.03)


def test_one_image_or_one_patient_bounds_no_loss():
    assert loss_of(said(1, 0), rng()).high == LARGEST_LOSS == pytest.approx(16.118, abs=1e-3)
    one = loss_of(said(3, 0, groups=["p"] * 3), rng())
    assert (one.low, one.high, one.method) == (0.0, LARGEST_LOSS, "unknown")


@pytest.mark.parametrize("part", ["train", "validation"])
def test_without_images_there_is_no_gap(part):
    none, some = LabelledPredictions(np.empty((0, 2)), np.empty(0, np.int64)), said(3, 1)
    train, held = (none, some) if part == "train" else (some, none)
    with pytest.raises(DataError, match=f"none of {part}"):
        generalisation_gap(train, held, "validation", rng())


def test_a_figure_that_is_unknown_has_no_difference():
    with pytest.raises(DataError, match="two figures"):
        difference(Estimate(None, 0.0, 1.0, "unknown"), Estimate(0.5, 0.4, 0.6, "wilson"))


def test_the_interval_holds_the_truth_nineteen_times_of_twenty():
    draw, truth, held = np.random.default_rng(4), 0.99 - 0.95, 0
    for _ in range(400):
        train, other = draw.binomial(2000, 0.99), draw.binomial(500, 0.95)
        gap = generalisation_gap(said(train, 2000 - train), said(other, 500 - other), "test", rng())
        held += gap.accuracy.low <= truth <= gap.accuracy.high
    assert 0.92 <= held / 400 <= 0.98
