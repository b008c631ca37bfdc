"""A user's own layer type, in one file: tanh(scale × value), with a learned scale by channel."""

from __future__ import annotations

from math import prod
from typing import Any, Literal

import keras
import torch
from torch import nn

from leadline.experiments.layer_settings import Layer
from leadline.models import LayerType, TorchLayer, Weights, register_layer, summed


class ScaledTanhSettings(Layer):
    """What an experiment file may say."""

    type: Literal["ScaledTanh"]
    start: float = 1.0


@keras.saving.register_keras_serializable(package="mine")
class ScaledTanh(keras.layers.Layer):  # type: ignore[misc]  # mypy does not follow keras
    """The layer that is trained."""

    def __init__(self, start: float = 1.0, **layer: Any) -> None:
        super().__init__(**layer)
        self.start = start

    def build(self, shape: tuple[int | None, ...]) -> None:
        start = keras.initializers.Constant(self.start)
        self.scale = self.add_weight(shape=(shape[-1],), initializer=start, name="scale")

    def call(self, values: Any) -> Any:
        return keras.ops.tanh(values * self.scale)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "start": self.start}


class ScaledTanhModule(nn.Module):  # type: ignore[misc]  # nor torch
    """The same in torch, which training runs and `export --format torch` copies out."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.empty(channels))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return torch.tanh(values * self.scale)


class ScaledTanhType(LayerType):
    """What leadline asks about it."""

    name = "ScaledTanh"
    settings = ScaledTanhSettings
    keras = f"{__name__}:ScaledTanh"

    def output_shape(self, settings: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape

    def weights(self, layer: Any, shape_in: Any, shape_out: Any) -> Weights:
        channels = shape_in[-1]
        return summed([("scale", channels)], channels, multiply_adds=prod(shape_out))

    def torch(self, layer: Any) -> TorchLayer:
        settings = {"channels": int(layer.scale.shape[0])}
        return TorchLayer("ScaledTanh", settings, {"scale": layer.scale}, ScaledTanhModule)


def register() -> None:
    """Called by tests, which remove the type again; a user's file would register it at once."""
    register_layer(ScaledTanhType)
