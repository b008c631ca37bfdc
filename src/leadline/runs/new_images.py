"""A finished run's Keras model, as predictions and explanations of new images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leadline.data.formats.image_files import read_images
from leadline.data.formats.pixel_arrays import GreyScale, grey_scale, is_whole, to_images, to_pixels
from leadline.data.image_fitting import fit_pixels
from leadline.data.short_repr import ShortRepr
from leadline.errors import DataError
from leadline.experiments.intended_use import limits_of
from leadline.explain.example_images import decisions, explained_point
from leadline.explain.explained_image import Explained, strokes_of
from leadline.explain.explainer import Explainer, by_occlusion, explain_images, predict_with
from leadline.explain.grad_cam import find_stage, grad_cam
from leadline.explain.heat_maps import HeatMaps
from leadline.runs.ood_file import read_ood_score

if TYPE_CHECKING:
    from leadline.runs.finished_run import Run

OCCLUSION_BATCH = 64

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
NewImages = NDArray[Any] | str | Path | Sequence[str | Path]
"""Pixels, or image files."""


@dataclass(frozen=True, eq=False, repr=False)
class ImagePredictions(ShortRepr):
    """Predictions of n new images.

    names: file names, or "image 0" and so on. classes: class names. probabilities: float32 (n,
    classes). decided: for each image the class that the model decides for, at its frozen threshold
    where it has one. scores: float32 (n,), out-of-distribution scores, above 1 for images unlike
    the training images; None where the run has no such score.
    """

    names: tuple[str, ...]
    classes: tuple[str, ...]
    probabilities: Floats
    decided: tuple[str, ...]
    scores: Floats | None


def predict_images(explainer: Explainer, images: NewImages, white: float = 255) -> ImagePredictions:
    """Predictions of images of any size; white: of whole numbers, as in the training images.

    Raises DataError as `Run.predict` says.
    """
    names, pixels = _read(explainer, images, white)
    probabilities, scores = explainer.predict(pixels)
    chosen = decisions(probabilities, *explained_point(explainer.decided, explainer.classes))
    decided = tuple(explainer.classes[index] for index in chosen)
    return ImagePredictions(names, explainer.classes, probabilities, decided, scores)


def explain_new(
    explainer: Explainer, images: NewImages, class_name: str | None, white: float = 255
) -> Explained:
    """Explanations of images of any size; white as for `predict_images`.

    Raises DataError as `Run.predict` says.
    """
    wanted = None
    if class_name is not None:
        wanted = explainer.class_index(class_name, explainer.name)
    names, pixels = _read(explainer, images, white)
    return explain_images(explainer, names, list(pixels), wanted)


def _read(explainer: Explainer, images: NewImages, white: float) -> tuple[tuple[str, ...], Pixels]:
    """Names, and pixels uint8 (n, *size_px, channels)."""
    size_px, channels = explainer.size_px, explainer.channels
    if isinstance(images, np.ndarray):
        raw = to_images(images, "images")
        pixels = to_pixels(raw, _scale(raw, white))
        pixels = fit_pixels(pixels, size_px, channels, _ignore_progress, fit=explainer.fit)
        return tuple(f"image {index}" for index in range(len(pixels))), pixels
    # A generator can be read only once.
    named = [images] if isinstance(images, str | Path) else list(images)
    wrong = next((one for one in named if not isinstance(one, str | Path)), None)
    if wrong is not None:
        raise DataError(
            f"an image is given as {type(wrong).__name__}; give an array (n, height, width) or "
            "(n, height, width, channels), or paths of image files."
        )
    paths = [Path(one) for one in named]
    pixels = read_images(
        paths,
        size_px,
        channels,
        _ignore_progress,
        fit=explainer.fit,
        prepare=explainer.prepare,
    )
    return tuple(map(str, paths)), pixels


def _scale(raw: NDArray[Any], white: float) -> GreyScale:
    """The grey scale of the training images, for whole numbers; by the values, for fractions.

    Floats from 0 to 1 are fractions even if all of them are 0 or 1. Raises DataError for values
    that have no meaning as grey levels.
    """
    by_values = grey_scale({"images": raw})
    highest = float(raw.max())
    fractions = raw.dtype.kind == "b" or (raw.dtype.kind == "f" and highest <= 1)
    if fractions or white <= 1 or not is_whole(raw):
        return by_values
    if highest > white:
        raise DataError(
            f"images: the largest value is {highest:,.0f}, but white is {white:g} in the training "
            "images; scale them alike."
        )
    return GreyScale(white)


def _ignore_progress(_what: str, _done: int, _total: int) -> None:
    """Reading a few images shows no progress."""


def explainer_of(run: Run, *, trust: bool = False) -> Explainer:
    """Open a run's Keras model: Grad-CAM where it has a convolution, otherwise occlusion."""
    model = run.model(trust=trust)
    form, dataset = run.experiment.data.form, run.split["dataset"]
    stage = find_stage(model)
    ood_score = read_ood_score(run.folder)[0] if run.metrics.ood is not None else None

    def predict(images: Pixels) -> tuple[Floats, Floats | None]:
        return predict_with(model, images), None if ood_score is None else ood_score.score(images)

    def cam(image: Pixels, classes: Sequence[int]) -> Sequence[HeatMaps]:
        return [grad_cam(model, image, classes=one, stage=stage) for one in classes]

    return Explainer(
        run.name,
        run.metrics.classes,
        form.size_px,
        form.channels,
        form.fit,
        run.experiment.prepare_as(dataset),
        limits_of(run.experiment, dataset),
        strokes_of(run.experiment.features.model_dump(), form.size_px),
        run.metrics.decided,
        predict,
        by_occlusion(partial(predict_with, model), OCCLUSION_BATCH) if stage is None else cam,
        *(() if stage is None else ("Grad-CAM", stage.layer)),
    )
