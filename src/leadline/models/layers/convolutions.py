"""Convolutions: over all channels, over each channel, and one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, ClassVar

from leadline.experiments import layer_settings
from leadline.experiments.layer_settings import Layer
from leadline.models.layers.dense import with_bias
from leadline.models.layers.layer_type import (
    Formula,
    LayerType,
    Shape,
    TorchLayer,
    Weights,
    activation_name,
    channels_of,
    only,
    pair,
    product,
    summed,
)
from leadline.models.layers.windows import moved, moved_formula, window_misfit


class Convolution(LayerType):
    """Base of the three convolutions of images."""

    kind = "convolution"
    reads_images = True

    def misfit(self, settings: Any, shapes: Sequence[Shape]) -> str | None:
        size, dilation = pair(settings.kernel_size), pair(settings.dilation_rate)
        problem = window_misfit(shapes[0], size, dilation, settings.padding, "kernel_size")
        if problem is None and max(pair(settings.strides)) > 1 and max(dilation) > 1:
            problem = (
                f"strides = {settings.strides!r} and dilation_rate = {settings.dilation_rate!r} "
                "cannot both be above 1; set one of them to 1"
            )
        return problem

    def size_formula(self, layer: Any, shape_in: Shape, shape_out: Shape) -> Formula:
        window, apart = pair(layer.kernel_size), pair(layer.dilation_rate)
        reach = [apart[axis] * (window[axis] - 1) + 1 for axis in (0, 1)]
        return moved_formula(layer, reach, shape_in, shape_out)


def _moving(layer: Any) -> dict[str, Any]:
    """Settings of a window that moves, and of what follows it."""
    only(layer, data_format="channels_last", quantization_mode=None)
    return {
        "kernel_size": pair(layer.kernel_size),
        "strides": pair(layer.strides),
        "padding": layer.padding,
        "dilation_rate": pair(layer.dilation_rate),
        "activation": activation_name(layer),
        "use_bias": bool(layer.use_bias),
    }


class Conv2D(Convolution):
    """kernel height × kernel width × input channels (÷ groups) × filters + biases."""

    name = "Conv2D"
    settings: ClassVar[type[Layer] | None] = layer_settings.Conv2D
    initializers = ("kernel_initializer",)

    def misfit(self, settings: Any, shapes: Sequence[Shape]) -> str | None:
        problem, channels = super().misfit(settings, shapes), shapes[0][-1]
        if problem is None and (channels % settings.groups or settings.filters % settings.groups):
            problem = (
                f"its groups = {settings.groups} must divide both the {channels} channels that it "
                f"reads and its {settings.filters} filters"
            )
        return problem

    def output_shape(self, settings: Any, shape: Shape) -> Shape:
        window, dilation = pair(settings.kernel_size), pair(settings.dilation_rate)
        steps = pair(settings.strides)
        return (*moved(shape, window, dilation, steps, settings.padding), settings.filters)

    def weights(self, layer: Any, shape_in: Shape, shape_out: Shape) -> Weights:
        channels, filters, groups = channels_of(layer, shape_in), layer.filters, layer.groups
        size = sizes_of(layer.kernel_size)
        kernel = prod(size) * (channels // groups)
        depth: int | Formula = ("(", channels, "÷", groups, ")") if groups > 1 else channels
        terms = [product(*size, depth, filters)]
        if layer.use_bias:
            terms.append((filters,))
        count = kernel * filters + filters * layer.use_bias
        return summed(terms, count, kernel * prod(shape_out))

    def torch(self, layer: Any) -> TorchLayer | None:
        settings = {"channels": layer.kernel.shape[2] * layer.groups, "filters": layer.filters}
        settings |= _moving(layer) | {"groups": layer.groups}
        return TorchLayer("Conv2D", settings, with_bias(layer, kernel=layer.kernel))


def _multiplied(layer: Any, channels: int) -> Formula:
    """kernel height × kernel width × channels (× depth multiplier)."""
    times = [layer.depth_multiplier] if layer.depth_multiplier > 1 else []
    return product(*sizes_of(layer.kernel_size), channels, *times)


def sizes_of(size: Any) -> tuple[int, ...]:
    """A kernel's sizes, of one or more dimensions."""
    return pair(size) if isinstance(size, int) else tuple(size)


