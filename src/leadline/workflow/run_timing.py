"""How long runs take for one image: a run's own artefact, and those of a study in turn."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.prediction_time import Timing
from leadline.errors import ArtefactError
from leadline.export import time_artefacts
from leadline.runs import ARTEFACT, Run

SOME_IMAGES = 16


def timed(place: Path, artefact: str, images: NDArray[np.uint8]) -> Timing | None:
    """The time of one prediction of the run in that place; None where it has no ONNX file.

    artefact: "model.onnx", or why there is none. images: uint8 (n, height, width, channels).
    """
    if artefact != ARTEFACT or not len(images):
        return None
    return time_artefacts([(place / ARTEFACT, images[:SOME_IMAGES])])[0]


def timed_together(done: Iterable[tuple[Run, NDArray[np.uint8]]]) -> dict[str, Timing]:
    """Of each experiment with an ONNX file, by its name: its first run, all of them in turn.

    done: runs with images that they take.
    """
    first: dict[str, tuple[Path, NDArray[np.uint8]]] = {}
    for run, images in done:
        if (path := run.folder / ARTEFACT).is_file() and len(images):
            first.setdefault(run.experiment.name, (path, images[:SOME_IMAGES]))
    try:
        return dict(zip(first, time_artefacts(list(first.values())), strict=True))
    except ArtefactError:  # a file was changed by hand: the study stands, without times
        return {}
