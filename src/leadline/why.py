"""Why does this model say so of these images? A run folder, an artefact or a zoo model, asked.

A run with a convolution is asked by Grad-CAM, where Keras and torch are installed. Any other run,
an artefact and a model of the zoo are asked by covering parts of the image, which needs nothing but
ONNX Runtime.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline import runs
from leadline.artefact import find_artefact, open_artefact
from leadline.data.image_files import read_images
from leadline.errors import ArtefactError, DataError, RunError
from leadline.evaluation.estimates import Decided
from leadline.explain.answer import Answer, Explained, Strokes, strokes_of
from leadline.explain.border import border_share
from leadline.explain.examples import decisions, explained_point
from leadline.explain.grad_cam import find_stage, grad_cam
from leadline.explain.heat import HeatMaps
from leadline.explain.occlusion import occlusion_of_each
from leadline.spec import Experiment
from leadline.spec.limits import limits_of

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Said = Callable[[Pixels], tuple[Floats, Floats | None]]
Maps = Callable[[Pixels, Sequence[int]], Sequence[HeatMaps]]
BATCH_BYTES = 2**18
"""Of covered images that go through a network at once: more would not fit the cache."""
NO_GRAD_CAM = "its model.onnx (Grad-CAM needs leadline[train])"
MOST_NAMED = 20


@dataclass(frozen=True, eq=False)
class _Asked:
    """A model as functions of uint8 images: probabilities with scores (None without), and maps of
    one image, one for each class asked about."""

    name: str
    classes: tuple[str, ...]
    size_px: tuple[int, int]
    channels: int
    prepare: str
    limits: str
    strokes: Strokes
    decided: Decided | None
    answer: Said
    maps: Maps
    method: str = "occlusion"
    layer: str = ""
    source: str = ""


def why(
    model: Path,
    images: Sequence[Path],
    class_name: str | None = None,
    *,
    trust: bool = False,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Explained:
    """Maps of what speaks for a class in each image: for `class_name`, or the one decided for.

    model: a run folder, an artefact, or a name in the zoo. trust: run the code that a run's Keras
    model brings. on_progress: is told how many images have their maps. Raises RunError or
    ArtefactError where it is no model, DataError for an image that cannot be read and for a class
    that the model does not know.
    """
    asked = _asked(model, trust=trust)
    if class_name is not None and class_name not in asked.classes:
        raise DataError(f"{model}: has no class {class_name!r}; {_near(class_name, asked.classes)}")
    pixels = read_images(
        images, asked.size_px, asked.channels, lambda *_: None, prepare=asked.prepare
    )
    positive, threshold = explained_point(asked.decided, asked.classes)
    answers = []
    for path, image in zip(images, pixels, strict=True):
        answers.append(_explained(asked, str(path), image, class_name))
        on_progress(len(answers))
    return Explained(
        asked.name,
        asked.method,
        asked.layer,
        asked.limits,
        None if positive is None else asked.classes[positive],
        threshold,
        tuple(answers),
        asked.source,
        asked.strokes,
        asked.prepare,
    )


def _explained(asked: _Asked, path: str, image: Pixels, class_name: str | None) -> Answer:
    """One image: what the model says, and maps for a class and for the likeliest other."""
    said, scores = asked.answer(image[None])
    decided = int(decisions(said, *explained_point(asked.decided, asked.classes))[0])
    wanted = decided if class_name is None else asked.classes.index(class_name)
    others = said[0].copy()
    others[wanted] = -1
    against = int(others.argmax())
    found, opposed = asked.maps(image[None], (wanted, against))
    return Answer(
        path=path,
        image=image,
        heat=found.maps[0],
        heat_against=opposed.maps[0],
        decided=asked.classes[decided],
        explained=asked.classes[wanted],
        against=asked.classes[against],
        probabilities=dict(zip(asked.classes, said[0].tolist(), strict=True)),
        border=None if found.empty[0] else float(border_share(found.maps)[0]),
        scope=None if scores is None else float(scores[0]),
    )


def _near(wrong: str, classes: Sequence[str]) -> str:
    """The mend for a class that is none: what was meant, or what there is."""
    by_name = {name.casefold(): name for name in classes}
    near = difflib.get_close_matches(wrong.casefold(), by_name, n=1, cutoff=0.5)
    if near:
        return f"did you mean {by_name[near[0]]!r}? There are {_some(classes)}."
    return f"choose one of {_some(classes)}."


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _asked(model: Path, *, trust: bool) -> _Asked:
    """A folder of the user's own goes before a model of the zoo that has its name."""
    if model.is_dir() and runs.finished(model):
        return _run(model, trust=trust)
    return _artefact(find_artefact(model))


def _run(folder: Path, *, trust: bool) -> _Asked:
    """A finished run, by Grad-CAM if that can be."""
    run = runs.load_run(folder)
    trains = all(find_spec(package) is not None for package in ("keras", "torch"))
    convolves = _may_convolve(run.experiment)
    if convolves and trains:
        return _by_keras(run, trust=trust)
    try:
        asked = _artefact(find_artefact(folder))
    except (ArtefactError, RunError):
        if not trains:
            raise
        return _by_keras(run, trust=trust)  # an older run, or one that could not be exported
    return replace(asked, name=run.name, source=NO_GRAD_CAM if convolves else "its model.onnx")


def _may_convolve(experiment: Experiment) -> bool:
    return experiment.model is not None or any("Conv" in one.type for one in experiment.layers)


def _artefact(path: Path) -> _Asked:
    opened = open_artefact(path)
    about = opened.metadata
    batch = max(8, BATCH_BYTES // prod((*about.size_px, about.channels)))
    return _Asked(
        about.name,
        about.classes,
        about.size_px,
        about.channels,
        about.prepare,
        about.limits,
        strokes_of(about.features, about.size_px),
        about.decision,
        opened.answer,
        _covering(lambda images: opened.answer(images)[0], batch),
    )


def _by_keras(run: runs.Run, *, trust: bool) -> _Asked:
    model = run.model(trust=trust)
    data, dataset = run.experiment.data, run.split["dataset"]
    stage = find_stage(model)

    scope = runs.read_scope(run.folder)[0] if run.metrics.scope is not None else None

    def answer(images: Pixels) -> tuple[Floats, Floats | None]:
        return _answers(model, images), None if scope is None else scope.score(images)

    def cam(image: Pixels, classes: Sequence[int]) -> Sequence[HeatMaps]:
        return [grad_cam(model, image, classes=one, stage=stage) for one in classes]

    return _Asked(
        run.name,
        run.metrics.classes,
        data.size_px,
        data.channels,
        run.experiment.prepare_as(dataset),
        limits_of(run.experiment, dataset),
        strokes_of(run.experiment.features.model_dump(), data.size_px),
        run.metrics.decided,
        answer,
        _covering(partial(_answers, model), 64) if stage is None else cam,
        *(() if stage is None else ("Grad-CAM", stage.layer)),
    )


def _covering(answer: Callable[[Pixels], Floats], batch: int) -> Maps:
    return lambda image, classes: occlusion_of_each(answer, image, classes, batch_size=batch)


def _answers(model: Any, images: Pixels) -> Floats:
    """Probabilities from the Keras model."""
    import torch

    with torch.no_grad():
        answers: Floats = model(images, training=False).float().cpu().numpy()
    return answers
