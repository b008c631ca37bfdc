"""The surest mistakes and the closest calls of a model, for its page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from leadline.explain.gallery import Gallery, Shown
from leadline.report.plots.page_images import SHARP_SIDE_PX


@dataclass(frozen=True, eq=False)
class GalleryImage:
    """One image and the names of its classes; probabilities 0 to 1."""

    image: NDArray[np.uint8]
    name: str
    true: str
    first: str
    second: str
    p_first: float
    p_second: float

    @property
    def right(self) -> bool:
        return self.true == self.first


@dataclass(frozen=True, eq=False)
class GalleryView:
    """A gallery, with the classes by name."""

    found: Gallery
    classes: tuple[str, ...]

    @cached_property
    def wrong(self) -> tuple[GalleryImage, ...]:
        return tuple(self._named(one) for one in self.found.wrong)

    @cached_property
    def unsure(self) -> tuple[GalleryImage, ...]:
        return tuple(self._named(one) for one in self.found.unsure)

    @property
    def right(self) -> int:
        """How many of the unsure are right."""
        return sum(one.right for one in self.unsure)

    @property
    def pixelated(self) -> bool:
        return all(is_small(one.image) for one in (*self.found.wrong, *self.found.unsure))

    def _named(self, one: Shown) -> GalleryImage:
        return GalleryImage(
            image=one.image,
            name=one.name,
            true=self.classes[one.true],
            first=self.classes[one.first],
            second=self.classes[one.second],
            p_first=one.p_first,
            p_second=one.p_second,
        )


def is_small(image: NDArray[np.uint8]) -> bool:
    return bool(max(image.shape[:2]) <= SHARP_SIDE_PX)
