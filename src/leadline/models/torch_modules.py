"""The torch module of each layer type: what training runs, and what `export --format torch` writes.

Weights have Keras's names and layout, and images are (n, height, width, channels). Seen as
(n, channels, height, width) that is torch's channels_last, so that a permuted view is enough where
torch wants channels first.
This file is copied out, and imports nothing but torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda values: values,
    "relu": torch.relu,
    "relu6": functional.relu6,
    "leaky_relu": partial(functional.leaky_relu, negative_slope=0.2),
    "elu": functional.elu,
    "selu": functional.selu,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "mish": lambda values: values * torch.tanh(functional.softplus(values)),
    "sigmoid": torch.sigmoid,
    "hard_sigmoid": functional.hardsigmoid,
    "tanh": torch.tanh,
    "softplus": functional.softplus,
    "softsign": functional.softsign,
    "softmax": partial(torch.softmax, dim=-1),
}
"""By Keras's names, with Keras's settings."""
IN_PLACE: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda values: values,
    "relu": torch.relu_,
    "sigmoid": torch.sigmoid_,
    "tanh": torch.tanh_,
}
"""For a result that nothing else reads: neither a product nor a convolution needs it backwards."""


class Activation(nn.Module):
    """A function of each value; softmax, of each row."""

    def __init__(self, function: str) -> None:
        super().__init__()
        self.function = function

    def forward(self, values: Tensor) -> Tensor:
        return ACTIVATIONS[self.function](values)


class Layer(nn.Module):
    """Base of modules with weights, whose shapes are in the text of the module."""

    def extra_repr(self) -> str:
        weights = self.named_parameters(recurse=False)
        return ", ".join(f"{name}={tuple(values.shape)}" for name, values in weights)


class Dense(Layer):
    """activation(x @ kernel + bias): (..., inputs) to (..., units)."""

    def __init__(self, inputs: int, units: int, activation: str, use_bias: bool) -> None:
        super().__init__()
        self.activation = IN_PLACE.get(activation) or ACTIVATIONS[activation]
        self.kernel = nn.Parameter(torch.empty(inputs, units))
        self.bias = nn.Parameter(torch.empty(units)) if use_bias else None

    def forward(self, x: Tensor) -> Tensor:
        return self.activation(self.product(x))

    def product(self, x: Tensor) -> Tensor:
        """The layer without its activation."""
        if self.bias is None:
            return x @ self.kernel
        return (
            torch.addmm(self.bias, x, self.kernel) if x.ndim == 2 else x @ self.kernel + self.bias
        )


class Window(Layer):
    """Base of modules that move over images (n, height, width, channels): convolutions, pooling.

    padding "same" gives ceil(side / stride) places; an odd pixel goes to the bottom and the right.
    """

    size: tuple[int, int]
    strides: tuple[int, int]
    dilation_rate: tuple[int, int] = (1, 1)
    padding: str
    fill = "constant"

    def padded(self, images: Tensor) -> tuple[Tensor, tuple[int, int]]:
        """Images (n, channels, height, width), and the even padding that is left to torch."""
        if self.padding != "same":
            return images, (0, 0)
        (top, bottom), (left, right) = (
            self._borders(side, axis) for axis, side in enumerate(images.shape[2:])
        )
        if top == bottom and left == right:
            return images, (top, left)
        return functional.pad(images, (left, right, top, bottom), self.fill), (0, 0)

    def _borders(self, side: int, axis: int) -> tuple[int, int]:
        stride = self.strides[axis]
        reach = self.dilation_rate[axis] * (self.size[axis] - 1) + 1
        total = max((-(-side // stride) - 1) * stride + reach - side, 0)
        return total // 2, total - total // 2


class Convolution(Window):
    """A window of weights. Subclasses have `kernel` or kernels in Keras's layout."""

    def __init__(
        self,
        *,
        kernel_size: tuple[int, int],
        strides: tuple[int, int],
        padding: str,
        dilation_rate: tuple[int, int],
        activation: str,
        use_bias: bool,
        outputs: int,
    ) -> None:
        super().__init__()
        self.size, self.strides, self.padding = kernel_size, strides, padding
        self.dilation_rate = dilation_rate
        self.in_place = IN_PLACE.get(activation)
        self.activation = ACTIVATIONS[activation]
        self.bias = nn.Parameter(torch.empty(outputs)) if use_bias else None

    def convolve(self, images: Tensor, filters: Tensor, bias: Tensor | None, groups: int) -> Tensor:
        """Images and result (n, channels, height, width); filters (outputs, inputs, ...)."""
        images, even = self.padded(images)
        return functional.conv2d(
            images, filters, bias, self.strides, even, self.dilation_rate, groups
        )

    def activated(self, out: Tensor) -> Tensor:
        """The result as (n, height, width, channels)."""
        # Before the permutation: changing a view in place makes autograd copy the gradient.
        if self.in_place is not None:
            return self.in_place(out).permute(0, 2, 3, 1)
        return self.activation(out.permute(0, 2, 3, 1))


