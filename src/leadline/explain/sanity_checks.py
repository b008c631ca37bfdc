"""Does a map depend on what the network learned? It must fall apart when the weights are redrawn.

Adebayo, Gilmer, Muelly, Goodfellow, Hardt and Kim, NeurIPS 2018. A map that a network with random
weights draws just as well shows edges of the image, not what the network learned.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.run_summary import CascadeStep
from leadline.errors import DataError
from leadline.statistics.intervals import Interval, mean_interval

if TYPE_CHECKING:
    import keras

LIMIT = 0.5
"""Below it a map has fallen apart. Similarity r leaves 1 - r² of the order of pixels unexplained:
below 0.5 that is more than three quarters, so what the trained map shows is mostly its own."""
DRAWS = 8
STOPS = 4
ONES = ("gamma", "scale", "moving_variance", "variance")
"""Vectors that begin at 1; others, as biases, begin at 0."""

Maps = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Randomisation:
    """Similarity of heat maps before and after weights are randomized.

    similarity: float64 (images, draws), |Spearman's rank correlation| over pixels, 0 to 1; NaN
    where the redrawn network's map is empty. chance: the mean for maps of different images, so of
    this network's maps that have nothing in common but their kind; NaN for fewer than two images.
    cascade: the same on the way down, in one draw of its own.
    """

    similarity: NDArray[np.float64]
    chance: float
    cascade: tuple[CascadeStep, ...] = ()

    @property
    def images(self) -> int:
        return len(self.similarity)

    @property
    def draws(self) -> int:
        return int(self.similarity.shape[1])

    @property
    def empty_share(self) -> float:
        """Share of the redrawn networks' maps that are empty."""
        return float(np.isnan(self.similarity).mean()) if self.similarity.size else 0.0

    @property
    def mean(self) -> float:
        """Mean over images of the mean over draws; 0 where every redrawn map is empty."""
        means = self._means()
        return float(means.mean()) if len(means) else 0.0

    @property
    def interval(self) -> Interval | None:
        """95% interval of the mean, over images and over draws; None for a single one of either.

        Both are taken as drawn independently, so their variances of the mean add up, as in Owen's
        bound for crossed random effects (Annals of Applied Statistics 1, 2007).
        """
        over = [mean_interval(self._means(axis)) for axis in (1, 0)]
        if over[0] is None or over[1] is None:
            return None
        half = math.hypot(*((high - low) / 2 for low, high in (over[0], over[1])))
        return max(0.0, self.mean - half), min(1.0, self.mean + half)

    @property
    def falls_apart(self) -> bool:
        """Whether the whole interval of the mean lies below 0.5."""
        interval = self.interval
        return (self.mean if interval is None else interval[1]) < LIMIT

    def _means(self, axis: int = 1) -> NDArray[np.float64]:
        """Return means of images over draws (axis 1), or of draws over images."""
        rows = self.similarity if axis else self.similarity.T
        some = rows[~np.isnan(rows).all(axis=1)]
        return np.nanmean(some, axis=1) if len(some) else np.empty(0)


def weight_randomisation(
    model: keras.Model,
    draw_maps: Callable[[], Maps],
    rng: np.random.Generator,
    *,
    draws: int = DRAWS,
    stops: int = STOPS,
) -> Randomisation:
    """Draw maps with the model's weights, and with all weights redrawn; compare them.

    draw_maps: gives the maps, float32 (n, height, width), of the same images and classes, from the
    model as it is when called. stops: how often the cascade looks on its way down; 0 for none. The
    model's weights are put back, whatever happens; meanwhile nobody else should use it. Images
    whose own map is empty are left out.

    The sign of a correlation is dropped, because redrawing the head can turn a map into its
    negative, and a map that is the same but for its sign has not fallen apart.
    """
    trained = draw_maps()
    kept = trained.any(axis=(1, 2))
    similarity = np.full((int(kept.sum()), draws), np.nan)
    apart = np.full_like(similarity, np.nan)
    ranks = _ranks(trained[kept])
    for draw in range(draws):
        with redrawn(model, rng):
            other = _ranks(draw_maps()[kept])
        similarity[:, draw] = _likeness(ranks, other)
        apart[:, draw] = _likeness(ranks, np.roll(other, 1, axis=0))
    chance = _mean(apart) if len(apart) > 1 else float("nan")
    steps = _cascade(model, lambda: draw_maps()[kept], ranks, rng, stops)
    return Randomisation(similarity, chance, steps)


