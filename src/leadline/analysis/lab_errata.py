"""Errors in the report of the lab that the built-in models come from, and the right values.

For studies that hold those models: every number is counted or read off the study's own runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from leadline.analysis.experiment_results import ExperimentResults
from leadline.analysis.seed_learning_curves import CourseRow, course_row
from leadline.analysis.significance.comparison import Comparison, Pair
from leadline.errors import mark
from leadline.experiments import Experiment, load_study
from leadline.experiments.layer_settings import Conv2D, Dense, Flatten, Layer, MaxPooling2D
from leadline.models.layers import kind_of
from leadline.models.layers.layer_type import Formula
from leadline.models.weight_arithmetic import LayerWeights, count_weights, total

EXAMPLE_SHAPE, EXAMPLE_CLASSES = (28, 28, 1), 10
CURVES = {
    "mlp-1": mark("more epochs would over-fit"),
    "mlp-2": mark("begins to over-fit; a few epochs fewer would do"),
    "mlp-3": mark("no over-fitting in 30 epochs"),
    "hog-1": mark("no over-fitting; could have stopped earlier"),
    "hog-2": mark("stops before it over-fits; no more epochs needed"),
    "hog-3": mark("stopped in time; a few more epochs might help"),
}
"""Readings of each curve in the lab's report."""
NEIGHBOURS = (("hog-2", "hog-1"), ("hog-3", "hog-2"))
"""Models whose accuracies the report ranks, the higher one first."""


@dataclass(frozen=True)
class DrawnNetwork:
    """A network as it was drawn, with each layer reading the one above it, and as it was trained.

    into: what the pooling chain leaves before the dense layers, height × width.
    """

    name: str
    trained: int
    drawn: int
    unused: tuple[str, ...]
    into: tuple[int, ...]


@dataclass(frozen=True)
class Example:
    """The report's worked example with biases, depth of filters and sizes of maps."""

    shallow: tuple[LayerWeights, ...]
    deep: tuple[LayerWeights, ...]

    @property
    def totals(self) -> tuple[int, int]:
        return total(self.shallow), total(self.deep)


@dataclass(frozen=True)
class LabPair:
    """Two models that the report ranks by these accuracies, and the comparison of ours."""

    ahead: str
    behind: str
    was: tuple[float, float]
    pair: Pair


@dataclass(frozen=True, eq=False)
class LabErrata:
    """Corrections for the lab's own models of a study.

    rows: these models, by name. comparison: None where nothing was compared.
    """

    rows: Mapping[str, ExperimentResults]
    comparison: Comparison | None

    @cached_property
    def redrawn(self) -> tuple[DrawnNetwork, ...]:
        """Networks with unused layers."""
        found = (redrawn(row) for row in self.rows.values() if row.runs[0].unused_layers)
        return tuple(one for one in found if one is not None)

    @property
    def narrow(self) -> tuple[ExperimentResults, ...]:
        """Models whose last sum the report writes with 640 for 64."""
        return tuple(self.rows[name] for name in ("hog-1", "hog-2") if name in self.rows)

    @property
    def totals(self) -> tuple[ExperimentResults, ExperimentResults] | None:
        """The model whose total the report takes from another, and that other."""
        if "cnn-3" in self.rows and "cnn-2" in self.rows:
            return self.rows["cnn-3"], self.rows["cnn-2"]
        return None

    @property
    def right_sum(self) -> Formula:
        """The last sum of such a model, as it is."""
        layers = self.narrow[0].runs[0].layers
        return [layer.formula for layer in layers if layer.weights][-1]

    @property
    def wrong_sum(self) -> int:
        """Result of the sum as the report writes it."""
        return 640 * 10 + 10

    @property
    def more_in_convolutions(self) -> int:
        """Weights that the larger filters of the one model have more than the other's."""
        large, small = self.totals or (None, None)
        return convolution_weights(large) - convolution_weights(small) if large and small else 0

    @property
    def wrong_products(self) -> tuple[int, int]:
        """Products of the example, which the report gives as 73,728 and 294,912."""
        return 16 * 3 * 3 * 128, 32 * 3 * 3 * 256

    @cached_property
    def example(self) -> Example | None:
        """Shown beside convolutional networks alone."""
        if not any(row.experiment.family == "cnn" for row in self.rows.values()):
            return None
        return worked_example()

    @cached_property
    def curves(self) -> tuple[tuple[str, CourseRow], ...]:
        """The report's reading of a curve, and the finding here."""
        rows = {name: course_row(row) for name, row in self.rows.items() if name in CURVES}
        return tuple((CURVES[name], row) for name, row in rows.items() if row.diagnoses)

    @cached_property
    def ranked(self) -> tuple[LabPair, ...]:
        found = None if self.comparison is None else self.comparison.by("accuracy")
        return tuple(
            LabPair(ahead, behind, was, found.between(ahead, behind))
            for ahead, behind in NEIGHBOURS
            if found is not None and ahead in self.rows and behind in self.rows
            if (was := _was(ahead, behind)) is not None
        )

    @property
    def turns_features(self) -> bool:
        """True if HOG features are mentioned."""
        return any(row.experiment.family == "hog" for row in self.rows.values())


