"""Features and labels: resident where they fit and nothing random precedes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from leadline.data.dataset import Images
from leadline.experiments.training_settings import Augmentation
from leadline.training.augmentation import augment

RESIDENT_MAX_BYTES = 4 * 10**9
CHUNK = 1024
JUDGED_PIXELS = 512 * 28 * 28
JUDGED_MOST, JUDGED_LEAST = 512, 32
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
        self._pixels = as_tensor(images.pixels)
        self._labels = as_tensor(images.labels).to(device)
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
            here = chosen.to(self._device)
            if self._resident is None:
                features = self._compute(self._pixels[chosen])
            else:
                # Twice as fast as indexing with brackets.
                features = self._resident.index_select(0, here)
            yield features, self._labels[here]

    def ordered(self, size: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Every image once, in order."""
        for start in range(0, len(self), size):
            chosen = slice(start, start + size)
            if self._resident is None:
                yield self._compute(self._pixels[chosen]), self._labels[chosen]
            else:
                yield self._resident[chosen], self._labels[chosen]

    def unchanged(self, size: int, chosen: torch.Tensor | None = None) -> Iterator[torch.Tensor]:
        """Features of the images as they are, without augmentation, in batches of this size.

        chosen: which images, by their indices; all unless given.
        """
        places = torch.arange(len(self)) if chosen is None else chosen
        for some in places.split(size):
            if self._resident is None:
                yield compute_features(self._features, self._pixels[some], self._device)
            else:
                yield self._resident.index_select(0, some.to(self._device))

    def _compute(self, pixels: torch.Tensor) -> torch.Tensor:
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


def judged_at_once(images: NDArray[np.uint8]) -> int:
    """Return the batch size for prediction: 512 digits, fewer larger images.

    What the layers make of them is then small enough for a processor to keep close: at 128 px,
    32 images at once are six times as fast as 512.
    """
    one = int(np.prod(images.shape[1:]))
    return min(JUDGED_MOST, max(JUDGED_LEAST, JUDGED_PIXELS // one))


def as_tensor(array: NDArray[Any]) -> torch.Tensor:
    """The array's own memory where torch can share it; a copy of one that is read-only."""
    return torch.from_numpy(np.require(array, requirements=["C", "W"]))


def compute_features(features: Any, pixels: torch.Tensor, device: torch.device) -> torch.Tensor:
    """float32 features of uint8 pixels, on the device, without a gradient."""
    with torch.no_grad():
        return features(pixels.to(device)).contiguous()
