"""A model as functions of images, and the explanation of what it predicts for each."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.data.labels import caseless, class_index
from leadline.errors import DataError
from leadline.experiments.image_form import FitMode
from leadline.explain.example_images import decisions, explained_point
from leadline.explain.explained_image import Answer, Explained, Strokes
from leadline.explain.heat_maps import HeatMaps
from leadline.explain.occlusion import occlusion_of_each
from leadline.explain.sanity_checks import border_share
from leadline.metrics.estimates import DecisionRule

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Predict = Callable[[Pixels], tuple[Floats, Floats | None]]
Maps = Callable[[Pixels, Sequence[int]], Sequence[HeatMaps]]
PREDICTION_BATCH = 256
MOST_NAMED = 20


@dataclass(frozen=True, eq=False)
class Explainer:
    """A model as functions of uint8 images.

    predict: probabilities with out-of-distribution scores, which are None where the model has
    none. maps: heat maps of one image, one for each class asked about. decided: temperature and
    thresholds. method, layer, source: how the maps are made, and from what.
    """

    name: str
    classes: tuple[str, ...]
    size_px: tuple[int, int]
    channels: int
    fit: FitMode
    prepare: str
    limits: str
    strokes: Strokes
    decided: DecisionRule | None
    predict: Predict
    maps: Maps
    method: str = "occlusion"
    layer: str = ""
    source: str = ""

    def class_index(self, name: str, where: str) -> int:
        """Position of a class, in whatever capitals or Unicode form its name is given.

        Raises DataError for a name that the model does not have.
        """
        found = class_index(name, self.classes)
        if found is None:
            raise DataError(f"{where}: has no class {name!r}; {_nearest(name, self.classes)}")
        return found


def explain_images(
    explainer: Explainer,
    names: Sequence[str],
    images: Sequence[Pixels],
    wanted: int | None = None,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Explained:
    """Explain the class `wanted` in each image, or the class that the model decides for.

    names, images: as many; uint8 (height, width, channels) as the network sees them. on_progress:
    called with the number of images that are done.
    """
    positive, threshold = explained_point(explainer.decided, explainer.classes)
    answers = []
    for name, image in zip(names, images, strict=True):
        answers.append(_explained(explainer, name, image, wanted))
        on_progress(len(answers))
    return Explained(
        explainer.name,
        explainer.method,
        explainer.layer,
        explainer.limits,
        None if positive is None else explainer.classes[positive],
        threshold,
        tuple(answers),
        explainer.source,
        explainer.strokes,
        explainer.prepare,
    )


def by_occlusion(predict: Callable[[Pixels], Floats], batch_size: int) -> Maps:
    """Maps made by covering parts of the image."""
    return lambda image, classes: occlusion_of_each(predict, image, classes, batch_size=batch_size)


def predict_with(model: Any, images: Pixels) -> Floats:
    """Probabilities, float32 (n, classes), from a Keras model, batch by batch."""
    import torch

    if not len(images):
        return np.empty((0, model.output_shape[-1]), np.float32)
    with torch.no_grad():
        rows = [
            model(images[start : start + PREDICTION_BATCH], training=False).float().cpu().numpy()
            for start in range(0, len(images), PREDICTION_BATCH)
        ]
    return np.concatenate(rows)


def _explained(explainer: Explainer, name: str, image: Pixels, wanted: int | None) -> Answer:
    """The prediction for one image, with maps for a class and for the likeliest other."""
    probabilities, scores = explainer.predict(image[None])
    point = explained_point(explainer.decided, explainer.classes)
    decided = int(decisions(probabilities, *point)[0])
    wanted = decided if wanted is None else wanted
    others = probabilities[0].copy()
    others[wanted] = -1
    against = int(others.argmax())
    found, opposed = explainer.maps(image[None], (wanted, against))
    classes = explainer.classes
    return Answer(
        path=name,
        image=image,
        heat=found.maps[0],
        heat_against=opposed.maps[0],
        decided=classes[decided],
        explained=classes[wanted],
        against=classes[against],
        probabilities=dict(zip(classes, probabilities[0].tolist(), strict=True)),
        border=None if found.empty[0] else float(border_share(found.maps)[0]),
        ood_score=None if scores is None else float(scores[0]),
    )


def _nearest(wrong: str, classes: Sequence[str]) -> str:
    """The fix for an unknown class: the nearest name, or the names that exist."""
    by_name = {caseless(name): name for name in classes}
    near = difflib.get_close_matches(caseless(wrong), by_name, n=1, cutoff=0.5)
    if near:
        return f"did you mean {by_name[near[0]]!r}? There are {_first_names(classes)}."
    return f"choose one of {_first_names(classes)}."


def _first_names(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
