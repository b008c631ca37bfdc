"""Every pair of a study: order, correction, verdict, and what is refused."""

from itertools import pairwise

import numpy as np
import pytest

from leadline.analysis.significance.comparison import ExperimentPredictions, compare
from leadline.analysis.significance.mcnemar import minimum_detectable_difference
from leadline.errors import DataError
from leadline.statistics.delong import delong
from leadline.statistics.holm import holm

LABELS = np.arange(400) % 4


def said(right, labels=LABELS, k=4):
    """0.9 for the true class where right, else for the one after it."""
    rows = np.full((len(labels), k), 0.1 / (k - 1))
    rows[np.arange(len(labels)), np.where(right, labels, (labels + 1) % k)] = 0.9
    return rows


def one(name, *wrong, n=400):
    """A contestant whose runs are wrong on the images of these slices."""
    right = [np.ones(n, dtype=bool) for _ in wrong]
    for run, some in zip(right, wrong, strict=True):
        run[some] = False
    return ExperimentPredictions(name, tuple(said(run) for run in right))


def compared(*contestants, **options):
    return compare(contestants, LABELS, np.random.default_rng(0), **options)


def test_every_pair_with_the_higher_first():
    found = compared(one("a", slice(0, 30)), one("b", slice(0, 20)), one("c", slice(0, 40)))
    (accuracy,) = found.measures
    assert accuracy.measure == "accuracy"
    assert [(pair.first, pair.second) for pair in accuracy.pairs] == [
        ("b", "a"), ("a", "c"), ("b", "c"),
    ]  # fmt: skip
    top = accuracy.between("a", "b")
    assert (top.first_value, top.second_value) == pytest.approx((0.95, 0.925))
    assert top.difference == pytest.approx(0.025)
    assert (top.first_runs, top.second_runs) == (1, 1)
    assert (found.n, found.n_groups, found.margin) == (400, None, 0.005)


def test_a_pair_that_is_not_there():
    (accuracy,) = compared(one("a", slice(0, 30)), one("b", slice(0, 20))).measures
    with pytest.raises(KeyError):
        accuracy.between("a", "x")


def test_p_values_are_corrected_for_all_pairs():
    found = compared(
        *(one(name, slice(0, end)) for name, end in zip("abcd", (9, 18, 24, 27), strict=True))
    )
    pairs = found.measures[0].pairs
    assert [pair.p_corrected for pair in pairs] == pytest.approx(holm([pair.p for pair in pairs]))
    equivalent = holm([pair.p_equivalent for pair in pairs])
    assert [pair.p_equivalent_corrected for pair in pairs] == pytest.approx(equivalent)
    # Alone, 6 images for one against none are 2/64 < 0.05; corrected for six pairs they are not.
    assert found.measures[0].between("b", "c").p == pytest.approx(2 / 64)
    assert found.measures[0].between("b", "c").verdict == "no difference shown"


def test_the_more_pairs_the_larger_the_difference_that_could_be_shown():
    two = compared(one("a", slice(0, 30)), one("b", slice(0, 20)))
    three = compared(one("a", slice(0, 30)), one("b", slice(0, 20)), one("c", slice(0, 9)))
    alone, among = (found.measures[0].between("a", "b") for found in (two, three))
    # At 5%, and at a third of it: 10 of 400 images differ.
    assert alone.minimum_detectable_difference == minimum_detectable_difference(400, 10 / 400, 0.05)
    assert among.minimum_detectable_difference == minimum_detectable_difference(
        400, 10 / 400, 0.05 / 3
    )
    assert (alone.low, alone.p) == (among.low, among.p)


@pytest.mark.parametrize(
    ("wrong", "margin", "verdict", "within"),
    [
        (slice(0, 30), 0.005, "better", False),
        (slice(0, 8), 0.2, "better", True),
        (slice(0, 3), 0.005, "no difference shown", False),
        (slice(0, 3), 0.05, "equivalent", True),
    ],
)
def test_the_three_verdicts(wrong, margin, verdict, within):
    found = compared(one("a", slice(0, 0)), one("b", wrong), margin=margin)
    (pair,) = found.measures[0].pairs
    assert (pair.verdict, pair.within_margin) == (verdict, within)


def test_several_seeds_of_both_bring_the_seeds_in():
    found = compared(
        one("a", slice(0, 30), slice(10, 38)),
        one("b", slice(0, 20), slice(5, 26)),
        one("c", slice(0, 9)),
    )
    of_seeds = {(pair.first, pair.second): pair.of_seeds for pair in found.measures[0].pairs}
    assert of_seeds == {("b", "a"): True, ("c", "a"): False, ("c", "b"): False}
    pair = found.measures[0].between("a", "b")
    assert (pair.first_runs, pair.second_runs) == (2, 2)
    assert pair.method == "t_test_with_seeds"


