"""Changes of images by hand: nothing, a known shift, a known turn, ranges, generators."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from leadline.spec.training import Augmentation
from leadline.training.augment import affine_matrices, augment, warp

RAMP = torch.arange(5 * 7 * 2, dtype=torch.uint8).view(1, 5, 7, 2)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(count: int, size: int = 12) -> torch.Tensor:
    rng = np.random.default_rng(0)
    return torch.from_numpy(rng.integers(0, 256, (count, size, size, 3), dtype=np.uint8))


def test_all_zero_changes_nothing():
    assert torch.equal(augment(RAMP, Augmentation(), generator()), RAMP)


def test_a_warp_that_moves_nothing_changes_nothing():
    """Zoom by nearly nothing goes through the sampling, and comes back as it was."""
    changes = Augmentation(zoom_fraction=1e-6)
    assert torch.equal(augment(RAMP, changes, generator()), RAMP)


def test_a_shift_of_one_pixel_repeats_the_border():
    """The matrix reads one pixel to the left: 2 / width in coordinates from -1 to 1."""
    images = torch.arange(4.0).view(1, 1, 1, 4).expand(1, 1, 3, 4)
    matrix = torch.tensor([[[1.0, 0.0, -2 / 4], [0.0, 1.0, 0.0]]])
    assert warp(images, matrix)[0, 0, 1].tolist() == pytest.approx([0.0, 0.0, 1.0, 2.0], abs=1e-5)


def test_a_shift_is_at_most_its_fraction():
    """One bright pixel in the middle of 21 moves by at most 0.2 × 21 = 4.2 along each axis."""
    images = torch.zeros(200, 21, 21, 1, dtype=torch.uint8)
    images[:, 10, 10] = 255
    moved = augment(images, Augmentation(shift_fraction=0.2), generator()).double()[..., 0]
    axis = torch.arange(21.0).double()
    across = (moved.sum(1) * axis).sum(1) / moved.sum((1, 2)) - 10
    down = (moved.sum(2) * axis).sum(1) / moved.sum((1, 2)) - 10
    for offsets in (across, down):
        assert float(offsets.abs().max()) <= 4.2 + 0.05
        assert float(offsets.min()) < -3 < 3 < float(offsets.max())


def test_flip_is_exact_and_takes_half_of_the_images():
    images = noise(400)
    flipped = augment(images, Augmentation(flip_horizontal=True), generator())
    same = (flipped == images).flatten(1).all(dim=1)
    mirrored = (flipped == images.flip(2)).flatten(1).all(dim=1)
    assert bool((same | mirrored).all())
    assert 160 < int(mirrored.sum()) < 240


def test_a_quarter_turn_is_numpys():
    images = torch.rand(1, 1, 6, 6)
    matrix = torch.tensor([[[0.0, -1.0, 0.0], [1.0, 0.0, 0.0]]])
    turned = warp(images, matrix)[0, 0].numpy()
    assert any(np.allclose(turned, np.rot90(images[0, 0].numpy(), k), atol=1e-5) for k in (1, -1))


def test_turns_keep_lengths_on_images_that_are_not_square():
    """In pixels the matrix is orthogonal: its columns have length 1 and are at right angles."""
    matrices = affine_matrices(50, torch.Size([10, 40]), Augmentation(rotation_deg=90), generator())
    pixels = matrices[:, :, :2] * torch.tensor([[1.0, 40 / 10], [10 / 40, 1.0]])
    products = pixels.transpose(1, 2) @ pixels
    torch.testing.assert_close(products, torch.eye(2).expand(50, 2, 2), atol=1e-5, rtol=0)


def test_turns_reach_their_bound_both_ways():
    matrices = affine_matrices(500, torch.Size([8, 8]), Augmentation(rotation_deg=30), generator())
    degrees = torch.rad2deg(torch.atan2(matrices[:, 1, 0], matrices[:, 0, 0]))
    assert -30 <= float(degrees.min()) < -28
    assert 28 < float(degrees.max()) <= 30


def test_zoom_stays_within_its_fraction():
    matrices = affine_matrices(
        500, torch.Size([8, 8]), Augmentation(zoom_fraction=0.25), generator()
    )
    zooms = 1 / matrices[:, 0, 0]
    assert 0.75 <= float(zooms.min()) < 0.77
    assert 1.23 < float(zooms.max()) <= 1.25


def test_brightness_adds_at_most_its_share_of_255():
    images = torch.full((300, 2, 2, 1), 100, dtype=torch.uint8)
    changed = augment(images, Augmentation(brightness_fraction=0.2), generator())
    assert 49 <= int(changed.min()) < 52
    assert 148 < int(changed.max()) <= 151


def test_brightness_saturates_instead_of_wrapping():
    images = torch.tensor([0, 255], dtype=torch.uint8).view(2, 1, 1, 1).expand(2, 4, 4, 1)
    changed = augment(
        images.repeat(50, 1, 1, 1), Augmentation(brightness_fraction=1.0), generator()
    )
    assert {0, 255} <= set(changed.unique().tolist())
    assert int(changed[1::2].min()) >= 0


def test_contrast_keeps_the_mean_of_each_image():
    images = torch.tensor([100, 140], dtype=torch.uint8).view(1, 1, 2, 1).repeat(100, 1, 1, 1)
    changed = augment(images, Augmentation(contrast_fraction=0.5), generator()).double()
    assert bool(((changed.mean(dim=(1, 2, 3)) - 120).abs() <= 1).all())
    spread = changed[:, 0, 1, 0] - changed[:, 0, 0, 0]
    assert 20 <= float(spread.min()) < 23
    assert 57 < float(spread.max()) <= 60


def test_the_generator_decides():
    changes = Augmentation(
        rotation_deg=20, shift_fraction=0.1, brightness_fraction=0.1, flip_horizontal=True
    )
    images = noise(8)
    first, second = (augment(images, changes, generator(5)) for _ in range(2))
    assert torch.equal(first, second)
    assert not torch.equal(first, augment(images, changes, generator(6)))
    assert first.dtype == torch.uint8
    assert first.shape == images.shape