class _Strided(Convolution):
    """Convolutions that must move alike in both directions."""

    def misfit(self, settings: Any, shapes: Sequence[Shape]) -> str | None:
        problem, strides = super().misfit(settings, shapes), pair(settings.strides)
        if problem is None and strides[0] != strides[1]:
            problem = f"strides = {settings.strides!r} must be the same in both directions"
        return problem


class DepthwiseConv2D(_Strided):
    """kernel height × kernel width × input channels (× depth multiplier) + biases."""

    name = "DepthwiseConv2D"
    settings: ClassVar[type[Layer] | None] = layer_settings.DepthwiseConv2D
    initializers = ("depthwise_initializer",)

    def weights(self, layer: Any, shape_in: Shape, shape_out: Shape) -> Weights:
        channels, kernel = channels_of(layer, shape_in), prod(sizes_of(layer.kernel_size))
        outputs = channels * layer.depth_multiplier
        terms = [_multiplied(layer, channels)]
        if layer.use_bias:
            terms.append((outputs,))
        count = kernel * outputs + outputs * layer.use_bias
        return summed(terms, count, kernel * prod(shape_out))

    def torch(self, layer: Any) -> TorchLayer | None:
        channels = layer.kernel.shape[2]
        settings = {"channels": channels, "depth_multiplier": layer.depth_multiplier}
        weights = with_bias(layer, kernel=layer.kernel)
        return TorchLayer("DepthwiseConv2D", settings | _moving(layer), weights)


class SeparableConv2D(_Strided):
    """The depthwise kernel, then a 1 × 1 convolution of what it gives, + biases."""

    name = "SeparableConv2D"
    settings: ClassVar[type[Layer] | None] = layer_settings.SeparableConv2D
    initializers = ("depthwise_initializer", "pointwise_initializer")

    def weights(self, layer: Any, shape_in: Shape, shape_out: Shape) -> Weights:
        channels, filters = channels_of(layer, shape_in), layer.filters
        kernel = prod(sizes_of(layer.kernel_size))
        between = channels * layer.depth_multiplier
        terms = [_multiplied(layer, channels), product(between, filters)]
        if layer.use_bias:
            terms.append((filters,))
        both = kernel * between + between * filters
        count = both + filters * layer.use_bias
        return summed(terms, count, prod(shape_out) // filters * both)

    def torch(self, layer: Any) -> TorchLayer | None:
        settings = {
            "channels": layer.depthwise_kernel.shape[2],
            "filters": layer.filters,
            "depth_multiplier": layer.depth_multiplier,
        }
        kernels = {
            "depthwise_kernel": layer.depthwise_kernel,
            "pointwise_kernel": layer.pointwise_kernel,
        }
        return TorchLayer("SeparableConv2D", settings | _moving(layer), with_bias(layer, **kernels))


class Conv1D(Conv2D):
    """In models of the user's own: counted, but neither built from a file nor written for torch."""

    name = "Conv1D"
    settings = None

    def size_formula(self, layer: Any, shape_in: Shape, shape_out: Shape) -> Formula:
        return ()

    def torch(self, layer: Any) -> TorchLayer | None:
        return LayerType.torch(self, layer)


class Conv3D(Conv1D):
    name = "Conv3D"


class DepthwiseConv1D(DepthwiseConv2D):
    name = "DepthwiseConv1D"
    settings = None
    size_formula = Conv1D.size_formula
    torch = Conv1D.torch


class SeparableConv1D(SeparableConv2D):
    name = "SeparableConv1D"
    settings = None
    size_formula = Conv1D.size_formula
    torch = Conv1D.torch


TYPES: tuple[type[LayerType], ...] = (
    Conv2D,
    DepthwiseConv2D,
    SeparableConv2D,
    Conv1D,
    Conv3D,
    DepthwiseConv1D,
    SeparableConv1D,
)
