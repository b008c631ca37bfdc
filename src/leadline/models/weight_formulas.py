"""The sum behind one layer's weights, from its sizes alone. Loads no Keras.

Each function takes a built Keras layer and the shapes of its input and output (without the batch
axis) and never looks at the weights themselves, so that its result can be held against Keras's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from leadline.models.output_sizes import size_derivation
from leadline.models.shape_checks import Shape

MaybeShape = tuple[int | None, ...]


@dataclass(frozen=True)
class Derivation:
    """weights: their number. text: the sum to it. multiply_adds: of one image."""

    weights: int
    text: str
    multiply_adds: int = 0


def derive(layer: Any, shape_in: MaybeShape, shape_out: MaybeShape) -> Derivation | None:
    """The derivation for a layer of Keras's own or of leadline's; None for any other.

    Sizes that Keras does not know are None, or the shape is empty; then there is no sum.
    """
    kind = type(layer)
    home = kind.__module__.partition(".")[0]
    sizes_in, sizes_out = known_sizes(shape_in), known_sizes(shape_out)
    if home in ("keras", "leadline") and kind.__name__ in WEIGHTLESS:
        said = WEIGHTLESS[kind.__name__]
        reason = said if isinstance(said, str) else said(layer)
        return Derivation(0, f"no weights: {_with_size(reason, layer, sizes_in, sizes_out)}")
    if home != "keras" or kind.__name__ not in SUMS or not (sizes_in and sizes_out):
        return None
    return SUMS[kind.__name__](layer, sizes_in, sizes_out)


def derive_from_variables(shapes: Sequence[Shape]) -> Derivation:
    """For a layer that we do not know: the product of each of its arrays' sizes, summed."""
    if not shapes:
        return Derivation(0, "no weights")
    sum_ = _sum([_factors(shape) for shape in shapes], sum(prod(shape) for shape in shapes))
    return Derivation(sum_.weights, f"{sum_.text} (sizes of its arrays)")


def known_sizes(shape: MaybeShape) -> Shape:
    """The shape where every size in it is known; else ()."""
    sizes = tuple(size for size in shape if size is not None)
    return sizes if len(sizes) == len(shape) else ()


def _dense(layer: Any, shape_in: Shape, shape_out: Shape) -> Derivation:
    """inputs × units + biases."""
    inputs, units = shape_in[-1], layer.units
    terms = [_factors([inputs, units])] + [_factors([units])] * layer.use_bias
    return _sum(terms, inputs * units + units * layer.use_bias, prod(shape_out) * inputs)


