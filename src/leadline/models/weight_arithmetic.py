"""Shapes and weights of an experiment's layers by arithmetic alone, for what is never built."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from types import SimpleNamespace

from leadline.experiments import Experiment, Pixels
from leadline.experiments.layer_settings import (
    AnyLayer,
    AveragePooling2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPooling2D,
    SpatialDropout2D,
)
from leadline.models.shape_checks import Shape, pair
from leadline.models.topology import FEATURES, HEAD, split_dead, wire
from leadline.models.weight_formulas import SUMS, Derivation

Window = Conv2D | MaxPooling2D | AveragePooling2D


@dataclass(frozen=True)
class Counted:
    """One layer: what it reads, what it puts out (without the batch), its weights and their sum."""

    name: str
    shape_in: Shape
    shape_out: Shape
    weights: int
    derivation: str


def count_weights(
    experiment: Experiment, image_shape: Shape, classes: int
) -> tuple[Counted, ...] | None:
    """The layers that reach the head, and the head; None where one is not known here.

    image_shape: (height, width, channels). Known are dense layers, convolutions, pooling windows,
    Flatten and dropout, on pixels.
    """
    if experiment.model is not None or not isinstance(experiment.features, Pixels):
        return None
    flat = experiment.features.flatten
    shapes: dict[str, Shape] = {FEATURES: (prod(image_shape),) if flat else image_shape}
    alive, _dead = split_dead(wire(experiment))
    counted = []
    for node in alive:
        before = shapes[node.reads[0]]
        after = _shape(node.layer, before)
        if after is None:
            return None
        shapes[node.name] = after
        counted.append(_counted(node.name, node.layer, before, after))
    last = counted[-1].shape_out if counted else shapes[FEATURES]
    head = Dense(type="Dense", units=classes)
    return (*counted, _counted(HEAD, head, last, (classes,)))


def total(counted: Iterable[Counted]) -> int:
    """The weights of all."""
    return sum(one.weights for one in counted)


def _counted(name: str, layer: AnyLayer, before: Shape, after: Shape) -> Counted:
    """With the sum that a built layer of these settings would have."""
    settings = layer.model_dump()
    if isinstance(layer, Conv2D):
        settings |= {"kernel_size": pair(layer.kernel_size), "data_format": "channels_last"}
    sum_ = SUMS.get(layer.type)
    found = sum_(SimpleNamespace(**settings), before, after) if sum_ else Derivation(0, "")
    return Counted(name, before, after, found.weights, found.text)


def _shape(layer: AnyLayer, shape: Shape) -> Shape | None:
    """What a layer makes of a shape; None where it is not known here."""
    if isinstance(layer, Dense):
        return (*shape[:-1], layer.units)
    if isinstance(layer, Conv2D):
        return (*_moved(layer, shape), layer.filters)
    if isinstance(layer, MaxPooling2D | AveragePooling2D):
        return (*_moved(layer, shape), shape[-1])
    if isinstance(layer, Flatten):
        return (prod(shape),)
    return shape if isinstance(layer, Dropout | SpatialDropout2D) else None


def _moved(layer: Window, shape: Shape) -> Shape:
    """Height and width after a window has moved over an image."""
    window = pair(layer.kernel_size if isinstance(layer, Conv2D) else layer.pool_size)
    steps = pair(layer.strides if layer.strides is not None else window)
    dilation = pair(layer.dilation_rate) if isinstance(layer, Conv2D) else (1, 1)
    if layer.padding == "same":
        return tuple(-(-size // step) for size, step in zip(shape[:2], steps, strict=True))
    return tuple(
        (size - (k - 1) * apart - 1) // step + 1
        for size, k, apart, step in zip(shape[:2], window, dilation, steps, strict=True)
    )
