"""A model of two classes, judged: against scikit-learn, by hand, and where little is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from leadline.errors import DataError
from leadline.metrics.binary import BinaryPredictions, binary_metrics, npv_at, ppv_at
from leadline.metrics.estimates import Estimate, OperatingPoint, Unknown
from leadline.metrics.thresholds import HALF
from leadline.statistics.intervals import wilson_interval

CLASSES = ("NORMAL", "PNEUMONIA")
LOW = OperatingPoint("sensitivity", 0.25)


def films(n=120, seed=0, per_patient=2):
    """Scores of n films of patients, two thirds ill; kinds of illness; some films hard."""
    rng = np.random.default_rng(seed)
    positive = np.arange(n) < 2 * n // 3
    patients = [f"p{number // per_patient}" for number in range(n)]
    logits = rng.normal(np.where(positive, 1.0, -1.0), 1.2)
    kinds = [
        "" if not ill else ("virus" if k % 4 < 2 else "bacteria") for k, ill in enumerate(positive)
    ]
    return BinaryPredictions(1 / (1 + np.exp(-logits)), positive, patients, kinds)


def judged(answers, points=(HALF,), **options):
    return binary_metrics(answers, CLASSES, points, np.random.default_rng(0), **options)


def without_groups(answers):
    return BinaryPredictions(answers.scores, answers.positive)


def test_every_figure_is_scikit_learns():
    answers = films()
    found = judged(answers, (HALF, LOW))
    scores, truth = answers.scores, answers.positive
    assert found.auroc.value == pytest.approx(metrics.roc_auc_score(truth, scores))
    assert found.auprc.value == pytest.approx(metrics.average_precision_score(truth, scores))
    assert found.brier.value == pytest.approx(metrics.brier_score_loss(truth, scores))
    for at in found.points:
        said = scores >= at.point.threshold
        assert at.confusion == tuple(map(tuple, metrics.confusion_matrix(truth, said).tolist()))
        expected = {
            "sensitivity": metrics.recall_score(truth, said),
            "specificity": metrics.recall_score(~truth, ~said),
            "ppv": metrics.precision_score(truth, said),
            "npv": metrics.precision_score(~truth, ~said),
            "f1": metrics.f1_score(truth, said),
            "accuracy": metrics.accuracy_score(truth, said),
            "balanced_accuracy": metrics.balanced_accuracy_score(truth, said),
        }
        for name, value in expected.items():
            assert getattr(at, name).value == pytest.approx(value), name


def test_what_is_resampled_is_said():
    answers = films()
    grouped, alone = (
        judged(answers, prevalences=(0.1,)),
        judged(without_groups(answers), prevalences=(0.1,)),
    )
    assert grouped.n_groups == 60
    assert alone.n_groups is None
    for name in ("sensitivity", "specificity", "ppv", "npv", "accuracy"):
        assert getattr(grouped.points[0], name).method == "patient_bootstrap"
        assert getattr(alone.points[0], name).method == "wilson"
    for name in ("f1", "balanced_accuracy"):
        assert getattr(grouped.points[0], name).method == "patient_bootstrap"
        assert getattr(alone.points[0], name).method == "image_bootstrap"
    [there] = grouped.points[0].at_prevalence
    assert (there.ppv.method, there.npv.method) == ("patient_bootstrap", "patient_bootstrap")
    assert (grouped.auroc.method, alone.auroc.method) == ("delong_by_patient", "delong")
    assert grouped.ece.method == "patient_bootstrap_reversed"
    assert alone.ece.method == "image_bootstrap_reversed"
    assert (grouped.brier.method, alone.auprc.method) == ("patient_bootstrap", "image_bootstrap")


def test_a_score_at_the_threshold_is_called_positive():
    answers = BinaryPredictions(
        np.array([0.5, 0.4, 0.5, 0.6]), np.array([False, False, True, True])
    )
    [at] = judged(answers).points
    assert at.confusion == ((1, 1), (0, 2))
    assert (at.sensitivity.value, at.specificity.value) == (1.0, 0.5)


def test_wilson_of_images_is_wilsons():
    answers = without_groups(films())
    at = judged(answers).points[0]
    (passed, alarms), (missed, found) = at.confusion
    assert (at.sensitivity.low, at.sensitivity.high) == wilson_interval(found, found + missed)
    assert (at.specificity.low, at.specificity.high) == wilson_interval(passed, passed + alarms)
    assert (at.ppv.low, at.ppv.high) == wilson_interval(found, found + alarms)


@given(st.integers(0, 60), st.booleans(), st.integers(4, 60))
def test_every_interval_holds_its_figure_between_zero_and_one(seed, grouped, n):
    answers = films(n, seed, per_patient=3)
    found = judged(answers if grouped else without_groups(answers), prevalences=(0.02,))
    at = found.points[0]
    told = [*found.metrics.values(), *at.metrics.values()]
    told += [one for share in at.at_prevalence for one in (share.ppv, share.npv)]
    told += [one for kind in found.subgroups for one in (kind.auroc, *kind.sensitivities)]
    for estimate in told:
        if not isinstance(estimate, Estimate):
            continue
        assert 0 <= estimate.low <= estimate.high <= 1
        if estimate.value is not None:
            assert estimate.low <= estimate.value <= estimate.high


def test_a_patients_many_films_make_nothing_surer():
    answers = films(120, per_patient=1)
    copied = BinaryPredictions(
        answers.scores.repeat(3), answers.positive.repeat(3), list(np.repeat(answers.groups, 3))
    )
    once, thrice = (
        judged(BinaryPredictions(answers.scores, answers.positive, answers.groups)),
        judged(copied),
    )

    def width(estimate):
        return estimate.high - estimate.low

    for name in ("auroc", "auprc", "brier"):
        assert width(getattr(thrice, name)) == pytest.approx(width(getattr(once, name)), rel=0.15)
    assert width(thrice.points[0].sensitivity) == pytest.approx(
        width(once.points[0].sensitivity), rel=0.15
    )


def test_bayes_by_hand():
    # Of 1,000 patients 10 are ill: 9 are found, and 99 of the other 990 are false alarms.
    one = np.array([0.9])
    assert ppv_at(0.01)(one, one) == pytest.approx([9 / 108])
    assert npv_at(0.01)(one, one) == pytest.approx([891 / 892])
    assert np.isnan(ppv_at(0.01)(np.array([0.0]), np.array([1.0]))[0])


def test_at_the_images_own_prevalence_bayes_gives_the_ppv():
    answers = films()
    at = judged(answers, prevalences=(answers.positive.mean(),)).points[0]
    [there] = at.at_prevalence
    assert there.ppv.value == pytest.approx(at.ppv.value)
    assert there.npv.value == pytest.approx(at.npv.value)


def test_subgroups_are_their_positives_and_all_negatives():
    answers = films()
    found = judged(answers, (HALF, LOW))
    assert [kind.name for kind in found.subgroups] == ["bacteria", "virus"]
    assert found.ungrouped_positives == 0
    for kind in found.subgroups:
        own = np.array([name == kind.name for name in answers.subgroups])
        some = own | ~answers.positive
        expected = metrics.roc_auc_score(answers.positive[some], answers.scores[some])
        assert kind.n == own.sum() == 40
        assert kind.auroc.value == pytest.approx(expected)
        assert kind.auprc.value == pytest.approx(
            metrics.average_precision_score(answers.positive[some], answers.scores[some])
        )
        for at, sensitivity in zip(found.points, kind.sensitivities, strict=True):
            share = (answers.scores[own] >= at.point.threshold).mean()
            assert sensitivity.value == pytest.approx(share)


def test_positives_of_no_kind_are_counted_and_negatives_have_none():
    answers = BinaryPredictions(
        np.array([0.9, 0.8, 0.2, 0.1]), np.array([True, True, False, False]),
        subgroups=["a", "", "b", ""],
    )  # fmt: skip
    found = judged(answers)
    assert [kind.name for kind in found.subgroups] == ["a"]
    assert found.ungrouped_positives == 1
    assert judged(without_groups(answers)).ungrouped_positives is None


def test_positives_of_no_kind_are_in_no_subgroups_area():
    answers = BinaryPredictions(
        np.array([0.6, 0.1, 0.7, 0.2]), np.array([True, True, False, False]),
        subgroups=["a", "", "", ""],
    )  # fmt: skip
    [kind] = judged(answers).subgroups
    assert (kind.auroc.value, kind.auprc.value) == (0.5, 0.5)


def test_perfection_is_not_certain():
    positive = np.arange(20) < 10
    answers = BinaryPredictions(
        np.where(positive, 0.9, 0.1), positive, [str(k // 2) for k in range(20)]
    )
    found = judged(answers, prevalences=(0.1,))
    # Five patients of each class, all right.
    low = wilson_interval(5, 5)[0]
    for estimate in (found.auroc, found.auprc, found.points[0].sensitivity):
        assert estimate == Estimate(1.0, low, 1.0, "wilson_by_patient")
    assert found.points[0].accuracy.low == wilson_interval(10, 10)[0]
    assert found.points[0].balanced_accuracy.low == pytest.approx(low)
    [there] = found.points[0].at_prevalence
    assert there.ppv.value == 1.0
    assert there.ppv.low == pytest.approx(low * 0.1 / (low * 0.1 + (1 - low) * 0.9))


def test_perfection_of_images_is_not_certain_either():
    positive = np.arange(20) < 10
    found = judged(BinaryPredictions(np.where(positive, 0.9, 0.1), positive))
    assert found.auroc == Estimate(1.0, wilson_interval(10, 10)[0], 1.0, "wilson")
    assert found.points[0].f1.low < 0.9


@pytest.mark.parametrize("label", [True, False])
def test_one_class_alone_has_what_it_can_have(label):
    answers = BinaryPredictions(np.array([0.2, 0.6, 0.9]), np.full(3, label))
    found = judged(answers, prevalences=(0.1,))
    unknown = Estimate(None, 0.0, 1.0, "unknown", Unknown("one_class", CLASSES[int(label)]))
    at = found.points[0]
    assert found.auroc == found.auprc == unknown
    assert (at.sensitivity == unknown) is not label
    assert (at.specificity == unknown) is label
    assert at.balanced_accuracy == at.at_prevalence[0].ppv == unknown
    assert at.accuracy.value == pytest.approx(2 / 3 if label else 1 / 3)


def test_without_negatives_and_calls_the_npv_is_unknown():
    answers = BinaryPredictions(np.array([0.8, 0.9]), np.array([True, False]))
    assert judged(answers).points[0].npv.unknown == Unknown("none_called", CLASSES[0])


def test_where_nobody_is_called_there_is_no_ppv():
    answers = BinaryPredictions(np.array([0.2, 0.3, 0.1]), np.array([True, False, False]))
    at = judged(answers, prevalences=(0.5,)).points[0]
    assert at.confusion == ((2, 0), (1, 0))
    none_called = Estimate(None, 0.0, 1.0, "unknown", Unknown("none_called", CLASSES[1]))
    assert at.ppv == at.at_prevalence[0].ppv == none_called
    assert at.npv.value == pytest.approx(2 / 3)
    assert at.f1.value == 0.0


def test_resamples_without_a_class_are_left_out_and_said():
    positive = np.array([True, True, False, False, False, False])
    answers = BinaryPredictions(np.array([0.9, 0.3, 0.6, 0.2, 0.1, 0.4]), positive, list("abcdef"))
    found = judged(answers).points[0].sensitivity
    assert (found.method, found.drawn) == ("patient_bootstrap", 2_000)
    # Both positive patients are missing with probability (4/6)^6 = 0.088: 1,824 of 2,000 are left.
    assert found.kept == pytest.approx(2000 * (1 - (4 / 6) ** 6), abs=40)


def test_one_patient_tells_nothing_of_others():
    answers = BinaryPredictions(
        np.array([0.9, 0.3, 0.2]), np.array([True, True, False]), ["a", "a", "b"]
    )
    found = judged(answers)
    assert found.points[0].sensitivity == Estimate(0.5, 0.0, 1.0, "unknown")
    only = judged(BinaryPredictions(np.array([0.7]), np.array([True]), ["a"]))
    assert only.brier.value == pytest.approx(0.09)
    assert (only.brier.low, only.brier.high, only.brier.method) == (0.0, 1.0, "unknown")


@pytest.mark.parametrize(("sharpness", "begins_at_zero"), [(1.0, True), (3.0, False)])
def test_perfect_probabilities_may_have_no_error_and_others_have_one(sharpness, begins_at_zero):
    rng = np.random.default_rng(8)
    zero = 0
    for _ in range(10):
        logits = rng.normal(0, 1.5, 200)
        positive = rng.random(200) < 1 / (1 + np.exp(-logits))
        found = binary_metrics(
            BinaryPredictions(1 / (1 + np.exp(-sharpness * logits)), positive),
            CLASSES,
            (HALF,),
            rng,
        )
        # With 200 images even perfect probabilities have an error of some percent.
        assert (found.ece.value or 0) > 0.03
        zero += found.ece.low == 0.0
    assert zero >= 9 if begins_at_zero else zero == 0


def test_the_same_generator_gives_the_same_intervals():
    assert judged(films()) == judged(films())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"positive": np.array([True])}, r"Received: \(2,\) and \(1,\)"),
        ({"groups": ["a"]}, "a group for each of 2 images. Received: 1"),
        ({"subgroups": ["a", "b", "c"]}, "a group for each of 2 images. Received: 3"),
        ({"scores": np.empty(0), "positive": np.empty(0, bool)}, r"Received: \(0,\) and \(0,\)"),
    ],
)
def test_answers_that_do_not_fit_are_refused(options, said):
    given = {"scores": np.array([0.1, 0.2]), "positive": np.array([True, False])}
    with pytest.raises(DataError, match=said):
        BinaryPredictions(**(given | options))
