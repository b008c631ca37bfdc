"""The orientation bin of each integer gradient, exactly; NumPy alone.

A gradient (gx, gy) of uint8 values is a pair of integers from -255 to 255. It is written as one
integer, 511 * gy + gx, which is unique; an orientation does not tell (gx, gy) from (-gx, -gy), and
neither does the absolute value of that integer, its code, 0 to 130,560. The bin of each code is
looked up in a table, so that no runtime's `atan2` has a say in where 45 degrees belongs.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from leadline.data.dataset import UInt8Array

CODES = 511 * 255 + 255 + 1

_EXACT_EDGES = {1: (1.0, 1.0), 2: (0.0, 1.0), 3: (-1.0, 1.0)}
"""(x, y) along 45, 90 and 135 degrees, the only edges that integer gradients can lie on."""


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
