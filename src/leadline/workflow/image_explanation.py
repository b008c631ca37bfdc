"""`leadline explain`: find the model, a run folder, a model file or a zoo name, and explain images.

A run with a convolution is explained by Grad-CAM where Keras and torch are installed. Any other
run, a model file and a model of the zoo are explained by occlusion, which needs nothing but ONNX
Runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from math import prod
from pathlib import Path

from leadline import runs
from leadline.data.formats.image_files import read_images
from leadline.errors import ModelFileError, RunError
from leadline.experiments import Experiment
from leadline.explain.explained_image import Explained, strokes_of
from leadline.explain.explainer import Explainer, by_occlusion, explain_images
from leadline.export import find_model_file, open_model_file
from leadline.report.words.guessing_words import with_limits

BATCH_BYTES = 2**18
"""Covered images that go through a network at once: more would not fit the cache."""
NO_GRAD_CAM = "its model.onnx (Grad-CAM needs leadline[train])"


def why(
    model: Path,
    images: Sequence[Path],
    class_name: str | None = None,
    *,
    trust: bool = False,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Explained:
    """Explain a class in each image: `class_name`, or the class that the model decides for.

    model: a run folder, a model file, or a name in the zoo. trust: run the code that a run's Keras
    model brings. on_progress: called with the number of images that are done. Raises RunError or
    ModelFileError where it is no model, DataError for an image that cannot be read and for a class
    that the model does not know.
    """
    explainer = _explainer(model, trust=trust)
    wanted = None if class_name is None else explainer.class_index(class_name, str(model))
    pixels = read_images(
        images,
        explainer.size_px,
        explainer.channels,
        lambda *_: None,
        fit=explainer.fit,
        prepare=explainer.prepare,
    )
    names = [str(path) for path in images]
    return explain_images(explainer, names, list(pixels), wanted, on_progress)


def _explainer(model: Path, *, trust: bool) -> Explainer:
    """A folder of the user's own goes before a model of the zoo that has its name."""
    if model.is_dir() and runs.finished(model):
        return _of_run(model, trust=trust)
    return _of_model_file(find_model_file(model))


def _of_run(folder: Path, *, trust: bool) -> Explainer:
    """A finished run, by Grad-CAM if possible."""
    run = runs.load_run(folder)
    trains = all(find_spec(package) is not None for package in ("keras", "torch"))
    convolves = _may_convolve(run.experiment)
    if convolves and trains:
        return _by_keras(run, trust=trust)
    try:
        explainer = _of_model_file(find_model_file(folder))
    except (ModelFileError, RunError):
        if not trains:
            raise
        return _by_keras(run, trust=trust)  # a run that could not be exported
    source = NO_GRAD_CAM if convolves else "its model.onnx"
    return replace(explainer, name=run.name, source=source)


def _by_keras(run: runs.Run, *, trust: bool) -> Explainer:
    """The run's model, with a caveat if it may be guessing."""
    explainer = runs.explainer_of(run, trust=trust)
    return replace(explainer, limits=with_limits(run.metrics.guessing, explainer.limits))


def _may_convolve(experiment: Experiment) -> bool:
    return experiment.model is not None or any("Conv" in layer.type for layer in experiment.layers)


def _of_model_file(path: Path) -> Explainer:
    opened = open_model_file(path)
    about = opened.metadata
    batch = max(8, BATCH_BYTES // prod((*about.size_px, about.channels)))
    return Explainer(
        about.name,
        about.classes,
        about.size_px,
        about.channels,
        about.fit,
        about.prepare,
        with_limits(about.guessing, about.limits),
        strokes_of(about.features, about.size_px),
        about.decision,
        opened.answer,
        by_occlusion(lambda images: opened.answer(images)[0], batch),
    )
