"""What a model says of one image of the user's own, and where it looked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Answer:
    """One image asked about.

    path: as the user gave it. image: uint8 (height, width, channels), as the network sees it. heat:
    float32 (height, width), 0 to 1, all 0 where the map is empty. decided: the class that the model
    decides for; explained: the class that the map speaks for. probabilities: by class. border:
    share of the map in the border tenth, None where it is empty. scope: the out-of-scope score, in
    scope where at most 1; None where the model has none.
    """

    path: str
    image: NDArray[np.uint8]
    heat: NDArray[np.float32]
    decided: str
    explained: str
    probabilities: dict[str, float]
    border: float | None
    scope: float | None = None

    @property
    def in_scope(self) -> bool | None:
        return None if self.scope is None else self.scope <= 1

    def as_dict(self) -> dict[str, Any]:
        """What `--json` prints of it."""
        return {
            "path": self.path,
            "class": self.decided,
            "probability": self.probabilities[self.decided],
            "in_scope": self.in_scope,
            "explained": self.explained,
            "explained_probability": self.probabilities[self.explained],
            "border_share": self.border,
            "empty": self.border is None,
            "probabilities": self.probabilities,
        }


@dataclass(frozen=True, eq=False)
class Explained:
    """Images asked about, and the model that was asked.

    method: "Grad-CAM" or "occlusion"; layer: "" without one. limits: for whom the model's images
    stand, "" where it does not say. positive and threshold: of two classes with a fitted threshold.
    """

    model: str
    method: str
    layer: str
    limits: str
    positive: str | None
    threshold: float
    answers: tuple[Answer, ...]

    @property
    def how(self) -> str:
        """The method in words: "Grad-CAM at layer conv2d_2"."""
        if self.layer:
            return f"{self.method} at layer {self.layer}"
        return f"{self.method}: where covering a patch makes the class less likely"

    def as_dict(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "model": self.model,
            "method": self.method,
            "layer": self.layer or None,
            "positive": self.positive,
            "threshold": self.threshold if self.positive is not None else None,
            "limits": self.limits,
            "images": [one.as_dict() for one in self.answers],
        }
