"""The nearest neighbours of unit vectors, found block by block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 2048
"""Vectors of which all pairs are compared at once: 16 MB of float32."""


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The k nearest of each of n vectors.

    positions: int64 (n, k), nearest first, -1 where there are fewer. similarities: float32 (n, k),
    cosines.
    """

    positions: NDArray[np.int64]
    similarities: NDArray[np.float32]


def nearest(vectors: NDArray[np.float32], k: int, identical: NDArray[np.int64]) -> Neighbours:
    """Find the k vectors with the largest cosine to each.

    Parameters
    ----------
    vectors : float32 array (n, features)
        Rows of norm 1, or 0.
    k : int
        Neighbours to keep.
    identical : int array (n,)
        Vectors with equal numbers are not neighbours of each other or of themselves.
    """
    n = len(vectors)
    similarities = np.full((n, k), -np.inf, np.float32)
    positions = np.full((n, k), -1, np.int64)
    for row in range(0, n, BLOCK):
        rows = slice(row, row + BLOCK)
        best, where = similarities[rows], positions[rows]
        for column in range(0, n, BLOCK):
            columns = slice(column, column + BLOCK)
            block = vectors[rows] @ vectors[columns].T
            block[identical[rows, None] == identical[columns]] = -np.inf
            # Most rows have seen k nearer ones already; only the others are sorted.
            better = np.flatnonzero((block > best[:, -1:]).any(axis=1))
            block = block[better]
            kept = np.argpartition(-block, min(k, block.shape[1]) - 1, axis=1)[:, :k]
            values = np.hstack([best[better], np.take_along_axis(block, kept, axis=1)])
            places = np.hstack([where[better], kept + column])
            order = np.argsort(-values, axis=1, kind="stable")[:, :k]
            best[better] = np.take_along_axis(values, order, axis=1)
            where[better] = np.take_along_axis(places, order, axis=1)
    positions[np.isneginf(similarities)] = -1
    return Neighbours(positions, similarities)
