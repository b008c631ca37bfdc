"""Light and sharpness: against SciPy and by hand, their bounds, and what they leave alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from leadline.experiments.training_settings import Augmentation
from leadline.training.photometric import develop, gaussian_blur

MANY = 300
KEYS = (
    "blur_px",
    "exposure_fraction",
    "shade_fraction",
    "contrast_fraction",
    "brightness_fraction",
    "noise_fraction",
    "erase_fraction",
)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(*shape: int) -> torch.Tensor:
    return 255 * torch.rand(*shape, generator=generator(9))


def even(grey: float, *, n: int = MANY, size: int = 16) -> torch.Tensor:
    return torch.full((n, 1, size, size), grey)


def changed(images: torch.Tensor, **changes: float) -> torch.Tensor:
    return develop(images, Augmentation(**changes), generator())


def test_all_off_changes_nothing_and_draws_nothing():
    images, drawn = noise(3, 2, 8, 8), generator()
    assert torch.equal(develop(images, Augmentation(), drawn), images)
    assert torch.equal(drawn.get_state(), generator().get_state())


@pytest.mark.parametrize("key", KEYS)
def test_each_changes_images_as_its_generator_says(key):
    changes, images = Augmentation(**{key: 0.5}), noise(8, 1, 16, 16)
    before = images.clone()
    first, again, other = (develop(images, changes, generator(seed)) for seed in (5, 5, 6))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert not torch.equal(first, images)
    assert torch.equal(images, before)


@pytest.mark.parametrize("sigma_px", [0.4, 1.0, 2.0])
def test_the_blur_is_scipys(sigma_px):
    """SciPy with the same reach, each image and channel by itself."""
    images = noise(2, 3, 15, 11)
    radius = int(np.ceil(3 * sigma_px))
    expected = gaussian_filter(
        images.double().numpy(),
        (0, 0, sigma_px, sigma_px),
        mode="nearest",
        radius=(0, 0, radius, radius),
    )
    np.testing.assert_allclose(gaussian_blur(images, sigma_px).numpy(), expected, atol=1e-3)


def test_a_blur_may_reach_further_than_the_image():
    few = even(50.0, n=1, size=3)
    torch.testing.assert_close(gaussian_blur(few, 5.0), few)


def test_sharpness_goes_from_sharpened_to_blurred():
    """A dot of 100 on black: blurred less, sharpened more, and its light all kept."""
    images = torch.zeros(MANY, 1, 15, 15)
    images[:, 0, 7, 7] = 100.0
    after = changed(images, blur_px=1.0)
    torch.testing.assert_close(after.sum(dim=(1, 2, 3)), torch.full((MANY,), 100.0))
    middles = after[:, 0, 7, 7]
    assert float(middles.min()) < 99 < 101 < float(middles.max())
    # From 1.3 of the way to the blurred dot to 0.7 of it beyond the sharp one.
    assert (100 - float(middles.min())) / (float(middles.max()) - 100) == pytest.approx(
        1.3 / 0.7, rel=0.05
    )


def test_sharpness_leaves_an_even_image():
    torch.testing.assert_close(changed(even(80.0), blur_px=2.0), even(80.0))


def test_exposure_by_hand():
    """128 becomes 255 (128/255)^p; p from 1/1.65 to 1.65: from 81.8 to 168.0."""
    after = changed(even(128.0, size=1), exposure_fraction=0.65)
    assert 81.8 <= float(after.min()) < 83
    assert 167 < float(after.max()) <= 168.0


def test_exposure_keeps_black_white_and_order():
    ramp = torch.linspace(0, 255, 52).view(1, 1, 4, 13).repeat(20, 1, 1, 1)
    after = changed(ramp, exposure_fraction=2.0).flatten(1)
    assert torch.equal(after[:, [0, -1]], torch.tensor([[0.0, 255.0]]).expand(20, 2))
    assert bool((after.diff(dim=1) > 0).all())


def test_exposure_takes_what_sharpening_threw_out_of_range():
    after = changed(torch.tensor([-30.0, 300.0]).view(1, 1, 1, 2), exposure_fraction=1.0)
    assert after.flatten().tolist() == [0.0, 255.0]


def test_a_shade_is_a_plane_through_the_middle():
    shade = changed(even(100.0), shade_fraction=0.1) - 100
    torch.testing.assert_close(shade.mean(dim=(1, 2, 3)), torch.zeros(MANY), atol=1e-3, rtol=0)
    for axis in (2, 3):
        steps = shade.diff(dim=axis)
        assert float(steps.diff(dim=axis).abs().max()) < 1e-3
    assert 20 < float(shade.abs().max()) <= 25.5
    # Any direction: to the right and to the left, up and down.
    right = shade[:, 0, 0, -1] - shade[:, 0, 0, 0]
    down = shade[:, 0, -1, 0] - shade[:, 0, 0, 0]
    for slope in (right, down):
        assert 0.4 < float((slope > 0).float().mean()) < 0.6


def test_noise_is_at_most_its_share_of_255():
    """0.1 × 255 = 25.5, even from zero for each image; each image's mean stays."""
    after = changed(even(100.0, size=40), noise_fraction=0.1) - 100
    deviations = after.flatten(1).std(dim=1)
    assert float(deviations.max()) < 25.5 * 1.1
    assert float(deviations.max()) > 24
    assert float(deviations.mean()) == pytest.approx(25.5 / 2, rel=0.1)
    assert float(after.mean(dim=(1, 2, 3)).abs().max()) < 4 * 25.5 / 40


def test_erased_is_one_rectangle_of_one_grey():
    size = 48
    images = noise(MANY, 2, size, size)
    after = changed(images, erase_fraction=0.5)
    gone = (after != images).any(dim=1)
    hit = gone.flatten(1).any(dim=1)
    assert 0.42 < float(hit.float().mean()) < 0.58
    for image, hole in zip(after[hit], gone[hit], strict=True):
        rows, columns = hole.any(dim=1), hole.any(dim=0)
        assert torch.equal(hole, rows[:, None] & columns)
        for side in (rows, columns):
            assert size // 8 <= int(side.sum()) <= size // 3
            assert int(side.int().diff().abs().sum()) <= 2
        assert len(image[:, hole].unique()) == 1


def test_erasing_all_spares_none():
    images = noise(MANY, 1, 24, 24)
    assert bool((changed(images, erase_fraction=1.0) != images).flatten(1).any(dim=1).all())
