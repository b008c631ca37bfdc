"""Near-duplicates among small images, such as handwritten digits of 28 x 28 px.

Small images have too little detail for a fixed threshold: two ones by different writers can be more
alike than an image and its copy saved as JPEG. So a pair counts as near-duplicates if it is far
closer than either image is to its other neighbours, after allowing for a shift by one pixel and for
one of the two being blurred, as it is when it was halved and enlarged again.

`benchmarks/near_duplicates.py` measures the share of planted copies that is found, and how many
other pairs are reported.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from leadline.data.audit.nearest_neighbours import Neighbours, nearest
from leadline.data.progress import Progress

Pairs = NDArray[np.int64]
Floats = NDArray[np.float32]

MAX_SIDE_PX = 47
"""Larger thumbnails are compared by their fine detail, in `similar`."""
NEIGHBOURS = 8
"""The last of these shows how far apart images lie that are not copies."""
MAX_RATIO = 0.35
"""Largest distance of a pair, as a share of the distance to the last of the neighbours."""
BLURS = (1, 2, 3, 5)
"""Passes of a 1-2-1 filter (variance 0.5 px squared each) that one of the two may have had."""
SMOOTHING = 1
"""Passes that both get, against the blocks of JPEG."""
CENTRED_WEIGHT = 1.5
"""Weight of the centred image beside the image in place, where neighbours are proposed."""
CHUNK = 512
SHIFTS = tuple((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1))


def small_copies(
    thumbnails: NDArray[np.uint8],
    sums: NDArray[np.int64],
    on_progress: Progress = lambda *_: None,
) -> tuple[Pairs, NDArray[np.float64]]:
    """Find near-duplicates among small images.

    Parameters
    ----------
    thumbnails : uint8 array (n, px, px)
    sums : int array (n,)
        Equal for images with equal pixels: those are duplicates, not near-duplicates.
    on_progress : callable
        Gets ("compare", images done, images in all).

    Returns
    -------
    pairs : int64 array (pairs, 2)
        Positions, the smaller first, in ascending order.
    correlations : float64 array (pairs,)
        Correlation of the two images after the best shift and blur.
    """
    descriptors = _in_chunks(thumbnails, _descriptors)
    neighbours = nearest(descriptors, NEIGHBOURS, sums, on_progress)
    del descriptors
    distances = _matched_distances(thumbnails, neighbours)
    finite = np.where(np.isfinite(distances), distances, 0)
    reference = finite.max(axis=1, keepdims=True)
    close = distances <= MAX_RATIO * reference
    found: dict[tuple[int, int], float] = {}
    for row, column in np.argwhere(close & (neighbours.positions >= 0)):
        other = int(neighbours.positions[row, column])
        pair = (min(int(row), other), max(int(row), other))
        distance = float(distances[row, column])
        # Both must be far from their other neighbours: a copy is close to its original only.
        if distance <= MAX_RATIO * float(reference[other, 0]):
            found[pair] = min(distance, found.get(pair, np.inf))
    pairs = sorted(found)
    correlations = [1 - found[pair] ** 2 / 2 for pair in pairs]
    return np.array(pairs, np.int64).reshape(-1, 2), np.array(correlations, np.float64)


def _in_chunks(thumbnails: NDArray[np.uint8], turn: Callable[[Floats], Floats]) -> Floats:
    """Result of a function of smoothed images, a row each; all at once would take gigabytes."""
    rows: Floats | None = None
    for start in range(0, len(thumbnails), CHUNK):
        some = thumbnails[start : start + CHUNK].astype(np.float32)
        turned = turn(_blurred(some, SMOOTHING))
        if rows is None:
            rows = np.empty((len(thumbnails), turned.shape[1]), np.float32)
        rows[start : start + CHUNK] = turned
    return np.empty((0, 0), np.float32) if rows is None else rows


def _matched_distances(thumbnails: NDArray[np.uint8], neighbours: Neighbours) -> Floats:
    """Distance (n, k) of each image to its neighbours after the best shift and blur.

    The distance is infinite where a neighbour is missing.
    """
    n, k = neighbours.positions.shape
    plain = _in_chunks(thumbnails, partial(_blurred_units, passes=0))
    best = np.full((n, k), -1, np.float32)
    chunks = [slice(start, start + CHUNK) for start in range(0, n, CHUNK)]
    for rows in chunks:
        near = plain[neighbours.positions[rows]]
        for shift in SHIFTS:
            moved = _shifted(plain[rows].reshape(-1, *thumbnails.shape[1:]), shift)
            np.maximum(best[rows], _products(moved, near), out=best[rows])
    for passes in BLURS:  # one at a time, for each takes as much memory as all images
        level = _in_chunks(thumbnails, partial(_blurred_units, passes=passes))
        for rows in chunks:
            others = neighbours.positions[rows]
            np.maximum(best[rows], _products(plain[rows], level[others]), out=best[rows])
            np.maximum(best[rows], _products(level[rows], plain[others]), out=best[rows])
        del level
    distances: Floats = np.sqrt(np.maximum(2 - 2 * best, 0))
    distances[neighbours.positions < 0] = np.inf
    return distances


def _blurred_units(smooth: Floats, passes: int) -> Floats:
    return _unit(_blurred(smooth, passes).reshape(len(smooth), -1))


def _products(one: Floats, others: Floats) -> Floats:
    products: Floats = np.einsum("np,nkp->nk", one, others)
    return products


def _shifted(images: Floats, shift: tuple[int, int]) -> Floats:
    """The images moved by (down, right) px, as unit vectors; the edge is repeated."""
    down, right = shift
    height, width = images.shape[1:]
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)), mode="edge")
    moved = padded[:, 1 - down : 1 - down + height, 1 - right : 1 - right + width]
    return _unit(moved.reshape(len(images), -1))


def _blurred(images: Floats, passes: int) -> Floats:
    """The images (n, height, width) after passes of the 1-2-1 filter along both axes."""
    for _ in range(passes):
        for axis in (1, 2):
            size = images.shape[axis]
            before = np.take(images, [0, *range(size - 1)], axis)
            after = np.take(images, [*range(1, size), size - 1], axis)
            images = np.asarray((before + 2 * images + after) / 4, np.float32)
    return images


def _descriptors(smooth: Floats) -> Floats:
    """Unit vectors (n, features) to propose neighbours by, little changed by shift and blur."""
    centred, fixed = (
        _unit(_blurred(images, 3)[:, ::3, ::3].reshape(len(smooth), -1))
        for images in (_centred(smooth), smooth)
    )
    return _unit(np.concatenate([CENTRED_WEIGHT * centred, fixed], axis=1))


def _centred(images: Floats) -> Floats:
    """The images moved, around the edges, so that what stands out is in the middle."""
    size = images.shape[1]
    weight = np.abs(images - np.median(images, axis=(1, 2), keepdims=True))
    total = weight.sum(axis=(1, 2)) + 1e-9
    index = np.arange(size)
    rows, columns = (
        (index + np.rint(weight.sum(axis=axis) @ index / total - (size - 1) / 2)[:, None]) % size
        for axis in (2, 1)
    )
    places = np.arange(len(images))[:, None, None]
    moved: Floats = images[
        places, rows.astype(np.int64)[:, :, None], columns.astype(np.int64)[:, None, :]
    ]
    return moved


def _unit(rows: Floats) -> Floats:
    """Rows less their mean, with norm 1, or 0 where flat."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1, keepdims=True)
    result: Floats = (centred / np.where(norms > 1e-3, norms, np.inf)).astype(np.float32)
    return result
