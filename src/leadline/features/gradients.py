"""Integer gradients of uint8 images, each as the code whose bin `orientations` tells."""

from __future__ import annotations

from typing import Any

from keras import ops

from leadline.features.feature_layer import fixed_sizes


def codes_and_magnitudes(images: Any) -> tuple[Any, Any]:
    """uint8 (n, height, width, channels) to int32 codes and float32 magnitudes, (n, height, width).

    Central differences, not halved, zero at the border; of a colour pixel, the channel with the
    greatest magnitude, the first of equals.
    """
    gy, gx, squares = _channel_gradients(images[..., 0])
    for channel in range(1, fixed_sizes(images)[-1]):
        other_gy, other_gx, other_squares = _channel_gradients(images[..., channel])
        greater = other_squares > squares
        gy, gx = ops.where(greater, other_gy, gy), ops.where(greater, other_gx, gx)
        squares = ops.where(greater, other_squares, squares)
    return ops.cast(ops.abs(511.0 * gy + gx), "int32"), _root(squares)


def _channel_gradients(channel: Any) -> tuple[Any, Any, Any]:
    """gy, gx and gx * gx + gy * gy of one channel; integers below 2 ** 24, so float32 is exact."""
    pixels = ops.cast(channel, "float32")
    gy, gx = _central_difference(pixels, axis=1), _central_difference(pixels, axis=2)
    return gy, gx, gx * gx + gy * gy


def _root(squares: Any) -> Any:
    """The square root of integers, exact at 0.

    Zeros are kept from `sqrt`, where torch on a CPU takes thirty times as long for them; most
    gradients are zero.
    """
    return ops.minimum(ops.sqrt(ops.maximum(squares, 1.0)), squares)


def _central_difference(pixels: Any, axis: int) -> Any:
    if fixed_sizes(pixels)[axis - 1] < 3:
        return ops.zeros_like(pixels)
    if axis == 1:
        inside, border = pixels[:, 2:] - pixels[:, :-2], ops.zeros_like(pixels[:, :1])
    else:
        inside, border = pixels[:, :, 2:] - pixels[:, :, :-2], ops.zeros_like(pixels[:, :, :1])
    return ops.concatenate((border, inside, border), axis=axis)
