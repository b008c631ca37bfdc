"""Shape checks of layers, with the fix where a layer does not fit its input. Loads no Keras."""

from __future__ import annotations

from collections.abc import Sequence

from leadline.experiments.experiment import AnyFeatures, Hog
from leadline.experiments.layer_settings import (
    Add,
    AnyLayer,
    AveragePooling2D,
    Concatenate,
    Conv2D,
    DepthwiseConv2D,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    GroupNormalization,
    MaxPooling2D,
    SeparableConv2D,
    Size,
    SpatialDropout2D,
)

Shape = tuple[int, ...]

CONVOLVING = (Conv2D, DepthwiseConv2D, SeparableConv2D)
POOLING = (MaxPooling2D, AveragePooling2D)
ON_IMAGES = (
    *CONVOLVING, *POOLING, GlobalMaxPooling2D, GlobalAveragePooling2D, SpatialDropout2D,
)  # fmt: skip


def describe(shape: Shape) -> str:
    """ "28 × 28 × 1", or "784 values" for a flat one."""
    return f"{shape[0]:,} values" if len(shape) == 1 else " × ".join(map(str, shape))


def misfit(layer: AnyLayer, shapes: Sequence[Shape], features: AnyFeatures) -> str | None:
    """What is wrong and how to fix it, or None where the layer fits.

    shapes: what the layer reads, without the batch axis. features: to know why pixels are flat.
    """
    problem = None
    if isinstance(layer, ON_IMAGES) and len(shapes[0]) != 3:
        return f"it needs an image (height × width × channels); {_unflatten(features)}"
    if isinstance(layer, Add | Concatenate):
        return _merging(layer, shapes)
    if isinstance(layer, (*CONVOLVING, *POOLING)):
        problem = _window(layer, shapes[0])
    if isinstance(layer, CONVOLVING):
        problem = problem or _strides(layer)
    if isinstance(layer, Conv2D):
        problem = problem or _conv_groups(layer, shapes[0][-1])
    if isinstance(layer, GroupNormalization) and shapes[0][-1] % layer.groups:
        problem = f"its groups = {layer.groups} must divide the {shapes[0][-1]} channels"
    return problem


def pair(size: Size) -> tuple[int, int]:
    """(height, width) of a size that may be given as one number."""
    return (size, size) if isinstance(size, int) else size


def _unflatten(features: AnyFeatures) -> str:
    if isinstance(features, Hog):
        return 'HOG features are flat, so use Dense layers, or features.kind = "pixels"'
    if features.flatten:
        return "set features.flatten = false"
    return "put it before any Flatten, Dense or global pooling layer"


def _window(
    layer: Conv2D | DepthwiseConv2D | SeparableConv2D | MaxPooling2D | AveragePooling2D,
    shape: Shape,
) -> str | None:
    pooling = isinstance(layer, POOLING)
    size = pair(layer.pool_size if isinstance(layer, POOLING) else layer.kernel_size)
    dilation = (1, 1) if isinstance(layer, POOLING) else pair(layer.dilation_rate)
    height, width = ((k - 1) * step + 1 for k, step in zip(size, dilation, strict=True))
    if layer.padding == "same" or (height <= shape[0] and width <= shape[1]):
        return None
    return (
        f"its window of {height} × {width} pixels is larger than that; make "
        f'{"pool_size" if pooling else "kernel_size"} smaller, set padding = "same", or pool less'
        " before it"
    )


def _strides(layer: Conv2D | DepthwiseConv2D | SeparableConv2D) -> str | None:
    strides, dilation = pair(layer.strides), pair(layer.dilation_rate)
    if max(strides) > 1 and max(dilation) > 1:
        return (
            f"strides = {layer.strides!r} and dilation_rate = {layer.dilation_rate!r} cannot both "
            "be above 1; set one of them to 1"
        )
    if strides[0] != strides[1] and not isinstance(layer, Conv2D):
        return f"strides = {layer.strides!r} must be the same in both directions"
    return None


def _conv_groups(layer: Conv2D, channels: int) -> str | None:
    if channels % layer.groups or layer.filters % layer.groups:
        return (
            f"its groups = {layer.groups} must divide both the {channels} channels that it reads "
            f"and its {layer.filters} filters"
        )
    return None


def _merging(layer: Add | Concatenate, shapes: Sequence[Shape]) -> str | None:
    if isinstance(layer, Add):
        same = len(set(shapes)) == 1
        return None if same else "Add needs inputs of one shape; make their sizes and filters agree"
    same = len({shape[:-1] for shape in shapes}) == 1
    return None if same else "Concatenate needs inputs that differ in their last size only"
