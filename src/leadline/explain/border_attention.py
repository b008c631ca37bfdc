"""How much of a map lies along the edges of the image, where no film shows a lung."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from leadline.errors import DataError

FRACTION = 0.1


def border_share(maps: NDArray[np.float32], fraction: float = FRACTION) -> NDArray[np.float64]:
    """Share of each map's mass within the band along the edges, float64 (n,), 0 to 1.

    maps: float32 (n, height, width), not below 0. The band is `fraction` of the height wide at the
    top and at the bottom, `fraction` of the width at the left and at the right; a pixel that the
    band's edge cuts counts by the part of it that lies inside. A map without mass has no share:
    NaN. Raises DataError unless 0 <= fraction <= 0.5.
    """
    if not 0 <= fraction <= 0.5:
        raise DataError(f"expected 0 <= fraction <= 0.5. Received: {fraction!r}.")
    rows, columns = (_inner(side, fraction) for side in maps.shape[1:])
    mass = maps.astype(np.float64)
    total = mass.sum(axis=(1, 2))
    inner = np.einsum("nhw,h,w->n", mass, rows, columns)
    with np.errstate(invalid="ignore", divide="ignore"):
        share: NDArray[np.float64] = np.where(total > 0, 1 - inner / total, np.nan)
    return share.clip(0, 1)


def even_share(fraction: float = FRACTION) -> float:
    """The share that a map without any preference has: 1 - (1 - 2 fraction)^2, 0.36 for a tenth."""
    return 1 - (1 - 2 * fraction) ** 2


def _inner(side: int, fraction: float) -> NDArray[np.float64]:
    """Of each pixel along a side, the part that lies inside the band's inner edges: (side,)."""
    low, high = side * fraction, side * (1 - fraction)
    edges = np.arange(side + 1).clip(low, high)
    part: NDArray[np.float64] = np.diff(edges)
    return part
