"""What building an experiment gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class DeadLayer:
    """A layer of the experiment whose output reaches nothing, so that it is not in the model."""

    name: str
    type: str
    reason: str
    """Why, in words: "nothing reads its output: l2 reads l1"."""


@dataclass(frozen=True, eq=False)
class BuiltModel:
    """One network and its two halves, which share their layers and weights.

    model: uint8 images (n, height, width, channels) in, probabilities (n, classes) out.
    features: the weight-less layer that maps the images to float32 features.
    classifier: those features in, probabilities out.
    """

    model: keras.Model
    features: keras.layers.Layer
    classifier: keras.Model
    dead_layers: tuple[DeadLayer, ...] = ()
