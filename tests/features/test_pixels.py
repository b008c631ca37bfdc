"""Pixels: scaled, flattened, and the same in ONNX Runtime."""

import numpy as np
import pytest

from leadline.errors import DataError, SpecError
from leadline.features.pixels import Pixels

COLOURS = np.arange(24, dtype=np.uint8).reshape(1, 2, 4, 3) * 11


def test_scaled_to_one():
    levels = np.array([0, 51, 102, 255], np.uint8).reshape(1, 2, 2, 1)
    scaled = Pixels()(levels).numpy()
    assert scaled.dtype == np.float32
    np.testing.assert_array_equal(scaled[0, ..., 0], np.array([[0, 0.2], [0.4, 1]], np.float32))


def test_flat_is_row_by_row_channels_last():
    flat = Pixels(flatten=True)(COLOURS).numpy()
    np.testing.assert_array_equal(flat, COLOURS.reshape(1, 24) / np.float32(255))


@pytest.mark.parametrize("flatten", [False, True])
def test_onnx_runtime_agrees_to_the_last_bit(flatten, in_onnx_runtime):
    images = np.random.default_rng(1).integers(0, 256, (9, 5, 7, 3), dtype=np.uint8)
    layer = Pixels(flatten)
    np.testing.assert_array_equal(in_onnx_runtime(layer, images), layer(images).numpy())


def test_an_image_standardised_by_hand():
    """Mean 20, deviation sqrt((100 + 100 + 0 + 0) / 4) = 7.0711, and 4 more below the line."""
    image = np.array([[10, 30], [20, 20]], np.uint8).reshape(1, 2, 2, 1)
    standardised = Pixels(normalisation="image")(image).numpy()
    expected = np.array([[-10, 10], [0, 0]]) / (np.sqrt(50) + 4)
    np.testing.assert_allclose(standardised[0, ..., 0], expected, rtol=1e-5)
    assert standardised.dtype == np.float32


def test_each_image_is_standardised_by_itself_over_all_its_channels():
    rng = np.random.default_rng(2)
    images = np.stack(
        [
            rng.integers(0, 256, (6, 5, 3), dtype=np.uint8),
            rng.integers(90, 130, (6, 5, 3), dtype=np.uint8),
        ]
    )
    standardised = Pixels(normalisation="image")(images).numpy()
    for image, found in zip(images.astype(float), standardised, strict=True):
        np.testing.assert_allclose(
            found, (image - image.mean()) / (image.std() + 4), rtol=1e-5, atol=1e-5
        )


@pytest.mark.parametrize("level", [0, 7, 255])
def test_an_even_image_gives_zeros(level):
    image = np.full((2, 5, 3, 1), level, np.uint8)
    assert not Pixels(normalisation="image")(image).numpy().any()


def test_a_brighter_film_of_more_contrast_gives_nearly_the_same():
    """2 × film + 30: the floor of 4 grey levels aside, nothing is left of it."""
    film = np.random.default_rng(3).integers(0, 100, (1, 9, 9, 1), dtype=np.uint8)
    dark, bright = (Pixels(normalisation="image")(image).numpy() for image in (film, 2 * film + 30))
    ratio = (2 * film.std() / (2 * film.std() + 4)) / (film.std() / (film.std() + 4))
    np.testing.assert_allclose(bright, dark * ratio, rtol=1e-4, atol=1e-5)
    assert 1 < ratio < 1.1


@pytest.mark.parametrize("flatten", [False, True])
def test_standardised_in_onnx_runtime(flatten, in_onnx_runtime):
    """Means are summed in another order there: equal to float32's sixth digit."""
    images = np.random.default_rng(1).integers(0, 256, (9, 15, 17, 3), dtype=np.uint8)
    images[0] = 200
    layer = Pixels(flatten, normalisation="image")
    np.testing.assert_allclose(in_onnx_runtime(layer, images), layer(images).numpy(), atol=2e-6)


def test_another_normalisation_is_refused():
    with pytest.raises(SpecError, match=r"normalisation = 'batch'; choose one of scale, image\."):
        Pixels(normalisation="batch")


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (np.zeros((1, 4, 4, 1), np.float32), r"Received: float32 \(1, 4, 4, 1\)"),
        (np.zeros((4, 4), np.uint8), r"Received: uint8 \(4, 4\)"),
    ],
)
def test_only_uint8_images(images, said):
    with pytest.raises(DataError, match=said):
        Pixels()(images)