def lab_errata(
    rows: Sequence[ExperimentResults], comparison: Comparison | None
) -> LabErrata | None:
    """None where a study holds none of the lab's models; their training may differ."""
    known = originals()
    own = {
        row.name: row
        for row in rows
        if (original := known.get(row.name)) is not None
        and (row.experiment.layers, row.experiment.features) == (original.layers, original.features)
    }
    return LabErrata(own, comparison) if own else None


def _was(ahead: str, behind: str) -> tuple[float, float] | None:
    known = originals()
    found = [known[name].reference for name in (ahead, behind)]
    told = [one.test_accuracy for one in found if one is not None]
    if len(told) < 2 or told[0] is None or told[1] is None:
        return None
    return told[0], told[1]


def originals() -> dict[str, Experiment]:
    """The lab's own experiments, by name."""
    return {experiment.name: experiment for experiment in load_study("lab").experiments}


def redrawn(row: ExperimentResults) -> DrawnNetwork | None:
    """None where a layer is of a kind that is not counted."""
    run = row.runs[0]
    layers = tuple(layer.model_copy(update={"input": None}) for layer in row.experiment.layers)
    drawn = row.experiment.model_copy(update={"layers": layers})
    height, width, channels = (size or 0 for size in run.layers[0].output_shape[1:])
    counted = count_weights(drawn, (height, width, channels), len(run.classes))
    if counted is None:
        return None
    maps = next(
        (layer.shape_in for layer in counted if len(layer.shape_in) > len(layer.shape_out)), ()
    )
    unused = tuple(layer.name for layer in run.unused_layers)
    return DrawnNetwork(row.name, row.totals.weights, total(counted), unused, maps)


def convolution_weights(row: ExperimentResults) -> int:
    """Of the convolutions of a model."""
    layers = row.runs[0].layers
    return sum(layer.weights for layer in layers if kind_of(layer.type) == "convolution")


def worked_example() -> Example:
    """One convolution against three with pooling, on images of MNIST's size, as the lab's CNNs."""
    shallow = (_conv(16), Flatten(type="Flatten"), _dense(128))
    pool = MaxPooling2D(type="MaxPooling2D")
    deep = (*(layer for _ in range(3) for layer in (_conv(32), pool)), Flatten(type="Flatten"),
            _dense(256))  # fmt: skip
    return Example(_counted(shallow), _counted(deep))


def _conv(filters: int) -> Conv2D:
    return Conv2D(type="Conv2D", filters=filters, kernel_size=3, padding="same")


def _dense(units: int) -> Dense:
    return Dense(type="Dense", units=units)


def _counted(layers: tuple[Layer, ...]) -> tuple[LayerWeights, ...]:
    base = originals()["cnn-1"]
    found = count_weights(
        base.model_copy(update={"layers": layers}), EXAMPLE_SHAPE, EXAMPLE_CLASSES
    )
    return found or ()
