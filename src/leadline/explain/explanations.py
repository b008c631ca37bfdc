"""Heat maps of a trained network and their checks, for a report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from leadline.analysis.run_summary import ExplainedImage, ExplanationSummary
from leadline.data.dataset import Images
from leadline.data.short_repr import ShortRepr
from leadline.explain.example_images import decisions, telling_examples
from leadline.explain.grad_cam import find_stage, grad_cam
from leadline.explain.sanity_checks import (
    Randomisation,
    border_share,
    even_share,
    redrawn,
    weight_randomisation,
)
from leadline.statistics.intervals import mean_interval

if TYPE_CHECKING:
    import keras

BORDER_SAMPLE = 200
CHECKED = 16
LONGEST_KEPT_PX = 224
"""Images are kept at most so large, since a run folder should stay small."""


@dataclass(frozen=True, eq=False, repr=False)
class Explanations(ShortRepr):
    """Some test images with their maps, and what was measured on the maps of more.

    images: uint8 (m, height, width, channels), made smaller where they were large. maps and
    random_maps: float32 (m, height, width), 0 to 1, with the trained weights and with redrawn ones.
    kinds: m of "right", "wrong", "uncertain". indices, true, decided: int64 (m,); `decided` is the
    class that the maps explain, probability float32 (m,) its probability. border: float64 (m,),
    NaN where a map is empty. border_sample: float64 (s,), the same for s evenly spaced test images.
    size: height and width of the map before it was resized. positive and threshold: of two classes,
    the one decided for from that probability on; None where the most probable class is.
    """

    method: str
    layer: str
    size: tuple[int, int]
    images: NDArray[np.uint8]
    maps: NDArray[np.float32]
    random_maps: NDArray[np.float32]
    kinds: tuple[str, ...]
    indices: NDArray[np.int64]
    true: NDArray[np.int64]
    decided: NDArray[np.int64]
    probability: NDArray[np.float32]
    border: NDArray[np.float64]
    border_sample: NDArray[np.float64]
    randomisation: Randomisation
    positive: int | None = None
    threshold: float = 0.5


def explanation_summary(found: Explanations, classes: tuple[str, ...]) -> ExplanationSummary:
    """Summarize where the network looks; empty maps do not count towards the border share."""
    borders = found.border_sample[~np.isnan(found.border_sample)]
    check = found.randomisation
    return ExplanationSummary(
        method=found.method,
        layer=found.layer,
        border=float(borders.mean()) if len(borders) else None,
        border_interval=mean_interval(borders),
        border_images=len(borders),
        even=even_share(),
        similarity=_known(check.mean),
        similarity_interval=check.interval,
        chance=_known(check.chance),
        falls_apart=check.falls_apart,
        cascade=check.cascade,
        images=tuple(
            ExplainedImage(
                index=int(found.indices[row]),
                kind=kind,
                true=classes[found.true[row]],
                decided=classes[found.decided[row]],
                probability=float(found.probability[row]),
                border=_known(found.border[row]),
            )
            for row, kind in enumerate(found.kinds)
        ),
    )


def _known(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else float(value)


def explain_model(
    model: keras.Model,
    images: Images,
    probabilities: NDArray[np.float32],
    rng: np.random.Generator,
    *,
    positive: int | None = None,
    threshold: float = 0.5,
) -> Explanations | None:
    """Grad-CAM of telling images, the border share of a sample, and the randomisation check.

    images: the test images, probabilities float32 (n, classes) what the model says of them.
    positive and threshold: as `telling_examples` takes them. The model is left as it was. None
    where it has no convolution.
    """
    stage = find_stage(model)
    if stage is None:
        return None
    decided = decisions(probabilities, positive, threshold)

    def maps_of(indices: NDArray[np.int64]) -> NDArray[np.float32]:
        return grad_cam(model, images.pixels[indices], classes=decided[indices], stage=stage).maps

    chosen = telling_examples(probabilities, images.labels, positive=positive, threshold=threshold)
    shown = np.array([one.index for one in chosen], np.int64)
    maps = maps_of(shown)
    with redrawn(model, rng):
        random_maps = maps_of(shown)
    checked = evenly_spaced(len(images), CHECKED)
    return Explanations(
        method="Grad-CAM",
        layer=stage.layer,
        size=stage.size,
        images=_smaller(images.pixels[shown]),
        maps=_smaller_maps(maps),
        random_maps=_smaller_maps(random_maps),
        kinds=tuple(one.kind for one in chosen),
        indices=shown,
        true=images.labels[shown],
        decided=decided[shown],
        probability=probabilities[shown, decided[shown]],
        border=border_share(maps),
        border_sample=border_share(maps_of(evenly_spaced(len(images), BORDER_SAMPLE))),
        randomisation=weight_randomisation(model, lambda: maps_of(checked), rng),
        positive=positive,
        threshold=threshold,
    )


def evenly_spaced(n: int, most: int) -> NDArray[np.int64]:
    """At most so many of n positions, from the first to the last: int64."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.int64))


def _smaller(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Reduce images to a longer side of at most 224 px."""
    height, width = _kept_size(*images.shape[1:3])
    if images.shape[1:3] == (height, width):
        return images
    made = np.empty((len(images), height, width, images.shape[3]), np.uint8)
    for number, image in enumerate(images):
        opened = Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)
        resized = opened.resize((width, height), Image.Resampling.BILINEAR)
        made[number] = np.asarray(resized).reshape(made.shape[1:])
    return made


def _smaller_maps(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    height, width = _kept_size(*maps.shape[1:])
    if maps.shape[1:] == (height, width):
        return maps
    made = [
        np.asarray(Image.fromarray(one).resize((width, height), Image.Resampling.BILINEAR))
        for one in maps
    ]
    return np.array(made, np.float32).reshape(len(maps), height, width)


def _kept_size(height: int, width: int) -> tuple[int, int]:
    shrink = min(1.0, LONGEST_KEPT_PX / max(height, width))
    return max(1, round(height * shrink)), max(1, round(width * shrink))
