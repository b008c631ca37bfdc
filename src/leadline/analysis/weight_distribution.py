"""Weights of a model by place, and the cost of one prediction in memory and operations.

Everything comes from the table of layers that a run stores, so it holds for models of any layers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import prod

from leadline.analysis.experiment_results import ExperimentResults
from leadline.models.layers import kind_of
from leadline.models.weight_table import BYTES_PER_WEIGHT, LayerRow

PLACES = ("convolutions", "first", "dense", "normalisation", "other")
"""Places of weights; first: the first dense layer, which reads the flattened maps or pixels."""
WINDOW = 2


@dataclass(frozen=True)
class Flattened:
    """Maps that are put into a row, and the dense layer that reads it.

    maps: height, width, channels. units: of the dense layer. weights: all of the model's.
    """

    maps: tuple[int, int, int]
    units: int
    weights: int

    @property
    def inputs(self) -> int:
        return prod(self.maps)

    @property
    def pooled(self) -> tuple[int, int, int]:
        """The maps after another pooling of 2 × 2."""
        height, width, channels = self.maps
        return height // WINDOW, width // WINDOW, channels

    @property
    def can_pool(self) -> bool:
        return min(self.maps[:2]) >= WINDOW

    @property
    def if_pooled(self) -> int:
        """The model's weights with a pooling of 2 × 2 before the maps are put into a row."""
        return self.weights - (self.inputs - prod(self.pooled)) * self.units

    @property
    def if_averaged(self) -> int:
        """With the mean of each map alone."""
        return self.weights - (self.inputs - self.maps[-1]) * self.units


@dataclass(frozen=True, eq=False)
class WeightDistribution:
    """Weights of one experiment by place, and the cost of one image."""

    row: ExperimentResults

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def layers(self) -> tuple[LayerRow, ...]:
        return self.row.runs[0].layers

    @property
    def weights(self) -> int:
        return self.row.totals.weights

    @property
    def depth(self) -> int:
        """Layers that multiply: convolutions, dense ones and what else has a kernel."""
        return sum(
            layer.weights > 0 and kind_of(layer.type) != "normalization" for layer in self.layers
        )

    @cached_property
    def places(self) -> dict[str, int]:
        """Weights by where they sit, in the order of PLACES; none that is empty."""
        found = dict.fromkeys(PLACES, 0)
        for place, layer in _placed(self.layers):
            found[place] += layer.weights
        return {place: count for place, count in found.items() if count}

    def share(self, place: str) -> float:
        """0 to 1."""
        return self.places.get(place, 0) / self.weights if self.weights else 0.0

    @property
    def convolves(self) -> bool:
        return "convolutions" in self.places

    @property
    def per_weight(self) -> float | None:
        """Mean number of uses of each weight for one image; None where not counted."""
        uses = self.row.totals.multiply_adds
        return uses / self.weights if self.weights and uses else None

    @cached_property
    def outputs(self) -> tuple[int, ...] | None:
        """Values that each layer puts out for one image; None where a size is not known."""
        found = [
            layer.output_shape[1:] for layer in self.layers if kind_of(layer.type) != "pass-through"
        ]
        if any(not shape or None in shape for shape in found):
            return None
        return tuple(prod(size or 0 for size in shape) for shape in found)

    @property
    def activations_bytes(self) -> int | None:
        """All that the layers put out for one image, as float32."""
        return None if self.outputs is None else BYTES_PER_WEIGHT * sum(self.outputs)

    @property
    def peak_bytes(self) -> int | None:
        """The most that two layers, one after the other, put out, as float32."""
        if self.outputs is None:
            return None
        pairs = [one + other for one, other in pairwise(self.outputs)]
        return BYTES_PER_WEIGHT * max([*pairs, *self.outputs], default=0)

    @cached_property
    def flattened(self) -> Flattened | None:
        """The maps that a dense layer reads in a row; None without such."""
        for before, row in pairwise(self.layers):
            maps, reader = _maps(before, row), _after(self.layers, row)
            if maps and reader and reader.type == "Dense" and (units := reader.output_shape[-1]):
                return Flattened(maps, units, self.weights)
        return None


ModelPair = tuple[WeightDistribution, WeightDistribution]


def deeper_pairs(
    models: Sequence[WeightDistribution],
) -> tuple[tuple[WeightDistribution, WeightDistribution], ...]:
    """All pairs of models of different depth, the deeper one first."""
    return tuple(
        (deep, shallow) for deep in models for shallow in models if deep.depth > shallow.depth
    )


def exception(
    pairs: Sequence[tuple[WeightDistribution, WeightDistribution]],
) -> tuple[WeightDistribution, WeightDistribution] | None:
    """The pair in which a deeper model saves most against a shallower; None where none does."""
    lighter = [(deep, shallow) for deep, shallow in pairs if deep.weights < shallow.weights]
    return max(lighter, key=lambda pair: pair[1].weights / pair[0].weights, default=None)


def _placed(layers: Sequence[LayerRow]) -> Iterator[tuple[str, LayerRow]]:
    """Each layer with weights and its place."""
    first = True
    for layer in layers:
        if not layer.weights:
            continue
        kind = kind_of(layer.type)
        if kind == "convolution":
            yield "convolutions", layer
        elif kind == "dense":
            yield ("first" if first else "dense"), layer
            first = False
        else:
            yield ("normalisation" if kind == "normalization" else "other"), layer


def _maps(before: LayerRow, row: LayerRow) -> tuple[int, int, int] | None:
    """The maps that a Flatten layer reads from the layer before it."""
    sizes = tuple(size for size in before.output_shape[1:] if size is not None)
    if row.type != "Flatten" or len(sizes) != 3 or prod(sizes) != row.output_shape[-1]:
        return None
    return sizes


def _after(layers: Sequence[LayerRow], row: LayerRow) -> LayerRow | None:
    """The first layer after this one that computes something."""
    later = layers[layers.index(row) + 1 :]
    return next((layer for layer in later if kind_of(layer.type) != "pass-through"), None)