def _conv(layer: Any, shape_in: Shape, shape_out: Shape) -> Derivation:
    """kernel height × kernel width × input channels (÷ groups) × filters + biases."""
    channels, filters, groups = _channels(layer, shape_in), layer.filters, layer.groups
    kernel = prod(layer.kernel_size) * (channels // groups)
    depth = f"({channels:,} ÷ {groups:,})" if groups > 1 else f"{channels:,}"
    terms = [f"{_factors(layer.kernel_size)} × {depth} × {filters:,}"]
    terms += [_factors([filters])] * layer.use_bias
    weights = kernel * filters + filters * layer.use_bias
    return _sum(terms, weights, kernel * prod(shape_out))


def _depthwise(layer: Any, shape_in: Shape, shape_out: Shape) -> Derivation:
    """kernel height × kernel width × input channels (× depth multiplier) + biases."""
    channels, kernel = _channels(layer, shape_in), prod(layer.kernel_size)
    made = channels * layer.depth_multiplier
    terms = [_depth_factors(layer, channels)] + [_factors([made])] * layer.use_bias
    return _sum(terms, kernel * made + made * layer.use_bias, kernel * prod(shape_out))


def _separable(layer: Any, shape_in: Shape, shape_out: Shape) -> Derivation:
    """The depthwise kernel, then a 1 × 1 convolution of what it makes, + biases."""
    channels, kernel, filters = _channels(layer, shape_in), prod(layer.kernel_size), layer.filters
    made = channels * layer.depth_multiplier
    terms = [_depth_factors(layer, channels), _factors([made, filters])]
    terms += [_factors([filters])] * layer.use_bias
    weights = kernel * made + made * filters + filters * layer.use_bias
    positions = prod(shape_out) // filters
    return _sum(terms, weights, positions * (kernel * made + made * filters))


def _batch_norm(layer: Any, shape_in: Shape, _shape_out: Shape) -> Derivation:
    parts = {"gamma": layer.scale, "beta": layer.center, "mean": True, "variance": True}
    return _named(parts, _size_along([layer.axis], shape_in))


def _scale_and_shift(layer: Any, shape_in: Shape, _shape_out: Shape) -> Derivation:
    axes = layer.axis if isinstance(layer.axis, (list, tuple)) else [layer.axis]
    return _named({"gamma": layer.scale, "beta": layer.center}, _size_along(axes, shape_in))


SUMS: dict[str, Callable[[Any, Shape, Shape], Derivation]] = {
    "Dense": _dense,
    "Conv1D": _conv,
    "Conv2D": _conv,
    "Conv3D": _conv,
    "DepthwiseConv1D": _depthwise,
    "DepthwiseConv2D": _depthwise,
    "SeparableConv1D": _separable,
    "SeparableConv2D": _separable,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _scale_and_shift,
    "GroupNormalization": _scale_and_shift,
}

PIXELS = {
    "scale": "every pixel divided by 255",
    "image": "(value - mean) / (deviation + 4) of each image",
}

HOG = {False: "cells × orientations", True: "blocks × cells of a block × orientations"}
"""What the factors of HOG's features are, without and with blocks of several cells."""

WEIGHTLESS: dict[str, str | Callable[[Any], str]] = {
    "InputLayer": "the image as it comes",
    "Pixels": lambda layer: PIXELS[layer.normalisation],
    "Hog": lambda layer: HOG[layer.block_cells > 1],
    "MaxPooling2D": "the largest value of each window",
    "AveragePooling2D": "the mean of each window",
    "GlobalMaxPooling2D": "the largest value of each channel",
    "GlobalAveragePooling2D": "the mean of each channel",
    "Temperature": lambda layer: f"the probabilities at temperature {layer.temperature:.4g}",
    "Dropout": "sets values to zero, only while training",
    "SpatialDropout2D": "sets whole channels to zero, only while training",
    "Flatten": "the same values in one row",
    "Activation": "a function of each value",
    "Add": "the sum of its inputs",
    "Concatenate": "its inputs side by side",
}


def _with_size(reason: str, layer: Any, shape_in: Shape, shape_out: Shape) -> str:
    """The reason with the sum to the number of values, where the size changes."""
    sum_ = size_derivation(layer, shape_in, shape_out)
    if not sum_:
        return reason
    return f"{reason}: {sum_}"


def _channels(layer: Any, shape: Shape) -> int:
    return shape[0] if layer.data_format == "channels_first" else shape[-1]


def _size_along(axes: Iterable[int], shape: Shape) -> int:
    """Keras counts axes with the batch first."""
    return prod((0, *shape)[axis] for axis in axes)


def _depth_factors(layer: Any, channels: int) -> str:
    times = [layer.depth_multiplier] if layer.depth_multiplier > 1 else []
    return _factors([*layer.kernel_size, channels, *times])


def _factors(sizes: Iterable[int]) -> str:
    return " × ".join(f"{size:,}" for size in sizes) or "1"


def _sum(terms: Sequence[str], weights: int, multiply_adds: int = 0) -> Derivation:
    """Products stand in brackets where something is added to them."""
    if len(terms) > 1:
        terms = [f"({term})" if "×" in term else term for term in terms]
    text = " + ".join(terms)
    total = f"{weights:,}"
    return Derivation(weights, text if text == total else f"{text} = {total}", multiply_adds)


def _named(parts: dict[str, bool], size: int) -> Derivation:
    names = [name for name, present in parts.items() if present]
    if not names:
        return Derivation(0, "no weights: neither gamma nor beta")
    return _sum([f"{name} {size:,}" for name in names], len(names) * size)
