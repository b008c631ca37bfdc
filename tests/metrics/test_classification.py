"""`evaluate` against scikit-learn and Keras, by hand, and through JSON and back."""

import json
from dataclasses import asdict
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn import metrics as sklearn

from leadline.errors import DataError
from leadline.metrics.classification import (
    ConfusedPair,
    EvaluationRecord,
    cross_entropy,
    evaluate,
)
from leadline.runs.typed_json import typed

HALF = np.array([[0.5, 0.5], [0.25, 0.75], [0.9, 0.1]])


@st.composite
def judged(draw):
    """Probabilities (n, k) and labels (n,)."""
    shape = draw(st.tuples(st.integers(1, 30), st.integers(2, 6)))
    weights = draw(arrays.arrays(np.float64, shape, elements=st.floats(0.01, 1)))
    labels = draw(arrays.arrays(np.int64, shape[0], elements=st.integers(0, shape[1] - 1)))
    return weights / weights.sum(axis=1, keepdims=True), labels


def names(classes: int) -> tuple[str, ...]:
    return tuple(f"class {number}" for number in range(classes))


@given(judged())
def test_loss_and_accuracy_are_scikit_learns(drawn):
    probabilities, labels = drawn
    classes = probabilities.shape[1]
    found = evaluate(probabilities, labels, names(classes))
    assert found.loss == pytest.approx(
        sklearn.log_loss(labels, probabilities, labels=range(classes))
    )
    predictions = probabilities.argmax(axis=1)
    assert found.accuracy == pytest.approx(sklearn.accuracy_score(labels, predictions))
    assert found.confusion.sum() == found.n == len(labels)
    assert sum(scores.support for scores in found.per_class) == found.n


@given(judged())
def test_what_json_keeps(drawn):
    probabilities, labels = drawn
    found = evaluate(probabilities, labels, names(probabilities.shape[1]))
    text = json.dumps(asdict(found.record()), allow_nan=False)
    back = typed(EvaluationRecord, json.loads(text)).evaluation()
    assert back.record() == found.record()
    assert back.per_class == found.per_class
    assert back.confused_pairs == found.confused_pairs
    assert back.confusion.tolist() == found.confusion.tolist()
    assert back.confusion.dtype == np.int64


def test_by_hand():
    found = evaluate(HALF, np.array([0, 1, 1]), ("cat", "dog"))
    assert found.loss == pytest.approx((log(2) + log(4 / 3) + log(10)) / 3)
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.accuracy_interval == pytest.approx((0.207660, 0.938508), abs=1e-6)
    assert found.confusion.tolist() == [[1, 0], [1, 1]]
    assert found.confused_pairs == (ConfusedPair("cat", "dog", a_as_b=0, b_as_a=1),)
    assert found.classes == ("cat", "dog")
    # losses 0.693147, 0.287682, 2.302585: mean 1.094471, s 1.065718; below 0 there is no loss
    assert found.loss_interval == pytest.approx((0.0, 1.094471 + 1.205951), abs=1e-5)


def test_a_tie_goes_to_the_first_class():
    assert evaluate(HALF[:1], np.array([0]), ("cat", "dog")).accuracy == 1.0
    assert evaluate(HALF[:1], np.array([1]), ("cat", "dog")).accuracy == 0.0


def test_one_image_has_no_loss_interval():
    found = evaluate(HALF[:1], np.array([0]), ("cat", "dog"))
    assert found.loss_interval is None
    assert found.record().evaluation().loss_interval is None


def test_certain_and_wrong_costs_what_keras_says():
    losses = cross_entropy(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([1, 0]))
    assert losses[0] == pytest.approx(16.118096)
    assert losses[1] == pytest.approx(1e-7)


