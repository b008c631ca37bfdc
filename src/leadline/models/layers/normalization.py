"""Normalization by batch, by image and by group of channels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import Any, ClassVar

from leadline.errors import mark
from leadline.experiments import layer_settings
from leadline.models.layers.layer_type import (
    LayerType,
    NoCounterpart,
    Shape,
    TorchLayer,
    Weights,
    only,
    require_last_axis,
    summed,
)


class _Normalization(LayerType):
    kind = "normalization"
    meanings: ClassVar = {"neither-gamma-nor-beta": mark("neither gamma nor beta")}
    statistics: ClassVar[tuple[str, ...]] = ()

    def weights(self, layer: Any, shape_in: Shape, shape_out: Shape) -> Weights | None:
        axes = layer.axis if isinstance(layer.axis, list | tuple) else [layer.axis]
        size = _size_along(axes, shape_in)
        names = (*_scale_and_shift(layer), *self.statistics)
        return summed([(name, size) for name in names], len(names) * size) if names else None

    def _torch(self, layer: Any, variables: dict[str, Any], **settings: Any) -> TorchLayer:
        require_last_axis(layer)
        variables |= {name: getattr(layer, name) for name in _scale_and_shift(layer)}
        channels = next((int(variable.shape[0]) for variable in variables.values()), 1)
        shared = {
            "channels": channels,
            "epsilon": float(layer.epsilon),
            "center": bool(layer.center),
            "scale": bool(layer.scale),
        }
        return TorchLayer(self.name, shared | settings, variables)


def _scale_and_shift(layer: Any) -> tuple[str, ...]:
    return tuple(
        name for name, present in (("gamma", layer.scale), ("beta", layer.center)) if present
    )


def _size_along(axes: Iterable[int], shape: Shape) -> int:
    """Keras counts axes with the batch first."""
    return prod((0, *shape)[axis] for axis in axes)


class BatchNormalization(_Normalization):
    """gamma, beta, mean and variance of each channel; Ioffe and Szegedy, ICML 2015."""

    name = "BatchNormalization"
    settings = layer_settings.BatchNormalization
    statistics = ("mean", "variance")

    def torch(self, layer: Any) -> TorchLayer:
        if getattr(layer, "renorm", False):
            raise NoCounterpart("renorm has no counterpart in torch")
        statistics = {"moving_mean": layer.moving_mean, "moving_variance": layer.moving_variance}
        return self._torch(layer, statistics, momentum=float(layer.momentum))


class LayerNormalization(_Normalization):
    """Over the channels at each place; Ba, Kiros and Hinton, 2016."""

    name = "LayerNormalization"
    settings = layer_settings.LayerNormalization

    def torch(self, layer: Any) -> TorchLayer:
        only(layer, rms_scaling=False)
        return self._torch(layer, {})


class GroupNormalization(_Normalization):
    """Over groups of channels of an image; Wu and He, ECCV 2018."""

    name = "GroupNormalization"
    settings = layer_settings.GroupNormalization

    def misfit(self, settings: Any, shapes: Sequence[Shape]) -> str | None:
        channels = shapes[0][-1]
        if channels % settings.groups == 0:
            return None
        return f"its groups = {settings.groups} must divide the {channels} channels"

    def torch(self, layer: Any) -> TorchLayer:
        return self._torch(layer, {}, groups=int(layer.groups))


class UnitNormalization(LayerType):
    """In models of the user's own."""

    name = "UnitNormalization"
    kind = "normalization"


class RMSNormalization(UnitNormalization):
    name = "RMSNormalization"


class Normalization(UnitNormalization):
    name = "Normalization"


TYPES: tuple[type[LayerType], ...] = (
    BatchNormalization,
    LayerNormalization,
    GroupNormalization,
    UnitNormalization,
    RMSNormalization,
    Normalization,
)
