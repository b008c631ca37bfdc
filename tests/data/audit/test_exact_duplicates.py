"""The same image twice, where sums say so."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.data.audit.making import made_records, search

from leadline.data.audit.checks.duplicates import Duplicate


def test_each_way_in_which_copies_lie():
    # Positions: train a 0 1 2, train b 3 4, test a 5, test b 6.
    records = made_records({"train": (3, 2), "test": (1, 1)}, sums=tuple("xxyzyzq"))
    found = search(Duplicate(), replace(records, pixel_sums=tuple("xxyzyzq")))
    said = [(one.splits, one.count, one.details["same_class"]) for one in found]
    assert said == [
        (("train", "test"), 2, False),  # z: b in train, a in test
        (("train",), 2, False),  # y: a and b of train
        (("train",), 2, True),  # x
    ]
    assert found[2].message == (
        "the same image more than once in train, in one class: 2 images in 1 group, 2 of them "
        "byte-identical files."
    )
    assert found[1].details["examples"] == [["train/2.png", "train/4.png"]]


def test_a_leak_of_the_same_class():
    records = made_records({"train": (1, 1), "test": (1, 1)}, sums=tuple("xyxw"))
    (found,) = search(Duplicate(), records)
    assert (found.kind, found.splits, found.count) == ("duplicate", ("train", "test"), 2)
    assert found.message.startswith("the same image in train and test: 2 images")


def test_equal_pixels_in_unequal_files():
    records = replace(made_records({"train": (3, 1)}), pixel_sums=tuple("xxxy"))
    (found,) = search(Duplicate(), replace(records, file_sums=tuple("abbc")))
    assert (found.count, found.details["byte_identical"]) == (3, 2)
    (found,) = search(Duplicate(), replace(records, file_sums=()))
    assert found.message.endswith("3 images in 1 group.")


@given(st.lists(st.sampled_from("pqrstuvw"), min_size=8, max_size=8))
def test_every_image_with_a_twin_is_counted_once(sums):
    records = made_records({"train": (2, 2), "test": (2, 2)}, sums=tuple(sums))
    twins = sum(sums.count(one) > 1 for one in sums)
    assert sum(found.count for found in search(Duplicate(), records)) == twins
