"""Layers without weights: activations, reshaping, padding, and joining several inputs."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, ClassVar

from leadline.errors import mark
from leadline.experiments import layer_settings
from leadline.models.layers.layer_type import (
    Formula,
    LayerType,
    NoCounterpart,
    Shape,
    TorchLayer,
    activation_name,
    only,
    row_formula,
)


class Activation(LayerType):
    name = "Activation"
    settings = layer_settings.ActivationLayer
    meanings: ClassVar = {"function-of-each-value": mark("a function of each value")}

    def torch(self, layer: Any) -> TorchLayer | None:
        name = activation_name(layer)
        return None if name == "linear" else TorchLayer("Activation", {"function": name})


class Flatten(LayerType):
    name = "Flatten"
    settings = layer_settings.Flatten
    kind = "pass-through"
    meanings: ClassVar = {"same-values-in-a-row": mark("the same values in one row")}

    def output_shape(self, settings: Any, shape: Shape) -> Shape:
        return (prod(shape),)

    def size_formula(self, layer: Any, shape_in: Shape, shape_out: Shape) -> Formula:
        return row_formula(shape_in, shape_out)

    def torch(self, layer: Any) -> TorchLayer:
        only(layer, data_format="channels_last")
        return TorchLayer("Flatten")


class Add(LayerType):
    name = "Add"
    settings = layer_settings.Add
    merges = True
    meanings: ClassVar = {"sum-of-inputs": mark("the sum of its inputs")}

    def misfit(self, settings: Any, shapes: Sequence[Shape]) -> str | None:
        if len(set(shapes)) == 1:
            return None
        return "Add needs inputs of one shape; make their sizes and filters agree"

    def torch(self, layer: Any) -> TorchLayer:
        require_equal_ranks(layer)
        return TorchLayer("Add")


def require_equal_ranks(layer: Any) -> None:
    """Raise NoCounterpart for inputs of different ranks: Keras and torch broadcast differently."""
    shapes = (layer.get_build_config() or {}).get("input_shape") or ()
    if len({len(shape) for shape in shapes}) > 1:
        raise NoCounterpart("inputs of different ranks have no counterpart in torch")


class Multiply(LayerType):
    name = "Multiply"
    merges = True

    def torch(self, layer: Any) -> TorchLayer:
        require_equal_ranks(layer)
        return TorchLayer("Multiply")


class Concatenate(LayerType):
    name = "Concatenate"
    settings = layer_settings.Concatenate
    merges = True
    meanings: ClassVar = {"inputs-side-by-side": mark("its inputs side by side")}

    def misfit(self, settings: Any, shapes: Sequence[Shape]) -> str | None:
        if len({shape[:-1] for shape in shapes}) == 1:
            return None
        return "Concatenate needs inputs that differ in their last size only"

    def torch(self, layer: Any) -> TorchLayer:
        return TorchLayer("Concatenate", {"axis": int(layer.axis)})


# In models of the user's own.


class Identity(LayerType):
    name = "Identity"

    def torch(self, layer: Any) -> TorchLayer | None:
        return None


class Reshape(LayerType):
    name = "Reshape"
    kind = "pass-through"


class ReLU(LayerType):
    name = "ReLU"

    def torch(self, layer: Any) -> TorchLayer:
        only(layer, max_value=None, threshold=0)
        slope = float(layer.negative_slope)
        if slope == 0:
            return TorchLayer("Activation", {"function": "relu"})
        return TorchLayer("LeakyReLU", {"negative_slope": slope})


class LeakyReLU(LayerType):
    name = "LeakyReLU"

    def torch(self, layer: Any) -> TorchLayer:
        return TorchLayer("LeakyReLU", {"negative_slope": float(layer.negative_slope)})


class ELU(LayerType):
    name = "ELU"

    def torch(self, layer: Any) -> TorchLayer:
        return TorchLayer("ELU", {"alpha": float(layer.alpha)})


class Softmax(LayerType):
    name = "Softmax"

    def torch(self, layer: Any) -> TorchLayer:
        only(layer, axis=-1)
        return TorchLayer("Activation", {"function": "softmax"})


class ZeroPadding2D(LayerType):
    name = "ZeroPadding2D"

    def torch(self, layer: Any) -> TorchLayer:
        only(layer, data_format="channels_last")
        (top, bottom), (left, right) = layer.padding
        return TorchLayer("ZeroPadding2D", {"padding": (left, right, top, bottom)})


class Rescaling(LayerType):
    name = "Rescaling"

    def torch(self, layer: Any) -> TorchLayer:
        if not all(isinstance(value, int | float) for value in (layer.scale, layer.offset)):
            raise NoCounterpart("a scale or offset for each channel has no counterpart in torch")
        settings = {"scale": float(layer.scale), "offset": float(layer.offset)}
        return TorchLayer("Rescaling", settings)


TYPES: tuple[type[LayerType], ...] = (
    Activation,
    Flatten,
    Add,
    Multiply,
    Concatenate,
    Identity,
    Reshape,
    ReLU,
    LeakyReLU,
    ELU,
    Softmax,
    ZeroPadding2D,
    Rescaling,
)
