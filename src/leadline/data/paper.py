"""Ink told from the ground it is on: any polarity, uneven light, the noise of a camera."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]

FITTED_PIXELS = 4096
ROUNDS = 6
NOISE_SIGMAS = 4.0
EVEN_WITHIN, EVEN_SHARE = 0.5, 0.2
"""Where so large a share of the pixels has the very same grey, the ground is even: the
picture is drawn or scanned. A photograph has noise and shadows."""
LEAST_CONTRAST = 12.0
"""Grey levels of 255: a fainter mark is none."""


def ink_on_paper(grey: Grey) -> Grey:
    """How much ink is where, float (height, width), 0 to 255, the strongest strokes at 255.

    grey: 0 to 255. The ground is a smooth surface (light falls off to one side, lenses darken
    corners); ink is what departs from it to the one side, lighter or darker, on which more does.
    All 0 for an even picture.
    """
    ground, noise = _ground(grey)
    apart = grey - ground
    beyond = np.where(np.abs(apart) > NOISE_SIGMAS * noise, apart, 0.0)
    lighter = float((np.maximum(beyond, 0) ** 2).sum())
    darker = float((np.minimum(beyond, 0) ** 2).sum())
    ink = np.maximum(apart if lighter >= darker else -apart, 0.0) - NOISE_SIGMAS / 2 * noise
    ink = np.maximum(ink, 0.0).astype(np.float32)
    strong = ink[ink > otsu(ink)]
    if not len(strong) or (top := float(np.percentile(strong, 90))) < LEAST_CONTRAST:
        return np.zeros_like(ink)
    scaled: Grey = np.minimum(ink * (255 / top), 255).astype(np.float32)
    return scaled


def otsu(values: Grey) -> float:
    """The level that parts the values best in two (Otsu, 1979); 0 where all are 0."""
    highest = float(values.max(initial=0.0))
    if highest <= 0:
        return 0.0
    counts, edges = np.histogram(values, 128, (0.0, highest))
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = sums / below - (sums[-1] - sums) / above
        between = np.nan_to_num(below * above * apart**2)
    return float(edges[1:][int(np.argmax(between))])


def _ground(grey: Grey) -> tuple[Grey, float]:
    """A surface of second degree through what is no ink, and the noise about it (one sigma).

    Pixels far from the surface are left out by turns.

    It begins at the most frequent grey, so that a digit that fills the picture is not the ground.
    """
    height, width = grey.shape
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    terms = np.stack(
        [np.ones_like(rows), rows, columns, rows**2, columns**2, rows * columns], axis=-1
    ).reshape(-1, 6)
    values = grey.reshape(-1)
    commonest = _commonest(values)
    if np.mean(np.abs(values - commonest) <= EVEN_WITHIN) >= EVEN_SHARE:
        return np.full_like(grey, commonest), 0.0
    step = max(1, len(values) // FITTED_PIXELS)
    some, seen = terms[::step], values[::step]
    solution = np.array([commonest, 0, 0, 0, 0, 0], np.float32)
    reach, spread = 64.0, 0.0
    for _ in range(ROUNDS):
        near = np.abs(seen - some @ solution) <= reach
        if near.sum() < len(seen) / 3:
            break
        solution = np.linalg.lstsq(some[near], seen[near], rcond=None)[0]
        spread = 1.4826 * float(np.median(np.abs(seen[near] - some[near] @ solution)))
        reach = max(reach / 2, 3 * spread, 2.0)
    return (terms @ solution).reshape(grey.shape).astype(np.float32), spread


def _commonest(values: Grey) -> float:
    """The most frequent grey, among the 17 levels that hold most pixels together."""
    counts = np.bincount(np.clip(np.rint(values), 0, 255).astype(np.int64), minlength=256)
    middle = int(np.argmax(np.convolve(counts, np.ones(17, np.int64), mode="same")))
    first = max(middle - 8, 0)
    return float(first + np.argmax(counts[first : middle + 9]))
