"""The area under the ROC curve, by hand and against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from leadline.errors import TrainingError
from leadline.training.early_stopping import auroc, check_ranked


def two_columns(scores: list[float]) -> NDArray[np.float32]:
    second = np.array(scores, np.float32)
    return np.stack([1 - second, second], axis=1)


@pytest.mark.parametrize(
    ("scores", "labels", "expected"),
    [
        ([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], 3 / 4),
        ([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], 1.0),
        ([0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1], 0.0),
        ([0.5, 0.5, 0.5], [0, 1, 0], 1 / 2),
        ([0.2, 0.6, 0.6, 0.6, 0.9], [0, 0, 1, 0, 1], (1 + 1 / 2 + 1 / 2 + 3) / 6),
    ],
    ids=["one-pair-wrong", "perfect", "inverted", "all-tied", "some-tied"],
)
def test_pairs_in_order_by_hand(scores, labels, expected):
    assert auroc(two_columns(scores), np.array(labels)) == pytest.approx(expected)


def test_of_three_classes_the_mean_of_each_against_the_others():
    """Class a ranks 2 of 2 pairs right, b 1 of 2, c half of 2 (a tie): (1 + 1/2 + 1/2) / 3."""
    probabilities = np.array([[0.8, 0.1, 0.1], [0.6, 0.3, 0.1], [0.3, 0.6, 0.1]], np.float32)
    assert auroc(probabilities, np.arange(3)) == pytest.approx((1 + 1 / 2 + 1 / 2) / 3)


@st.composite
def judged(draw: st.DrawFn, classes: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Probabilities on a coarse grid, so that many are equal, and labels of every class."""
    some = draw(st.lists(st.integers(0, classes - 1), max_size=30))
    labels = np.array([*range(classes), *some])
    row = st.lists(st.integers(1, 4), min_size=classes, max_size=classes)
    parts = np.array(draw(st.lists(row, min_size=len(labels), max_size=len(labels))), float)
    return parts / parts.sum(axis=1, keepdims=True), labels


@given(judged(2))
def test_two_classes_against_scikit_learn(case):
    probabilities, labels = case
    assert auroc(probabilities, labels) == pytest.approx(roc_auc_score(labels, probabilities[:, 1]))


@given(st.integers(3, 6).flatmap(judged))
def test_many_classes_against_scikit_learn(case):
    probabilities, labels = case
    expected = roc_auc_score(labels, probabilities, multi_class="ovr", average="macro")
    assert auroc(probabilities, labels) == pytest.approx(expected)


def test_a_class_without_validation_images_is_named():
    check_ranked(np.array([0, 1, 2]), ("a", "b", "c"))
    with pytest.raises(TrainingError, match=r"there are none of a, c; set training\.monitor"):
        check_ranked(np.array([1, 1]), ("a", "b", "c"))
