"""Shapes and weights of an experiment's layers by arithmetic alone, for what is never built."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from types import SimpleNamespace

from leadline.experiments import Experiment, Pixels
from leadline.experiments.layer_settings import Dense, Layer
from leadline.models.layers import LAYER_TYPES
from leadline.models.layers.layer_type import Formula, Shape
from leadline.models.topology import FEATURES, HEAD, split_unused, wire


@dataclass(frozen=True)
class LayerWeights:
    """One layer: shapes of its input and output (without the batch), weights, their formula."""

    name: str
    shape_in: Shape
    shape_out: Shape
    weights: int
    formula: Formula


def count_weights(
    experiment: Experiment, image_shape: Shape, classes: int
) -> tuple[LayerWeights, ...] | None:
    """The layers that are connected to the head, and the head.

    image_shape: (height, width, channels). None for features other than pixels, and where a layer
    type does not give its output's shape by arithmetic.
    """
    if experiment.model is not None or not isinstance(experiment.features, Pixels):
        return None
    flat = experiment.features.flatten
    shapes: dict[str, Shape] = {FEATURES: (prod(image_shape),) if flat else image_shape}
    used, _unused = split_unused(wire(experiment))
    counted = []
    for node in used:
        before = shapes[node.reads[0]]
        after = LAYER_TYPES[node.layer.type].output_shape(node.layer, before)
        if after is None:
            return None
        shapes[node.name] = after
        counted.append(_counted(node.name, node.layer, before, after))
    last = counted[-1].shape_out if counted else shapes[FEATURES]
    head = Dense(type="Dense", units=classes)
    return (*counted, _counted(HEAD, head, last, (classes,)))


def total(counted: Iterable[LayerWeights]) -> int:
    """The weights of all."""
    return sum(layer.weights for layer in counted)


def _counted(name: str, layer: Layer, before: Shape, after: Shape) -> LayerWeights:
    """With the formula that a built layer of these settings would have."""
    built = SimpleNamespace(**layer.model_dump(), data_format="channels_last")
    weights = LAYER_TYPES[layer.type].weights(built, before, after)
    if weights is None:
        return LayerWeights(name, before, after, 0, ())
    return LayerWeights(name, before, after, weights.count, weights.formula)
