"""Features and labels: resident where they fit and nothing random precedes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from leadline.data.dataset import Images
from leadline.spec.training import Augmentation
from leadline.training.augment import augment

RESIDENT_MAX_BYTES = 4 * 10**9
CHUNK = 1024
FLOAT_BYTES = 4


class Batches:
    """The images of one part of a split as batches of (features, labels).

    features: the weight-less layer, uint8 (n, height, width, channels) to float32. They are
    computed once and kept, unless `changes` alter the images first or they would take more than
    `resident_max_bytes`; then batch by batch.
    """

    def __init__(
        self,
        images: Images,
        features: Any,
        device: torch.device,
        *,
        changes: Augmentation | None = None,
        generator: torch.Generator | None = None,
        resident_max_bytes: int = RESIDENT_MAX_BYTES,
    ) -> None:
        self._features, self._device = features, device
        self._changes, self._generator = changes, generator
        self._pixels = torch.from_numpy(images.pixels)
        self._labels = torch.from_numpy(images.labels).to(device)
        self._resident = None
        if changes is None and len(images) * self._bytes_each() <= resident_max_bytes:
            self._resident = self._compute_all()

    def __len__(self) -> int:
        return len(self._labels)

    def shuffled(
        self, size: int, generator: torch.Generator
    ) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Every image once, in an order drawn from `generator`; the last batch may be smaller."""
        order = torch.randperm(len(self), generator=generator)
        for chosen in order.split(size):
            yield self._take(chosen), self._labels[chosen.to(self._device)]

    def ordered(self, size: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Every image once, in order."""
        for start in range(0, len(self), size):
            chosen = slice(start, start + size)
            yield self._take(chosen), self._labels[chosen]

    def _take(self, chosen: Any) -> torch.Tensor:
        if self._resident is not None:
            return self._resident[chosen]
        pixels = self._pixels[chosen]
        if self._changes is not None and self._generator is not None:
            pixels = augment(pixels, self._changes, self._generator)
        return compute_features(self._features, pixels, self._device)

    def _bytes_each(self) -> int:
        one = compute_features(self._features, self._pixels[:1], self._device)
        return int(one.numel()) * FLOAT_BYTES

    def _compute_all(self) -> torch.Tensor:
        parts = [
            compute_features(self._features, pixels, self._device)
            for pixels in self._pixels.split(CHUNK)
        ]
        return torch.cat(parts)


def compute_features(features: Any, pixels: torch.Tensor, device: torch.device) -> torch.Tensor:
    """float32 features of uint8 pixels, on the device, without a gradient."""
    with torch.no_grad():
        return features(pixels.to(device)).contiguous()
