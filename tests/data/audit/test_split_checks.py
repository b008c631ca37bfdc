"""What lies in which split, on records written out by hand."""

import pytest
from tests.data.audit.making import made_records, search

from leadline.data.audit.checks.split_checks import (
    MissingSubgroup,
    PrevalenceShift,
    SharedGroup,
    SmallClass,
    SmallSplit,
)


def test_patients_in_two_splits_are_counted_with_their_images():
    records = made_records({"train": (2, 2), "test": (2, 3)})
    groups = ("p1", "p2", "p3", "p3", "p1", "p1", "p3", "p8", "p9")
    (found,) = search(SharedGroup(), records, groups)
    assert (found.kind, found.splits, found.count) == ("shared-group", ("train", "test"), 2)
    assert found.details == {"images": 3, "share": 0.6, "examples": ["p1", "p3"]}
    assert found.message == (
        "patients in both train and test: 2; 3 of 5 test images (60.0%) show one of them."
    )


def test_each_pair_of_splits_is_a_finding():
    records = made_records({"train": (1, 1), "validation": (1, 1), "test": (1, 1)})
    found = list(search(SharedGroup(), records, ("a", "b", "a", "c", "a", "c")))
    assert [(one.splits, one.count) for one in found] == [
        (("train", "validation"), 1),
        (("train", "test"), 1),
        (("validation", "test"), 2),
    ]


def test_nobody_shared_and_nobody_known_are_no_findings():
    records = made_records({"train": (1, 1), "test": (1, 1)})
    assert list(search(SharedGroup(), records, ("a", "b", "c", "d"))) == []
    assert list(search(SharedGroup(), records)) == []


def test_sixteen_images_to_validate_on():
    records = made_records({"train": (2, 2), "validation": (8, 8), "test": (90, 90)})
    (found,) = search(SmallSplit(), records)
    assert (found.kind, found.splits, found.count) == ("small-split", ("validation",), 16)
    assert found.details["right"] == 15
    assert found.details["interval"] == pytest.approx([0.7167, 0.9889], abs=5e-5)
    assert "15 right of 16 would have a 95% interval of 72 to 99%" in found.message


@pytest.mark.parametrize(("n", "small"), [(60, True), (96, True), (100, False), (400, False)])
def test_where_small_ends(n, small):
    records = made_records({"train": (2, 2), "test": (n // 2, n // 2)})
    assert len(list(search(SmallSplit(), records))) == small


def test_a_subtype_that_a_split_has_not():
    records = made_records({"train": (1, 3), "validation": (1, 1), "test": (1, 2)})
    kinds = ("", "virus", "virus", "bacteria", "", "bacteria", "", "virus", "bacteria")
    (found,) = search(MissingSubgroup(), records, None, kinds)
    assert (found.kind, found.splits, found.count) == ("missing-subgroup", ("validation",), 1)
    assert found.details == {"subgroups": {"virus": {"train": 2, "test": 1}}}
    assert found.message == "validation has no image of subtype virus (2 in train, 1 in test)."


def test_no_subtypes_are_none_missing():
    records = made_records({"train": (1, 1), "test": (1, 1)})
    assert list(search(MissingSubgroup(), records, None, [""] * 4)) == []


def test_the_shift_of_the_chest_set():
    records = made_records({"train": (134, 388), "test": (234, 390)})
    (found,) = search(PrevalenceShift(), records)
    assert (found.kind, found.splits, found.count) == ("prevalence-shift", ("train", "test"), 624)
    assert found.details["test"] == "chi-square"
    assert found.details["p_value"] < 1e-4
    assert found.details["shares"]["test"] == {"a": 0.375, "b": 0.625}
    assert found.message.startswith("class b is 74.3% of train and 62.5% of test")


@pytest.mark.parametrize(
    "counts",
    [
        {"train": (50, 50), "test": (12, 8)},  # ten points more, by chance
        {"train": (5000, 5000), "test": (5200, 4800)},  # sure, and two points only
        {"train": (30, 10)},
    ],
)
def test_no_shift(counts):
    assert list(search(PrevalenceShift(), made_records(counts))) == []


def test_of_many_classes_the_one_that_shifts_most_is_named():
    records = made_records({"train": (100, 100, 100), "test": (100, 20, 90)})
    (found,) = search(PrevalenceShift(), records)
    assert found.message.startswith("class b is 33.3% of train and 9.5% of test")


def test_few_images_of_a_class_or_none():
    records = made_records({"train": (20, 19), "test": (30, 0)})
    first, second = search(SmallClass(), records)
    assert (first.kind, first.splits, first.count) == ("small-class", ("train",), 1)
    assert first.details == {"classes": {"b": 19}}
    assert second.message == "test has classes of fewer than 20 images: b (0)."
