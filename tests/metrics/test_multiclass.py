"""Models of more than two classes: against scikit-learn, and where little is known."""

import numpy as np
import pytest
from sklearn import metrics

from leadline.metrics.binary import BinaryPredictions, binary_metrics
from leadline.metrics.calibration import expected_calibration_error
from leadline.metrics.estimates import Estimate, Unknown
from leadline.metrics.multiclass import multiclass_metrics


def said(n=200, classes=4, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    rows = rng.random((n, classes)) + 0.5 * np.eye(classes)[labels]
    return rows / rows.sum(axis=1, keepdims=True), labels


def judged(rows, labels, groups=None):
    names = "abcd"[: rows.shape[1]]
    return multiclass_metrics(rows, labels, names, np.random.default_rng(0), groups)


def test_figures_are_scikit_learns():
    rows, labels = said()
    found = judged(rows, labels)
    assert found.n == 200
    assert found.auroc.value == pytest.approx(
        metrics.roc_auc_score(labels, rows, multi_class="ovr")
    )
    errors = [metrics.brier_score_loss(labels == k, rows[:, k]) for k in range(4)]
    assert found.brier.value == pytest.approx(sum(errors))
    right = rows.argmax(axis=1) == labels
    assert found.ece.value == pytest.approx(expected_calibration_error(rows.max(axis=1), right))


def test_what_is_resampled_is_said():
    rows, labels = said()
    alone, grouped = judged(rows, labels), judged(rows, labels, [str(k // 5) for k in range(200)])
    assert (alone.n_groups, grouped.n_groups) == (None, 40)
    assert [one.method for one in (alone.auroc, alone.brier, alone.ece)] == [
        "delong", "image_bootstrap", "image_bootstrap_reversed",
    ]  # fmt: skip
    assert [one.method for one in (grouped.auroc, grouped.brier, grouped.ece)] == [
        "delong_by_patient", "patient_bootstrap", "patient_bootstrap_reversed",
    ]  # fmt: skip
    for one in (grouped.auroc, grouped.brier, grouped.ece):
        assert one.low <= one.value <= one.high


def test_of_two_classes_it_is_twice_briers_score_of_one():
    rows, labels = said(classes=2)
    one = binary_metrics(
        BinaryPredictions(rows[:, 1], labels == 1), ("a", "b"), [], np.random.default_rng(0)
    ).brier
    both = judged(rows, labels).brier
    assert (both.value, both.low, both.high) == pytest.approx(
        (2 * (one.value or 0), 2 * one.low, 2 * one.high)
    )


def test_a_class_that_does_not_occur_counts_for_nothing():
    rows, labels = said()
    some = labels < 3
    found = judged(rows[some], labels[some])
    expected = np.mean([metrics.roc_auc_score(labels[some] == k, rows[some, k]) for k in range(3)])
    assert found.auroc.value == pytest.approx(expected)
    assert found.absent == ("d",)


def test_one_class_alone_has_no_auroc():
    rows, _ = said(8)
    found = judged(rows, np.full(8, 2))
    assert found.auroc == Estimate(None, 0.0, 1.0, "unknown", Unknown("one_class", "c"))
    assert found.absent == ("a", "b", "d")
    assert found.brier.value is not None


def test_a_class_of_one_image_tells_nothing_of_spread():
    rows, labels = said()
    some = (labels != 3) | (np.cumsum(labels == 3) == 1)
    found = judged(rows[some], labels[some]).auroc
    assert found.value is not None
    assert (found.low, found.high, found.method) == (0.0, 1.0, "unknown")


def test_perfection_is_not_certain():
    labels = np.arange(30) % 3
    rows = np.where(np.eye(3, dtype=bool)[labels], 0.8, 0.1)
    found = judged(rows, labels)
    assert found.auroc.value == 1.0
    assert 0.7 < found.auroc.low < 0.75  # Wilson's of ten, all right
