"""An image as a few numbers: by hand, against plain loops, and what must not move them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.analysis.ood import ood_features
from leadline.analysis.ood.ood_features import Thumbnails, averages
from leadline.errors import DataError


def drawn(shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def test_cells_of_equal_length_by_hand():
    half, sixth = 1 / 2, 1 / 6
    np.testing.assert_allclose(averages(4, 2), [[half, half, 0, 0], [0, 0, half, half]])
    # Three values in two cells: the middle one lies half in each.
    np.testing.assert_allclose(
        averages(3, 2), [[4 * sixth, 2 * sixth, 0], [0, 2 * sixth, 4 * sixth]], rtol=1e-6
    )


@given(st.integers(1, 300), st.data())
def test_every_cell_averages_and_every_value_counts_alike(length, data):
    cells = data.draw(st.integers(1, min(length, 40)))
    matrix = averages(length, cells)
    np.testing.assert_allclose(matrix.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(matrix.sum(axis=0), cells / length, rtol=1e-5)
    np.testing.assert_array_equal(matrix, matrix[::-1, ::-1])


def test_two_by_two_by_hand():
    # Grey 0, 0, 0, 1: mean 1/4, so -1/4, -1/4, -1/4, 3/4, of variance 3/16; no cell has detail.
    pixels = np.array([[[0], [0]], [[0], [255]]], np.uint8)[None]
    numbers = Thumbnails((2, 2, 1))(pixels)[0]
    low = -0.25 / (3 / 16 + 1e-4) ** 0.5
    np.testing.assert_allclose(numbers[:4], [low, low, low, -3 * low], rtol=1e-5)
    np.testing.assert_allclose(numbers[4:], np.log(1e-3), rtol=1e-5)


def slow(image):
    """The same with loops over cells, in float64, for sides that the cells divide."""
    grey = image.mean(axis=2) / 255
    side = len(grey) // 16
    cells = grey.reshape(16, side, 16, side).swapaxes(1, 2).reshape(16, 16, -1)
    between = cells.mean(axis=2)
    variance = between.var() + 1e-4
    within = cells.var(axis=2) / variance
    detail = [
        np.log(within[row : row + 4, column : column + 4].mean() + 1e-3)
        for row in range(0, 16, 4)
        for column in range(0, 16, 4)
    ]
    return np.concatenate([((between - between.mean()) / variance**0.5).ravel(), detail])


@pytest.mark.parametrize("channels", [1, 3])
def test_agrees_with_plain_loops(channels):
    images = drawn((3, 48, 48, channels))
    found = Thumbnails((48, 48, channels))(images)
    np.testing.assert_allclose(found, [slow(image) for image in images], rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize(
    ("shape", "size"), [((28, 28, 1), 272), ((8, 20, 3), 8 * 16 + 16), ((1, 1, 1), 2)]
)
def test_small_images_have_fewer_cells(shape, size):
    thumbnails = Thumbnails(shape)
    assert thumbnails.size == size
    assert thumbnails(drawn((2, *shape))).shape == (2, size)
    assert sorted(thumbnails.turned) == list(range(size))


def test_exposure_moves_them_little_and_inversion_turns_the_outline_round():
    image = drawn((1, 32, 32, 1)) // 2
    thumbnails = Thumbnails((32, 32, 1))
    numbers = thumbnails(image)
    np.testing.assert_allclose(thumbnails(image + 90), numbers, rtol=1e-3, atol=1e-3)
    inverted = thumbnails(255 - image)
    np.testing.assert_allclose(inverted[:, :256], -numbers[:, :256], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("shape", [(30, 41, 1), (6, 9, 3), (224, 28, 1)])
def test_a_turned_image_has_the_same_numbers_in_turned_order(shape):
    images = drawn((2, *shape))
    thumbnails = Thumbnails(shape)
    turned = thumbnails(np.rot90(images, 2, (1, 2)))
    np.testing.assert_allclose(turned, thumbnails(images)[:, thumbnails.turned], atol=1e-4)


def test_an_even_image_is_all_zero_and_nothing_else():
    numbers = Thumbnails((40, 40, 1))(np.full((1, 40, 40, 1), 137, np.uint8))
    np.testing.assert_allclose(numbers[:, :256], 0, atol=1e-3)
    assert np.isfinite(numbers).all()


def test_more_images_than_are_taken_at_once_keep_their_order(monkeypatch):
    monkeypatch.setattr(ood_features, "PIXELS_AT_ONCE", 9 * 9 * 128)
    images = drawn((300, 9, 9, 1))
    thumbnails = Thumbnails((9, 9, 1))
    assert len(thumbnails(images[:0])) == 0
    one_by_one = np.concatenate([thumbnails(image[None]) for image in images])
    np.testing.assert_allclose(thumbnails(images), one_by_one, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("pixels", "received"),
    [
        (drawn((2, 8, 8, 3)), r"uint8 \(2, 8, 8, 3\)"),
        (np.zeros((2, 8, 8, 1), np.float32), r"float32 \(2, 8, 8, 1\)"),
    ],
)
def test_other_images_are_refused(pixels, received):
    with pytest.raises(DataError, match=rf"uint8 images \(n, 8, 8, 1\). Received: {received}"):
        Thumbnails((8, 8, 1))(pixels)


@pytest.mark.parametrize("shape", [(8, 8), (0, 8, 1)])
def test_a_shape_that_no_image_has_is_refused(shape):
    with pytest.raises(DataError, match="height, width, channels"):
        Thumbnails(shape)
