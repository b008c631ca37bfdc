"""Pooling: over windows, and over whole images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from leadline.errors import mark
from leadline.experiments import layer_settings
from leadline.models.layers.layer_type import Formula, LayerType, Shape, TorchLayer, only, pair
from leadline.models.layers.windows import moved, moved_formula, window_misfit


class _Pooling(LayerType):
    reads_images = True

    def misfit(self, settings: Any, shapes: Sequence[Shape]) -> str | None:
        size = pair(settings.pool_size)
        return window_misfit(shapes[0], size, (1, 1), settings.padding, "pool_size")

    def output_shape(self, settings: Any, shape: Shape) -> Shape:
        window = pair(settings.pool_size)
        steps = window if settings.strides is None else pair(settings.strides)
        return (*moved(shape, window, (1, 1), steps, settings.padding), shape[-1])

    def size_formula(self, layer: Any, shape_in: Shape, shape_out: Shape) -> Formula:
        return moved_formula(layer, pair(layer.pool_size), shape_in, shape_out)

    def torch(self, layer: Any) -> TorchLayer:
        only(layer, data_format="channels_last")
        settings = {
            "pool_size": pair(layer.pool_size),
            "strides": pair(layer.strides),
            "padding": layer.padding,
        }
        return TorchLayer(self.name, settings)


class MaxPooling2D(_Pooling):
    name = "MaxPooling2D"
    settings = layer_settings.MaxPooling2D
    meanings: ClassVar = {"window-maximum": mark("the largest value of each window")}


class AveragePooling2D(_Pooling):
    name = "AveragePooling2D"
    settings = layer_settings.AveragePooling2D
    meanings: ClassVar = {"window-mean": mark("the mean of each window")}


class _GlobalPooling(LayerType):
    reads_images = True

    def torch(self, layer: Any) -> TorchLayer:
        only(layer, data_format="channels_last")
        return TorchLayer(self.name, {"keepdims": bool(layer.keepdims)})


class GlobalMaxPooling2D(_GlobalPooling):
    name = "GlobalMaxPooling2D"
    settings = layer_settings.GlobalMaxPooling2D
    meanings: ClassVar = {"channel-maximum": mark("the largest value of each channel")}


class GlobalAveragePooling2D(_GlobalPooling):
    name = "GlobalAveragePooling2D"
    settings = layer_settings.GlobalAveragePooling2D
    meanings: ClassVar = {"channel-mean": mark("the mean of each channel")}


TYPES: tuple[type[LayerType], ...] = (
    MaxPooling2D,
    AveragePooling2D,
    GlobalMaxPooling2D,
    GlobalAveragePooling2D,
)
