"""Why does this model say so of these images? A run folder or an artefact, asked.

A run with a convolution is asked by Grad-CAM; a run without one, and an artefact, by covering parts
of the image, which needs nothing but answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline import runs, zoo
from leadline.artefact import open_artefact
from leadline.data.image_files import read_images
from leadline.errors import DataError, RunError
from leadline.evaluation.estimates import Decided
from leadline.explain.answer import Answer, Explained
from leadline.explain.border import border_share
from leadline.explain.examples import decisions, explained_point
from leadline.explain.grad_cam import find_stage, grad_cam
from leadline.explain.heat import HeatMaps
from leadline.explain.occlusion import occlusion_maps
from leadline.spec.limits import limits_of

ARTEFACT = ".onnx"
Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class _Asked:
    """A model as functions of uint8 images: probabilities with scores (None without), and maps."""

    name: str
    classes: tuple[str, ...]
    size_px: tuple[int, int]
    channels: int
    prepare: str
    limits: str
    decided: Decided | None
    answer: Callable[[Pixels], tuple[Floats, Floats | None]]
    maps: Callable[[Pixels, NDArray[np.int64]], HeatMaps]


def why(model: Path, images: Sequence[Path], class_name: str | None = None) -> Explained:
    """Maps of what speaks for a class in each image: for `class_name`, or the one decided for.

    model: a run folder, an artefact, or a name in the zoo. Raises RunError or ArtefactError where
    it is none of these, DataError for an image that cannot be read and for a class that the model
    does not know.
    """
    asked = _asked(model)
    if class_name is not None and class_name not in asked.classes:
        raise DataError(
            f"{model}: has no class {class_name!r}; choose one of {', '.join(asked.classes)}."
        )
    pixels = read_images(
        images, asked.size_px, asked.channels, lambda *_: None, prepare=asked.prepare
    )
    probabilities, scores = asked.answer(pixels)
    positive, threshold = explained_point(asked.decided, asked.classes)
    decided = decisions(probabilities, positive, threshold)
    wanted = decided
    if class_name is not None:
        wanted = np.full_like(decided, asked.classes.index(class_name))
    found = asked.maps(pixels, wanted)
    borders = border_share(found.maps)
    answers = tuple(
        Answer(
            path=str(path),
            image=pixels[row],
            heat=found.maps[row],
            decided=asked.classes[decided[row]],
            explained=asked.classes[wanted[row]],
            probabilities=dict(zip(asked.classes, probabilities[row].tolist(), strict=True)),
            border=None if found.empty[row] else float(borders[row]),
            scope=None if scores is None else float(scores[row]),
        )
        for row, path in enumerate(images)
    )
    return Explained(
        asked.name,
        found.method,
        found.layer,
        asked.limits,
        None if positive is None else asked.classes[positive],
        threshold,
        answers,
    )


def _asked(model: Path) -> _Asked:
    """A folder of the user's own goes before a model of the zoo that has its name."""
    if str(model) in zoo.names() and not model.exists():
        return _artefact(zoo.artefact_path(str(model)))
    return _artefact(model) if model.suffix.lower() == ARTEFACT else _run(model)


def _artefact(path: Path) -> _Asked:
    opened = open_artefact(path)
    about = opened.metadata

    return _Asked(
        about.name,
        about.classes,
        about.size_px,
        about.channels,
        about.prepare,
        about.limits,
        about.decision,
        opened.answer,
        lambda images, classes: occlusion_maps(
            lambda covered: opened.answer(covered)[0], images, classes=classes
        ),
    )


def _run(folder: Path) -> _Asked:
    if folder.is_file():
        raise RunError(f"{folder}: is a file; give the folder of a run, or an artefact (.onnx).")
    if folder.is_dir() and not runs.finished(folder):
        raise RunError(
            f"{folder}: holds no finished run; give the folder of one, such as "
            "runs/<study>/<experiment>/seed-0."
        )
    run = runs.load_run(folder)
    model = run.model()
    data = run.experiment.data
    stage = find_stage(model)

    def answer(images: Pixels) -> tuple[Floats, Floats | None]:
        scored = run.metrics.scope is not None
        scores = runs.read_scope(folder)[0].score(images) if scored else None
        return _answers(model, images), scores

    def maps(images: Pixels, classes: NDArray[np.int64]) -> HeatMaps:
        if stage is None:
            return occlusion_maps(partial(_answers, model), images, classes=classes)
        return grad_cam(model, images, classes=classes, stage=stage)

    return _Asked(
        run.name,
        run.metrics.classes,
        data.size_px,
        data.channels,
        run.experiment.prepare_as(run.split["dataset"]),
        limits_of(run.experiment, run.split["dataset"]),
        run.metrics.decided,
        answer,
        maps,
    )


def _answers(model: Any, images: Pixels) -> Floats:
    """Probabilities from the Keras model, a batch at a time."""
    import torch

    batch = 64
    with torch.no_grad():
        parts = [
            model(images[start : start + batch], training=False).float().cpu().numpy()
            for start in range(0, len(images), batch)
        ]
    answers: Floats = np.concatenate(parts)
    return answers
