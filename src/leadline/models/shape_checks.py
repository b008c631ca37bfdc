"""Shape checks of layers, with the fix where a layer does not fit its input. Loads no Keras."""

from __future__ import annotations

from collections.abc import Sequence

from leadline.experiments.experiment import AnyFeatures, Hog
from leadline.experiments.layer_settings import Layer
from leadline.models.layers import LAYER_TYPES
from leadline.models.layers.layer_type import Shape


def describe(shape: Shape) -> str:
    """ "28 × 28 × 1", or "784 values" for a flat one."""
    return f"{shape[0]:,} values" if len(shape) == 1 else " × ".join(map(str, shape))


def misfit(layer: Layer, shapes: Sequence[Shape], features: AnyFeatures) -> str | None:
    """Say what is wrong and how to fix it; None where the layer fits.

    shapes: what the layer reads, without the batch axis. features: to know why pixels are flat.
    """
    layer_type = LAYER_TYPES[layer.type]
    if layer_type.reads_images and len(shapes[0]) != 3:
        return f"it needs an image (height × width × channels); {_unflatten(features)}"
    return layer_type.misfit(layer, shapes)


def _unflatten(features: AnyFeatures) -> str:
    if isinstance(features, Hog):
        return 'HOG features are flat, so use Dense layers, or features.kind = "pixels"'
    if features.flatten:
        return "set features.flatten = false"
    return "put it before any Flatten, Dense or global pooling layer"
