"""A model that answers images: probabilities, decisions, and what is in scope."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.errors import ModelFileError
from leadline.experiments.image_form import FitMode
from leadline.export.export_paths import find_model_file
from leadline.export.model_file import ModelFile, open_model_file
from leadline.export.model_metadata import Metadata
from leadline.metrics.estimates import OperatingPoint

Pixels = NDArray[np.uint8]
USUAL_POINT = "youden"


@dataclass(frozen=True, eq=False)
class PredictionBatch:
    """Predictions for n images.

    probabilities: float32 (n, classes). likeliest, decided: int64 (n,), numbers of classes.
    scores: float32 (n,), in scope where at most 1; None where the model has no such score.
    """

    probabilities: NDArray[np.float32]
    likeliest: NDArray[np.int64]
    decided: NDArray[np.int64]
    scores: NDArray[np.float32] | None

    @property
    def in_scope(self) -> NDArray[np.bool_] | None:
        """bool (n,): whether each image is such as the model was trained on."""
        return None if self.scores is None else self.scores <= 1


@dataclass(frozen=True, eq=False)
class Predictor:
    """A model, opened, and the operating point at which it decides (None: for the likeliest)."""

    model_file: ModelFile
    point: OperatingPoint | None

    @classmethod
    def open(cls, model: Path, *, point: str | None = None, threads: int = 0) -> Predictor:
        """Open a run's folder, a model file, or a model of the zoo.

        point: the name of the operating point; Youden's unless given, or the one that there is.
        threads: of one answer; 0 for as many as there are processors. Raises RunError or
        ModelFileError where there is no such model, or no such point in it.
        """
        path = find_model_file(model)
        model_file = open_model_file(path, threads=threads)
        try:
            return cls(model_file, _point(model_file.metadata, point))
        except ModelFileError as error:
            raise ModelFileError(f"{path}: {error}") from None

    @property
    def metadata(self) -> Metadata:
        return self.model_file.metadata

    @property
    def classes(self) -> tuple[str, ...]:
        return self.metadata.classes

    @property
    def size_px(self) -> tuple[int, int]:
        """(height, width) of the images that it takes."""
        return self.metadata.size_px

    @property
    def channels(self) -> int:
        """1 for grey, 3 for colour."""
        return self.metadata.channels

    @property
    def fit(self) -> FitMode:
        """The way an image of another aspect ratio is fitted: "pad", "crop" or "stretch"."""
        return self.metadata.fit

    @property
    def prepare(self) -> str:
        """ "digit" where pictures are to be made like those of MNIST first, else "none"."""
        return self.metadata.prepare

    @property
    def positive(self) -> str | None:
        """The class that `point` decides for, from its threshold on; None without a point."""
        decided = self.metadata.decision
        return None if self.point is None or decided is None else decided.positive

    def answer(self, images: Pixels) -> PredictionBatch:
        """Return the predictions for uint8 images (n, *size_px, channels).

        Raises ModelFileError for images of another kind, and for a graph that gives no
        probabilities.
        """
        probabilities, scores = self.model_file.answer(images)
        return PredictionBatch(
            probabilities, probabilities.argmax(axis=1), self.decide(probabilities), scores
        )

    def decide(self, probabilities: NDArray[Any]) -> NDArray[np.int64]:
        """int64 (n,): at the operating point, the positive class from its threshold on."""
        if self.point is None or self.positive is None:
            likeliest: NDArray[np.int64] = probabilities.argmax(axis=1)
            return likeliest
        positive = self.classes.index(self.positive)
        reached = probabilities[:, positive].astype(np.float64) >= self.point.threshold
        return np.where(reached, positive, 1 - positive)


def _point(metadata: Metadata, name: str | None) -> OperatingPoint | None:
    decided = metadata.decision
    points = decided.points if decided is not None and decided.positive is not None else ()
    by_name: dict[str, OperatingPoint] = {point.name: point for point in points}
    if name is None:
        return by_name.get(USUAL_POINT) or next(iter(points), None)
    if name not in by_name:
        fix = (
            f"choose one of {', '.join(by_name)}"
            if by_name
            else "it predicts the most probable class"
        )
        raise ModelFileError(f"has no operating point {name!r}; {fix}.")
    return by_name[name]
