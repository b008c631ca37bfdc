"""Dense layers: every output reads every input."""

from __future__ import annotations

from math import prod
from typing import Any

from leadline.experiments import layer_settings
from leadline.models.layers.layer_type import (
    LayerType,
    Shape,
    TorchLayer,
    Weights,
    activation_name,
    only,
    product,
    summed,
)


class Dense(LayerType):
    """inputs × units + biases."""

    name = "Dense"
    settings = layer_settings.Dense
    kind = "dense"
    initializers = ("kernel_initializer",)

    def output_shape(self, settings: Any, shape: Shape) -> Shape:
        return (*shape[:-1], settings.units)

    def weights(self, layer: Any, shape_in: Shape, shape_out: Shape) -> Weights:
        inputs, units = shape_in[-1], layer.units
        terms = [product(inputs, units)]
        if layer.use_bias:
            terms.append((units,))
        count = inputs * units + units * layer.use_bias
        return summed(terms, count, prod(shape_out) * inputs)

    def torch(self, layer: Any) -> TorchLayer:
        only(layer, quantization_mode=None)
        settings = {
            "inputs": layer.kernel.shape[0],
            "units": layer.units,
            "activation": activation_name(layer),
            "use_bias": bool(layer.use_bias),
        }
        return TorchLayer("Dense", settings, with_bias(layer, kernel=layer.kernel))


def with_bias(layer: Any, **weights: Any) -> dict[str, Any]:
    """The variables, and the bias of a layer that has one."""
    return weights | {"bias": layer.bias} if layer.use_bias else weights


TYPES: tuple[type[LayerType], ...] = (Dense,)
"""The table of layer types, `LAYER_TYPES`, is made of these."""
