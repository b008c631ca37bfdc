"""Results of runs and studies as typed values: `report.json` is these values.

`summarize` makes them; the report, the terminal and programs only display them. Every dataclass is
frozen, and numbers are not rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from leadline.analysis.diagnosis.training_findings import Diagnosis
from leadline.analysis.experiment_results import PrimaryMetric
from leadline.analysis.failed_runs import FailedRun
from leadline.analysis.lab_errata import DrawnNetwork, LabPair
from leadline.analysis.label_errors import LabelErrors, NotSearched
from leadline.analysis.ood.ood_score import OODRecord
from leadline.analysis.prediction_time import Timing
from leadline.analysis.seed_confusions import FrequentConfusion
from leadline.analysis.seed_learning_curves import FindingCount
from leadline.analysis.seed_variation import SeedVariation
from leadline.analysis.significance.comparison import RankedComparison
from leadline.analysis.significance.confusion_change import ConfusionChanges
from leadline.analysis.significance.confusion_claims import ClaimTest
from leadline.analysis.significance.confusion_significance import ConfusionBeyondChance
from leadline.analysis.significance.guessing import Guessing
from leadline.analysis.study_results import BestIsBetter
from leadline.analysis.tradeoffs import Tradeoffs
from leadline.data.audit import Measured
from leadline.data.preprocessing import Preprocessing
from leadline.data.remarks import Remark
from leadline.experiments.image_form import FitMode
from leadline.metrics.calibration import Bin
from leadline.metrics.classification import EvaluationRecord
from leadline.metrics.estimates import BinaryMetrics, DecisionRule, Estimate, MulticlassMetrics
from leadline.models.built_model import UnusedLayer
from leadline.models.weight_arithmetic import LayerWeights
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


@dataclass(frozen=True)
class FlattenedMaps:
    """Maps (height, width, channels) that a dense layer of so many units reads in a row.

    if_pooled, if_averaged: the model's weights with a pooling of 2 by 2 before it, and with the
    mean of each map alone.
    """

    maps: tuple[int, int, int]
    units: int
    if_pooled: int
    if_averaged: int


@dataclass(frozen=True)
class WeightSummary:
    """Weights of an experiment's model by place, and the cost of one image.

    depth: layers that multiply. places: weights by where they sit; first is the first dense layer.
    per_weight: how often a weight is used for one image. Bytes: of what layers put out for one
    image, all together and the most that is held at once; null where a size is not known.
    """

    name: str
    depth: int
    places: dict[str, int]
    per_weight: float | None
    activations_bytes: int | None
    peak_bytes: int | None
    flattened: FlattenedMaps | None


@dataclass(frozen=True)
class TrainingOutcome:
    """Trainings of an experiment over its seeds.

    epochs: fewest and most. best_epochs: earliest and latest.

    gap: of accuracy, training less held-out images, with its 95% bounds, means over the seeds.
    """

    name: str
    epochs: tuple[int, int]
    best_epochs: tuple[int, int]
    findings: tuple[FindingCount, ...]
    gap: tuple[float, float, float] | None


@dataclass(frozen=True)
class ConfusionSummary:
    """Confusions of an experiment: means over its seeds.

    errors: images that are taken for another class. drawn: beyond chance in more than half of the
    seeds, the furthest beyond it first, at most six; none for two classes.
    """

    name: str
    errors: float
    drawn: tuple[FrequentConfusion, ...]


@dataclass(frozen=True)
class ConfusedPairs:
    """Pairs of classes that stand out in some experiment, and how often each confuses them.

    images: by experiment, of each pair, those of either class taken for the other; means over the
    seeds.
    """

    pairs: tuple[tuple[str, str], ...]
    images: dict[str, tuple[float, ...]]


@dataclass(frozen=True)
class LabSummary:
    """Corrections of the lab's report. redrawn: networks as they were drawn.

    shallow, deep: the worked example, counted, and totals, their weights; null where the study has
    no convolutional model.
    """

    redrawn: tuple[DrawnNetwork, ...]
    ranked: tuple[LabPair, ...]
    shallow: tuple[LayerWeights, ...] | None
    deep: tuple[LayerWeights, ...] | None
    totals: tuple[int, int] | None


@dataclass(frozen=True)
class QuestionAnswers:
    """The facts behind the seven questions that have no section of their own.

    deeper_is_heavier: in how many of how many pairs of different depth the deeper has more weights.
    confused: of every experiment. lab_claims: those of the lab's report on confusions, tested.
    """

    weights: tuple[WeightSummary, ...]
    deeper_is_heavier: tuple[int, int]
    learning_curves: tuple[TrainingOutcome, ...]
    confused: tuple[ConfusionSummary, ...]
    lab: LabSummary | None
    confused_pairs: ConfusedPairs | None = None
    lab_claims: tuple[ClaimTest, ...] = ()


@dataclass(frozen=True)
class AuditFinding:
    """One thing that is wrong with the images. count: of what docs/audit.md says for the kind."""

    kind: str
    severity: str
    splits: tuple[str, ...]
    count: int
    details: dict[str, Any]


@dataclass(frozen=True)
class AuditFacts:
    """Audit of the images before anything was trained.

    images: readable ones by split and class. probe: what other features than the subject reach.
    """

    images: dict[str, dict[str, int]]
    findings: tuple[AuditFinding, ...]
    probe: tuple[Measured, ...]
    notes: tuple[Remark, ...]


@dataclass(frozen=True)
class UnusedLayers:
    """Unused layers, and the experiments that define them."""

    layers: tuple[UnusedLayer, ...]
    experiments: tuple[str, ...]


@dataclass(frozen=True)
class ExperimentSummary:
    """One experiment of a study, over its seeds.

    test_accuracy, test_loss, training_s: what each seed gave, their mean and spread. The intervals
    beside them hold the chance in drawing test images, the means of the seeds' own. judged: the
    figure that the study judges by, and measures those that its experiments are set side by side
    by (null for more than two classes); of several seeds the means of values and of bounds.
    validation_accuracy: null where a run has no validation images of its own. guessing: all seeds
    together against guessing, corrected for the number of experiments.
    """

    name: str
    title: str
    family: str
    seeds: tuple[int, ...]
    best_of_family: bool
    few_validated: bool
    judged: float
    judged_interval: Interval
    test_accuracy: SeedVariation
    test_accuracy_interval: Interval
    test_loss: SeedVariation
    test_loss_interval: Interval | None
    validation_accuracy: float | None
    training_s: SeedVariation
    weights: int
    trainable: int
    multiply_adds: int
    memory_bytes: int
    measures: dict[str, Estimate] | None
    reference: Difference | None
    guessing: Guessing | None


@dataclass(frozen=True)
class StudyRun:
    """One run: where it lies below the study's folder, its main figures, and all of its own page.

    decision, test_detail: null in runs of versions that decided nothing.
    """

    folder: str
    experiment: str
    family: str
    seed: int
    weights: int
    multiply_adds: int
    training_s: float
    test_loss: float
    test_accuracy: float
    test_accuracy_interval: Interval
    decision: DecisionRule | None
    test_detail: BinaryMetrics | MulticlassMetrics | None
    report: RunSummary


@dataclass(frozen=True)
class StudySummary:
    """Several experiments on the same split: everything that the study's page shows.

    format: of the study folder. wall_s: from images to the last run. judged_by: accuracy, or for
    two classes the AUROC. ranking: experiments, the best first; selected on validation images where
    chosen_on_validation. best: of each family. best_is_better: whether the best is significantly
    better than the next on the same test images. better_than_guessing: whether it is significantly
    better than guessing; null where that was not tested. comparison, confusion_changes (from model
    to model): null where nothing was compared. tradeoffs: null for a single experiment. labels:
    null where they were not searched. quick: a trial that makes no claims about models; ranking and
    best are empty then, and comparison, answers, tradeoffs, confusion_changes and labels are null.
    failed: runs without a model; an experiment without another run is named only here.
    """

    format: Literal[1]
    name: str
    title: str
    description: str
    quick: bool
    command: str
    wall_s: float
    datasets: tuple[str, ...]
    limits: tuple[str, ...]
    warnings: tuple[Remark, ...]
    judged_by: PrimaryMetric
    chosen_on_validation: bool
    validated_on_test: bool
    ranking: tuple[str, ...]
    best: dict[str, str]
    best_is_better: BestIsBetter
    better_than_guessing: bool | None
    experiments: tuple[ExperimentSummary, ...]
    comparison: RankedComparison | None
    tradeoffs: Tradeoffs | None
    answers: QuestionAnswers | None
    confusion_changes: ConfusionChanges | None
    labels: LabelSummary | None
    unused_layers: tuple[UnusedLayers, ...]
    audit: AuditFacts | None
    runs: tuple[StudyRun, ...]
    failed: tuple[FailedRun, ...]
    environment: dict[str, str]
