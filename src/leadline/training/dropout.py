"""Dropout masks from few random words.

A uniform float for each element costs as much as the arithmetic of a small network. Here each
64-bit word gives four elements of 16 bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import torch

LEVELS = 1 << 16
ELEMENTS_PER_WORD = 4


def dropout_mask(
    shape: Sequence[int], rate: float, generator: torch.Generator, device: torch.device
) -> torch.Tensor:
    """float32 mask of this shape: 0 with probability `rate`, else one over the kept share.

    The probability is rounded to 1/65536 and the scale follows the rounded one, so that the mean
    of the mask is 1 exactly. Srivastava et al., JMLR 2014.
    """
    dropped = min(round(rate * LEVELS), LEVELS - 1)
    count = prod(shape)
    words = torch.empty(-(-count // ELEMENTS_PER_WORD), dtype=torch.int64, device=device)
    words.random_(-(2**63), None, generator=generator)
    sixteenths = words.view(torch.int16)[:count].view(*shape)
    kept = sixteenths >= dropped - LEVELS // 2
    return kept.to(torch.float32).mul_(LEVELS / (LEVELS - dropped))


def dropout(x: torch.Tensor, rate: float, generator: torch.Generator) -> torch.Tensor:
    """x with each element dropped at `rate`, the others scaled up. Any shape, float32."""
    return x * dropout_mask(x.shape, rate, generator, x.device) if rate > 0 else x


def spatial_dropout(x: torch.Tensor, rate: float, generator: torch.Generator) -> torch.Tensor:
    """x (n, height, width, channels) with whole channels of an image dropped at `rate`."""
    if rate == 0:
        return x
    return x * dropout_mask((x.shape[0], 1, 1, x.shape[3]), rate, generator, x.device)
