"""Random changes of uint8 images, so that features see what the model file will see: bytes.

First the place of pixels, here; then light and sharpness, in `training.optics`.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from leadline.experiments.training_settings import Augmentation
from leadline.training.photometric import develop, evenly, factors, signs

PADDING = {"border": "border", "black": "zeros"}


def augment(
    pixels: torch.Tensor, changes: Augmentation, generator: torch.Generator
) -> torch.Tensor:
    """Each image changed by its own draw: uint8 (n, height, width, channels) in and out.

    One turn (degrees, either way), shift (share of the size, either way, along each axis), zoom
    (1 - z to 1 + z), flip (half of the images) and stretch, all in one sampling; then what
    `develop` does. What comes from outside the image repeats its border or is black, as `fill`
    says. Values are rounded and kept within 0 to 255. Equal generators give equal images, and a
    change that is off draws nothing.
    """
    images = pixels.permute(0, 3, 1, 2).to(torch.float32)
    if moves(changes):
        matrices = affine_matrices(len(images), images.shape[2:], changes, generator)
        images = _warp_filled(images, matrices, changes.fill, generator)
    images = develop(images, changes, generator)
    return images.round_().clamp_(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def moves(changes: Augmentation) -> bool:
    """Whether pixels change position."""
    return changes.flip_horizontal or any(
        (
            changes.rotation_deg,
            changes.shift_fraction,
            changes.zoom_fraction,
            changes.stretch_fraction,
        )
    )


def affine_matrices(
    n: int, size_px: torch.Size, changes: Augmentation, generator: torch.Generator
) -> torch.Tensor:
    """float32 (n, 2, 3): for each place of the result, where in the source it comes from.

    Coordinates are those of `torch.nn.functional.affine_grid`: -1 to 1 between the outer edges.
    The source is turned and zoomed first, then stretched.
    """
    height, width = size_px
    angle = torch.deg2rad(evenly(n, changes.rotation_deg, generator))
    shrink = 1 / (1 + evenly(n, changes.zoom_fraction, generator))
    # The coordinates span 2, so a shift by a share s of the width is 2 s.
    right = -2 * evenly(n, changes.shift_fraction, generator)
    down = -2 * evenly(n, changes.shift_fraction, generator)
    across = signs(n, generator) if changes.flip_horizontal else torch.ones(n)
    along = torch.ones(n)
    if changes.stretch_fraction:
        # Half of it widens, half of it flattens, so that the area stays.
        wider = factors(n, changes.stretch_fraction, generator).sqrt()
        across, along = across / wider, along * wider
    cos, sin = torch.cos(angle) * shrink, torch.sin(angle) * shrink
    # Turns keep angles on images that are not square: through pixels and back.
    first = torch.stack([cos * across, -sin * (height / width) * along, right], dim=1)
    second = torch.stack([sin * (width / height) * across, cos * along, down], dim=1)
    return torch.stack([first, second], dim=1)


def warp(images: torch.Tensor, matrices: torch.Tensor, fill: str = "border") -> torch.Tensor:
    """float (n, channels, height, width), each sampled through its matrix, bilinearly.

    fill: "border" repeats the border outside the image, "black" is zero there.
    """
    grid = functional.affine_grid(matrices, list(images.shape), align_corners=False)
    return functional.grid_sample(
        images, grid, mode="bilinear", padding_mode=PADDING[fill], align_corners=False
    )


def _warp_filled(
    images: torch.Tensor, matrices: torch.Tensor, fill: str, generator: torch.Generator
) -> torch.Tensor:
    if fill != "either":
        return warp(images, matrices, fill)
    black = signs(len(images), generator) > 0
    moved = torch.empty_like(images, memory_format=torch.contiguous_format)
    for chosen, how in ((black, "black"), (~black, "border")):
        moved[chosen] = warp(images[chosen], matrices[chosen], how)
    return moved
