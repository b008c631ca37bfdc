"""Keras layers as direct calls of torch.

Batches stay in Keras's layout, (n, height, width, channels) without gaps. Seen as (n, channels,
height, width) that is torch's channels_last, so a permuted view takes the place of a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import keras
import torch
from torch.nn import functional

Kernel = Callable[[Any], torch.Tensor]
Pair = tuple[int, int]

# A fresh result can be changed in place: neither a product nor a convolution needs it backwards.
IN_PLACE = {
    keras.activations.linear: lambda x: x,
    keras.activations.relu: torch.relu_,
    keras.activations.sigmoid: torch.sigmoid_,
    keras.activations.tanh: torch.tanh_,
}


def kernel(
    layer: Any, generator: torch.Generator | None, through_keras: type | None = None
) -> Kernel:
    """The layer as a function of its input. A generator means training, and feeds dropout.

    A layer of the class `through_keras` is called as Keras calls it.
    """
    replaced = through_keras is None or not isinstance(layer, through_keras)
    make = MAKERS.get(type(layer)) if replaced else None
    made = make(layer, generator) if make and _is_plain(layer) else None
    training = generator is not None
    return made or (lambda x: layer(x, training=training))


def is_softmax_head(layer: Any) -> bool:
    """Return whether the layer is dense with softmax over the last axis."""
    return (
        type(layer) is keras.layers.Dense
        and layer.activation is keras.activations.softmax
        and _is_plain(layer)
    )


def bare_dense(layer: Any) -> Kernel:
    """A dense layer without its activation: (n, units) from (n, inputs)."""
    weight = layer.kernel.value
    if not layer.use_bias:
        return lambda x: x @ weight
    bias = layer.bias.value
    return lambda x: torch.addmm(bias, x, weight) if x.ndim == 2 else x @ weight + bias


def _is_plain(layer: Any) -> bool:
    """Nothing beside its textbook function: single precision, no penalty on what it gives."""
    return (
        layer.compute_dtype == layer.variable_dtype == "float32"
        and layer.activity_regularizer is None
        and not getattr(layer, "lora_enabled", False)
    )


def _dense(layer: Any, _generator: torch.Generator | None) -> Kernel:
    product, activate = bare_dense(layer), _activation(layer)
    return lambda x: activate(product(x))


def _activation(layer: Any) -> Kernel:
    activation: Kernel = IN_PLACE.get(layer.activation, layer.activation)
    return activation


def _conv(layer: Any, _generator: torch.Generator | None) -> Kernel | None:
    if layer.data_format != "channels_last":
        return None
    weight, bias = layer.kernel.value, layer.bias.value if layer.use_bias else None
    in_place, pad = IN_PLACE.get(layer.activation), _same_padding(layer)

    def call(x: torch.Tensor) -> torch.Tensor:
        images, symmetric = pad(x.permute(0, 3, 1, 2))
        filters = weight.permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last)
        out = functional.conv2d(
            images, filters, bias, layer.strides, symmetric, layer.dilation_rate, layer.groups
        )
        # Before the permutation: changing a view in place makes autograd copy the gradient.
        if in_place:
            return in_place(out).permute(0, 2, 3, 1)
        return layer.activation(out.permute(0, 2, 3, 1))

    return call


def _same_padding(layer: Any) -> Callable[[torch.Tensor], tuple[torch.Tensor, Pair]]:
    """Return the borders of "same" padding as in TensorFlow: the odd pixel goes to the end."""
    if layer.padding != "same":
        return lambda images: (images, (0, 0))

    def pad(images: torch.Tensor) -> tuple[torch.Tensor, Pair]:
        sides = [
            _sides(size, kernel, stride, dilation)
            for size, kernel, stride, dilation in zip(
                images.shape[2:],
                layer.kernel_size,
                layer.strides,
                layer.dilation_rate,
                strict=True,
            )
        ]
        (top, bottom), (left, right) = sides
        if top == bottom and left == right:
            return images, (top, left)
        return functional.pad(images, (left, right, top, bottom)), (0, 0)

    return pad


def _sides(size: int, kernel: int, stride: int, dilation: int) -> Pair:
    covered = (-(-size // stride) - 1) * stride + dilation * (kernel - 1) + 1
    total = max(covered - size, 0)
    return total // 2, total - total // 2


def _max_pool(layer: Any, _generator: torch.Generator | None) -> Kernel | None:
    if layer.data_format != "channels_last" or layer.padding != "valid":
        return None
    size, strides = layer.pool_size, layer.strides
    return lambda x: functional.max_pool2d(x.permute(0, 3, 1, 2), size, strides).permute(0, 2, 3, 1)


def _average_pool(layer: Any, _generator: torch.Generator | None) -> Kernel | None:
    if layer.data_format != "channels_last" or layer.padding != "valid":
        return None
    size, strides = layer.pool_size, layer.strides
    return lambda x: functional.avg_pool2d(x.permute(0, 3, 1, 2), size, strides).permute(0, 2, 3, 1)


def _global_average(layer: Any, _generator: torch.Generator | None) -> Kernel | None:
    if layer.data_format != "channels_last":
        return None
    return lambda x: x.mean(dim=(1, 2), keepdim=layer.keepdims)


def _activate(layer: Any, _generator: torch.Generator | None) -> Kernel | None:
    # Not in place: what it reads may be read by another layer as well.
    return torch.relu if layer.activation is keras.activations.relu else None


def _batch_norm(layer: Any, generator: torch.Generator | None) -> Kernel | None:
    if layer.renorm or layer.axis not in (-1, layer.input_spec.ndim - 1):
        return None
    return batch_normalization(layer, training=generator is not None)


def _flatten(layer: Any, _generator: torch.Generator | None) -> Kernel | None:
    return (lambda x: x.reshape(len(x), -1)) if layer.data_format == "channels_last" else None


def _dropout(layer: Any, generator: torch.Generator | None) -> Kernel | None:
    if layer.noise_shape is not None:
        return None
    return (lambda x: dropout(x, layer.rate, generator)) if generator else lambda x: x


def _spatial_dropout(layer: Any, generator: torch.Generator | None) -> Kernel | None:
    if layer.data_format != "channels_last":
        return None
    return (lambda x: spatial_dropout(x, layer.rate, generator)) if generator else lambda x: x


def _merge(join: Callable[[list[torch.Tensor]], torch.Tensor]) -> Callable[..., Kernel]:
    return lambda _layer, _generator: join


MAKERS: dict[type, Callable[[Any, torch.Generator | None], Kernel | None]] = {
    keras.layers.Dense: _dense,
    keras.layers.Conv2D: _conv,
    keras.layers.MaxPooling2D: _max_pool,
    keras.layers.AveragePooling2D: _average_pool,
    keras.layers.GlobalAveragePooling2D: _global_average,
    keras.layers.BatchNormalization: _batch_norm,
    keras.layers.Activation: _activate,
    keras.layers.Flatten: _flatten,
    keras.layers.Dropout: _dropout,
    keras.layers.SpatialDropout2D: _spatial_dropout,
    keras.layers.Add: _merge(lambda tensors: sum(tensors[1:], tensors[0])),
}
"""A maker gives None where the layer is set in a way that it does not know."""


def batch_normalization(layer: Any, *, training: bool) -> Callable[[torch.Tensor], torch.Tensor]:
    """The layer as a function of (n, ..., channels); Ioffe and Szegedy, ICML 2015.

    Training takes mean and variance of the batch and moves the layer's own towards them, as Keras
    does: by 1 - momentum, and the variance over n, not n - 1 as torch's own module has it.
    Otherwise, and where the layer is frozen, it takes the layer's own.
    """
    gamma = layer.gamma.value if layer.scale else None
    beta = layer.beta.value if layer.center else None
    mean, variance = layer.moving_mean.value, layer.moving_variance.value
    momentum, epsilon = layer.momentum, layer.epsilon

    def learn(x: torch.Tensor) -> torch.Tensor:
        out, batch_mean, inverse = torch.native_batch_norm(
            x.movedim(-1, 1), gamma, beta, None, None, True, 0.0, epsilon
        )
        with torch.no_grad():
            mean.lerp_(batch_mean, 1 - momentum)
            # torch hands back 1 / sqrt(variance + epsilon), over n.
            variance.lerp_(inverse.pow(-2).sub_(epsilon), 1 - momentum)
        return out.movedim(1, -1)

    def apply(x: torch.Tensor) -> torch.Tensor:
        out = functional.batch_norm(
            x.movedim(-1, 1), mean, variance, gamma, beta, False, 0.0, epsilon
        )
        return out.movedim(1, -1)

    # Asked at each call: a layer can be frozen between epochs.
    return lambda x: learn(x) if training and layer.trainable else apply(x)


LEVELS = 1 << 16
ELEMENTS_PER_WORD = 4


def dropout_mask(
    shape: Sequence[int], rate: float, generator: torch.Generator, device: torch.device
) -> torch.Tensor:
    """float32 mask of this shape: 0 with probability `rate`, else one over the kept share.

    The probability is rounded to 1/65536 and the scale follows the rounded one, so that the mean
    of the mask is 1 exactly. Srivastava et al., JMLR 2014.
    """
    dropped = min(round(rate * LEVELS), LEVELS - 1)
    count = prod(shape)
    words = torch.empty(-(-count // ELEMENTS_PER_WORD), dtype=torch.int64, device=device)
    words.random_(-(2**63), None, generator=generator)
    sixteenths = words.view(torch.int16)[:count].view(*shape)
    kept = sixteenths >= dropped - LEVELS // 2
    return kept.to(torch.float32).mul_(LEVELS / (LEVELS - dropped))


def dropout(x: torch.Tensor, rate: float, generator: torch.Generator) -> torch.Tensor:
    """x with each element dropped at `rate`, the others scaled up. Any shape, float32."""
    return x * dropout_mask(x.shape, rate, generator, x.device) if rate > 0 else x


def spatial_dropout(x: torch.Tensor, rate: float, generator: torch.Generator) -> torch.Tensor:
    """x (n, height, width, channels) with whole channels of an image dropped at `rate`."""
    if rate == 0:
        return x
    return x * dropout_mask((x.shape[0], 1, 1, x.shape[3]), rate, generator, x.device)