class Conv2D(Convolution):
    """kernel: (height, width, channels / groups, filters)."""

    def __init__(self, channels: int, filters: int, groups: int, **window: Any) -> None:
        super().__init__(outputs=filters, **window)
        self.groups = groups
        self.kernel = nn.Parameter(torch.empty(*self.size, channels // groups, filters))

    def forward(self, x: Tensor) -> Tensor:
        filters = self.kernel.permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last)
        return self.activated(self.convolve(x.permute(0, 3, 1, 2), filters, self.bias, self.groups))


def by_channel(kernel: Tensor) -> Tensor:
    """(height, width, channels, multiplier) to (channels × multiplier, 1, height, width)."""
    return kernel.permute(2, 3, 0, 1).reshape(-1, 1, *kernel.shape[:2])


class DepthwiseConv2D(Convolution):
    """Each channel by itself. kernel: (height, width, channels, depth_multiplier)."""

    def __init__(self, channels: int, depth_multiplier: int, **window: Any) -> None:
        super().__init__(outputs=channels * depth_multiplier, **window)
        self.kernel = nn.Parameter(torch.empty(*self.size, channels, depth_multiplier))

    def forward(self, x: Tensor) -> Tensor:
        filters = by_channel(self.kernel)
        out = self.convolve(x.permute(0, 3, 1, 2), filters, None, x.shape[-1])
        return self.activated(out if self.bias is None else out + self.bias[:, None, None])


class SeparableConv2D(Convolution):
    """Each channel by itself, then a 1 × 1 convolution over all that this gives."""

    def __init__(self, channels: int, filters: int, depth_multiplier: int, **window: Any) -> None:
        super().__init__(outputs=filters, **window)
        self.depthwise_kernel = nn.Parameter(torch.empty(*self.size, channels, depth_multiplier))
        self.pointwise_kernel = nn.Parameter(
            torch.empty(1, 1, channels * depth_multiplier, filters)
        )

    def forward(self, x: Tensor) -> Tensor:
        depthwise = by_channel(self.depthwise_kernel)
        between = self.convolve(x.permute(0, 3, 1, 2), depthwise, None, x.shape[-1])
        pointwise = self.pointwise_kernel.permute(3, 2, 0, 1)
        out = functional.conv2d(between, pointwise)
        return self.activated(out if self.bias is None else out + self.bias[:, None, None])


class Pooling(Window):
    """Uneven borders repeat the pixels at the edge, as Keras on torch does."""

    fill = "replicate"

    def __init__(self, pool_size: tuple[int, int], strides: tuple[int, int], padding: str) -> None:
        super().__init__()
        self.size, self.strides, self.padding = pool_size, strides, padding

    def channels_first(self, x: Tensor) -> Tensor:
        """Images for torch; copied for "same", as Keras does: layout decides how sums round."""
        images = x.permute(0, 3, 1, 2)
        return images.contiguous() if self.padding == "same" else images


class MaxPooling2D(Pooling):
    def forward(self, x: Tensor) -> Tensor:
        images, even = self.padded(self.channels_first(x))
        return functional.max_pool2d(images, self.size, self.strides, even).permute(0, 2, 3, 1)


class AveragePooling2D(Pooling):
    """Even borders are left out of the mean."""

    def forward(self, x: Tensor) -> Tensor:
        images, even = self.padded(self.channels_first(x))
        return functional.avg_pool2d(
            images, self.size, self.strides, even, count_include_pad=False
        ).permute(0, 2, 3, 1)


class GlobalMaxPooling2D(nn.Module):
    def __init__(self, keepdims: bool) -> None:
        super().__init__()
        self.keepdims = keepdims

    def forward(self, x: Tensor) -> Tensor:
        return x.amax(dim=(1, 2), keepdim=self.keepdims)


class GlobalAveragePooling2D(nn.Module):
    def __init__(self, keepdims: bool) -> None:
        super().__init__()
        self.keepdims = keepdims

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(dim=(1, 2), keepdim=self.keepdims)


class ScaleAndShift(nn.Module):
    """gamma and beta of normalization layers, each (channels,), or None."""

    def __init__(self, channels: int, epsilon: float, center: bool, scale: bool) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.gamma = nn.Parameter(torch.empty(channels)) if scale else None
        self.beta = nn.Parameter(torch.empty(channels)) if center else None


class BatchNormalization(ScaleAndShift):
    """Normalization of (n, ..., channels) by batch. Ioffe and Szegedy, ICML 2015.

    In training mode, mean and variance are those of the batch, and the moving ones approach them
    by 1 - momentum (the variance over n, as in Keras, not n - 1 as in torch's own module).
    """

    moving_mean: Tensor
    moving_variance: Tensor

    def __init__(self, momentum: float, **shared: Any) -> None:
        super().__init__(**shared)
        self.momentum = momentum
        for name in ("moving_mean", "moving_variance"):
            self.register_buffer(name, torch.empty(shared["channels"]))

    def forward(self, x: Tensor) -> Tensor:
        return self._by_batch(x) if self.training else self._by_moving(x)

    def _by_batch(self, x: Tensor) -> Tensor:
        out, batch_mean, inverse = torch.native_batch_norm(
            x.movedim(-1, 1), self.gamma, self.beta, None, None, True, 0.0, self.epsilon
        )
        with torch.no_grad():
            self.moving_mean.lerp_(batch_mean, 1 - self.momentum)
            # torch gives 1 / sqrt(variance + epsilon), over n.
            variance = inverse.pow(-2).sub_(self.epsilon)
            self.moving_variance.lerp_(variance, 1 - self.momentum)
        return out.movedim(1, -1)

    def _by_moving(self, x: Tensor) -> Tensor:
        mean, variance = self.moving_mean, self.moving_variance
        out = functional.batch_norm(
            x.movedim(-1, 1), mean, variance, self.gamma, self.beta, False, 0.0, self.epsilon
        )
        return out.movedim(1, -1)


class LayerNormalization(ScaleAndShift):
    """Normalization along the channels at each place. Ba, Kiros and Hinton, 2016."""

    def forward(self, x: Tensor) -> Tensor:
        return functional.layer_norm(x, x.shape[-1:], self.gamma, self.beta, self.epsilon)


class GroupNormalization(ScaleAndShift):
    """Normalization of groups of channels of an image. Wu and He, ECCV 2018.

    groups: -1 for one group for each channel.
    """

    def __init__(self, groups: int, **shared: Any) -> None:
        super().__init__(**shared)
        self.groups = groups

    def forward(self, x: Tensor) -> Tensor:
        # As Keras computes it; `functional.group_norm` rounds differently.
        groups = x.shape[-1] if self.groups == -1 else self.groups
        grouped = x.reshape(*x.shape[:-1], groups, x.shape[-1] // groups)
        within = [*range(1, x.ndim - 1), x.ndim]
        mean = grouped.mean(dim=within, keepdim=True)
        variance = grouped.square().mean(dim=within, keepdim=True) - mean.square()
        gain = torch.rsqrt(variance + self.epsilon)
        if self.gamma is not None:
            gain = gain * self.gamma.reshape(groups, -1)
        shift = -mean * gain
        if self.beta is not None:
            shift = shift + self.beta.reshape(groups, -1)
        return (grouped * gain + shift).reshape(x.shape)


class Dropout(nn.Module):
    """In training mode, drops values at `rate` and scales up the others.

    by_channel: drops whole channels of images (n, height, width, channels). generator: of random
    numbers; torch's global one if it is None.
    """

    def __init__(self, rate: float, by_channel: bool) -> None:
        super().__init__()
        self.rate, self.by_channel = rate, by_channel
        self.generator: torch.Generator | None = None

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.rate == 0:
            return x
        shape = (x.shape[0], 1, 1, x.shape[3]) if self.by_channel else tuple(x.shape)
        return x * dropout_mask(shape, self.rate, self.generator, x.device)


LEVELS = 1 << 16
ELEMENTS_PER_WORD = 4


def dropout_mask(
    shape: tuple[int, ...], rate: float, generator: torch.Generator | None, device: torch.device
) -> Tensor:
    """float32 mask of this shape: 0 with probability `rate`, else one over the kept share.

    The probability is rounded to 1/65536 and the scale follows the rounded one, so that the mean
    of the mask is 1 exactly. Four elements share one 64-bit random number. Srivastava et al., JMLR
    2014.
    """
    dropped = min(round(rate * LEVELS), LEVELS - 1)
    count = math.prod(shape)
    words = torch.empty(-(-count // ELEMENTS_PER_WORD), dtype=torch.int64, device=device)
    words.random_(-(2**63), None, generator=generator)
    sixteenths = words.view(torch.int16)[:count].view(*shape)
    kept = sixteenths >= dropped - LEVELS // 2
    return kept.to(torch.float32).mul_(LEVELS / (LEVELS - dropped))


class Flatten(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(len(x), math.prod(x.shape[1:]))


class ZeroPadding2D(nn.Module):
    """padding: pixels left, right, top and bottom."""

    def __init__(self, padding: tuple[int, int, int, int]) -> None:
        super().__init__()
        self.padding = padding

    def forward(self, x: Tensor) -> Tensor:
        return functional.pad(x, (0, 0, *self.padding))


class LeakyReLU(nn.Module):
    def __init__(self, negative_slope: float) -> None:
        super().__init__()
        self.negative_slope = negative_slope

    def forward(self, values: Tensor) -> Tensor:
        return functional.leaky_relu(values, self.negative_slope)


class ELU(nn.Module):
    def __init__(self, alpha: float) -> None:
        super().__init__()
        self.alpha = alpha

    def forward(self, values: Tensor) -> Tensor:
        return functional.elu(values, self.alpha)


class Add(nn.Module):
    def forward(self, values: list[Tensor]) -> Tensor:
        return sum(values[1:], values[0])


class Multiply(nn.Module):
    def forward(self, values: list[Tensor]) -> Tensor:
        return math.prod(values[1:], start=values[0])


class Concatenate(nn.Module):
    """axis: counted with the batch."""

    def __init__(self, axis: int) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, values: list[Tensor]) -> Tensor:
        return torch.cat(values, dim=self.axis)


class Rescaling(nn.Module):
    def __init__(self, scale: float, offset: float) -> None:
        super().__init__()
        self.scale, self.offset = scale, offset

    def forward(self, values: Tensor) -> Tensor:
        return values * self.scale + self.offset


MERGING = (Add, Concatenate, Multiply)
"""Layers that read a list."""
MODULES: dict[str, type[nn.Module]] = {
    layer.__name__: layer
    for layer in (
        *MERGING, Activation, AveragePooling2D, BatchNormalization, Conv2D, Dense, DepthwiseConv2D,
        Dropout, ELU, Flatten, GlobalAveragePooling2D, GlobalMaxPooling2D, GroupNormalization,
        LayerNormalization, LeakyReLU, MaxPooling2D, Rescaling, SeparableConv2D, ZeroPadding2D,
    )
}  # fmt: skip
"""By the names that a weights file has for them."""
