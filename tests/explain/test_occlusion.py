"""Occlusion: a model of which it is known where it looks."""

import numpy as np
import pytest

from leadline.errors import DataError
from leadline.explain.occlusion import occlusion_maps


def corner_reader(images):
    """Class 1 is likely where the top left 4 x 4 pixels are bright; nothing else is looked at."""
    bright = images[:, :4, :4].mean(axis=(1, 2, 3)) / 255
    p = 1 / (1 + np.exp(-(8 * bright - 4)))
    return np.stack([1 - p, p], axis=1).astype(np.float32)


def image_with_corner(side=16):
    image = np.zeros((1, side, side, 1), np.uint8)
    image[:, :4, :4] = 255
    return image


def test_the_map_lies_where_the_model_looks():
    found = occlusion_maps(corner_reader, image_with_corner(), patch_px=4, stride_px=2)
    assert found.classes.tolist() == [1]
    assert found.probabilities[0] == pytest.approx(1 / (1 + np.exp(-4)))
    assert (found.method, found.layer, found.empty[0]) == ("occlusion", "", False)
    # Patches reach two pixels beyond the corner that they cover in part.
    assert found.maps[0, :6, :6].sum() == pytest.approx(found.maps[0].sum())
    assert found.maps[0, 1, 1] == 1


def test_by_hand_with_patches_that_do_not_overlap():
    # The mean of the 8 x 8 image is 64. Covering the corner: brightness 64 / 255 instead of 1, so
    # the log-odds fall by 8 (1 - 64 / 255) there and by nothing elsewhere.
    found = occlusion_maps(corner_reader, image_with_corner(8), patch_px=4, stride_px=4)
    expected = np.zeros((8, 8))
    expected[:4, :4] = 1
    assert found.maps[0].tolist() == expected.tolist()
    seen = []

    def listening(images):
        seen.append(images)
        return corner_reader(images)

    occlusion_maps(listening, image_with_corner(8), patch_px=4, stride_px=4)
    hidden = np.concatenate(seen[1:])
    assert len(hidden) == 4
    assert hidden[0, :4, :4].max() == hidden[0, :4, :4].min() == 64


def test_covering_what_speaks_against_a_class_leaves_its_map_empty():
    found = occlusion_maps(corner_reader, image_with_corner(8), classes=0, patch_px=4, stride_px=4)
    assert found.empty.tolist() == [True]
    assert not found.maps.any()


def test_batches_and_neighbours_do_not_matter():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (3, 12, 9, 1), dtype=np.uint8)
    together = occlusion_maps(corner_reader, images, batch_size=7)
    alone = [occlusion_maps(corner_reader, image[None]).maps[0] for image in images]
    np.testing.assert_allclose(together.maps, np.stack(alone), atol=1e-5)


@pytest.mark.parametrize(("patch", "stride"), [(4, 1), (4, 2), (4, 4), (5, 2), (3, 3)])
def test_every_pixel_is_covered(patch, stride):
    rng = np.random.default_rng(0)
    weights = rng.random((11, 7))

    def answer(images):
        z = (images[..., 0] * weights).sum(axis=(1, 2)) / 3000
        p = 1 / (1 + np.exp(-z))
        return np.stack([1 - p, p], axis=1).astype(np.float32)

    images = rng.integers(0, 256, (1, 11, 7, 1), dtype=np.uint8)
    found = occlusion_maps(answer, images, patch_px=patch, stride_px=stride)
    assert np.isfinite(found.maps).all()


def test_the_edge_is_covered_as_often_as_the_middle():
    white = np.full((1, 8, 8, 1), 255, np.uint8)
    white[0, ::2] = 0  # of mean 128, which no pixel has
    covered = np.zeros((8, 8))

    def listening(images):
        covered[:] += (images[..., 0] == 128).sum(axis=0)
        return np.tile(np.array([[0.5, 0.5]], np.float32), (len(images), 1))

    occlusion_maps(listening, white, patch_px=4, stride_px=2)
    assert set(covered.ravel().tolist()) == {4.0}


def test_a_stride_that_leaves_gaps_is_refused():
    with pytest.raises(DataError, match="stride_px = 5 would leave pixels between patches of 4 px"):
        occlusion_maps(corner_reader, image_with_corner(), patch_px=4, stride_px=5)
