"""What one run comes to, as typed values: `report.json` of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from leadline.analysis.diagnosis.training_findings import Diagnosis
from leadline.analysis.label_errors import LabelErrors, NotSearched
from leadline.analysis.ood.ood_score import OODRecord
from leadline.analysis.prediction_time import Timing
from leadline.analysis.significance.confusion_significance import ConfusionBeyondChance
from leadline.analysis.significance.guessing import Guessing
from leadline.data.preprocessing import Preprocessing
from leadline.data.remarks import Remark
from leadline.experiments.image_form import FitMode
from leadline.metrics.calibration import Bin
from leadline.metrics.classification import EvaluationRecord
from leadline.metrics.estimates import BinaryMetrics, DecisionRule, MulticlassMetrics
from leadline.models.built_model import UnusedLayer
from leadline.models.weight_table import LayerRow
from leadline.statistics.intervals import Interval
from leadline.training.history import EpochRow

Setting = bool | int | float | str | tuple[str, ...] | None
"""The value of an argument; null where it is off."""


@dataclass(frozen=True)
class CascadeStep:
    """Heat maps after the weights of so many layers, from the head down to this one, were redrawn.

    similarity: the mean over images, 0 to 1.
    """

    layer: str
    layers: int
    similarity: float


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

    multiply_adds: of one image. unused_layers: defined, but connected to no output.
    """

    layers: tuple[LayerRow, ...]
    unused_layers: tuple[UnusedLayer, ...]
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
    """Training of a run. wall_s: training alone. best_epoch: by the monitored value."""

    optimizer: Rule
    loss: Rule
    stopped: str
    best_epoch: int
    kept_epoch: int
    wall_s: float
    history: tuple[EpochRow, ...]


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
class BinarySummary:
    """A model of two classes, judged at its frozen thresholds.

    validation: null where that is the test images. curves: null where these lack a class.
    """

    test: BinaryMetrics
    validation: BinaryMetrics | None
    curves: CurvePoints | None


@dataclass(frozen=True)
class ExplainedImage:
    """An image whose map the page shows. border: share of the map in the border tenth."""

    index: int
    kind: str
    true: str
    decided: str
    probability: float
    border: float | None


@dataclass(frozen=True)
class ExplanationSummary:
    """Where the maps of a convolutional network point, and their check with random weights.

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
    images: tuple[ExplainedImage, ...]


@dataclass(frozen=True)
class GalleryImage:
    """A test image of the gallery: its class, the two most probable ones, their probabilities."""

    name: str
    true: str
    first: str
    second: str
    p_first: float
    p_second: float


@dataclass(frozen=True)
class GallerySummary:
    """The surest mistakes, the surest first, and the closest calls, the closest first."""

    wrong: tuple[GalleryImage, ...]
    unsure: tuple[GalleryImage, ...]


@dataclass(frozen=True)
class LabelSummary:
    """Test images whose label is likely wrong, or why nobody could look; one of the two is null.

    ceiling: the accuracy of a perfect model here, if the likely errors are errors. reversible: the
    difference of two accuracies that putting them right may turn round; both 0 to 1.
    """

    found: LabelErrors | None
    not_searched: NotSearched | None
    ceiling: float | None
    reversible: float


@dataclass(frozen=True)
class RunSummary:
    """One experiment, trained with one seed: everything that its page shows.

    One of binary_metrics and multiclass_metrics is null. beyond_chance: null for two classes.
    timing: of one prediction. guessing: the run against guessing. quick: a trial whose numbers say
    nothing about the model, so that nothing is concluded from them.
    """

    experiment: Settings
    seed: int
    quick: bool
    command: str
    images: Images
    topology: Topology
    training: Training
    guessing: Guessing | None
    diagnosis: Diagnosis | None
    test: EvaluationRecord
    validation: EvaluationRecord | None
    reference: Difference | None
    beyond_chance: tuple[ConfusionBeyondChance, ...] | None
    decision: DecisionRule | None
    binary_metrics: BinarySummary | None
    multiclass_metrics: MulticlassMetrics | None
    explanation: ExplanationSummary | None
    ood: OODRecord | None
    gallery: GallerySummary | None
    labels: LabelSummary | None
    timing: Timing | None
    environment: dict[str, str]
