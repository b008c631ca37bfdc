"""Parts of a run's record: what each holds, in plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from leadline.data.preprocessing import Preprocessing
from leadline.data.remarks import Remark
from leadline.experiments.image_form import FitMode
from leadline.explain.sanity_checks import CascadeStep
from leadline.metrics.calibration import Bin
from leadline.metrics.classification import ClassScores, ConfusedPair
from leadline.metrics.confusion_matrix import Cells
from leadline.metrics.estimates import BinaryMetrics
from leadline.models.built_model import DeadLayer
from leadline.models.weight_table import LayerRow
from leadline.statistics.intervals import Interval
from leadline.training.history import EpochRow

Setting = bool | int | float | str | tuple[str, ...] | None
"""The value of an argument; null where it is off."""


@dataclass(frozen=True)
class Settings:
    """An experiment: name, population of its images, and every setting in force.

    settings: as `experiment.toml` has them, defaults written out.
    """

    name: str
    title: str
    description: str
    family: str
    limits: str
    settings: dict[str, Any]


@dataclass(frozen=True)
class Images:
    """The images of a run. counts: of "train", "validation" and "test".

    preprocessing: how they came to be of this size, and what that cost them.
    source: where they came from, in words. few_validated: whether the validation images are too
    few to choose anything by. warnings: what is to be known of the data.
    """

    dataset: str
    source: str
    classes: tuple[str, ...]
    size_px: tuple[int, int]
    channels: int
    fit: FitMode
    preprocessing: Preprocessing | None
    counts: dict[str, int]
    validation_is_test: bool
    few_validated: bool
    warnings: tuple[Remark, ...]


@dataclass(frozen=True)
class Topology:
    """The layers with the sum behind the weights of each, and the sums of the columns.

    multiply_adds: of one image. dead_layers: defined, but reaching nothing.
    """

    layers: tuple[LayerRow, ...]
    dead_layers: tuple[DeadLayer, ...]
    weights: int
    trainable: int
    multiply_adds: int
    memory_bytes: int


@dataclass(frozen=True)
class Rule:
    """An optimizer or a loss: its equations as text, and every argument in force."""

    name: str
    equations: tuple[str, ...]
    arguments: dict[str, Setting]


@dataclass(frozen=True)
class Training:
    """How it was trained. wall_s: training alone. best_epoch: by the monitored value."""

    optimizer: Rule
    loss: Rule
    stopped: str
    best_epoch: int
    kept_epoch: int
    wall_s: float
    history: tuple[EpochRow, ...]


@dataclass(frozen=True)
class Judged:
    """How the model did on n images of one part.

    loss: mean cross-entropy in nats. accuracy: 0 to 1. Intervals are of 95%; Wilson's where they
    are of shares. confusion: true class, predicted class (positions in the list of classes, from 0)
    and images, for each cell of the confusion matrix that holds an image.
    """

    n: int
    loss: float
    loss_interval: Interval | None
    accuracy: float
    accuracy_interval: Interval
    confusion: Cells
    per_class: tuple[ClassScores, ...]
    confused_pairs: tuple[ConfusedPair, ...]


@dataclass(frozen=True)
class Difference:
    """What somebody else reported, and ours less theirs; null where they did not.

    assumed: settings, as for --set, that they do not state.
    """

    source: str
    test_accuracy: float | None
    test_loss: float | None
    accuracy_difference: float | None
    loss_difference: float | None
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True)
class CurvePoints:
    """Points of the curves of two classes on the test images, as the page's tables have them.

    roc: 1 - specificity, sensitivity, threshold (null at the start). precision_recall: recall,
    precision, threshold. decision: threshold, net benefit of the model, of treating all, of none.
    """

    roc: tuple[tuple[float, ...], ...]
    precision_recall: tuple[tuple[float, ...], ...]
    reliability: tuple[Bin, ...]
    decision: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class BinaryRecord:
    """A model of two classes, judged at its frozen thresholds.

    validation: null where that is the test images. curves: null where these lack a class.
    """

    test: BinaryMetrics
    validation: BinaryMetrics | None
    curves: CurvePoints | None


@dataclass(frozen=True)
class Looked:
    """An image whose map the page shows. border: share of the map in the border tenth."""

    index: int
    kind: str
    true: str
    decided: str
    probability: float
    border: float | None


@dataclass(frozen=True)
class Looking:
    """Where a convolutional network looks, and whether its maps fall apart at random weights.

    border: the mean share of a map in the border tenth over a sample of test images; an even map
    has `even`. similarity: rank correlation with the maps of random weights, its sign left out.
    """

    method: str
    layer: str
    border: float | None
    border_interval: Interval | None
    border_images: int
    even: float
    similarity: float | None
    similarity_interval: Interval | None
    chance: float | None
    falls_apart: bool
    cascade: tuple[CascadeStep, ...]
    images: tuple[Looked, ...]
