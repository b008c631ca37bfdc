"""Random changes of uint8 images, so that features see what the artefact will see: bytes."""

from __future__ import annotations

import torch
from torch.nn import functional

from leadline.spec.training import Augmentation


def augment(
    pixels: torch.Tensor, changes: Augmentation, generator: torch.Generator
) -> torch.Tensor:
    """Each image changed by its own draw: uint8 (n, height, width, channels) in and out.

    One turn (degrees, either way), shift (share of the size, either way, along each axis), zoom
    (1 - z to 1 + z), flip (half of the images), then contrast about the image's own mean and
    brightness (share of 255). What comes from outside the image repeats its border. Values are
    rounded and kept within 0 to 255. Equal generators give equal images.
    """
    images = pixels.permute(0, 3, 1, 2).to(torch.float32)
    if moves(changes):
        matrix = affine_matrices(len(images), images.shape[2:], changes, generator)
        images = warp(images, matrix)
    images = _shade(images, changes, generator)
    return images.round_().clamp_(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def moves(changes: Augmentation) -> bool:
    """Whether pixels change their place."""
    return changes.flip_horizontal or any(
        (changes.rotation_deg, changes.shift_fraction, changes.zoom_fraction)
    )


def affine_matrices(
    n: int, size_px: torch.Size, changes: Augmentation, generator: torch.Generator
) -> torch.Tensor:
    """float32 (n, 2, 3): for each place of the result, where in the source it comes from.

    Coordinates are those of `torch.nn.functional.affine_grid`: -1 to 1 between the outer edges.
    """
    height, width = size_px
    angle = torch.deg2rad(_draw(n, changes.rotation_deg, generator))
    shrink = 1 / (1 + _draw(n, changes.zoom_fraction, generator))
    # The coordinates span 2, so a shift by a share s of the width is 2 s.
    right = -2 * _draw(n, changes.shift_fraction, generator)
    down = -2 * _draw(n, changes.shift_fraction, generator)
    mirror = _signs(n, generator) if changes.flip_horizontal else torch.ones(n)
    cos, sin = torch.cos(angle) * shrink, torch.sin(angle) * shrink
    # Turns keep angles on images that are not square: through pixels and back.
    first = torch.stack([cos * mirror, -sin * (height / width), right], dim=1)
    second = torch.stack([sin * (width / height) * mirror, cos, down], dim=1)
    return torch.stack([first, second], dim=1)


def warp(images: torch.Tensor, matrices: torch.Tensor) -> torch.Tensor:
    """float (n, channels, height, width), each sampled through its matrix, bilinearly."""
    grid = functional.affine_grid(matrices, list(images.shape), align_corners=False)
    return functional.grid_sample(
        images, grid, mode="bilinear", padding_mode="border", align_corners=False
    )


def _shade(images: torch.Tensor, changes: Augmentation, generator: torch.Generator) -> torch.Tensor:
    shape = (len(images), 1, 1, 1)
    if changes.contrast_fraction:
        factor = 1 + _draw(len(images), changes.contrast_fraction, generator).view(shape)
        mean = images.mean(dim=(1, 2, 3), keepdim=True)
        images = (images - mean) * factor + mean
    if changes.brightness_fraction:
        images = images + 255 * _draw(len(images), changes.brightness_fraction, generator).view(
            shape
        )
    return images


def _draw(n: int, reach: float, generator: torch.Generator) -> torch.Tensor:
    """n values, even between -reach and reach."""
    return (torch.rand(n, generator=generator) * 2 - 1) * reach


def _signs(n: int, generator: torch.Generator) -> torch.Tensor:
    return torch.randint(0, 2, (n,), generator=generator).to(torch.float32) * 2 - 1