def rank_similarity(ours: Maps, theirs: Maps) -> NDArray[np.float64]:
    """|Spearman's rank correlation| over pixels of each pair of maps, float64 (n,), 0 to 1.

    Ties share their mean rank. NaN where one of the maps is the same everywhere.
    """
    return _likeness(_ranks(ours), _ranks(theirs))


def _ranks(maps: Maps) -> NDArray[np.float64]:
    """Ranks of each map's pixels as vectors (n, pixels) of mean 0 and length 1; NaN without one."""
    from scipy.stats import rankdata

    ranks = rankdata(np.abs(maps).reshape(len(maps), math.prod(maps.shape[1:])), axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    length = np.sqrt((ranks * ranks).sum(axis=1, keepdims=True))
    unit: NDArray[np.float64] = ranks / np.where(length > 0, length, np.nan)
    return unit


def _likeness(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> NDArray[np.float64]:
    likeness: NDArray[np.float64] = np.abs((ours * theirs).sum(axis=1))
    return likeness.clip(max=1)


@contextmanager
def redrawn(
    model: keras.Model, rng: np.random.Generator, layers: Sequence[str] | None = None
) -> Iterator[None]:
    """Inside the block all weights, or those of the named layers, are as before any training.

    layers: names as `weighted_layers` gives them. Kernels are drawn by Glorot's uniform rule,
    biases are 0, scales 1. Afterwards every weight is what it was, bit by bit.
    """
    weights = [weight for weight in model.weights if layers is None or _owner(weight) in layers]
    before = [np.array(weight.numpy()) for weight in weights]
    try:
        for one in weights:
            one.assign(_fresh(one.name, tuple(one.shape), rng).astype(one.dtype))
        yield
    finally:
        for one, values in zip(weights, before, strict=True):
            one.assign(values)


def weighted_layers(model: keras.Model) -> tuple[str, ...]:
    """Layers that have weights, nested ones by their path, in the order of the model."""
    return tuple(dict.fromkeys(_owner(weight) for weight in model.weights))


def _owner(weight: Any) -> str:
    return str(weight.path).rpartition("/")[0]


def _fresh(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float64]:
    """Initialize a weight at random: Glorot and Bengio, AISTATS 2010, for all but vectors."""
    if len(shape) < 2:
        return np.full(shape, 1.0 if name in ONES else 0.0)
    window = int(np.prod(shape[:-2]))
    limit = np.sqrt(6 / (window * (shape[-2] + shape[-1])))
    return rng.uniform(-limit, limit, shape)


def _cascade(
    model: keras.Model,
    draw_maps: Callable[[], Maps],
    ranks: NDArray[np.float64],
    rng: np.random.Generator,
    stops: int,
) -> tuple[CascadeStep, ...]:
    """From the head down ever more layers lose their weights; the first stop is the head alone."""
    seed = int(rng.integers(2**63))
    layers = weighted_layers(model)
    counts = np.unique(np.linspace(1, len(layers), min(stops, len(layers))).round().astype(int))
    steps = []
    for count in counts:
        gone = layers[-count:]
        with redrawn(model, np.random.default_rng(seed), gone):
            similarity = _likeness(ranks, _ranks(draw_maps()))
        steps.append(CascadeStep(gone[0], int(count), _mean(similarity)))
    return tuple(steps)


def _mean(values: NDArray[np.float64]) -> float:
    """The mean of what is a number; 0 where nothing is."""
    return 0.0 if np.isnan(values).all() else float(np.nanmean(values))


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
