"""Claims about confusions: counts by hand, p-values against SciPy, verdicts either way."""

import numpy as np
import pytest
from scipy.stats import binomtest

from leadline.analysis.significance.comparison import ExperimentPredictions
from leadline.analysis.significance.confusion_claims import LAB_CLAIMS, Claim, check_claims

CLASSES = ("2", "3", "5", "7")
LABELS = np.repeat(np.arange(4), 100)


def answers(**wrong):
    """Labels, but for so many images of a class taken for another: answers(_2_7=10)."""
    said = LABELS.copy()
    for key, (start, count) in wrong.items():
        a, b = (CLASSES.index(name) for name in key.split("_")[1:])
        said[np.flatnonzero(a == LABELS)[start : start + count]] = b
    return said


def model(name, *runs):
    return ExperimentPredictions(name, tuple(np.eye(len(CLASSES))[said] for said in runs))


def check(*claims, **models):
    found = {name: model(name, *runs) for name, runs in models.items()}
    return check_claims(claims, found, LABELS, CLASSES, np.random.default_rng(0))


FEWER = Claim("fewer", "b", (("2", "7"),), "fewer", "a")


def test_a_comparison_counts_images_of_both_classes_either_way():
    # a confuses 12 + 8; b 2 of the same and one other: 18 images for b, one against it.
    a = answers(_2_7=(0, 12), _7_2=(0, 8))
    b = answers(_2_7=(0, 2), _7_2=(50, 1))
    (test,) = check(FEWER, a=[a], b=[b])
    assert (test.n, test.count, test.other, test.expected) == (200, 3.0, 20.0, None)
    assert test.change is not None
    assert test.change[0] == pytest.approx(17)
    assert test.change[1] < 17 < test.change[2]
    assert test.p == pytest.approx(binomtest(18, 19).pvalue)
    assert test.verdict == "confirmed"


def test_the_other_direction_contradicts():
    few, many = answers(), answers(_2_7=(0, 15))
    more = Claim("more", "b", (("2", "7"),), "more", "a")
    assert check(FEWER, a=[few], b=[many])[0].verdict == "contradicted"
    assert check(more, a=[few], b=[many])[0].verdict == "confirmed"
    assert check(more, a=[many], b=[few])[0].verdict == "contradicted"


def test_twelve_against_thirteen_shows_nothing():
    a, b = answers(_2_7=(0, 13)), answers(_2_7=(40, 12))
    (test,) = check(FEWER, a=[a], b=[b])
    assert (test.count, test.other, test.verdict) == (12.0, 13.0, "not shown")
    assert test.p == pytest.approx(1.0)


def test_p_values_are_corrected_for_all_comparisons():
    a = answers(_2_7=(0, 10), _3_5=(0, 6))
    claims = (FEWER, Claim("also", "b", (("3", "5"),), "fewer", "a"))
    first, second = check(*claims, a=[a], b=[answers()])
    assert first.p == pytest.approx(2 * binomtest(10, 10).pvalue)
    assert second.p == pytest.approx(binomtest(6, 6).pvalue)


def test_pairs_together_are_one_test():
    a = answers(_2_7=(0, 4), _3_5=(0, 4))
    claim = Claim("both", "b", (("2", "7"), ("3", "5")), "fewer", "a", together=True)
    (test,) = check(claim, a=[a], b=[answers()])
    assert (test.n, test.other, test.count) == (400, 8.0, 0.0)
    assert test.p == pytest.approx(binomtest(8, 8).pvalue)


def test_one_model_is_held_against_chance():
    # All 20 errors of class 2 are taken for 7, as no other error is: 1 / C(23, 3) by chance. Of
    # class 5, 3 of 7 are taken for 3: C(7, 3) / C(27, 3), which the correction makes 0.13.
    a = answers(_2_7=(0, 20), _5_3=(0, 3), _5_2=(3, 4), _3_2=(0, 2))
    claims = [
        Claim("yes", "a", (("2", "7"), ("3", "5")), "confused"),
        Claim("no", "a", (("7", "2"),), "not confused"),
    ]
    confused, not_so, denied = check(*claims, a=[a])
    assert (confused.count, confused.verdict, confused.other) == (20.0, "confirmed", None)
    assert confused.expected is not None
    assert confused.expected < 20
    assert (not_so.count, not_so.verdict) == (3.0, "not shown")
    assert denied.verdict == "contradicted"
    assert confused.p < 0.05 <= not_so.p


def test_several_seeds_are_averaged():
    a = [answers(_2_7=(0, 30)), answers(_2_7=(0, 31)), answers(_2_7=(0, 29))]
    b = [answers(_2_7=(0, 1)), answers(_2_7=(0, 2)), answers()]
    (test,) = check(FEWER, a=a, b=b)
    assert (test.count, test.other) == (1.0, 30.0)
    assert test.of_seeds
    assert test.verdict == "confirmed"


def test_claims_of_other_models_and_classes_are_left_out():
    unknown = Claim("classes", "a", (("2", "9"),), "confused")
    assert check(FEWER, unknown, a=[answers()]) == ()


def test_claims_of_the_lab_are_of_its_models_and_digits():
    digits = set(map(str, range(10)))
    for claim in LAB_CLAIMS:
        assert claim.model[:3] in ("mlp", "hog")
        assert all(set(pair) <= digits for pair in claim.pairs)
        assert (claim.than is None) == (claim.says in ("confused", "not confused"))
    two_seven = [claim for claim in LAB_CLAIMS if claim.pairs == (("2", "7"),)]
    assert {(claim.model, claim.than) for claim in two_seven} == {
        ("hog-1", None), ("hog-1", "mlp-1"), ("hog-1", "mlp-2"), ("hog-1", "mlp-3"),
    }  # fmt: skip
