"""What each Keras layer is in torch: one or more layers of `torch_model`, and their weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leadline.errors import ModelFileError

if TYPE_CHECKING:
    import keras

Shape = tuple[int, ...]
Weights = dict[str, NDArray[np.float32]]
FIX = "export it with --format onnx or --format keras"

ACTIVATIONS = {
    "linear": None,
    "relu": "ReLU",
    "relu6": "ReLU6",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "selu": "SELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "mish": "Mish",
    "sigmoid": "Sigmoid",
    "hard_sigmoid": "Hardsigmoid",
    "tanh": "Tanh",
    "softplus": "Softplus",
    "softsign": "Softsign",
    "softmax": "Softmax",
}
"""Keras's names of activations, and torch's; an activation that is None does nothing."""
ACTIVATION_SETTINGS: dict[str, dict[str, Any]] = {
    "LeakyReLU": {"negative_slope": 0.2},
    "Softmax": {"dim": -1},
}
"""Where Keras's function has other defaults than torch's layer."""


@dataclass(frozen=True, eq=False)
class Part:
    """A layer of `torch_model` that does a Keras layer's work, or some of it.

    suffix: what its name has after the Keras layer's; "" for the one with the weights.
    """

    type: str
    settings: dict[str, Any] = field(default_factory=dict)
    weights: Weights = field(default_factory=dict)
    suffix: str = ""


def parts_of(layer: keras.layers.Layer, shapes: Sequence[Shape]) -> list[Part]:
    """The parts that do a layer's work one after the other; none where it does nothing.

    shapes: of what the layer reads, without the batch. Raises ModelFileError, naming the layer, for
    a type or a setting that has no counterpart.
    """
    refuse_unknown(layer)
    return MAKERS[type(layer).__name__](layer, shapes)


def refuse_unknown(layer: keras.layers.Layer) -> None:
    """Raise ModelFileError for a layer of no known type; models are looked into elsewhere."""
    import keras

    kind = type(layer)
    own = kind.__module__.startswith(("keras.", "leadline.features."))
    if isinstance(layer, keras.Model) or (own and kind.__name__ in {*MAKERS, "InputLayer"}):
        return
    raise refused(layer, "it has no counterpart in torch")


def refused(layer: keras.layers.Layer, reason: str) -> ModelFileError:
    """What is said of a layer that cannot be exported."""
    return ModelFileError(f"layer {layer.name} ({type(layer).__name__}): {reason}; {FIX}.")


def _only(layer: keras.layers.Layer, **allowed: Any) -> None:
    """Raise ModelFileError unless each attribute, where there is one, is as here."""
    for name, value in allowed.items():
        found = getattr(layer, name, value)
        if found != value:
            raise refused(layer, f"{name} = {found!r} has no counterpart in torch")


def _array(variable: Any) -> NDArray[np.float32]:
    import keras

    array = keras.ops.convert_to_numpy(keras.ops.cast(variable, "float32"))
    return np.ascontiguousarray(array, np.float32)


def _activation(layer: keras.layers.Layer, suffixed: bool = True) -> list[Part]:
    import keras

    for name, kind in ACTIVATIONS.items():
        if layer.activation is getattr(keras.activations, name):
            if kind is None:
                return []
            settings = ACTIVATION_SETTINGS.get(kind, {})
            return [Part(kind, settings, suffix=f"_{name}" if suffixed else "")]
    said = getattr(layer.activation, "__name__", type(layer.activation).__name__)
    raise refused(layer, f"the activation {said} has no counterpart in torch")


def _pixels(layer: Any, _shapes: Sequence[Shape]) -> list[Part]:
    settings = {"flatten": layer.flatten, "normalisation": layer.normalisation}
    return [Part("Pixels", settings)]


def _hog(layer: Any, _shapes: Sequence[Shape]) -> list[Part]:
    keys = ("orientations", "cell_px", "block_cells", "block_norm")
    return [Part("Hog", {key: getattr(layer, key) for key in keys})]


def _temperature(layer: Any, _shapes: Sequence[Shape]) -> list[Part]:
    return [Part("Temperature", {"temperature": layer.temperature})]


def _rescaling(layer: Any, _shapes: Sequence[Shape]) -> list[Part]:
    if not all(isinstance(value, int | float) for value in (layer.scale, layer.offset)):
        raise refused(layer, "a scale or offset for each channel has no counterpart in torch")
    return [Part("Rescale", {"scale": float(layer.scale), "offset": float(layer.offset)})]


def _dense(layer: Any, shapes: Sequence[Shape]) -> list[Part]:
    _only(layer, quantization_mode=None)
    weights = {"weight": np.ascontiguousarray(_array(layer.kernel).T)} | _bias(layer)
    settings = {
        "in_features": shapes[0][-1],
        "out_features": layer.units,
        "bias": bool(layer.use_bias),
    }
    return [Part("Linear", settings, weights), *_activation(layer)]


def _bias(layer: Any) -> Weights:
    return {"bias": _array(layer.bias)} if layer.use_bias else {}


def _conv(layer: Any, shapes: Sequence[Shape]) -> list[Part]:
    _only(layer, quantization_mode=None)
    kernel = _array(layer.kernel).transpose(3, 2, 0, 1)
    weights = {"weight": kernel} | _bias(layer)
    return [*_windowed(layer, shapes[0], weights, layer.groups), *_activation(layer)]


def _depthwise(layer: Any, shapes: Sequence[Shape]) -> list[Part]:
    channels = shapes[0][-1]
    weights = {"weight": _by_channel(layer.kernel)} | _bias(layer)
    return [*_windowed(layer, shapes[0], weights, channels), *_activation(layer)]


def _separable(layer: Any, shapes: Sequence[Shape]) -> list[Part]:
    depthwise = {"weight": _by_channel(layer.depthwise_kernel)}
    first = _windowed(layer, shapes[0], depthwise, shapes[0][-1], suffix="_depthwise")
    pointwise = _array(layer.pointwise_kernel).transpose(3, 2, 0, 1)
    return [*first, _conv2d({"weight": pointwise} | _bias(layer)), *_activation(layer)]


def _by_channel(kernel: Any) -> NDArray[np.float32]:
    """(height, width, channels, multiplier) to (channels × multiplier, 1, height, width)."""
    array = _array(kernel)
    return array.transpose(2, 3, 0, 1).reshape(-1, 1, *array.shape[:2])


def _windowed(
    layer: Any, shape: Shape, weights: Weights, groups: int, suffix: str = ""
) -> list[Part]:
    """A convolution and, where its borders are uneven, the padding before it."""
    _only(layer, data_format="channels_last")
    dilation = _pair(layer.dilation_rate)
    pad, even = _padding(layer, shape, weights["weight"].shape[2:], dilation, "ZeroPad2d")
    settings = {"stride": _pair(layer.strides), "padding": even, "dilation": dilation}
    return [*pad, _conv2d(weights, groups=groups, suffix=suffix, **settings)]


def _conv2d(weights: Weights, *, groups: int = 1, suffix: str = "", **settings: Any) -> Part:
    out, into, *size = weights["weight"].shape
    known = {"in_channels": into * groups, "out_channels": out, "kernel_size": size}
    settings = known | settings | {"groups": groups, "bias": "bias" in weights}
    tidy = {name: np.ascontiguousarray(array) for name, array in weights.items()}
    return Part("Conv2d", settings, tidy, suffix)


def _pair(size: Any) -> list[int]:
    return [size, size] if isinstance(size, int) else list(size)


def _padding(
    layer: Any, shape: Shape, size: Sequence[int], dilation: Sequence[int], kind: str
) -> tuple[list[Part], list[int]]:
    """What goes before a window: padding where borders are uneven, and even padding for torch.

    "same" gives ceil(side / stride) windows; an odd pixel goes to the bottom and the right.
    """
    if layer.padding == "valid":
        return [], [0, 0]
    (top, bottom), (left, right) = (
        _borders(*sides) for sides in zip(shape, size, _pair(layer.strides), dilation, strict=False)
    )
    if top == bottom and left == right:
        return [], [top, left]
    return [Part(kind, {"padding": [left, right, top, bottom]}, suffix="_pad")], [0, 0]


def _borders(side: int, size: int, stride: int, dilation: int) -> tuple[int, int]:
    covered = (-(-side // stride) - 1) * stride + dilation * (size - 1) + 1
    total = max(covered - side, 0)
    return total // 2, total - total // 2


def _pooling(layer: Any, shapes: Sequence[Shape]) -> list[Part]:
    """Keras on torch repeats the border where it is uneven, and leaves it out where it is even."""
    _only(layer, data_format="channels_last")
    size = _pair(layer.pool_size)
    pad, even = _padding(layer, shapes[0], size, (1, 1), "ReplicationPad2d")
    settings: dict[str, Any] = {
        "kernel_size": size,
        "stride": _pair(layer.strides),
        "padding": even,
    }
    if type(layer).__name__ == "MaxPooling2D":
        return [*pad, Part("MaxPool2d", settings)]
    return [*pad, Part("AvgPool2d", settings | {"count_include_pad": False})]


def _global_pooling(layer: Any, _shapes: Sequence[Shape]) -> list[Part]:
    _only(layer, data_format="channels_last")
    kind = "Max" if type(layer).__name__ == "GlobalMaxPooling2D" else "Avg"
    flat = [] if layer.keepdims else [Part("Flatten", suffix="_flat")]
    return [Part(f"Adaptive{kind}Pool2d", {"output_size": 1}), *flat]


def _batch_norm(layer: Any, shapes: Sequence[Shape]) -> list[Part]:
    _last_axis(layer, shapes[0])
    statistics = {
        "running_mean": _array(layer.moving_mean),
        "running_var": _array(layer.moving_variance),
    }
    settings = {
        "num_features": shapes[0][-1],
        "eps": layer.epsilon,
        "momentum": 1 - layer.momentum,
        "affine": True,
    }
    kind = "BatchNorm2d" if len(shapes[0]) == 3 else "BatchNorm1d"
    return [Part(kind, settings, _affine(layer, shapes[0]) | statistics)]


def _layer_norm(layer: Any, shapes: Sequence[Shape]) -> list[Part]:
    _last_axis(layer, shapes[0])
    _only(layer, rms_scaling=False)
    settings = {"normalized_shape": shapes[0][-1], "eps": layer.epsilon}
    return [Part("LayerNorm", settings, _affine(layer, shapes[0]))]


def _group_norm(layer: Any, shapes: Sequence[Shape]) -> list[Part]:
    _last_axis(layer, shapes[0])
    channels = shapes[0][-1]
    groups = channels if layer.groups == -1 else layer.groups
    settings = {"num_groups": groups, "num_channels": channels, "eps": layer.epsilon}
    return [Part("GroupNorm", settings, _affine(layer, shapes[0]))]


def _affine(layer: Any, shape: Shape) -> Weights:
    """Scale and shift; those that Keras does without are ones and zeros."""
    ones, zeros = np.ones(shape[-1], np.float32), np.zeros(shape[-1], np.float32)
    return {
        "weight": _array(layer.gamma) if layer.scale else ones,
        "bias": _array(layer.beta) if layer.center else zeros,
    }


def _last_axis(layer: Any, shape: Shape) -> None:
    axis = layer.axis if isinstance(layer.axis, int) else list(layer.axis)
    if axis not in (-1, [-1], len(shape), [len(shape)]) or len(shape) not in (1, 3):
        raise refused(layer, f"axis = {layer.axis!r} of {len(shape)} has no counterpart in torch")


def _dropout(layer: Any, _shapes: Sequence[Shape]) -> list[Part]:
    _only(layer, noise_shape=None)
    return [Part("Dropout", {"p": layer.rate})]


def _spatial_dropout(layer: Any, _shapes: Sequence[Shape]) -> list[Part]:
    _only(layer, data_format="channels_last")
    return [Part("Dropout2d", {"p": layer.rate})]


def _flatten(layer: Any, _shapes: Sequence[Shape]) -> list[Part]:
    _only(layer, data_format="channels_last")
    return [Part("Flatten")]


def _merge(layer: Any, shapes: Sequence[Shape]) -> list[Part]:
    if len({len(shape) for shape in shapes}) > 1:
        raise refused(layer, "inputs of different ranks have no counterpart in torch")
    return [Part(type(layer).__name__)]


def _concatenate(layer: Any, _shapes: Sequence[Shape]) -> list[Part]:
    return [Part("Concatenate", {"dim": layer.axis})]


def _relu(layer: Any, _shapes: Sequence[Shape]) -> list[Part]:
    _only(layer, max_value=None, threshold=0)
    slope = float(layer.negative_slope)
    return [Part("LeakyReLU", {"negative_slope": slope}) if slope else Part("ReLU")]


def _leaky_relu(layer: Any, _shapes: Sequence[Shape]) -> list[Part]:
    return [Part("LeakyReLU", {"negative_slope": float(layer.negative_slope)})]


def _elu(layer: Any, _shapes: Sequence[Shape]) -> list[Part]:
    return [Part("ELU", {"alpha": float(layer.alpha)})]


def _softmax(layer: Any, _shapes: Sequence[Shape]) -> list[Part]:
    _only(layer, axis=-1)
    return [Part("Softmax", {"dim": -1})]


def _zero_padding(layer: Any, _shapes: Sequence[Shape]) -> list[Part]:
    _only(layer, data_format="channels_last")
    (top, bottom), (left, right) = layer.padding
    return [Part("ZeroPad2d", {"padding": [left, right, top, bottom]})]


def _nothing(_layer: Any, _shapes: Sequence[Shape]) -> list[Part]:
    return []


MAKERS: dict[str, Callable[[Any, Sequence[Shape]], list[Part]]] = {
    "Pixels": _pixels,
    "Hog": _hog,
    "Temperature": _temperature,
    "Rescaling": _rescaling,
    "Dense": _dense,
    "Conv2D": _conv,
    "DepthwiseConv2D": _depthwise,
    "SeparableConv2D": _separable,
    "MaxPooling2D": _pooling,
    "AveragePooling2D": _pooling,
    "GlobalMaxPooling2D": _global_pooling,
    "GlobalAveragePooling2D": _global_pooling,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "GroupNormalization": _group_norm,
    "Dropout": _dropout,
    "SpatialDropout2D": _spatial_dropout,
    "Flatten": _flatten,
    "Activation": lambda layer, _shapes: _activation(layer, suffixed=False),
    "Add": _merge,
    "Multiply": _merge,
    "Concatenate": _concatenate,
    "ReLU": _relu,
    "LeakyReLU": _leaky_relu,
    "ELU": _elu,
    "Softmax": _softmax,
    "ZeroPadding2D": _zero_padding,
    "Identity": _nothing,
    "InputLayer": _nothing,
}
