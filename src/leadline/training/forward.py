"""A Keras model as plain torch calls, on the layers' own variables.

Keras's `__call__` costs as much as the arithmetic of a small network, and its convolution copies
the batch twice to change the layout. Here the same graph is walked, and the torch module of each
layer's type is called directly; a layer without one is called as Keras calls it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import torch
from torch import nn

from leadline.models.layers import layer_type_of
from leadline.models.layers.layer_type import NoCounterpart, TorchLayer
from leadline.models.torch_modules import MODULES, BatchNormalization, Dense, Dropout
from leadline.training import layer_graph

Kernel = Callable[[Any], torch.Tensor]


class Forward:
    """A model as a function of one feature batch.

    Calling gives logits where `gives_logits`, else probabilities: float32 (n, classes).
    With a `dropout` generator the model runs as in training: dropout drawn from it, batch
    statistics in normalisation layers. Without one it runs as in prediction. Layers of the class
    `through_keras` are called by Keras, not replaced by a direct call of torch.
    """

    def __init__(
        self,
        model: keras.Model,
        dropout: torch.Generator | None = None,
        *,
        through_keras: type | None = None,
    ) -> None:
        self._steps = layer_graph.steps(model)
        last = self._steps[-1].layer
        self.gives_logits = is_softmax_head(last)
        self._calls = [
            bare_dense(last)
            if self.gives_logits and step.layer is last
            else kernel(step.layer, dropout, through_keras)
            for step in self._steps
        ]

    def __call__(self, features: torch.Tensor) -> torch.Tensor:
        values = {layer_graph.SOURCE: features}
        for step, call in zip(self._steps, self._calls, strict=True):
            if step.takes_list:
                values[step.name] = call([values[name] for name in step.reads])
            else:
                values[step.name] = call(values[step.reads[0]])
        return values[self._steps[-1].name]

    def probabilities(self, features: torch.Tensor) -> torch.Tensor:
        """float32 (n, classes), rows sum to 1."""
        return self.as_probabilities(self(features))

    def as_probabilities(self, outputs: torch.Tensor) -> torch.Tensor:
        """Return the model's output as probabilities."""
        return torch.softmax(outputs, dim=1) if self.gives_logits else outputs


def kernel(
    layer: Any, generator: torch.Generator | None, through_keras: type | None = None
) -> Kernel:
    """The layer as a function of its input. A generator means training, and feeds dropout.

    A layer of the class `through_keras` is called as Keras calls it.
    """
    training = generator is not None
    replaced = through_keras is None or not isinstance(layer, through_keras)
    if replaced and _is_plain(layer):
        try:
            return _direct(layer, generator)
        except NoCounterpart:
            pass
    return lambda x: layer(x, training=training)


def is_softmax_head(layer: Any) -> bool:
    """Return True for a dense layer whose activation is softmax over the last axis."""
    return (
        type(layer) is keras.layers.Dense
        and layer.activation is keras.activations.softmax
        and _is_plain(layer)
    )


def bare_dense(layer: Any) -> Kernel:
    """A dense layer without its activation: (n, units) from (n, inputs)."""
    module = torch_module(layer)
    if not isinstance(module, Dense):
        raise TypeError(f"{layer.name} is no dense layer")
    return module.product


def torch_module(layer: Any) -> nn.Module | None:
    """The torch module of a built Keras layer, on the layer's own variables.

    None for a layer that does nothing. Raises NoCounterpart where there is no such module.
    """
    layer_type = layer_type_of(layer)
    if layer_type is None:
        raise NoCounterpart("its type is not registered")
    found = layer_type.torch(layer)
    if found is None:
        return None
    with torch.device("meta"):
        module = _class_of(found)(**found.settings)
    for name, variable in found.weights.items():
        setattr(module, name, variable.value)
    return module


def _class_of(found: TorchLayer) -> type[nn.Module]:
    if found.source is not None:
        return found.source
    if found.module not in MODULES:
        raise NoCounterpart("it has no module in training")
    return MODULES[found.module]


def _direct(layer: Any, generator: torch.Generator | None) -> Kernel:
    """The forward pass of the layer's module; it skips the hooks of `nn.Module.__call__`."""
    module = torch_module(layer)
    if module is None:
        return lambda x: x
    module.train(generator is not None)
    if isinstance(module, Dropout):
        module.generator = generator
    if isinstance(module, BatchNormalization):
        return _frozen_or_not(layer, module)
    forward: Kernel = module.forward
    return forward


def _frozen_or_not(layer: Any, module: nn.Module) -> Kernel:
    """Normalization by moving statistics while the layer is frozen, which it can be at any time."""
    training = module.training

    def call(x: torch.Tensor) -> torch.Tensor:
        module.training = training and layer.trainable
        out: torch.Tensor = module.forward(x)
        return out

    return call


def _is_plain(layer: Any) -> bool:
    """Return True for a layer in single precision without a penalty on its output, or LoRA."""
    return (
        layer.compute_dtype == layer.variable_dtype == "float32"
        and layer.activity_regularizer is None
        and not getattr(layer, "lora_enabled", False)
    )
