"""Values drawn for a batch of images: one for each, from the generator handed in."""

from __future__ import annotations

from math import log

import torch


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
