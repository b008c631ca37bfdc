"""Integer gradients of uint8 images, and the orientation bin of each, exactly.

A gradient (gx, gy) of uint8 values is a pair of integers from -255 to 255. It is written as one
integer, 511 * gy + gx, which is unique; an orientation does not tell (gx, gy) from (-gx, -gy), and
neither does the absolute value of that integer, its code, 0 to 130,560. The bin of each code is
looked up in a table, so that no runtime's `atan2` has a say in where 45 degrees belongs.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from keras import ops

from leadline.data.dataset import UInt8Array
from leadline.features.base import fixed_sizes

CODES = 511 * 255 + 255 + 1

_EXACT_EDGES = {1: (1.0, 1.0), 2: (0.0, 1.0), 3: (-1.0, 1.0)}
"""(x, y) along 45, 90 and 135 degrees, the only edges that integer gradients can lie on."""


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


@lru_cache(maxsize=8)
def bin_table(orientations: int) -> UInt8Array:
    """The bin of each code, uint8 (130561,): bin k holds [k, k + 1) * 180 / orientations degrees.

    A bin is the number of edges that the gradient has reached, and it has reached an edge where
    its cross product with the edge is not negative. That sign is exact: edges at multiples of 45
    degrees are given in integers, and no code comes nearer than 6e-7 degrees to any other edge of
    1 to 180 orientations, a million times the error of float64.
    """
    codes = np.arange(CODES)
    gy = (codes + 255) // 511
    gx = codes - 511 * gy
    bins = np.zeros(CODES, np.uint8)
    for edge in range(1, orientations):
        edge_x, edge_y = _edge(edge, orientations)
        bins += gy * edge_x - gx * edge_y >= 0
    bins[0] = 0  # no gradient, no orientation: it votes with magnitude 0
    return bins


def _edge(edge: int, orientations: int) -> tuple[float, float]:
    """A vector along the edge, as (x, y)."""
    eighths, rest = divmod(4 * edge, orientations)
    if rest == 0:
        return _EXACT_EDGES[eighths]
    angle_rad = np.pi * edge / orientations
    return float(np.cos(angle_rad)), float(np.sin(angle_rad))
