"""The nearest neighbours of unit vectors, found block by block.

Comparing all pairs takes time in proportion to the square of their number. Beyond `MOST_COMPARED`
vectors, each is compared only with those in the cells nearest to it, as in an inverted file
(Jégou et al., "Product quantization for nearest neighbor search", PAMI 2011).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadline.data.progress import Progress

BLOCK = 2048
"""Vectors of which all pairs are compared at once: 16 MB of float32."""
MOST_COMPARED = 100_000
"""Vectors of which all pairs are compared: a minute or two."""
PROBES = 4
"""Cells in which the neighbours of a vector are looked for."""


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The k nearest of each of n vectors.

    positions: int64 (n, k), nearest first, -1 where there are fewer. similarities: float32 (n, k),
    cosines.
    """

    positions: NDArray[np.int64]
    similarities: NDArray[np.float32]


def nearest(
    vectors: NDArray[np.float32],
    k: int,
    identical: NDArray[np.int64],
    on_progress: Progress = lambda *_: None,
) -> Neighbours:
    """Find the k vectors with the largest cosine to each; nearly all, beyond `MOST_COMPARED`.

    Parameters
    ----------
    vectors : float32 array (n, features)
        Rows of norm 1, or 0.
    k : int
        Neighbours to keep.
    identical : int array (n,)
        Vectors with equal numbers are not neighbours of each other or of themselves.
    on_progress : callable
        Gets ("compare", vectors done, n).
    """
    n = len(vectors)
    neighbours = Neighbours(np.full((n, k), -1, np.int64), np.full((n, k), -np.inf, np.float32))
    pairs = [(np.arange(n), np.arange(n))] if n <= MOST_COMPARED else _cells(vectors)
    total, done = sum(len(rows) for rows, _ in pairs), 0
    for rows, columns in pairs:
        for start in range(0, len(rows), BLOCK):
            some = rows[start : start + BLOCK]
            _compare(vectors, some, columns, identical, neighbours)
            done += len(some)
            on_progress("compare", n * done // total, n)
    neighbours.positions[np.isneginf(neighbours.similarities)] = -1
    return neighbours


def _compare(
    vectors: NDArray[np.float32],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    identical: NDArray[np.int64],
    neighbours: Neighbours,
) -> None:
    """Compare the vectors at `rows` with those at `columns`, and update their neighbours."""
    best, where = neighbours.similarities[rows], neighbours.positions[rows]
    k = best.shape[1]
    for start in range(0, len(columns), BLOCK):
        some = columns[start : start + BLOCK]
        block = vectors[rows] @ vectors[some].T
        block[identical[rows, None] == identical[some]] = -np.inf
        # Most rows have seen k nearer ones already; only the others are sorted.
        better = np.flatnonzero((block > best[:, -1:]).any(axis=1))
        block = block[better]
        kept = np.argpartition(-block, min(k, block.shape[1]) - 1, axis=1)[:, :k]
        values = np.hstack([best[better], np.take_along_axis(block, kept, axis=1)])
        places = np.hstack([where[better], some[kept]])
        order = np.argsort(-values, axis=1, kind="stable")[:, :k]
        best[better] = np.take_along_axis(values, order, axis=1)
        where[better] = np.take_along_axis(places, order, axis=1)
    neighbours.similarities[rows], neighbours.positions[rows] = best, where


def _cells(vectors: NDArray[np.float32]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """For each cell, the vectors to find neighbours for, and the vectors of the cell.

    Evenly spaced vectors are the centres of the cells. Each vector belongs to the cell of its
    nearest centre, and is compared with the members of the `PROBES` nearest cells.
    """
    n = len(vectors)
    centres = vectors[np.linspace(0, n - 1, max(1, math.isqrt(n))).round().astype(np.int64)]
    probes = min(PROBES, len(centres))
    near = np.empty((n, probes), np.int64)
    for start in range(0, n, BLOCK):
        cosines = vectors[start : start + BLOCK] @ centres.T
        some = np.argpartition(-cosines, probes - 1, axis=1)[:, :probes]
        order = np.argsort(-np.take_along_axis(cosines, some, axis=1), axis=1, kind="stable")
        near[start : start + BLOCK] = np.take_along_axis(some, order, axis=1)
    by_cell = np.argsort(near, axis=None, kind="stable")
    ends = np.searchsorted(near.ravel()[by_cell], np.arange(1, len(centres)))
    queries = np.split(by_cell // probes, ends)
    members = np.split(
        np.argsort(near[:, 0], kind="stable"),
        np.searchsorted(np.sort(near[:, 0]), np.arange(1, len(centres))),
    )
    return list(zip(queries, members, strict=True))
