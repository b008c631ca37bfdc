"""Result of building an experiment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class UnusedLayer:
    """A layer that is defined but connected to no output, so that it is not in the model.

    reason: "not-read" where no layer reads it; then `following` is the layer after it and
    `following_reads` what that one reads instead. "read-by-unused" where only `readers` read it,
    which are themselves unused.
    """

    name: str
    type: str
    reason: Literal["not-read", "read-by-unused"]
    following: str = ""
    following_reads: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()


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
    unused_layers: tuple[UnusedLayer, ...] = ()
