"""Random changes of light and sharpness, an image at a time: what scanners and exposures differ in.

All take and give float images (n, channels, height, width) of values from 0 to 255, which some of
them leave; `augment` rounds and clips at the end.
"""

from __future__ import annotations

from math import ceil, log, pi

import torch
from torch.nn import functional

from leadline.experiments.training_settings import Augmentation

SHARPEST, BLURRIEST = -0.7, 1.3
"""Shares of the way from an image to its blurred self: below 0 it is sharpened."""
LEAST_SIGMA_PX = 0.3
REACH_SIGMAS = 3
ERASED_FROM, ERASED_TO = 1 / 8, 1 / 3


def develop(
    images: torch.Tensor, changes: Augmentation, generator: torch.Generator
) -> torch.Tensor:
    """In this order: sharpness, exposure, shade, contrast, brightness, noise, a rectangle erased.

    Contrast is about the image's own mean, by 1 - c to 1 + c; brightness adds a share of 255.
    """
    if changes.blur_px:
        images = _sharpness(images, changes.blur_px, generator)
    if changes.exposure_fraction:
        images = _exposure(images, changes.exposure_fraction, generator)
    if changes.shade_fraction:
        images = images + _shade(images, changes.shade_fraction, generator)
    if changes.contrast_fraction:
        factor = 1 + _each(evenly(len(images), changes.contrast_fraction, generator))
        mean = images.mean(dim=(1, 2, 3), keepdim=True)
        images = (images - mean) * factor + mean
    if changes.brightness_fraction:
        images = images + 255 * _each(evenly(len(images), changes.brightness_fraction, generator))
    if changes.noise_fraction:
        images = images + _noise(images, changes.noise_fraction, generator)
    if changes.erase_fraction:
        images = _erase(images, changes.erase_fraction, generator)
    return images


def gaussian_blur(images: torch.Tensor, sigma_px: float) -> torch.Tensor:
    """A Gaussian of this deviation over both axes, cut at three deviations, borders repeated."""
    radius = ceil(REACH_SIGMAS * sigma_px)
    places = torch.arange(-radius, radius + 1, dtype=torch.float32)
    weights = torch.exp(-0.5 * (places / sigma_px) ** 2)
    weights = weights / weights.sum()
    return _along(_along(images, weights, axis=2), weights, axis=3)


def _along(images: torch.Tensor, weights: torch.Tensor, axis: int) -> torch.Tensor:
    """Each place as the weighted sum of its neighbours along an axis."""
    radius, size = len(weights) // 2, images.shape[axis]
    edges = (radius, radius, 0, 0) if axis == 3 else (0, 0, radius, radius)
    wide = functional.pad(images, edges, mode="replicate")
    total = wide.narrow(axis, radius, size) * float(weights[radius])
    # Faster than a convolution here: few places, and both neighbours share their weight.
    for step in range(1, radius + 1):
        pair = wide.narrow(axis, radius - step, size) + wide.narrow(axis, radius + step, size)
        total.add_(pair, alpha=float(weights[radius + step]))
    return total


def _sharpness(images: torch.Tensor, blur_px: float, generator: torch.Generator) -> torch.Tensor:
    """One deviation for the batch, and for each image its own share of the way to blurred."""
    sigma_px = float(between(1, LEAST_SIGMA_PX, LEAST_SIGMA_PX + blur_px, generator))
    share = _each(between(len(images), SHARPEST, BLURRIEST, generator))
    return images + share * (gaussian_blur(images, sigma_px) - images)


def _exposure(images: torch.Tensor, fraction: float, generator: torch.Generator) -> torch.Tensor:
    """255 (value / 255) ^ power: below 1 lightens, above 1 darkens, black and white stay."""
    power = _each(factors(len(images), fraction, generator))
    return (images / 255).clamp_(0, 1).pow_(power).mul_(255)


def _shade(images: torch.Tensor, fraction: float, generator: torch.Generator) -> torch.Tensor:
    """A plane through the image's middle, rising in a direction drawn, steepest at its edges."""
    n, _, height, width = images.shape
    strength = _each(255 * fraction * torch.rand(n, generator=generator))
    angle = _each(evenly(n, pi, generator))
    down = _centres(height).view(1, 1, height, 1)
    right = _centres(width).view(1, 1, 1, width)
    cos, sin = torch.cos(angle), torch.sin(angle)
    # In the corners both terms add up; over their sum no place moves by more than the strength.
    return strength * (cos * right + sin * down) / (cos.abs() + sin.abs())


def _noise(images: torch.Tensor, fraction: float, generator: torch.Generator) -> torch.Tensor:
    sigma = _each(255 * fraction * torch.rand(len(images), generator=generator))
    return sigma * torch.randn(images.shape, generator=generator)


def _erase(images: torch.Tensor, fraction: float, generator: torch.Generator) -> torch.Tensor:
    n, _, height, width = images.shape
    erased = torch.rand(n, generator=generator) < fraction
    rows = _stretch(n, height, generator)
    columns = _stretch(n, width, generator)
    grey = 255 * torch.rand(n, generator=generator)
    inside = erased.view(n, 1, 1) & rows.view(n, height, 1) & columns.view(n, 1, width)
    return torch.where(inside.view(n, 1, height, width), _each(grey), images)


def _stretch(n: int, size_px: int, generator: torch.Generator) -> torch.Tensor:
    """bool (n, size): for each image one stretch of 1/8 to 1/3 of the side, anywhere in it."""
    length = between(n, ERASED_FROM, ERASED_TO, generator) * size_px
    start = torch.rand(n, generator=generator) * (size_px - length)
    middle = torch.arange(size_px) + 0.5
    return (middle >= start.view(n, 1)) & (middle < (start + length).view(n, 1))


def _centres(size_px: int) -> torch.Tensor:
    """Middles of the pixels of a side, from -1 to 1 between its edges."""
    return (torch.arange(size_px) + 0.5) * 2 / size_px - 1


def _each(values: torch.Tensor) -> torch.Tensor:
    """One value for each image, to go with all its pixels."""
    return values.view(-1, 1, 1, 1)


def evenly(n: int, reach: float, generator: torch.Generator) -> torch.Tensor:
    """float32 (n,), even between -reach and reach."""
    return (torch.rand(n, generator=generator) * 2 - 1) * reach


def between(n: int, low: float, high: float, generator: torch.Generator) -> torch.Tensor:
    """float32 (n,), even between low and high."""
    return low + (high - low) * torch.rand(n, generator=generator)


def factors(n: int, fraction: float, generator: torch.Generator) -> torch.Tensor:
    """float32 (n,), from 1 / (1 + fraction) to 1 + fraction, even in the logarithm."""
    return torch.exp(evenly(n, log(1 + fraction), generator))


def signs(n: int, generator: torch.Generator) -> torch.Tensor:
    """float32 (n,), -1 or 1, each as likely."""
    return torch.randint(0, 2, (n,), generator=generator).to(torch.float32) * 2 - 1
