"""Figures from resamples, against images drawn one by one from the same generator."""

import numpy as np
import pytest

from leadline.metrics.bootstrap import units_of
from leadline.metrics.bootstrap_estimates import Figures, certain, unknown
from leadline.metrics.estimates import Estimate
from leadline.metrics.sample import Ratio
from leadline.statistics.intervals import wilson_interval

RNG = np.random.default_rng(0)
TRUTH = np.arange(30) % 3 == 0
CALLED = RNG.random(30) < np.where(TRUTH, 0.7, 0.3)
GROUPS = [str(number // 2) for number in range(30)]
DRAWS = 200


def ratios():
    truth, called = TRUTH.astype(float), CALLED.astype(float)
    return {
        "sensitivity": Ratio(truth * called, truth),
        "specificity": Ratio((1 - truth) * (1 - called), 1 - truth),
        "none": Ratio(truth, np.zeros(30)),
        "f1": Ratio(2 * truth * called, truth + called),
    }


def figures(groups=None, seed=3):
    units = units_of(30, groups)
    others = {"called": lambda weights: (weights @ CALLED) / weights.sum(axis=1)}
    return Figures(ratios(), others, units, np.random.default_rng(seed), DRAWS)


def one_by_one(units_count, images_of, figure, seed=3):
    """The percentiles of a figure over resamples made of lists of images."""
    drawn = np.random.default_rng(seed).integers(0, units_count, (DRAWS, units_count))
    found = []
    for row in drawn:
        images = [image for unit in row for image in images_of(unit)]
        found.append(figure(TRUTH[images], CALLED[images]))
    return tuple(np.percentile(found, [2.5, 97.5]))


def sensitivity(truth, called):
    return (truth & called).sum() / truth.sum()


def f1(truth, called):
    return 2 * (truth & called).sum() / (truth.sum() + called.sum())


def balanced(truth, called):
    return (sensitivity(truth, called) + sensitivity(~truth, ~called)) / 2


def bounds(estimate):
    return pytest.approx((estimate.low, estimate.high))


def test_images_drawn_one_by_one_give_the_same():
    found = figures()
    assert one_by_one(30, lambda unit: [unit], f1) == bounds(found.ratio("f1", wilson=False))
    halves = found.through(lambda one, two: (one + two) / 2, "sensitivity", "specificity")
    assert one_by_one(30, lambda unit: [unit], balanced) == bounds(halves)
    share = found.other("called", CALLED.mean(), 30)
    assert one_by_one(30, lambda unit: [unit], lambda _, called: called.mean()) == bounds(share)


def test_patients_drawn_one_by_one_give_the_same():
    order = np.unique(GROUPS)  # units are numbered in the order of their names

    def images_of(unit):
        return [image for image in range(30) if GROUPS[image] == order[unit]]

    found = figures(GROUPS)
    for name, figure in (("sensitivity", sensitivity), ("f1", f1)):
        assert one_by_one(15, images_of, figure) == bounds(found.ratio(name))
        assert found.ratio(name).method == "patient_bootstrap"


def test_a_proportion_of_images_has_wilsons_interval():
    found = figures().ratio("sensitivity")
    hits = int((TRUTH & CALLED).sum())
    assert (found.low, found.high) == wilson_interval(hits, 10)
    assert (found.value, found.method) == (hits / 10, "wilson")


def test_what_cannot_be_divided_is_unknown():
    assert figures().ratio("none") == unknown(None) == Estimate(None, 0.0, 1.0, "unknown")
    assert figures().through(np.add, "none", "specificity") == unknown(None)


def test_a_mirrored_figure_by_hand():
    found = figures()
    # Its resamples lie around 0.4 or so; mirrored at 0.2 they lie around 0.
    drawn = found.other("called", 0.2, 30)
    mirrored = found.reversed("called", 0.2, 0.0)
    assert mirrored.low == max(0.0, min(0.2, 0.4 - drawn.high))
    assert mirrored.high == max(0.2, 0.4 - drawn.low)
    assert mirrored.method == "image_bootstrap_reversed"
    middle = found.reversed("called", CALLED.mean(), 0.0)
    assert 0 < middle.low < CALLED.mean() < middle.high
    assert found.reversed("called", CALLED.mean(), 1.0).low == 0.0


@pytest.mark.parametrize(("value", "kind"), [(1.0, "image"), (0.0, "patient")])
def test_certainty_is_wilsons(value, kind):
    found = certain(value, 12, kind)
    assert (found.low, found.high) == wilson_interval(round(12 * value), 12)
    assert found.method == ("wilson" if kind == "image" else "wilson_by_patient")
