"""Splits: the counts by hand, the properties by hypothesis."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.data.dataset import Dataset, Images, Part
from leadline.data.splits import allot, part_digest, split_dataset
from leadline.errors import DataError
from leadline.experiments import Data


def images_of(counts: list[int]) -> Images:
    """So many images of each class; the one pixel of each is its position."""
    labels = np.repeat(np.arange(len(counts)), counts)
    labels = np.random.default_rng(5).permutation(labels)
    pixels = np.arange(len(labels), dtype=np.uint8).reshape(-1, 1, 1, 1)
    return Images(pixels, labels, tuple(map(str, range(len(labels)))))


def dataset_of(train: list[int], **splits: list[int]) -> Dataset:
    classes = tuple("abcdefgh"[: len(train)])
    others = {name: images_of(counts) for name, counts in splits.items()}
    return Dataset("made", classes, images_of(train), others.get("validation"), others.get("test"))


def split(dataset: Dataset, seed: int = 0, **data: object):
    return split_dataset(dataset, Data.model_validate(data), np.random.default_rng(seed))


def counts_of(part: Part) -> list[int]:
    return [int(count) for count in np.bincount(part.images.labels)]


@pytest.mark.parametrize(
    ("counts", "total", "leave", "expected"),
    [
        ([50, 50], 10, 1, [5, 5]),
        # Quotas 5.1 and 4.9; rounding down gives 9, the larger remainder gets the tenth.
        ([51, 49], 10, 1, [5, 5]),
        # Quotas 2.5 and 2.5: the earlier class wins the tie.
        ([5, 5], 5, 1, [3, 2]),
        # Quota 0.1 is raised to 1; the other class gives it up.
        ([1_000, 1], 101, 0, [100, 1]),
        ([990, 10], 10, 1, [9, 1]),
        # Two images, one must stay.
        ([2, 98], 90, 1, [1, 89]),
        # The bounds win over the total.
        ([2, 2, 2], 1, 1, [1, 1, 1]),
        ([2, 2, 2], 6, 1, [1, 1, 1]),
    ],
)
def test_allotted_by_hand(counts, total, leave, expected):
    assert allot(np.array(counts), total, leave).tolist() == expected


@given(st.lists(st.integers(3, 200), min_size=2, max_size=8), st.floats(0.01, 0.99))
def test_allotted_shares_are_within_one_of_their_quota_or_at_a_bound(counts, fraction):
    total = round(fraction * sum(counts))
    shares = allot(np.array(counts), total, 1)
    assert ((shares >= 1) & (shares <= np.array(counts) - 1)).all()
    if len(counts) <= total <= sum(counts) - len(counts):
        assert shares.sum() == total


def test_mnist_gives_6000_of_60000(mnist):
    parts = split_dataset(mnist, Data(), np.random.default_rng(0))
    assert len(parts.train.images) == 54_000
    # A tenth of 5923 6742 5958 6131 5842 5421 5918 6265 5851 5949, largest remainders up.
    assert counts_of(parts.validation) == [592, 674, 596, 613, 584, 542, 592, 627, 585, 595]
    assert len(parts.test.images) == 10_000


def test_validation_is_carved_out_of_train():
    parts = split(dataset_of([30, 20], test=[2, 2]))
    assert counts_of(parts.validation) == [3, 2]
    assert counts_of(parts.train) == [27, 18]
    assert counts_of(parts.test) == [2, 2]
    assert (parts.train.origin, parts.validation.origin, parts.test.origin) == (
        "train", "train", "test",
    )  # fmt: skip
    assert not parts.validation_is_test


def test_test_is_carved_where_there_is_none():
    parts = split(dataset_of([40, 20]))
    # A fifth of 60 for test, a tenth of the 48 that are left (4.8: 5) for validation.
    assert counts_of(parts.test) == [8, 4]
    assert counts_of(parts.validation) == [3, 2]
    assert counts_of(parts.train) == [29, 14]
    assert parts.test.origin == "train"


def test_given_validation_is_taken_as_it_is():
    parts = split(dataset_of([10, 10], validation=[1, 2], test=[2, 2]), validation="given")
    assert parts.validation.origin == "validation"
    assert parts.validation.indices.tolist() == [0, 1, 2]
    assert counts_of(parts.train) == [10, 10]


def test_carving_leaves_a_given_validation_aside():
    parts = split(dataset_of([10, 10], validation=[1, 2], test=[2, 2]))
    assert parts.validation.origin == "train"


def test_given_validation_that_is_not_there():
    with pytest.raises(DataError, match=r'set it to "carve" .* \(--set data\.validation=carve\)'):
        split(dataset_of([10, 10], test=[2, 2]), validation="given")


@pytest.mark.parametrize("test", [{}, {"test": [2, 2]}])
def test_validation_on_test_is_said(test):
    parts = split(dataset_of([10, 10], **test), validation="test")
    assert parts.validation_is_test
    assert parts.validation is parts.test


def test_a_limit_is_drawn_by_class():
    parts = split(dataset_of([60, 30], test=[2, 2]), train_limit=9)
    assert counts_of(parts.train) == [6, 3]
    assert counts_of(parts.validation) == [6, 3]


def test_a_limit_above_what_there_is_changes_nothing():
    dataset = dataset_of([60, 30], test=[2, 2])
    assert len(split(dataset, train_limit=1_000).train.images) == 81


def test_a_limit_below_one_a_class():
    message = "train_limit = 2 is less than one image for each of 3 classes"
    with pytest.raises(DataError, match=message):
        split(dataset_of([60, 30, 30], test=[1, 1, 1]), train_limit=2)


@pytest.mark.parametrize(
    ("train", "splits", "data", "parts"),
    [
        ([9, 2], {}, {}, 3),
        ([9, 1], {}, {"validation": "test"}, 2),
        ([9, 1], {"test": [1, 1]}, {}, 2),
        ([9, 0], {"test": [1, 1]}, {"validation": "test"}, 1),
    ],
)
def test_a_class_too_small_is_named_with_its_count(train, splits, data, parts):
    with pytest.raises(DataError, match=f"class 'b' has {train[1]} .* each of {parts} part"):
        split(dataset_of(train, **splits), **data)


def test_the_smallest_class_that_fits_is_in_every_part():
    parts = split(dataset_of([90, 3]))
    assert [counts_of(part)[1] for part in (parts.train, parts.validation, parts.test)] == [1] * 3


@given(
    st.lists(st.integers(3, 60), min_size=2, max_size=4),
    st.integers(0, 2**32 - 1),
    st.floats(0.01, 0.9),
    st.floats(0.01, 0.9),
)
def test_parts_are_a_partition(counts, seed, test_fraction, validation_fraction):
    dataset = dataset_of(counts)
    fractions = {"test_fraction": test_fraction, "validation_fraction": validation_fraction}
    parts = split(dataset, seed, **fractions)
    members = [part.indices for part in (parts.train, parts.validation, parts.test)]
    assert sorted(np.concatenate(members).tolist()) == list(range(sum(counts)))
    for part in (parts.train, parts.validation, parts.test):
        assert (np.diff(part.indices) > 0).all()
        assert (np.bincount(part.images.labels, minlength=len(counts)) > 0).all()
        np.testing.assert_array_equal(part.images.pixels.ravel(), part.indices)


def test_the_seed_decides():
    dataset = dataset_of([60, 30])
    first, again, other = (split(dataset, seed).validation.indices for seed in (1, 1, 2))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


def test_a_digest_is_of_pixels_then_labels():
    images = Images(np.array([[[[7]]], [[[9]]]], np.uint8), np.array([1, 0]), ("0", "1"))
    by_hand = hashlib.sha256(b"\x07\x09" + b"\x01" + bytes(7) + bytes(8)).hexdigest()
    assert part_digest(Part(images, "train", np.array([0, 1]))) == by_hand


def test_evaluation_is_limited_by_class_and_the_same_each_time():
    labels = np.array([0] * 90 + [1] * 10)
    images = Images(np.zeros((100, 2, 2, 1), np.uint8), labels, tuple(map(str, range(100))))
    dataset = Dataset("some", ("a", "b"), images, test=images)
    data = Data(evaluation_limit=20, validation="test")
    first, again = (split_dataset(dataset, data, np.random.default_rng(0)) for _ in range(2))
    assert np.bincount(first.test.images.labels).tolist() == [18, 2]
    assert first.validation is first.test
    assert first.test.indices.tolist() == again.test.indices.tolist()
    assert first.test.images.names == tuple(map(str, first.test.indices))
    assert len(first.train.images) == 100


@pytest.mark.parametrize("test", [{}, {"test": [60, 30]}])
def test_the_same_test_images_whatever_is_validated_and_trained_on(test):
    dataset = dataset_of([90, 60], validation=[20, 10], **test)
    limited = {"evaluation_limit": 12}
    tested = {
        tuple(split(dataset, **limited, **data).test.indices)
        for data in (
            {"validation": "carve"},
            {"validation": "carve", "validation_fraction": 0.3},
            {"validation": "given"},
            {"validation": "test", "train_limit": 40},
        )
    }
    assert len(tested) == 1
