"""Results of runs and studies as typed values: `report.json` is these values.

`summarize` makes them; the report, the terminal and programs only display them. Every dataclass is
frozen, and numbers are not rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from leadline.analysis.experiment_results import PrimaryMetric
from leadline.analysis.failed_runs import FailedRun
from leadline.analysis.lab_errata import DrawnNetwork, LabPair
from leadline.analysis.run_summary import Difference, LabelSummary, RunSummary
from leadline.analysis.seed_confusions import FrequentConfusion
from leadline.analysis.seed_learning_curves import FindingCount
from leadline.analysis.seed_variation import SeedVariation
from leadline.analysis.significance.comparison import RankedComparison
from leadline.analysis.significance.confusion_change import ConfusionChanges
from leadline.analysis.significance.confusion_claims import ClaimTest
from leadline.analysis.significance.guessing import Guessing
from leadline.analysis.study_results import BestIsBetter
from leadline.analysis.tradeoffs import Tradeoffs
from leadline.data.audit import Measured
from leadline.data.remarks import Remark
from leadline.metrics.estimates import BinaryMetrics, DecisionRule, Estimate, MulticlassMetrics
from leadline.models.built_model import UnusedLayer
from leadline.models.weight_arithmetic import LayerWeights
from leadline.statistics.intervals import Interval


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
