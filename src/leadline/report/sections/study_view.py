"""What the templates need beside a study's content: the best of each family, and how it was chosen.

Numbers and choices only; the sentences are in the templates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from leadline.analysis.failed_runs import failed_of
from leadline.analysis.pareto_front import DIGITS
from leadline.analysis.seed_variation import SHARE, Spread, spread
from leadline.analysis.significance.guessing import Guessing
from leadline.data.remarks import Remark
from leadline.errors import LeadlineError
from leadline.experiments import QUICK_SUFFIX, load_study, shortened_experiment, with_choices
from leadline.models.built_model import DeadLayer
from leadline.report.page_content import StudyPage
from leadline.report.plots.dot_plot import Scale, ScaleRow
from leadline.report.sections.binary_study import BinaryStudy, Seeds, mean_estimate
from leadline.report.sections.comparison_view import ComparisonView
from leadline.report.sections.confusion_change_view import ConfusionChangesView
from leadline.report.sections.label_errors_view import LabelsView
from leadline.report.sections.questions import AnswersView
from leadline.report.sections.questions.claims_answer import claims_view
from leadline.report.sections.run_view import RunView, data_option, run_view
from leadline.report.sections.study_row import Figure, Row
from leadline.report.sections.tradeoff_view import TradeoffView, timings_of
from leadline.report.words.failed_words import sentence, shortfall
from leadline.report.words.guessing_words import none_shown

FAMILIES = ("pixels", "hog", "cnn")


@dataclass(frozen=True, eq=False)
class StudyView:
    """A study, its experiments in families, and the best of each."""

    page: StudyPage
    rows: tuple[Row, ...]

    @cached_property
    def families(self) -> dict[str, tuple[Row, ...]]:
        """Family to its experiments, both in a fixed order."""
        found = {
            family: tuple(row for row in self.rows if row.experiment.family == family)
            for family in FAMILIES
        }
        return {family: rows for family, rows in found.items() if rows}

    @cached_property
    def chosen_on_validation(self) -> bool:
        """Whether the best were chosen by validation images, which the test images are not."""
        return all(row.validation_accuracy is not None for row in self.rows)

    @property
    def quick(self) -> bool:
        """True for quick trials, about whose models nothing is claimed."""
        return self.page.quick

    @property
    def guessing(self) -> Mapping[str, Guessing]:
        """Each experiment against guessing, by its name; none that was not tested."""
        return self.page.guessing

    @cached_property
    def nothing_shown(self) -> bool:
        """True where no experiment is shown to be better than guessing."""
        return len(self.guessing) == len(self.rows) and none_shown(self.guessing.values())

    def guesses(self, row: Row) -> bool:
        """True where the experiment is not shown to be better than guessing."""
        found = self.guessing.get(row.name)
        return found is not None and not found.shown

    def shortfall(self, row: Row) -> str:
        """ "2 of 3 seeds; seed 1 diverged in epoch 4"; "" where every seed finished."""
        return shortfall(failed_of(self.page.failed, row.name), len(row.runs))

    @cached_property
    def unfinished(self) -> dict[str, int]:
        """Experiments with failed runs, by their name: how many of their seeds finished."""
        finished = {row.name: len(row.runs) for row in self.rows}
        return {one.experiment: finished.get(one.experiment, 0) for one in self.page.failed}

    @property
    def failures(self) -> tuple[str, ...]:
        """A sentence on each experiment with failed runs."""
        return tuple(
            sentence(name, failed_of(self.page.failed, name), finished)
            for name, finished in self.unfinished.items()
        )

    @cached_property
    def binary(self) -> BinaryStudy | None:
        """The same measures of all experiments, where all are of two classes."""
        if not all(row.binary_runs for row in self.rows):
            return None
        seeds = (Seeds(row.name, row.experiment.family, row.binary_runs) for row in self.rows)
        return BinaryStudy(tuple(seeds))

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """What an experiment is judged by, by its name: AUROC of two classes, else accuracy."""
        return {row.name: self._figure(row) for row in self.rows}

    @cached_property
    def best(self) -> dict[str, Row]:
        """The best of each family, the best of all first.

        Who was validated on too few images is not chosen while there is another.
        """
        found: dict[str, Row] = {}
        for row in self.ranking:
            found.setdefault(row.experiment.family, row)
        return found

    @cached_property
    def ranking(self) -> tuple[Row, ...]:
        """All experiments, the best first; equals in the order of the study."""
        return tuple(sorted(self.rows, key=self._merit, reverse=True))

    @cached_property
    def spreads(self) -> dict[str, Spread]:
        """The figure that an experiment is judged by, over its seeds, by its name."""
        return {row.name: spread(self._by_seed(row), SHARE) for row in self.rows}

    def scale_of(self, rows: Sequence[Row]) -> Scale:
        """These experiments on one scale, with their seeds."""
        return Scale(
            tuple(
                ScaleRow(
                    name=row.name,
                    family=row.experiment.family,
                    target=f"{row.runs[0].uid}-verdict",
                    figure=self.figures[row.name],
                    seeds=self.spreads[row.name].values if len(row.runs) > 1 else (),
                )
                for row in rows
            )
        )

    @cached_property
    def best_scale(self) -> Scale:
        """The best of each family on one scale."""
        return self.scale_of(tuple(self.best.values()))

    @cached_property
    def stages(self) -> tuple[str, ...]:
        """Whose confusions the next may fix: the best of each family, from pixels to CNN.

        In a study of one family the second best, then the best.
        """
        by_family = [self.best[family] for family in FAMILIES if family in self.best]
        found = by_family if len(by_family) > 1 else reversed(self.ranking[:2])
        return tuple(row.name for row in found)

    @cached_property
    def confusion_changes(self) -> ConfusionChangesView | None:
        """Whether the next model makes fewer of a confusion; None where nothing is compared."""
        found = self.page.confusion_changes
        return None if found is None else ConfusionChangesView(found, len(self.families) > 1)

    @cached_property
    def labels(self) -> LabelsView | None:
        """Labels that are likely wrong, by all experiments; None where nobody looked."""
        found = self.page.labels
        return None if found is None else LabelsView(found)

    @cached_property
    def compared(self) -> ComparisonView | None:
        """Every pair, the best first; None where nothing was compared."""
        found = self.page.comparison
        if found is None:
            return None
        return ComparisonView(
            found,
            tuple(row.name for row in self.ranking),
            {row.name: row.totals.weights for row in self.rows},
            "accuracy" if self.binary is None else "auroc",
            self.guessing,
            self.page.failed,
        )

    @cached_property
    def tradeoffs(self) -> TradeoffView | None:
        """What accuracy costs; None for a single experiment, and for quick trials."""
        if len(self.rows) < 2 or self.quick:
            return None
        timings = timings_of(self.page.timings, self.rows)
        return TradeoffView(self.rows, self.figures, timings, self.compared)

    @cached_property
    def answers(self) -> AnswersView:
        """The seven questions."""
        best = tuple(self.best.values())
        claims = claims_view(self.page.claims)
        guesses = tuple(row.name for row in self.rows if self.guesses(row))
        return AnswersView(
            self.rows, best, self.figures, self.compared, self.confusion_changes, claims, guesses
        )

    @property
    def tales(self) -> tuple[RunView, ...]:
        """Runs judged on the few validation images that their data bring along."""
        return tuple(
            row.runs[0]
            for row in self.rows
            if row.few_validated and row.experiment.data.validation == "given"
        )

    @cached_property
    def overlapping(self) -> tuple[Row, ...]:
        """The best of other families whose interval shares a point with the winner's."""
        winner, *others = self.best.values()
        span = self.figures[winner.name].interval
        return tuple(row for row in others if _overlap(self.figures[row.name].interval, span))

    @cached_property
    def apart(self) -> tuple[Row, ...]:
        """The best of other families whose interval shares no point with the winner's."""
        _, *others = self.best.values()
        return tuple(row for row in others if row not in self.overlapping)

    @cached_property
    def better_on_test(self) -> tuple[Row, ...]:
        """Of those, who did better on the test images than who was chosen."""
        best = self.figures[next(iter(self.best.values())).name].value
        return tuple(row for row in self.apart if self.figures[row.name].value > best)

    @cached_property
    def span(self) -> tuple[float, float]:
        """Figures that hold the intervals of the best of each family, with some room."""
        return self.best_scale.ends

    @property
    def has_reference(self) -> bool:
        return any(row.reference is not None for row in self.rows)

    @cached_property
    def difference_span(self) -> tuple[float, float] | None:
        """Smallest and largest accuracy difference from the reference; None without one."""
        found = [row.accuracy_difference for row in self.rows]
        known = [difference for difference in found if difference is not None]
        return (min(known), max(known)) if known else None

    @property
    def has_seeds(self) -> bool:
        return any(len(row.runs) > 1 for row in self.rows)

    @cached_property
    def datasets(self) -> tuple[str, ...]:
        """The data sets that the runs are of, each once."""
        return tuple(dict.fromkeys(run.dataset_name for run in self.page.runs))

    @cached_property
    def warnings(self) -> tuple[Remark, ...]:
        """What is to be known of the data, each warning once."""
        return tuple(dict.fromkeys(warning for run in self.page.runs for warning in run.warnings))

    @cached_property
    def dead_layers(self) -> list[tuple[tuple[DeadLayer, ...], list[str]]]:
        """Sets of layers that reach nothing, each with the experiments that have them."""
        found: dict[tuple[DeadLayer, ...], list[str]] = {}
        for row in self.rows:
            if row.runs[0].page.dead_layers:
                found.setdefault(row.runs[0].page.dead_layers, []).append(row.name)
        return list(found.items())

    @cached_property
    def limits(self) -> tuple[tuple[str, str], ...]:
        """What the models may not be used for, each text once."""
        return tuple(dict.fromkeys(row.runs[0].limits for row in self.rows))

    @property
    def validated_on_test(self) -> bool:
        return any(run.validation_is_test for run in self.page.runs)

    @cached_property
    def command(self) -> str:
        """The command that trains all of it again; empty where it is not known."""
        if self.page.command or not _is_built_in(self._name, self.page):
            return self.page.command
        return self._command(["--quick"] * self.page.quick)

    @cached_property
    def real_command(self) -> str:
        """The command of the whole study, of which this is a quick trial; "" where unknown."""
        if not self.quick or not _is_built_in(self._name, self.page):
            return ""
        return self._command([])

    def _command(self, options: list[str]) -> str:
        finished = {row.name: len(row.runs) for row in self.rows}
        asked = Counter(finished) + Counter(one.experiment for one in self.page.failed)
        seeds = max(asked.values())
        options = [f"--seeds {seeds}"] * (seeds > 1) + options
        data = data_option(self.page.runs[0].data)
        return " ".join(["leadline study", self._name, *options]) + data

    @property
    def _name(self) -> str:
        """A quick study goes by a name of its own."""
        return self.page.name.removesuffix(QUICK_SUFFIX) if self.page.quick else self.page.name

    def _merit(self, row: Row) -> tuple[bool, float]:
        """Compared first by whether its validation can be believed at all."""
        if not self.chosen_on_validation:
            return False, round(self.figures[row.name].value, DIGITS)
        return not row.few_validated, round(self._validated(row), DIGITS)

    def _validated(self, row: Row) -> float:
        """The figure on validation images."""
        before = [one.content.validation for one in row.binary_runs]
        values = [one.auroc.value for one in before if one is not None]
        known = [value for value in values if value is not None]
        if self.binary is not None and known and len(known) == len(row.runs):
            return fmean(known)
        return row.validation_accuracy or 0.0

    def _by_seed(self, row: Row) -> tuple[float, ...]:
        if self.binary is None:
            return row.accuracies
        return tuple(one.test.auroc.value or 0.0 for one in row.binary_runs)

    def _figure(self, row: Row) -> Figure:
        if self.binary is None:
            return Figure(row.accuracy, row.interval, of_shares=True)
        found = mean_estimate([one.test.auroc for one in row.binary_runs])
        return Figure(found.value or 0.0, (found.low, found.high), of_shares=False)


def study_view(page: StudyPage) -> StudyView:
    """Runs of one experiment gathered into one row, in the order of their first run."""
    gathered: dict[str, list[RunView]] = {}
    for run in page.runs:
        gathered.setdefault(run.experiment.name, []).append(run_view(run))
    rows = tuple(Row(runs[0].experiment, tuple(runs)) for runs in gathered.values())
    return StudyView(page, rows)


def _is_built_in(name: str, page: StudyPage) -> bool:
    """Whether the runs are those of the built-in study, no setting changed but by --quick."""
    try:
        members = {experiment.name: experiment for experiment in load_study(name).experiments}
    except LeadlineError:
        return False
    done = {run.experiment.name: run.experiment for run in page.runs}
    if done.keys() | {one.experiment for one in page.failed} != members.keys():
        return False
    for run in page.runs:
        member, chosen = members[run.experiment.name], run.preprocessing
        member = with_choices(member, run.experiment.data, chosen.chosen if chosen else ())
        member = shortened_experiment(member) if page.quick else member
        if member.digest() != run.experiment.digest():
            return False
    return True


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]
