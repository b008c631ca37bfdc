"""HOG by hand, against scikit-image, and against a literal reference in three runtimes."""

from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from skimage.feature import hog as skimage_hog

from leadline.errors import DataError, SpecError
from leadline.features.gradients import codes_and_magnitudes
from leadline.features.hog import Hog, _count_any, cell_histograms, normalise

NORMS = ("L1", "L1-sqrt", "L2", "L2-Hys")


def by_skimage(
    images: Any, orientations: int, cell_px: int, block_cells: int = 1, block_norm: str = "L2-Hys"
) -> Any:
    """scikit-image on the integers as they are; colour where there is more than one channel."""
    cell, block = (cell_px, cell_px), (block_cells, block_cells)
    grey = images.shape[-1] == 1
    return np.stack(
        [
            skimage_hog(
                image[..., 0] if grey else image,
                orientations,
                cell,
                block,
                block_norm,
                channel_axis=None if grey else -1,
            )
            for image in images
        ]
    )


@st.composite
def cases(draw):
    """A layer's arguments, and two images that it fits: of all levels, or of few."""
    cell_px, block_cells = draw(st.integers(1, 9)), draw(st.integers(1, 3))
    least_px = cell_px * block_cells
    sides = [draw(st.integers(least_px, least_px + 2 * cell_px + 1)) for _ in range(2)]
    channels = draw(st.sampled_from((1, 3)))
    levels = draw(st.sampled_from(((0, 255), (0, 1, 2), tuple(range(256)))))
    seed = draw(st.integers(0, 2**32 - 1))
    images = np.random.default_rng(seed).choice(
        np.array(levels, np.uint8), size=(2, *sides, channels)
    )
    orientations = draw(st.one_of(st.integers(1, 24), st.sampled_from((28, 36, 78, 156, 180))))
    return images, (orientations, cell_px, block_cells, draw(st.sampled_from(NORMS)))


def largest_difference(found: Any, expected: Any) -> float:
    assert found.shape == expected.shape
    return float(np.abs(found - expected).max(initial=0))


# By hand


def test_one_cell_by_hand():
    image = np.zeros((1, 4, 4, 1), np.uint8)
    image[0, 1, 1] = 48  # right of (1, 0) it rises and is cut; at (1, 2), (2, 1) it falls
    cells = cell_histograms(image, orientations=4, cell_px=4).numpy()
    # (1, 0) and (0, 1) lie on the border: their differences across it are 0.
    np.testing.assert_array_equal(cells, [[[[48 / 16, 0, 48 / 16, 0]]]])


def test_cells_keep_their_places_and_leftovers_do_not_vote():
    image = np.zeros((1, 9, 11, 1), np.uint8)
    image[0, 6, 9] = 32  # votes at x = 8 (no whole cell), and above and below it (none either)
    image[0, 5, 4] = 80  # votes at x = 3 and x = 5 of row 5, and in column 4 of rows 4 and 6
    cells = cell_histograms(image, orientations=2, cell_px=4).numpy()
    expected = np.zeros((1, 2, 2, 2))
    expected[0, 1, 0, 0] = 80 / 16
    expected[0, 1, 1] = (80 / 16, 2 * 80 / 16)
    np.testing.assert_array_equal(cells, expected)


@pytest.mark.parametrize(
    ("block_norm", "expected"),
    [
        ("L1", (3 / 7, 4 / 7)),
        ("L1-sqrt", ((3 / 7) ** 0.5, (4 / 7) ** 0.5)),
        ("L2", (0.6, 0.8)),
        ("L2-Hys", (0.5**0.5, 0.5**0.5)),
    ],
)
def test_norms_by_hand(block_norm, expected):
    block = keras.ops.convert_to_tensor([[3.0, 4.0], [0.0, 0.0]])
    found = normalise(block, block_norm).numpy()
    np.testing.assert_allclose(found, [expected, (0, 0)], atol=2e-6)


@pytest.mark.parametrize("block_norm", NORMS)
@pytest.mark.parametrize("level", [0, 255])
def test_a_flat_image_has_no_gradient(level, block_norm):
    flat = np.full((2, 16, 16, 3), level, np.uint8)
    assert not Hog(8, 4, 2, block_norm)(flat).numpy().any()


def test_no_images():
    assert Hog(8, 4)(np.zeros((0, 28, 28, 1), np.uint8)).shape == (0, 392)


# Against scikit-image


@settings(max_examples=60)
@given(cases())
def test_equals_scikit_image(case):
    images, arguments = case
    found = Hog(*arguments)(images).numpy()
    assert largest_difference(found, by_skimage(images, *arguments)) <= 1e-5


@settings(max_examples=20)
@given(arrays.arrays(np.uint8, (1, 8, 8, 1)), st.sampled_from(NORMS))
def test_equals_scikit_image_on_simple_images(images, block_norm):
    found = Hog(8, 4, 2, block_norm)(images).numpy()
    assert largest_difference(found, by_skimage(images, 8, 4, 2, block_norm)) <= 1e-5


