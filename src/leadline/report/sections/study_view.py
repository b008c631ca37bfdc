"""What the templates need beside a study's results: one view of each section.

Choices are made in `analysis.study_results`; the sentences are in the templates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from leadline.analysis.experiment_results import ExperimentResults
from leadline.experiments import headline
from leadline.report.page_content import StudyPage
from leadline.report.plots.dot_plot import Scale, ScaleRow
from leadline.report.sections.binary_study import BinaryStudy, Measure, SeedRuns
from leadline.report.sections.binary_view import BinaryView
from leadline.report.sections.comparison_view import ComparisonView
from leadline.report.sections.confusion_change_view import ConfusionChangesView
from leadline.report.sections.label_errors_view import LabelsView
from leadline.report.sections.questions import AnswersView
from leadline.report.sections.run_view import RunView
from leadline.report.sections.section import Section
from leadline.report.sections.study_sections import SECTIONS
from leadline.report.sections.tradeoff_view import TradeoffView
from leadline.report.translations.language import gettext as _
from leadline.report.words.failed_words import sentence, shortfall


@dataclass(frozen=True, eq=False)
class StudyView:
    """A study with the views of its sections."""

    page: StudyPage

    @cached_property
    def run_views(self) -> dict[str, RunView]:
        """Every run's view, by its uid."""
        return {run.uid: RunView(run) for run in self.page.runs}

    def views(self, row: ExperimentResults) -> tuple[RunView, ...]:
        """The views of an experiment's runs."""
        return tuple(self.run_views[run.uid] for run in row.runs)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections of the page, in their order."""
        every = (section(self) for section in SECTIONS)
        return tuple(section for section in every if section is not None)

    @property
    def contents(self) -> tuple[tuple[str, str], ...]:
        """The list of contents: id and title of each section."""
        return tuple((one.id, one.entry or one.title) for one in self.sections)

    def shortfall(self, row: ExperimentResults) -> str:
        """ "2 of 3 seeds; seed 1 diverged in epoch 4"; "" where every seed finished."""
        return shortfall(self.page.failed_runs(row.name), len(row.runs))

    @property
    def failures(self) -> tuple[str, ...]:
        """A sentence on each experiment with failed runs."""
        return tuple(
            sentence(name, self.page.failed_runs(name), finished)
            for name, finished in self.page.unfinished.items()
        )

    @cached_property
    def binary(self) -> BinaryStudy | None:
        """The same metrics of all experiments, where all are of two classes."""
        if self.page.judged_by == "accuracy":
            return None
        rows = tuple(
            SeedRuns(
                row.name,
                row.experiment.family,
                tuple(
                    BinaryView(results, run.uid)
                    for results, run in zip(row.binary_runs, row.runs, strict=True)
                ),
            )
            for row in self.page.rows
        )
        return BinaryStudy(rows, tuple(Measure(one.metric) for one in self.page.compared_metrics))

    def scale_of(self, rows: Sequence[ExperimentResults]) -> Scale:
        """These experiments on one scale, with their seeds."""
        return Scale(
            tuple(
                ScaleRow(
                    name=row.name,
                    family=row.experiment.family,
                    target=f"{row.runs[0].uid}-verdict",
                    figure=self.page.scores[row.name],
                    seeds=self.page.accuracy_variations[row.name].values
                    if len(row.runs) > 1
                    else (),
                )
                for row in rows
            )
        )

    @cached_property
    def best_scale(self) -> Scale:
        """The best of each family on one scale."""
        return self.scale_of(tuple(self.page.best.values()))

    @cached_property
    def confusion_changes(self) -> ConfusionChangesView | None:
        """Does the next model make fewer of a confusion? None where nothing is compared."""
        changes = self.page.confusion_changes
        return (
            None if changes is None else ConfusionChangesView(changes, len(self.page.families) > 1)
        )

    @cached_property
    def labels(self) -> LabelsView | None:
        """Labels that are likely wrong, by all experiments; None where they were not searched."""
        return None if self.page.labels is None else LabelsView(self.page.labels)

    @cached_property
    def compared(self) -> ComparisonView | None:
        """Every pair, the best first; None where nothing was compared."""
        ranked = self.page.ranked
        if ranked is None:
            return None
        return ComparisonView(ranked, {row.name: row.totals.weights for row in self.page.ranking})

    @cached_property
    def tradeoffs(self) -> TradeoffView | None:
        """Accuracy against cost; None for a single experiment, and for quick trials."""
        tradeoffs = self.page.tradeoffs
        if tradeoffs is None:
            return None
        page = self.page
        best = page.ranking[0].name
        return TradeoffView(tradeoffs, page.rows, page.scores, best, self.compared)

    @cached_property
    def answers(self) -> AnswersView:
        """The seven questions."""
        return AnswersView(self.page, self.compared, self.confusion_changes)

    @cached_property
    def difference_span(self) -> tuple[float, float] | None:
        """Smallest and largest accuracy difference from the reference; None without one."""
        every = [row.accuracy_difference for row in self.page.rows]
        known = [difference for difference in every if difference is not None]
        return (min(known), max(known)) if known else None

    @cached_property
    def limits(self) -> tuple[tuple[str, str], ...]:
        """Uses that the models are not made for: the first sentence, and the rest."""
        return tuple(headline(_(text)) for text in self.page.limits)
