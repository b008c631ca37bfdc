"""The surest mistakes and the closest calls, by hand, and through an NPZ file."""

import numpy as np
import pytest

from leadline.data.dataset import Images
from leadline.explain.gallery import EACH, gallery, gallery_arrays, gallery_from


def images(labels):
    n = len(labels)
    pixels = np.arange(n, dtype=np.uint8)[:, None, None, None].repeat(2, axis=1)
    return Images(pixels, np.array(labels), tuple(f"{at}.png" for at in range(n)))


ROWS = np.array(
    [
        [0.90, 0.06, 0.04],  # right
        [0.20, 0.70, 0.10],  # wrong, fairly sure
        [0.40, 0.35, 0.25],  # right, a close call
        [0.05, 0.00, 0.95],  # wrong, very sure
        [0.33, 0.34, 0.33],  # wrong, the closest call
    ],
    np.float32,
)
LABELS = [0, 0, 0, 0, 2]


def test_a_gallery_by_hand():
    found = gallery(ROWS, images(LABELS), each=2)
    assert [one.index for one in found.wrong] == [3, 1]
    assert [one.index for one in found.unsure] == [4, 2]
    surest = found.wrong[0]
    assert (surest.name, surest.true, surest.first, surest.second) == ("3.png", 0, 2, 0)
    assert surest.p_first == pytest.approx(0.95)
    assert surest.p_second == pytest.approx(0.05)
    assert (surest.image == 3).all()
    closest = found.unsure[0]
    assert (closest.first, closest.second, closest.true) == (1, 0, 2)


def test_no_image_is_shown_twice():
    found = gallery(ROWS, images(LABELS), each=5)
    shown = [one.index for one in (*found.wrong, *found.unsure)]
    assert sorted(shown) == [0, 1, 2, 3, 4]
    assert [one.index for one in found.wrong] == [3, 1, 4]


def test_there_are_twelve_of_each_kind_at_most():
    rng = np.random.default_rng(0)
    rows = rng.dirichlet([1, 1, 1], 200).astype(np.float32)
    found = gallery(rows, images(rng.integers(0, 3, 200)))
    assert len(found.wrong) == len(found.unsure) == EACH == 12
    sureness = [one.p_first for one in found.wrong]
    margins = [one.p_first - one.p_second for one in found.unsure]
    assert sureness == sorted(sureness, reverse=True)
    assert margins == sorted(margins)


def test_a_model_that_is_always_right_has_no_mistakes():
    found = gallery(ROWS, images([0, 1, 0, 2, 1]))
    assert found.wrong == ()
    assert len(found.unsure) == 5


@pytest.mark.parametrize("labels", [LABELS, [0, 1, 0, 2, 1]])
def test_arrays_hold_all_of_it(labels, tmp_path):
    found = gallery(ROWS, images(labels), each=2)
    arrays = gallery_arrays(found)
    np.savez(tmp_path / "a.npz", **arrays)  # type: ignore[arg-type]  # names are data
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        back = gallery_from(dict(file), classes=3)
    assert back is not None
    for one, other in zip((*found.wrong, *found.unsure), (*back.wrong, *back.unsure), strict=True):
        assert (one.image == other.image).all()
        assert vars(one) | {"image": 0} == vars(other) | {"image": 0}
    assert len(back.wrong) == len(found.wrong)


def test_a_gallery_of_nothing_goes_through_arrays_too():
    empty = gallery(np.empty((0, 3), np.float32), images([]))
    back = gallery_from(gallery_arrays(empty), classes=3)
    assert back is not None
    assert back.wrong == back.unsure == ()


def test_arrays_without_a_gallery_give_none():
    assert gallery_from({"pixels": np.empty(0), "true": np.empty(0)}, classes=3) is None


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("first", np.array([0, 1, 2, 3]), "beyond the 3 classes"),
        ("true", np.array([0, 1, 2]), "true of another length than 4"),
        ("pixels", np.zeros((4, 2, 1, 1)), "pixels float64"),
        ("pixels", np.zeros((3, 2, 1, 1), np.uint8), "pixels uint8"),
        ("pixels", np.zeros((4, 0, 1, 1), np.uint8), "images of"),
        ("pixels", np.zeros((4, 2, 1, 2), np.uint8), "images of"),
        ("true", np.array([0.0, 1, 0, 1]), "true of float64"),
        ("index", np.array(list("abcd")), "index of <U1"),
        ("p_first", np.array([1, 1, 1, 1]), "p_first of int64"),
        ("p_second", np.array([0.1, np.nan, 0.1, 0.1]), "invalid probabilities"),
        ("p_first", np.array([0.1, 1.5, 0.1, 0.1]), "invalid probabilities"),
        ("kind", np.array([["wrong"], ["wrong"], ["unsure"], ["unsure"]]), "kind of another"),
    ],
)
def test_damaged_arrays_are_refused(name, array, message):
    arrays = gallery_arrays(gallery(ROWS, images(LABELS), each=2))
    with pytest.raises(ValueError, match=message):
        gallery_from({**arrays, f"gallery_{name}": array}, classes=3)
