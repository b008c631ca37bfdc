"""Explanation of one of the user's own images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from leadline.data.short_repr import ShortRepr
from leadline.explain.hog_drawings import CELL_PX, ORIENTATIONS, hog_settings, usual_cell_px


@dataclass(frozen=True)
class Strokes:
    """Drawing of edges: number of directions, and cell size in px.

    kind: "hog" where the model itself has these settings, "pixels" where it sees none, "" where
    that is not known.
    """

    orientations: int = ORIENTATIONS
    cell_px: int = CELL_PX
    kind: Literal["hog", "pixels", ""] = ""


def strokes_of(features: Mapping[str, object], size_px: tuple[int, int]) -> Strokes:
    """A model's own cells and directions, and for any other those that suit the size of images.

    features: as a model file or an experiment tells them; size_px: (height, width).
    """
    own = hog_settings(features)
    if own is not None:
        return Strokes(*own, "hog")
    kind: Literal["pixels", ""] = "pixels" if features.get("kind") == "pixels" else ""
    return Strokes(cell_px=usual_cell_px(*size_px), kind=kind)


@dataclass(frozen=True, eq=False, repr=False)
class Answer(ShortRepr):
    """Explanation of one image.

    path: as the user gave it. image: uint8 (height, width, channels), as the network sees it.
    decided: the class that the model decides for. explained: the class that `heat` speaks for;
    against: the likeliest of the others, for which `heat_against` does. Maps are float32 (height,
    width), 0 to 1, all 0 where nothing speaks for the class. probabilities: by class. border: share
    of `heat` in the border tenth, None where it is empty. ood_score: above 1 for an image unlike
    the training images; None if the model has no such score.
    """

    path: str
    image: NDArray[np.uint8]
    heat: NDArray[np.float32]
    heat_against: NDArray[np.float32]
    decided: str
    explained: str
    against: str
    probabilities: dict[str, float]
    border: float | None
    ood_score: float | None = None

    @property
    def in_scope(self) -> bool | None:
        return None if self.ood_score is None else self.ood_score <= 1

    @property
    def runner_up(self) -> str:
        """The likeliest class but the one decided for."""
        others = [name for name in self.probabilities if name != self.decided]
        return max(others, key=self.probabilities.__getitem__)

    def as_dict(self) -> dict[str, Any]:
        """Return the image's entry for `--json`."""
        return {
            "path": self.path,
            "class": self.decided,
            "probability": self.probabilities[self.decided],
            "runner_up": self.runner_up,
            "runner_up_probability": self.probabilities[self.runner_up],
            "in_scope": self.in_scope,
            "explained": self.explained,
            "explained_probability": self.probabilities[self.explained],
            "border_share": self.border,
            "empty": self.border is None,
            "probabilities": self.probabilities,
        }


@dataclass(frozen=True, eq=False, repr=False)
class Explained(ShortRepr):
    """Explanations of several images, and the model.

    method: "Grad-CAM" or "occlusion"; layer: "" without one. source: which file was asked, where
    that is not the model that was named. limits: the population of the model's images, "" where it
    does not say. positive and threshold: of two classes with a fitted threshold. strokes: how edges
    are shown. prepare: "digit" where images are made like those of MNIST first.
    """

    model: str
    method: str
    layer: str
    limits: str
    positive: str | None
    threshold: float
    answers: tuple[Answer, ...]
    source: str = ""
    strokes: Strokes = Strokes()
    prepare: str = "none"

    @property
    def how(self) -> str:
        """The method in words: "Grad-CAM at layer conv2d_2"."""
        if self.layer:
            return f"{self.method} at layer {self.layer}"
        of = f" of {self.source}" if self.source else ""
        return f"{self.method}{of}: where covering a patch makes the class less likely"

    def as_dict(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        return {
            "model": self.model,
            "method": self.method,
            "layer": self.layer or None,
            "positive": self.positive,
            "threshold": self.threshold if self.positive is not None else None,
            "limits": self.limits,
            "images": [answer.as_dict() for answer in self.answers],
        }
