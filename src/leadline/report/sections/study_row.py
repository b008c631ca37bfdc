"""One experiment of a study: means over its seeds, and the figure that it is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from leadline.analysis.seed_variation import SHARE, Spread, spread
from leadline.experiments import Experiment, Reference
from leadline.models.weight_table import Totals
from leadline.report.formatting import DASH, percent, percent_range
from leadline.report.sections.binary_view import BinaryView
from leadline.report.sections.run_view import RunView
from leadline.report.words.estimate_words import number


@dataclass(frozen=True, eq=False)
class Row:
    """One experiment of a study: the mean over its seeds.

    interval: of the accuracy, 95%, over test images alone; the mean of the seeds' intervals, so
    that several seeds don't make it look narrower.
    """

    experiment: Experiment
    runs: tuple[RunView, ...]

    @property
    def name(self) -> str:
        return self.experiment.name

    @property
    def totals(self) -> Totals:
        return self.runs[0].totals

    @cached_property
    def accuracies(self) -> tuple[float, ...]:
        return tuple(run.page.evaluation_test.accuracy for run in self.runs)

    @cached_property
    def accuracy(self) -> float:
        return fmean(self.accuracies)

    @cached_property
    def spread(self) -> Spread:
        """Of the accuracy, over the seeds."""
        return spread(self.accuracies, SHARE)

    @cached_property
    def interval(self) -> tuple[float, float]:
        intervals = [run.page.evaluation_test.accuracy_interval for run in self.runs]
        return fmean([low for low, _ in intervals]), fmean([high for _, high in intervals])

    @cached_property
    def loss(self) -> float:
        return fmean([run.page.evaluation_test.loss for run in self.runs])

    @cached_property
    def loss_interval(self) -> tuple[float, float] | None:
        """The mean of the seeds' intervals; None for a single test image."""
        known = [run.page.evaluation_test.loss_interval for run in self.runs]
        pairs = [pair for pair in known if pair is not None]
        return (
            (fmean([low for low, _ in pairs]), fmean([high for _, high in pairs]))
            if pairs
            else None
        )

    @cached_property
    def wall_s(self) -> float:
        return fmean([run.page.wall_s for run in self.runs])

    @cached_property
    def validation_accuracy(self) -> float | None:
        """None where a run has no validation images of its own."""
        found = [run.page.evaluation_validation for run in self.runs]
        known = [evaluation.accuracy for evaluation in found if evaluation is not None]
        return fmean(known) if len(known) == len(found) else None

    @cached_property
    def binary_runs(self) -> tuple[BinaryView, ...]:
        """Of each seed, where all are of two classes."""
        found = [run.binary for run in self.runs]
        known = tuple(one for one in found if one is not None)
        return known if len(known) == len(found) else ()

    @property
    def few_validated(self) -> bool:
        """Whether its validation images are too few to choose it by."""
        return self.runs[0].few_validated

    @property
    def reference(self) -> Reference | None:
        return self.experiment.reference

    @property
    def loss_difference(self) -> float | None:
        if self.reference is None or self.reference.test_loss is None:
            return None
        return self.loss - self.reference.test_loss

    @property
    def accuracy_difference(self) -> float | None:
        if self.reference is None or self.reference.test_accuracy is None:
            return None
        return self.accuracy - self.reference.test_accuracy


@dataclass(frozen=True)
class Figure:
    """What an experiment is judged by on the test images, 0 to 1, with its 95% bounds."""

    value: float
    interval: tuple[float, float]
    of_shares: bool

    @property
    def said(self) -> str:
        """ "97.26%" for a share, "0.984" for an area."""
        return percent(self.value) if self.of_shares else number(self.value)

    @property
    def interval_said(self) -> str:
        """ "96.92–97.56%", "0.972–0.991"."""
        if self.of_shares:
            return percent_range(self.interval)
        return DASH.join(map(number, self.interval))
