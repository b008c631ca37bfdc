"""Scores by class against scikit-learn; pairs and their images by hand."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as sklearn

from leadline.errors import DataError
from leadline.metrics.classification import EvaluationRecord, evaluate
from leadline.metrics.confusion_matrix import (
    ConfusedPair,
    class_scores,
    confused_indices,
    confused_pairs,
    confusion_cells,
    confusion_from_cells,
    confusion_matrix,
)
from leadline.runs.typed_json import typed

# Rows true, columns predicted: one 4 was taken for a 9, three 9s for a 4, two 4s for a 7.
BY_HAND = np.array([[10, 2, 1], [0, 5, 0], [3, 0, 6]])
NAMES = ("4", "7", "9")


@st.composite
def answers(draw):
    """Class count, labels, predictions."""
    classes = draw(st.integers(2, 6))
    n = draw(st.integers(1, 40))
    label = st.lists(st.integers(0, classes - 1), min_size=n, max_size=n)
    return classes, np.array(draw(label)), np.array(draw(label))


@given(answers())
def test_matrix_is_scikit_learns(drawn):
    classes, labels, predictions = drawn
    ours = confusion_matrix(labels, predictions, classes)
    theirs = sklearn.confusion_matrix(labels, predictions, labels=range(classes))
    assert ours.tolist() == theirs.tolist()


@given(answers())
def test_scores_are_scikit_learns(drawn):
    classes, labels, predictions = drawn
    names = [f"c{number}" for number in range(classes)]
    scores = class_scores(confusion_matrix(labels, predictions, classes), names)
    theirs = sklearn.precision_recall_fscore_support(
        labels, predictions, labels=range(classes), zero_division=np.nan
    )
    ours = [[s.precision for s in scores], [s.recall for s in scores], [s.f1 for s in scores]]
    assert np.allclose(np.array(ours, float), theirs[:3], equal_nan=True)
    assert [score.support for score in scores] == theirs[3].tolist()
    assert [score.name for score in scores] == names


@given(answers())
def test_undefined_is_where_scikit_learn_divides_by_zero(drawn):
    classes, labels, predictions = drawn
    names = [str(number) for number in range(classes)]
    theirs = sklearn.precision_recall_fscore_support(
        labels, predictions, labels=range(classes), zero_division=np.nan
    )
    for position, score in enumerate(
        class_scores(confusion_matrix(labels, predictions, classes), names)
    ):
        undefined = [
            name
            for name, values in zip(("precision", "recall", "f1"), theirs, strict=False)
            if np.isnan(values[position])
        ]
        assert list(score.undefined) == undefined


def test_scores_by_hand():
    four = class_scores(BY_HAND, NAMES)[0]
    assert (four.precision, four.recall) == pytest.approx((10 / 13, 10 / 13))
    assert four.f1 == pytest.approx(20 / 26)
    assert four.support == 13
    assert four.undefined == ()
    assert four.recall_interval == pytest.approx((0.497436, 0.918205), abs=1e-6)
    # J = 10 / 16 is bounded by 0.386410 and 0.815188; F1 = 2 J / (1 + J)
    assert four.f1_interval == pytest.approx((0.557426, 0.898186), abs=1e-6)
    seven = class_scores(BY_HAND, NAMES)[1]
    assert (seven.precision, seven.recall) == (5 / 7, 1.0)
    assert seven.precision_interval == pytest.approx((0.358934, 0.917781), abs=1e-6)
    assert seven.recall_interval[1] == 1.0


def test_a_class_that_does_not_occur_has_no_scores():
    absent = class_scores(np.array([[3, 0], [0, 0]]), ("cat", "dog"))[1]
    assert (absent.precision, absent.recall, absent.f1, absent.support) == (None, None, None, 0)
    assert absent.undefined == ("precision", "recall", "f1")
    assert absent.f1_interval == absent.recall_interval == (0.0, 1.0)


def test_never_predicted_leaves_recall_defined():
    missed = class_scores(np.array([[3, 0], [2, 0]]), ("cat", "dog"))[1]
    assert missed.undefined == ("precision",)
    assert missed.recall_interval == pytest.approx((0.0, 0.657620), abs=1e-6)


def test_pairs_by_hand():
    assert confused_pairs(BY_HAND, NAMES) == (
        ConfusedPair("4", "9", a_as_b=1, b_as_a=3),
        ConfusedPair("4", "7", a_as_b=2, b_as_a=0),
    )
    assert confused_pairs(BY_HAND, NAMES, most=1) == (ConfusedPair("4", "9", 1, 3),)


def test_pairs_that_tie_keep_the_order_of_classes():
    confusion = np.array([[0, 1, 1], [0, 0, 2], [1, 0, 0]])
    pairs = confused_pairs(confusion, ("a", "b", "c"))
    assert [(pair.a, pair.b) for pair in pairs] == [("a", "c"), ("b", "c"), ("a", "b")]


def test_a_perfect_matrix_has_no_pairs():
    assert confused_pairs(np.diag([4, 4]), ("a", "b")) == ()


@given(answers())
def test_pairs_hold_every_error_once(drawn):
    classes, labels, predictions = drawn
    names = [str(number) for number in range(classes)]
    pairs = confused_pairs(confusion_matrix(labels, predictions, classes), names, most=99)
    sums = [pair.a_as_b + pair.b_as_a for pair in pairs]
    assert sum(sums) == np.count_nonzero(labels != predictions)
    assert sums == sorted(sums, reverse=True)
    assert all(names.index(pair.a) < names.index(pair.b) for pair in pairs)


PROBABILITIES = np.array([
    [0.1, 0.6, 0.3],  # a 0 taken for 1, with 0.6
    [0.8, 0.2, 0.0],  # a 0, right
    [0.9, 0.1, 0.0],  # a 1 taken for 0, with 0.9
    [0.2, 0.2, 0.6],  # a 1 taken for 2
    [0.4, 0.6, 0.0],  # a 0 taken for 1, with 0.6 too
])  # fmt: skip
LABELS = np.array([0, 0, 1, 1, 0])
PREDICTIONS = PROBABILITIES.argmax(axis=1)


def test_images_of_a_pair_most_confidently_wrong_first():
    found = confused_indices(LABELS, PREDICTIONS, 0, 1, PROBABILITIES, most=10)
    assert found.tolist() == [2, 0, 4]
    assert found.dtype == np.int64


def test_a_pair_has_no_direction():
    assert confused_indices(LABELS, PREDICTIONS, 1, 0, PROBABILITIES).tolist() == [2, 0, 4]


def test_at_most_so_many_images():
    assert confused_indices(LABELS, PREDICTIONS, 0, 1, PROBABILITIES, 1).tolist() == [2]
    assert confused_indices(LABELS, PREDICTIONS, 0, 2, PROBABILITIES, 3).tolist() == []
    assert confused_indices(LABELS, PREDICTIONS, 1, 1, PROBABILITIES).tolist() == []


def test_predictions_may_come_from_a_threshold():
    """Image 1 is most probably a 0; a threshold that calls it a 1 makes it an error at 0.2."""
    found = confused_indices(LABELS, np.array([1, 1, 0, 2, 1]), 0, 1, PROBABILITIES)
    assert found.tolist() == [2, 0, 4, 1]


@pytest.mark.parametrize(
    ("labels", "predictions", "message"),
    [
        ([0, 3], [0, 0], r"expected labels from 0 to 2\. Received: 3 for image 1"),
        ([0, 0], [-1, 0], r"expected predictions from 0 to 2\. Received: -1 for image 0"),
        ([0, 0], [0], r"one prediction for each of 2 images\. Received: \(1,\)"),
        ([], [], "there are no labels"),
    ],
)
def test_answers_that_do_not_fit(labels, predictions, message):
    with pytest.raises(DataError, match=message):
        confusion_matrix(np.array(labels, int), np.array(predictions, int), 3)


def test_a_matrix_of_other_classes():
    with pytest.raises(DataError, match=r"3 by 3 classes\. Received: \(2, 2\)"):
        class_scores(np.eye(2, dtype=np.int64), NAMES)
    with pytest.raises(DataError, match=r"2 by 2 classes\. Received: \(3, 3\)"):
        confused_pairs(BY_HAND, NAMES[:2])


@settings(max_examples=50)
@given(
    matrix=arrays(np.int64, st.integers(1, 12).map(lambda k: (k, k)), elements=st.integers(0, 5))
)
def test_cells_hold_the_matrix(matrix):
    cells = confusion_cells(matrix)
    assert all(count > 0 for _, _, count in cells)
    assert (confusion_from_cells(cells, len(matrix)) == matrix).all()


def test_cells_by_hand():
    assert confusion_cells(np.array([[5, 1], [0, 4]])) == ((0, 0, 5), (0, 1, 1), (1, 1, 4))


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([[0, 2, 1]], "impossible with 2 classes"),
        ([[-1, 0, 1]], "impossible with 2 classes"),
        ([[0, 0, 0]], "impossible with 2 classes"),
        ([[0, 0, 2**63]], "impossible with 2 classes"),
        ([[0, 0]], "a cell is"),
        ([[0, 0, 1.0]], "a cell is"),
        ([[0, 0, True]], "a cell is"),
        ([[0, 1, 3], [0, 1, 3]], "the cell 0, 1 twice"),
    ],
)
def test_cells_that_make_no_matrix(cells, message):
    with pytest.raises(ValueError, match=message):
        confusion_from_cells(cells, 2)


def read_back(text):
    return typed(EvaluationRecord, json.loads(text)).evaluation()


def test_a_thousand_classes_make_a_small_file():
    rng = np.random.default_rng(0)
    labels, classes = np.arange(3_000) % 1_000, tuple(map(str, range(1_000)))
    probabilities = rng.dirichlet(np.ones(1_000), 3_000)
    evaluation = evaluate(probabilities, labels, classes)
    written = json.dumps(asdict(evaluation.record()), indent=2)
    assert len(written) < 2**20
    assert (read_back(written).confusion == evaluation.confusion).all()
