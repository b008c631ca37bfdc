"""One experiment of a study: its runs, and the means over their seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean
from typing import Literal

from leadline.analysis.compared_metrics import ComparedMetric
from leadline.analysis.run_results import BinaryResults, RunResults
from leadline.analysis.seed_variation import SHARE, SeedVariation, seed_variation
from leadline.experiments import Experiment, Reference
from leadline.metrics.estimates import Estimate
from leadline.models.weight_table import ModelSize
from leadline.statistics.intervals import Interval

PrimaryMetric = Literal["accuracy", "auroc"]
"""The metric that selects the best experiment: AUROC for two classes, else accuracy."""


@dataclass(frozen=True)
class Score:
    """The metric that an experiment is judged by, on test images: 0 to 1, with its 95% interval."""

    metric: PrimaryMetric
    value: float
    interval: Interval


@dataclass(frozen=True, eq=False)
class ExperimentResults:
    """The runs of one experiment, at least one; metrics are means over its seeds.

    Intervals cover the sampling of test images alone. They are means of the seeds' intervals, so
    that several seeds do not make them look narrower.
    """

    runs: tuple[RunResults, ...]

    @property
    def experiment(self) -> Experiment:
        """The experiment of the first run."""
        return self.runs[0].experiment

    @property
    def name(self) -> str:
        return self.experiment.name

    @property
    def totals(self) -> ModelSize:
        """Weights, multiply-adds and bytes of the model."""
        return self.runs[0].totals

    @cached_property
    def accuracies(self) -> tuple[float, ...]:
        """Test accuracy of each seed."""
        return tuple(run.evaluation_test.accuracy for run in self.runs)

    @cached_property
    def accuracy(self) -> float:
        return fmean(self.accuracies)

    @cached_property
    def interval(self) -> Interval:
        """95% interval of the test accuracy."""
        intervals = [run.evaluation_test.accuracy_interval for run in self.runs]
        return fmean([low for low, _ in intervals]), fmean([high for _, high in intervals])

    @cached_property
    def seed_variation(self) -> SeedVariation:
        """Variation of the test accuracy over the seeds."""
        return seed_variation(self.accuracies, SHARE)

    @cached_property
    def loss(self) -> float:
        return fmean([run.evaluation_test.loss for run in self.runs])

    @cached_property
    def loss_interval(self) -> Interval | None:
        """95% interval of the test loss; None for a single test image."""
        known = [run.evaluation_test.loss_interval for run in self.runs]
        pairs = [pair for pair in known if pair is not None]
        if not pairs:
            return None
        return fmean([low for low, _ in pairs]), fmean([high for _, high in pairs])

    @cached_property
    def wall_s(self) -> float:
        """Seconds of training alone."""
        return fmean([run.wall_s for run in self.runs])

    @cached_property
    def validation_accuracy(self) -> float | None:
        """None where a run has no validation images of its own."""
        checked = [run.evaluation_validation for run in self.runs]
        known = [evaluation.accuracy for evaluation in checked if evaluation is not None]
        return fmean(known) if len(known) == len(checked) else None

    @cached_property
    def binary_runs(self) -> tuple[BinaryResults, ...]:
        """Results of two classes of each seed; empty where a run has none."""
        known = tuple(run.binary for run in self.runs if run.binary is not None)
        return known if len(known) == len(self.runs) else ()

    @cached_property
    def validation_auroc(self) -> float | None:
        """None where a run has no AUROC on validation images."""
        checked = [binary_run.validation for binary_run in self.binary_runs]
        values = [one.auroc.value for one in checked if one is not None]
        known = [value for value in values if value is not None]
        return fmean(known) if known and len(known) == len(self.runs) else None

    def mean_metric(self, compared: ComparedMetric) -> Estimate:
        """Mean over the seeds; without a value where a seed has none."""
        return mean_estimate([compared.of(run.test) for run in self.binary_runs])

    @property
    def few_validated(self) -> bool:
        """True where the validation images are too few to select the experiment by them."""
        return self.runs[0].few_validated

    def score(self, metric: PrimaryMetric) -> Score:
        """The test score by the metric that the study judges by."""
        if metric == "accuracy":
            return Score(metric, self.accuracy, self.interval)
        auroc = mean_estimate([binary_run.test.auroc for binary_run in self.binary_runs])
        return Score(metric, auroc.value or 0.0, (auroc.low, auroc.high))

    def score_variation(self, metric: PrimaryMetric) -> SeedVariation:
        """Variation over the seeds of the metric that the study judges by."""
        if metric == "accuracy":
            return self.seed_variation
        return seed_variation(
            [binary_run.test.auroc.value or 0.0 for binary_run in self.binary_runs], SHARE
        )

    @property
    def reference(self) -> Reference | None:
        """Published results of the same experiment."""
        return self.experiment.reference

    @property
    def loss_difference(self) -> float | None:
        """Our test loss minus the published one."""
        if self.reference is None or self.reference.test_loss is None:
            return None
        return self.loss - self.reference.test_loss

    @property
    def accuracy_difference(self) -> float | None:
        """Our test accuracy minus the published one."""
        if self.reference is None or self.reference.test_accuracy is None:
            return None
        return self.accuracy - self.reference.test_accuracy


def mean_estimate(estimates: Sequence[Estimate]) -> Estimate:
    """Average values and bounds; a single estimate is returned as it is."""
    if len(estimates) == 1:
        return estimates[0]
    values = [estimate.value for estimate in estimates if estimate.value is not None]
    return Estimate(
        fmean(values) if len(values) == len(estimates) else None,
        fmean([estimate.low for estimate in estimates]),
        fmean([estimate.high for estimate in estimates]),
        "seed_mean",
        next((estimate.unknown for estimate in estimates if estimate.unknown is not None), None),
    )


def gather(runs: Sequence[RunResults]) -> tuple[ExperimentResults, ...]:
    """Group runs by the name of their experiment, in the order of the first run of each."""
    gathered: dict[str, list[RunResults]] = {}
    for run in runs:
        gathered.setdefault(run.experiment.name, []).append(run)
    return tuple(ExperimentResults(tuple(own)) for own in gathered.values())