def test_loss_is_kerass():
    keras = pytest.importorskip("keras")
    rng = np.random.default_rng(5)
    probabilities = rng.dirichlet(np.full(10, 0.05), size=300).astype(np.float32)
    labels = rng.integers(0, 10, 300)
    loss = keras.losses.CategoricalCrossentropy(reduction=None)
    theirs = loss(np.eye(10, dtype=np.float32)[labels], probabilities)
    ours = cross_entropy(probabilities, labels)
    assert np.allclose(ours, theirs.detach().numpy(), rtol=1e-4, atol=1e-6)


def test_float32_softmax_rows_are_taken():
    logits = np.random.default_rng(1).normal(scale=8, size=(500, 10)).astype(np.float32)
    rows = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert evaluate(rows, np.zeros(500, np.int64), names(10)).n == 500


@pytest.mark.parametrize(
    ("probabilities", "labels", "message"),
    [
        ([[0.5, 0.5]], [0, 1], r"expected probabilities \(2, 2\).*Received: \(1, 2\)"),
        ([[0.2, 0.3, 0.5]], [0], r"expected probabilities \(1, 2\).*Received: \(1, 3\)"),
        ([[0.5, 0.5], [0.5, np.nan]], [0, 0], r"image 1 are not finite\. Received: \[0\.5, nan\]"),
        ([[0.5, 0.5], [np.inf, 0.0]], [0, 0], "image 1 are not finite"),
        ([[1.5, -0.5]], [0], "image 0 are not between 0 and 1"),
        ([[0.5, 0.502]], [0], r"image 0 do not sum to 1\. Received: \[0\.5, 0\.502\]"),
        ([[2.0, 3.0]], [0], r"not between 0 and 1.*before the softmax\?"),
        ([[0.5, 0.5]], [2], r"expected labels from 0 to 1\. Received: 2 for image 0"),
        ([[0.5, 0.5]], [-1], "Received: -1 for image 0"),
        ([[0.5, 0.5]], [0.0], r"expected integer labels \(n,\)\. Received: float64 \(1,\)"),
        ([[0.5, 0.5]], [[0, 1]], r"expected integer labels \(n,\)\. Received: int64 \(1, 2\)"),
    ],
)
def test_arrays_that_do_not_fit(probabilities, labels, message):
    with pytest.raises(DataError, match=message):
        evaluate(np.array(probabilities), np.array(labels), ("cat", "dog"))


def test_no_images():
    with pytest.raises(DataError, match="nothing to evaluate"):
        evaluate(np.zeros((0, 2)), np.zeros(0, np.int64), ("cat", "dog"))


def test_rows_that_nearly_sum_to_one():
    found = evaluate(np.array([[0.5, 0.5009]]), np.array([1]), ("cat", "dog"))
    assert found.loss == pytest.approx(-log(0.5009 / 1.0009))


@pytest.mark.parametrize(
    ("classes", "message"),
    [(("cat",), "two classes or more"), (("cat", "cat"), "more than once: cat")],
)
def test_class_names(classes, message):
    with pytest.raises(DataError, match=message):
        evaluate(np.full((1, len(classes)), 1 / len(classes)), np.array([0]), classes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"loss": "low"}, "loss = 'low': Input should be a valid number"),
        ({"accuracy_interval": [0.1]}, "no key accuracy_interval.1"),
        ({"confused_pairs": [{"a": "cat"}]}, "no key confused_pairs.0.b"),
        ({"per_class": [{"name": "cat"}]}, "no key per_class.0.precision"),
        ({"confusion": [[0, 2, 1]]}, "impossible with 2 classes"),
    ],
)
def test_a_damaged_evaluation(change, message):
    values = asdict(evaluate(HALF, np.array([0, 1, 1]), ("cat", "dog")).record())
    with pytest.raises(ValueError, match=message):
        typed(EvaluationRecord, values | change).evaluation()


def test_an_evaluation_without_a_key():
    values = asdict(evaluate(HALF, np.array([0, 1, 1]), ("cat", "dog")).record())
    del values["n"]
    with pytest.raises(ValueError, match="has no key n"):
        typed(EvaluationRecord, values)
