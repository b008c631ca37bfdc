"""Groups: read from names, by hand and on the real chest X-rays; drawn whole, by hypothesis."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.data.dataset import Dataset, Images
from leadline.data.groups import (
    draw_groups,
    find_groups,
    group_names,
    groups_per_class,
    with_groups,
)
from leadline.data.splits import split_dataset
from leadline.errors import DataError
from leadline.experiments import Data

CHEST = r"^(person\d+_(?:bacteria|virus)|(?:NORMAL2-)?IM-\d+)"


def images_of(groups: list[str], labels: list[int]) -> Images:
    pixels = np.arange(len(labels), dtype=np.uint8).reshape(-1, 1, 1, 1)
    names = tuple(f"{group}_{index}.png" for index, group in enumerate(groups))
    return Images(pixels, np.array(labels), names, tuple(groups))


def dataset_of(groups: list[str], labels: list[int], test: Images | None = None) -> Dataset:
    classes = tuple("abcd"[: max(labels) + 1])
    return Dataset("made", classes, images_of(groups, labels), test=test)


def split(dataset: Dataset, seed: int = 0, **data: object):
    return split_dataset(dataset, Data.model_validate(data), np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("name", "pattern", "expected"),
    [
        ("train/PNEUMONIA/person1_bacteria_1.jpeg", CHEST, "person1_bacteria"),
        ("person1_virus_12.jpeg", CHEST, "person1_virus"),
        ("test/NORMAL/IM-0001-0001.jpeg", CHEST, "IM-0001"),
        ("NORMAL2-IM-0001-0001-0002.jpeg", CHEST, "NORMAL2-IM-0001"),
        # Two groups are joined, those that take no part are left out.
        ("person1_virus_12.jpeg", r"(person\d+)_(virus|bacteria)", "person1_virus"),
        ("b-7.png", r"(a)?(b)-(\d)", "b_7"),
        # "1" and "12" are not "11" and "2".
        ("1-12.png", r"(\d+)-(\d+)", "1_12"),
        ("11-2.png", r"(\d+)-(\d+)", "11_2"),
        # No groups: all that matches. Anywhere in the name, but not in its folder.
        ("p7/x-p12-3.png", r"p\d+", "p12"),
    ],
)
def test_a_group_by_hand(name, pattern, expected):
    assert group_names([name], pattern) == (expected,)


def test_names_that_do_not_match_are_counted_and_named():
    names = ["p1.png", "a/q1.png", "q2.png", "p2.png", "q3.png", "q4.png"]
    with pytest.raises(DataError) as raised:
        group_names(names, r"p\d")
    assert str(raised.value) == (
        r"data.group_pattern = 'p\\d' does not match 4 of 6 file names: a/q1.png, q2.png, q3.png, "
        "…; every image needs a group. Correct the pattern (--set data.group_pattern='...'), or "
        "leave it out (--set data.group_pattern=) where nothing says whose image it is."
    )


def test_another_name_of_the_setting_is_said():
    with pytest.raises(DataError) as raised:
        group_names(["a.jpg"], "q", setting="--group-pattern")
    assert str(raised.value) == (
        "--group-pattern 'q' does not match any of 1 file names: a.jpg; every image needs a group. "
        "Correct the pattern, or leave it out where nothing says whose image it is."
    )


@pytest.mark.parametrize("pattern", ["x", "(x)?", "(x*)"])
def test_a_pattern_that_finds_nothing(pattern):
    with pytest.raises(DataError, match=r"does not match any of 2 file names: a.png, b.png; every"):
        group_names(["a.png", "b.png"], pattern)


def test_every_split_gets_its_groups():
    bare = Images(np.zeros((2, 1, 1, 1), np.uint8), np.array([0, 1]), ("p1_a", "p2_b"))
    test = Images(np.zeros((1, 1, 1, 1), np.uint8), np.array([1]), ("p3_a",))
    dataset = Dataset("made", ("a", "b"), bare, test=test)
    grouped = with_groups(dataset, "^p.")
    assert grouped.train.groups == ("p1", "p2")
    assert grouped.test is not None
    assert grouped.test.groups == ("p3",)
    assert grouped.validation is None
    assert with_groups(dataset, None) is dataset


def test_taken_images_keep_their_groups():
    images = images_of(["a", "b", "a"], [0, 1, 0])
    assert images.take(np.array([2, 1])).groups == ("a", "b")
    with pytest.raises(DataError, match="2 groups for 3 images"):
        Images(images.pixels, images.labels, images.names, ("a", "b"))


def test_the_chest_xrays_have_4097_patients_and_share_none_with_test(chest_folder):
    files = sorted(chest_folder.rglob("*.jpeg"))
    names = [path.relative_to(chest_folder).as_posix() for path in files]
    groups = group_names(names, CHEST)
    assert (len(names), len(set(groups))) == (5_856, 4_097)
    by_split = {
        part: {group for name, group in zip(names, groups, strict=True) if name.startswith(part)}
        for part in ("train/", "test/")
    }
    assert by_split["train/"] & by_split["test/"] == set()


def test_chest_xrays_are_carved_by_patient(chest_folder):
    files = sorted((chest_folder / "train").rglob("*.jpeg"))
    labels = [int(path.parent.name == "PNEUMONIA") for path in files]
    train = images_of(list(group_names([path.name for path in files], CHEST)), labels)
    parts = split(Dataset("chest", ("NORMAL", "PNEUMONIA"), train, test=train), seed=3)
    # A tenth of 1,341 and 3,875 is 134 and 388; nobody has more than 30 images.
    assert np.bincount(parts.validation.images.labels) == pytest.approx([134, 388], abs=15)
    assert not set(parts.train.images.groups) & set(parts.validation.images.groups)


def draw(groups, labels, shares, leave=1, seed=0):
    rng = np.random.default_rng(seed)
    return draw_groups(groups, np.array(labels), np.array(shares), leave, rng).tolist()


def test_the_only_draw_that_fits():
    # Ten images of one patient would overshoot; the single one is what a share of one allows.
    assert draw(["x"] * 10 + ["y", "z", "w"], [0] * 11 + [1, 1], [1, 1])[:11] == [False] * 10 + [
        True
    ]


def test_a_class_that_greed_leaves_out_gets_its_smallest_group():
    groups = ["x"] * 5 + ["y"] * 4 + ["u", "v"]
    assert draw(groups, [0] * 9 + [1, 1], [1, 1])[:9] == [False] * 5 + [True] * 4


@pytest.mark.parametrize("seed", range(8))
def test_a_group_that_would_overshoot_by_as_much_is_left(seed):
    # After the single image, one is missing; two more would be one too many.
    drawn = draw(["x", "y", "y", "u", "v"], [0, 0, 0, 1, 1], [2, 1], leave=0, seed=seed)
    assert sum(drawn[:3]) in (1, 2)


def test_a_class_keeps_as_many_groups_as_are_asked_for():
    drawn = draw(["a", "b", "c", "d", "e", "f"], [0, 0, 0, 1, 1, 1], [3, 3], leave=2)
    assert (sum(drawn[:3]), sum(drawn[3:])) == (1, 1)


def test_groups_of_two_classes_that_cannot_be_shared_out():
    dataset = dataset_of(["x", "x", "y", "y", "z", "z"], [0, 1, 1, 2, 2, 0])
    with pytest.raises(DataError, match="cannot be in every part without dividing a group"):
        split(dataset, validation="test")


def test_too_few_groups_of_a_class():
    dataset = dataset_of(["x"] * 5 + list("abc"), [0] * 5 + [1] * 3)
    message = "class 'a' has 1 groups of training images, too few to be in each of 3 parts"
    with pytest.raises(DataError, match=message):
        split(dataset)


def test_groups_are_counted_by_class():
    counts = groups_per_class(["x", "x", "y", "z"], np.array([0, 1, 1, 1]), 3)
    assert counts.tolist() == [1, 3, 0]


@st.composite
def grouped(draw):
    """Labels and groups, at least three groups to a class; some groups of two classes."""
    labels: list[int] = []
    groups: list[str] = []
    for label in range(draw(st.integers(2, 4))):
        for number, size in enumerate(draw(st.lists(st.integers(1, 6), min_size=3, max_size=25))):
            labels += [label] * size
            groups += [f"{label}-{number}"] * size
    for number, size in enumerate(draw(st.lists(st.integers(1, 3), max_size=4))):
        labels += [0, 1] * size
        groups += [f"both-{number}"] * (2 * size)
    return groups, labels


@given(grouped(), st.integers(0, 2**32 - 1), st.floats(0.05, 0.5), st.floats(0.05, 0.5))
def test_no_group_is_on_two_sides_and_every_image_is_on_one(made, seed, test, validation):
    groups, labels = made
    dataset = dataset_of(groups, labels)
    fractions = {"test_fraction": test, "validation_fraction": validation}
    parts = split(dataset, seed, **fractions)
    sides = [parts.train, parts.validation, parts.test]
    members = np.concatenate([part.indices for part in sides]).tolist()
    assert sorted(members) == list(range(len(labels)))
    held = [set(part.images.groups or ()) for part in sides]
    assert sum(map(len, held)) == len(set(groups))
    for part in sides:
        assert (np.bincount(part.images.labels, minlength=max(labels) + 1) > 0).all()
        assert (np.diff(part.indices) > 0).all()
    again = split(dataset, seed, **fractions)
    assert again.validation.indices.tolist() == parts.validation.indices.tolist()


@given(grouped(), st.integers(0, 2**32 - 1), st.floats(0.1, 0.9))
def test_class_shares_are_within_half_a_group(made, seed, fraction):
    groups, labels = made
    single = [place for place, group in enumerate(groups) if not group.startswith("both")]
    groups, labels = [groups[place] for place in single], [labels[place] for place in single]
    counts = np.bincount(labels)
    shares = np.clip(np.round(fraction * counts), 1, None).astype(np.int64)
    drawn = np.array(draw(groups, labels, shares, leave=1, seed=seed))
    for label, share in enumerate(shares):
        of_class = np.array(labels) == label
        sizes = np.unique(np.array(groups)[of_class], return_counts=True)[1]
        got = int((drawn & of_class).sum())
        # The last group that must stay may be the one that was wanted; nothing else is off by more.
        assert (
            abs(got - share) <= max(sizes)
            if got < share
            else got - share <= max(sizes) / 2 or (got == min(sizes))
        )


def test_the_seed_decides_which_groups():
    dataset = dataset_of([f"g{number // 3}" for number in range(90)], [0] * 60 + [1] * 30)
    first, again, other = (split(dataset, seed).validation.indices for seed in (1, 1, 2))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


def test_a_name_without_a_group_has_an_empty_one_where_that_is_allowed():
    names = ["a/person1_virus_2.jpeg", "a/IM-0001.jpeg", "virus/person3_bacteria_1.jpeg"]
    assert find_groups(names, r"^person\d+_(bacteria|virus)_") == ("virus", "", "bacteria")