def test_patients_are_counted_and_heeded():
    groups = [str(place // 10) for place in range(400)]
    contestants = one("a", slice(0, 0)), one("b", slice(0, 20))
    plain, by_patient = compared(*contestants), compared(*contestants, groups=groups)
    assert by_patient.n_groups == 40
    assert plain.measures[0].pairs[0].verdict == "better"
    # Two patients of forty.
    assert by_patient.measures[0].pairs[0].p == pytest.approx(0.5)
    assert by_patient.measures[0].pairs[0].verdict == "no difference shown"


def two_classes(rng, n, *spreads):
    labels = np.arange(n) % 2
    scores = [1 / (1 + np.exp(-(2 * labels - 1 + rng.normal(0, spread, n)))) for spread in spreads]
    rows = [np.stack([1 - score, score], axis=1) for score in scores]
    return labels, rows


def test_two_classes_are_compared_by_auroc_too():
    labels, rows = two_classes(np.random.default_rng(1), 300, 0.8, 1.6)
    contestants = ExperimentPredictions("a", (rows[0],)), ExperimentPredictions("b", (rows[1],))
    found = compare(contestants, labels, np.random.default_rng(0))
    assert [one.measure for one in found.measures] == ["accuracy", "auroc"]
    (pair,) = found.measures[1].pairs
    areas = delong(np.stack([row[:, 1] for row in rows]), labels == 1)
    assert (pair.first_value, pair.second_value) == pytest.approx(tuple(areas.auc))
    variance = areas.covariance[0, 0] + areas.covariance[1, 1] - 2 * areas.covariance[0, 1]
    assert (pair.high - pair.low) / 2 == pytest.approx(1.968 * variance**0.5, rel=1e-3)
    assert pair.method == "delong"


def test_which_of_two_classes_is_looked_for_makes_no_difference():
    labels, rows = two_classes(np.random.default_rng(2), 200, 0.9, 1.4)
    turned = compare(
        [
            ExperimentPredictions(name, (row[:, ::-1],))
            for name, row in zip("ab", rows, strict=True)
        ],
        1 - labels,
        np.random.default_rng(0),
    )
    plain = compare(
        [ExperimentPredictions(name, (row,)) for name, row in zip("ab", rows, strict=True)],
        labels,
        np.random.default_rng(0),
    )
    one, other = plain.measures[1].pairs[0], turned.measures[1].pairs[0]
    assert (one.difference, one.p) == pytest.approx((other.difference, other.p))


def test_seeds_and_patients_of_auroc():
    labels, rows = two_classes(np.random.default_rng(3), 200, 0.8, 0.9, 1.6, 1.7)
    contestants = (
        ExperimentPredictions("a", tuple(rows[:2])),
        ExperimentPredictions("b", tuple(rows[2:])),
    )
    groups = [str(place // 4) for place in range(200)]
    found = compare(contestants, labels, np.random.default_rng(0), groups=groups)
    (pair,) = found.measures[1].pairs
    assert pair.of_seeds
    assert pair.method == "delong_by_patient_with_seeds"


def test_one_image_of_a_class_has_no_area_to_compare():
    labels, rows = two_classes(np.random.default_rng(4), 40, 0.8, 0.9)
    labels = np.zeros(40, np.int64)
    labels[0] = 1
    contestants = ExperimentPredictions("a", (rows[0],)), ExperimentPredictions("b", (rows[1],))
    found = compare(contestants, labels, np.random.default_rng(0))
    assert found.by("auroc") is None
    assert found.by("accuracy") is not None


def test_perfect_rankings_are_not_equal_beyond_doubt():
    labels = np.arange(40) % 2
    rows = [
        np.stack([1 - score, score], axis=1) for score in (labels * 0.8 + 0.1, labels * 0.6 + 0.2)
    ]
    contestants = [
        ExperimentPredictions(name, (row,)) for name, row in zip("ab", rows, strict=True)
    ]
    (pair,) = compare(contestants, labels, np.random.default_rng(0)).measures[1].pairs
    # Twenty images of either class.
    assert (pair.low, pair.high) == pytest.approx((-0.161, 0.161), abs=1e-3)
    assert pair.verdict == "no difference shown"


def test_the_order_of_contestants_changes_no_figure():
    three = one("a", slice(0, 30)), one("b", slice(0, 20)), one("c", slice(0, 40))
    forth, back = compared(*three), compared(*three[::-1])
    for left, right in pairwise("abc"):
        assert forth.measures[0].between(left, right) == back.measures[0].between(left, right)


@pytest.mark.parametrize("margin", [0.0, -0.1, 1.0, float("nan")])
def test_a_margin_that_is_none(margin):
    with pytest.raises(DataError, match=r"margin = .*; give a difference above 0 and below 1"):
        compared(one("a", slice(0, 3)), one("b", slice(0, 4)), margin=margin)


@pytest.mark.parametrize(
    ("contestants", "said"),
    [
        ([one("a", slice(0, 3))], "compare two or more, of different names. Received: a."),
        ([one("a", slice(0, 3))] * 2, "Received: a, a."),
        (
            [one("a", slice(0, 3)), ExperimentPredictions("b", (np.full((9, 4), 0.25),))],
            r"expected a run or more of each, of probabilities \(400, classes\)",
        ),
        ([one("a", slice(0, 3)), ExperimentPredictions("b", ())], "expected a run or more of each"),
    ],
)
def test_what_cannot_be_compared(contestants, said):
    with pytest.raises(DataError, match=said):
        compared(*contestants)