@pytest.mark.parametrize("orientations", [4, 8, 12, 16])
def test_equals_scikit_image_on_exact_edges(steep, orientations):
    found = Hog(orientations, 4)(steep).numpy()
    assert largest_difference(found, by_skimage(steep, orientations, 4)) <= 1e-5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("orientations", "cell_px", "block_cells", "block_norm"),
    [
        # The lab's.
        (8, 4, 1, "L2-Hys"),
        (16, 4, 1, "L2-Hys"),
        # Others: each norm, blocks that overlap, cells that do not fill the image.
        (9, 8, 2, "L2-Hys"),
        (12, 7, 2, "L1"),
        (6, 5, 3, "L2"),
        (18, 4, 2, "L1-sqrt"),
    ],
)
def test_equals_scikit_image_on_every_test_digit(
    mnist, orientations, cell_px, block_cells, block_norm
):
    settings = (orientations, cell_px, block_cells, block_norm)
    layer, worst = Hog(*settings), 0.0
    for start in range(0, len(mnist.test), 1000):
        images = mnist.test.pixels[start : start + 1000]
        worst = max(worst, largest_difference(layer(images).numpy(), by_skimage(images, *settings)))
    assert len(mnist.test) == 10_000
    assert worst <= 1e-5


@pytest.mark.parametrize("cell_px", [1, 3, 4, 28])
@pytest.mark.parametrize("orientations", [1, 9, 16])
def test_one_hot_counts_equal_scattered_ones(steep, orientations, cell_px):
    codes, magnitudes = codes_and_magnitudes(steep)
    scattered = cell_histograms(steep, orientations, cell_px).numpy() * cell_px**2
    side_px = 28 // cell_px * cell_px
    one_hot = _count_any(
        codes[:, :side_px, :side_px], magnitudes[:, :side_px, :side_px], orientations, cell_px
    )
    np.testing.assert_allclose(one_hot.numpy(), scattered, rtol=1e-5, atol=1e-3)


# In three runtimes


class Cells(Hog):
    """Histograms before they are normalised; a vote in another bin moves one by 1/16 at least."""

    def call(self, images):
        return cell_histograms(images, self.orientations, self.cell_px)


def all_three(layer: Any, literal: Any, images: Any, in_onnx_runtime: Any) -> tuple[Any, ...]:
    """The layer by torch, by ONNX Runtime, and the reference."""
    expected = literal(images, layer.orientations, layer.cell_px)
    return layer(images).numpy(), in_onnx_runtime(layer, images), expected


@pytest.mark.parametrize("orientations", [8, 16])
def test_three_runtimes_agree_on_digits(mnist, orientations, reference, in_onnx_runtime):
    images = mnist.train.pixels[:1000]
    found = all_three(Hog(orientations, 4), reference.l2_hys, images, in_onnx_runtime)
    assert max(largest_difference(found[0], other) for other in found[1:]) <= 1e-6
    cells = all_three(Cells(orientations, 4), reference.cells, images, in_onnx_runtime)
    assert max(largest_difference(cells[0], other) for other in cells[1:]) <= 1e-4


@pytest.mark.parametrize("orientations", [8, 9, 12, 16])
def test_three_runtimes_agree_on_exact_edges(steep, orientations, reference, in_onnx_runtime):
    found = all_three(Hog(orientations, 4), reference.l2_hys, steep, in_onnx_runtime)
    assert max(largest_difference(found[0], other) for other in found[1:]) <= 1e-6
    cells = all_three(Cells(orientations, 4), reference.cells, steep, in_onnx_runtime)
    assert max(largest_difference(cells[0], other) for other in cells[1:]) <= 1e-4


@pytest.mark.parametrize("images_n", [1, 2, 33])
def test_onnx_runtime_takes_any_batch_and_colour(images_n, in_onnx_runtime):
    rng = np.random.default_rng(images_n)
    images = rng.integers(0, 256, (images_n, 21, 30, 3), dtype=np.uint8)
    layer = Hog(12, 5, 2, "L1-sqrt")
    assert largest_difference(in_onnx_runtime(layer, images), layer(images).numpy()) <= 1e-6


# What it refuses


@pytest.mark.parametrize("height_width_px", [(15, 40), (40, 15), (1, 1)])
def test_image_smaller_than_a_block(height_width_px):
    height_px, width_px = height_width_px
    said = (
        r"features.cell_px = 8 with block_cells = 2 needs images of at least 16 × 16 px. "
        rf"Received: {height_px} × {width_px}. Make data.size_px larger"
    )
    layer = Hog(9, 8, 2)
    with pytest.raises(SpecError, match=said):
        layer.compute_output_shape((None, height_px, width_px, 1))
    with pytest.raises(SpecError, match=said):
        layer(keras.Input((height_px, width_px, 1), dtype="uint8"))
    with pytest.raises(SpecError, match=said):
        layer(np.zeros((2, height_px, width_px, 1), np.uint8))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"orientations": 0}, "features.orientations = 0; give an integer from 1 to 180"),
        ({"orientations": 181}, "features.orientations = 181; give an integer from 1 to 180"),
        ({"cell_px": 2.5}, "features.cell_px = 2.5; give an integer of 1 or more"),
        ({"block_cells": True}, "features.block_cells = True; give an integer of 1 or more"),
        ({"block_norm": "L3"}, "features.block_norm = 'L3'; choose one of L1, L1-sqrt, L2, L2-Hys"),
    ],
)
def test_settings_out_of_range(arguments, said):
    with pytest.raises(SpecError, match=said):
        Hog(**arguments)


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_only_uint8_images(dtype):
    with pytest.raises(DataError, match="expected uint8 images"):
        Hog()(np.zeros((1, 28, 28, 1), dtype))
