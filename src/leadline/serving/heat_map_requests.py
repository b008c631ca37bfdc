"""Occlusion heat maps of single images."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from leadline.explain.occlusion import occlusion_maps
from leadline.explain.overlay import heat_colours
from leadline.explain.sanity_checks import border_share
from leadline.serving.predictor import Predictor
from leadline.serving.problems import GIVEN_UP, Refused

Pixels = NDArray[np.uint8]
BATCH = 32
"""Covered images that go through the network at once: large ones would not fit the cache."""


@dataclass(frozen=True, eq=False)
class Explained:
    """Evidence for one class. heat: float32 (height, width), 0 to 1, all 0 if empty.

    probabilities: of all classes. border: share of the map in the border tenth, None where empty.
    """

    explained: int
    probabilities: NDArray[np.float32]
    heat: NDArray[np.float32]
    border: float | None
    wall_ms: float


def explain(
    predictor: Predictor,
    image: Pixels,
    class_number: int | None,
    *,
    timeout_s: float,
    wanted: Callable[[], bool] = lambda: True,
) -> Explained:
    """Cover parts of an image (height, width, channels), and see what that does to a class.

    class_number: the class; None for the one that the model decides for. wanted: asked again
    and again whether to go on. Raises Refused (503) where that ends, or it takes longer than
    timeout_s; ModelFileError as `Predictor.answer` does.
    """
    start_s = time.perf_counter()

    def answer(images: Pixels) -> NDArray[np.float32]:
        if not wanted():
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, GIVEN_UP)
        if time.perf_counter() - start_s > timeout_s:
            raise Refused(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"The heat map took longer than {timeout_s:g} seconds; use a smaller model.",
            )
        return predictor.answer(images).probabilities

    said = predictor.answer(image[None])
    asked = int(said.decided[0]) if class_number is None else class_number
    found = occlusion_maps(answer, image[None], classes=asked, batch_size=BATCH)
    return Explained(
        asked,
        said.probabilities[0],
        found.maps[0],
        None if found.empty[0] else float(border_share(found.maps)[0]),
        (time.perf_counter() - start_s) * 1000,
    )


def heat_png(heat: NDArray[np.float32]) -> bytes:
    """A map as a PNG with transparency, to be laid over its image; clear where it is 0."""
    alpha = np.sqrt(heat.astype(np.float64).clip(0, 1)) * 255
    layers = np.dstack([heat_colours(heat), alpha.round().astype(np.uint8)])
    buffer = io.BytesIO()
    Image.fromarray(layers).save(buffer, format="PNG")
    return buffer.getvalue()
