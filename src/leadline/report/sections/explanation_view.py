"""What a page shows of where a network looks: images with their maps, and two checks of the maps.

Numbers and choices only; the sentences are in `explanation.html.j2`.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from leadline.analysis.run_summary import ExplanationSummary
from leadline.explain.example_images import KINDS
from leadline.explain.explanations import Explanations, explanation_summary
from leadline.explain.overlay import as_grey, heat_colours, jpeg_bytes, overlay, png_bytes
from leadline.explain.sanity_checks import FRACTION

SHOWN_PX = 160
"""Pictures of a page have sides of at most so many pixels, since a page holds many."""
LARGEST_PLAIN_PX = 64
"""Pictures of at most this side are shown with their pixels as they are."""


@dataclass(frozen=True, eq=False)
class Triple:
    """An image, its map over it, and the map of the same network with random weights.

    told: the class whose probability is given: the positive one, or the one decided for. The
    pictures are `data:` URIs. border: share of the map's mass in the border tenth,
    None where the map is empty; random_empty: whether that of random weights is.
    """

    true: str
    decided: str
    told: str
    probability: float
    border: float | None
    random_empty: bool
    image: str
    heat: str
    random: str


@dataclass(frozen=True, eq=False)
class ExplanationView:
    """Explanations with what their section shows."""

    found: Explanations
    classes: tuple[str, ...]

    @property
    def fraction(self) -> float:
        return FRACTION

    @cached_property
    def summary(self) -> ExplanationSummary:
        return explanation_summary(self.found, self.classes)

    @property
    def border_is_high(self) -> bool:
        """Whether the sample's share is above that of an even map, its interval included."""
        interval = self.summary.border_interval
        return interval is not None and interval[0] > self.summary.even

    @property
    def pixelated(self) -> bool:
        return bool(max(self.found.images.shape[1:3]) <= LARGEST_PLAIN_PX)

    @cached_property
    def groups(self) -> list[tuple[str, list[Triple]]]:
        """Kinds that there are, in their order, each with its images."""
        triples = list(self._triples())
        groups: list[tuple[str, list[Triple]]] = []
        for kind in KINDS:
            own = [one for one, its in zip(triples, self.found.kinds, strict=True) if its == kind]
            if own:
                groups.append((kind, own))
        return groups

    @cached_property
    def scale(self) -> str:
        """The colours from weak to strong, as a picture of one row."""
        return data_uri(heat_colours(np.linspace(0, 1, 96, dtype=np.float32)[None]))

    def _triples(self) -> Iterator[Triple]:
        found = self.found
        for row in range(len(found.kinds)):
            told = found.decided[row] if found.positive is None else found.positive
            probability = float(found.probability[row])
            image = _shrunk(as_grey(found.images[row]))[..., None]
            heat, random = (_shrunk(maps[row]) for maps in (found.maps, found.random_maps))
            yield Triple(
                true=self.classes[found.true[row]],
                decided=self.classes[found.decided[row]],
                told=self.classes[told],
                probability=probability if told == found.decided[row] else 1 - probability,
                border=None if np.isnan(found.border[row]) else float(found.border[row]),
                random_empty=not found.random_maps[row].any(),
                image=data_uri(image),
                heat=data_uri(overlay(image, heat)),
                random=data_uri(overlay(image, random)),
            )


def data_uri(picture: NDArray[np.uint8]) -> str:
    """A picture as `data:` URI: PNG where it is small, else JPEG, since a page holds many."""
    small = min(picture.shape[:2]) <= LARGEST_PLAIN_PX
    kind, coded = ("png", png_bytes(picture)) if small else ("jpeg", jpeg_bytes(picture))
    return f"data:image/{kind};base64,{base64.b64encode(coded).decode('ascii')}"


def _shrunk(picture: NDArray[Any]) -> NDArray[Any]:
    """(height, width), uint8 or float32, with a longer side of at most 160 px."""
    shrink = SHOWN_PX / max(picture.shape)
    if shrink >= 1:
        return picture
    height, width = (max(1, round(side * shrink)) for side in picture.shape)
    resized = Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(resized)
