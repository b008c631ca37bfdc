"""Labels as users write them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.data.labels import encode_labels, natural_key
from leadline.errors import DataError


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["10", "9", "1"], ["1", "9", "10"]),
        (["img10.png", "img9.png", "img"], ["img", "img9.png", "img10.png"]),
        (["b", "B", "a", "2"], ["2", "B", "a", "b"]),
        (["1", "01", "001"], ["001", "01", "1"]),
        (["٣", "a", "²"], ["a", "²", "٣"]),
    ],
)
def test_natural_order(names, expected):
    assert sorted(names, key=natural_key) == expected


@given(st.lists(st.text()))
def test_any_names_have_one_order(names):
    backwards = names[::-1]
    assert sorted(names, key=natural_key) == sorted(backwards, key=natural_key)


def test_numbers_become_classes_from_zero():
    classes, labels = encode_labels({"y": np.array([[10], [2], [10], [9]]), "t": np.array([9])})
    assert classes == ("2", "9", "10")
    assert labels["y"].tolist() == [2, 0, 2, 1]
    assert labels["t"].tolist() == [1]
    assert labels["y"].dtype == np.int64


def test_text_is_sorted_by_name():
    classes, labels = encode_labels({"y": np.array(["dog", "cat", "dog"])})
    assert classes == ("cat", "dog")
    assert labels["y"].tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"y": np.array([3, 3])}, "y: one class only (3)"),
        ({"y": np.array([0, 1]), "t": np.array([1, 2])}, "t: class 2 is not in y"),
        ({"y": np.eye(3)}, "y: labels have shape (3, 3), expected (n,)"),
        (
            {"y": np.array([0.0, 1.5, np.nan])},
            "y: labels that are no whole numbers from 0: 2, the first is 1.5",
        ),
        ({"y": np.array([1, 0, -1])}, "the first is -1 at index 2"),
        ({"y": np.array([], np.int64)}, "y: holds no labels"),
        ({"y": np.array([b"a", b"b"])}, "y: labels are |S1"),
    ],
)
def test_wrong_labels_are_named(raw, message):
    with pytest.raises(DataError) as error:
        encode_labels(raw)
    assert message in str(error.value)
