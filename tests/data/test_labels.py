"""Labels as users write them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.data.labels import class_index, encode_labels, natural_key, same_class
from leadline.errors import DataError


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["10", "9", "1"], ["1", "9", "10"]),
        (["img10.png", "img9.png", "img"], ["img", "img9.png", "img10.png"]),
        (["b", "B", "a", "2"], ["2", "B", "a", "b"]),
        (["1", "01", "001"], ["001", "01", "1"]),
        (["٣", "a", "²"], ["a", "²", "٣"]),
        (["1" * 5000, "2", "0" * 5000 + "3", "x"], ["2", "0" * 5000 + "3", "1" * 5000, "x"]),
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
        ({"y": np.zeros((3, 2, 2))}, "y: labels have shape (3, 2, 2), expected (n,)"),
        ({"y": np.array([["a", "b"]])}, "y: labels have shape (1, 2), expected (n,)"),
        (
            {"y": np.array(["a", " ", "b"])},
            "missing (empty text): 1, the first at index 1",
        ),
        ({"y": np.array([1, -1, 1])}, "for classes 0 and 1 give (y + 1) // 2"),
        ({"y": np.array([0, 1, -1])}, "-1 often marks a missing label"),
        ({"y": np.array([0, np.nan])}, "NaN is a missing label"),
        ({"y": np.array([b"\xff", b"a"])}, "y: labels are bytes that are not UTF-8"),
        (
            {"y": np.array([0.0, 1.5, np.nan])},
            "y: labels must be whole numbers from 0: 2 are not, the first is 1.5",
        ),
        ({"y": np.array([1, 0, -1])}, "the first is -1 at index 2"),
        ({"y": np.array([], np.int64)}, "y: holds no labels"),
        (
            {"y": np.array(["1", "-1", "0"])},
            "the first is -1 at index 1; -1 often marks a missing label",
        ),
        ({"y": np.array(["1", "-1"])}, "for classes 0 and 1 give (y + 1) // 2"),
        ({"y": np.array([1j, 2j])}, "y: labels are complex128"),
    ],
)
def test_wrong_labels_are_named(raw, message):
    with pytest.raises(DataError) as error:
        encode_labels(raw)
    assert message in str(error.value)


@pytest.mark.parametrize("kind", [np.uint8, np.float32, np.bool_])
def test_one_hot_labels_are_columns(kind):
    classes, labels = encode_labels({"y": np.eye(4, dtype=kind)[[3, 0, 3]]})
    assert classes == ("0", "3")
    assert labels["y"].tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("rows", "counts"),
    [
        ([[1, 0, 1], [0, 0, 0], [0, 1, 0]], "1 images have several labels, 1 none"),
        ([[0, 0], [1, 0]], "0 images have several labels, 1 none"),
        ([[0.3, 0.7], [0.0, 1.0]], "1 images have several labels, 0 none"),
    ],
)
def test_several_labels_an_image_are_not_supported(rows, counts):
    with pytest.raises(DataError, match="are not supported") as error:
        encode_labels({"y": np.array(rows)})
    assert counts in str(error.value)
    assert "argmax" not in str(error.value)


def test_bytes_are_text():
    classes, labels = encode_labels({"y": np.array(["é".encode(), b"a"])})
    assert classes == ("a", "é")
    assert labels["y"].tolist() == [1, 0]


@pytest.mark.parametrize("kind", [np.float64, np.int8, np.uint16, np.bool_])
def test_whole_numbers_of_any_type(kind):
    assert encode_labels({"y": np.array([1, 0, 1], kind)})[0] == ("0", "1")


NFC, NFD = "caf\u00e9", "cafe\u0301"


def test_both_unicode_forms_of_a_name_are_one_class():
    classes, labels = encode_labels({"y": np.array([NFC, NFD, "tea"]), "t": np.array([NFD, "tea"])})
    assert classes == (NFC, "tea")
    assert labels["y"].tolist() == [0, 0, 1]
    assert labels["t"].tolist() == [0, 1]


def test_train_in_the_decomposed_form_gives_composed_classes():
    classes, labels = encode_labels({"y": np.array([NFD, "tea"]), "t": np.array([NFC, NFC])})
    assert classes == (NFC, "tea")
    assert labels["t"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("train", "test", "expected"),
    [
        (["Cat", "dog"], ["cat", "DOG ", "Cat"], None),  # Cat and cat in one split: two classes
        (["Cat", "dog"], ["cat", "DOG "], [0, 1]),
        (["New  York", "Bonn"], ["new york", "bonn"], [1, 0]),
        (["Cat", "cat", "dog"], ["cat", "Cat"], [1, 0]),
        (["Cat", "cat", "dog"], ["CAT"], None),
        (["0", "1", "10"], [10, 0, 1], [2, 0, 1]),
        ([0, 1, 10], ["10", "0"], [2, 0]),
        ([0, 1], ["00"], None),
        (["STRASSE", "Weg"], ["straße"], [0]),
    ],
)
def test_other_splits_may_spell_classes_otherwise(train, test, expected):
    raw = {"y_train": np.array(train), "y_test": np.array(test)}
    if expected is None:
        with pytest.raises(DataError, match=r"^y_test: class .* is not in y_train"):
            encode_labels(raw)
    else:
        assert encode_labels(raw)[1]["y_test"].tolist() == expected


@pytest.mark.parametrize(
    ("name", "found"),
    [(NFD, 0), (NFC, 0), (NFD.upper(), 0), ("TEA", 1), ("tea", 1), (" tea", 1), ("te", None)],
)
def test_class_that_a_name_means(name, found):
    assert class_index(name, (NFC, "tea")) == found
    assert class_index(name, (NFD, "tea")) == found


def test_a_name_in_capitals_that_means_two_classes_means_none():
    assert same_class("CAT", ["Cat", "cat"]) is None
    assert same_class("cat", ["Cat", "cat"]) == "cat"


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        (["dog", "cat", NFD], (NFC, "cat", "dog")),
        ([3, 0, 3], ("0", "3")),
        ([np.int64(3), 0.0, True], ("0", "1", "3")),
        ([b"dog", b"cat"], ("cat", "dog")),
    ],
)
def test_python_objects_as_pandas_gives_them(values, classes):
    assert encode_labels({"y": np.array(values, object)})[0] == classes


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["a", None, "b", None], "y: labels that are missing (None): 2, the first at index 1"),
        (["a", "b", float("nan")], "missing (nan): 1, the first at index 2; leave these images"),
        (["a", 1], "y: labels are Python objects (int, str), expected whole numbers or text; give"),
        ([0.5, 1], "y: labels must be whole numbers from 0: 1 are not, the first is 0.5"),
    ],
)
def test_wrong_python_objects_are_named(values, message):
    with pytest.raises(DataError) as error:
        encode_labels({"y": np.array(values, object)})
    assert message in str(error.value)


def test_variable_length_text_of_numpy():
    labels = np.array(["dog", "cat"], np.dtypes.StringDType())
    assert encode_labels({"y": labels})[0] == ("cat", "dog")


def test_texts_that_look_like_numbers_or_nothing_stay_texts():
    names = ["1", "01", "10", "1.0", "1e3", "NA", "nan", "None", "True", "2024-01-01", "NULL"]
    classes, _ = encode_labels({"y": np.array(names)})
    assert set(classes) == set(names)
    assert classes[:4] == ("01", "1", "1.0", "1e3")
