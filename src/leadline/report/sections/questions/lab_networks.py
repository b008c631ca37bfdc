"""Weights of the lab's networks, recounted: as drawn, and in the worked example of its report."""

from __future__ import annotations

from dataclasses import dataclass

from leadline.experiments import Experiment, load_study
from leadline.experiments.layer_settings import AnyLayer, Conv2D, Dense, Flatten, MaxPooling2D
from leadline.models.weight_arithmetic import Counted, count_weights, total
from leadline.report.sections.questions.weights_answer import CONVOLUTIONS
from leadline.report.sections.study_row import Row

EXAMPLE_SHAPE, EXAMPLE_CLASSES = (28, 28, 1), 10


@dataclass(frozen=True)
class Redrawn:
    """A network as it was drawn, with each layer reading the one above it, and as it was trained.

    into: what the pooling chain leaves before the dense layers, height × width.
    """

    name: str
    trained: int
    drawn: int
    dead: tuple[str, ...]
    into: tuple[int, ...]


@dataclass(frozen=True)
class Example:
    """The report's worked example with biases, depth of filters and sizes of maps."""

    shallow: tuple[Counted, ...]
    deep: tuple[Counted, ...]

    @property
    def totals(self) -> tuple[int, int]:
        return total(self.shallow), total(self.deep)


def originals() -> dict[str, Experiment]:
    """The lab's own experiments, by name."""
    return {experiment.name: experiment for experiment in load_study("lab").experiments}


def redrawn(row: Row) -> Redrawn | None:
    """None where a layer is of a kind that is not counted."""
    page = row.runs[0].page
    layers = tuple(layer.model_copy(update={"input": None}) for layer in row.experiment.layers)
    drawn = row.experiment.model_copy(update={"layers": layers})
    height, width, channels = (size or 0 for size in page.layers[0].output_shape[1:])
    counted = count_weights(drawn, (height, width, channels), len(page.classes))
    if counted is None:
        return None
    maps = next((one.shape_in for one in counted if len(one.shape_in) > len(one.shape_out)), ())
    dead = tuple(layer.name for layer in page.dead_layers)
    return Redrawn(row.name, row.totals.weights, total(counted), dead, maps)


def convolution_weights(row: Row) -> int:
    """Of the convolutions of a model."""
    layers = row.runs[0].page.layers
    return sum(layer.weights for layer in layers if layer.type in CONVOLUTIONS)


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


def _counted(layers: tuple[AnyLayer, ...]) -> tuple[Counted, ...]:
    base = originals()["cnn-1"]
    found = count_weights(
        base.model_copy(update={"layers": layers}), EXAMPLE_SHAPE, EXAMPLE_CLASSES
    )
    return found or ()
