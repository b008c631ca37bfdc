"""What the templates need beside a study's content: means over seeds, the best of each family.

Numbers and choices only; the sentences are in the templates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from leadline.errors import LeadlineError
from leadline.models.built import DeadLayer
from leadline.models.weights import Totals
from leadline.report.content import StudyPage
from leadline.report.run_view import RunView, data_option, run_view
from leadline.report.scatter import Dot, scatter_plot
from leadline.spec import QUICK_SUFFIX, Experiment, Reference, load_study

FAMILIES = ("pixels", "hog", "cnn")
NARROW_PX = (380.0, 400.0)


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
        return _mean(self.accuracies)

    @cached_property
    def interval(self) -> tuple[float, float]:
        intervals = [run.page.evaluation_test.accuracy_interval for run in self.runs]
        return _mean([low for low, _ in intervals]), _mean([high for _, high in intervals])

    @cached_property
    def loss(self) -> float:
        return _mean([run.page.evaluation_test.loss for run in self.runs])

    @cached_property
    def loss_interval(self) -> tuple[float, float] | None:
        """The mean of the seeds' intervals; None for a single test image."""
        known = [run.page.evaluation_test.loss_interval for run in self.runs]
        pairs = [pair for pair in known if pair is not None]
        return (
            (_mean([low for low, _ in pairs]), _mean([high for _, high in pairs]))
            if pairs
            else None
        )

    @cached_property
    def wall_s(self) -> float:
        return _mean([run.page.wall_s for run in self.runs])

    @cached_property
    def validation_accuracy(self) -> float | None:
        """None where a run has no validation images of its own."""
        found = [run.page.evaluation_validation for run in self.runs]
        known = [evaluation.accuracy for evaluation in found if evaluation is not None]
        return _mean(known) if len(known) == len(found) else None

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

    @cached_property
    def best(self) -> dict[str, Row]:
        """The best of each family, the best of all first."""
        found = {family: max(rows, key=self._merit) for family, rows in self.families.items()}
        return dict(sorted(found.items(), key=lambda item: -self._merit(item[1])))

    @cached_property
    def overlapping(self) -> tuple[Row, ...]:
        """The best of other families whose interval shares a point with the winner's."""
        winner, *others = self.best.values()
        return tuple(row for row in others if _overlap(row.interval, winner.interval))

    @cached_property
    def apart(self) -> tuple[Row, ...]:
        """The best of other families whose interval shares no point with the winner's."""
        _, *others = self.best.values()
        return tuple(row for row in others if row not in self.overlapping)

    @cached_property
    def span(self) -> tuple[float, float]:
        """Accuracies that hold the intervals of the best of each family, with some room."""
        low = min(row.interval[0] for row in self.best.values())
        high = max(row.interval[1] for row in self.best.values())
        room = 0.06 * (high - low) or 0.01
        return low - room, high + room

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
    def warnings(self) -> tuple[str, ...]:
        """What is to be known of the data, each warning once."""
        return tuple(dict.fromkeys(text for run in self.page.runs for text in run.warnings))

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
        seeds = max(len(row.runs) for row in self.rows)
        options = [f"--seeds {seeds}"] * (seeds > 1) + ["--quick"] * self.page.quick
        data = data_option(self.page.runs[0].data)
        return " ".join(["leadline study", self._name, *options]) + data

    def scatter(self, families: dict[str, str], reference_name: str) -> tuple[str, str]:
        """The same scatter for wide and for narrow screens."""
        dots = [
            Dot(
                name=row.name,
                family=row.experiment.family,
                weights=row.totals.weights,
                accuracy=row.accuracy,
                interval=row.interval,
                reference=row.reference.test_accuracy if row.reference else None,
            )
            for row in self.rows
        ]
        wide = scatter_plot(
            dots,
            uid="scatter",
            families=families,
            reference_name=reference_name,
            css_class="plot-wide",
        )
        narrow = scatter_plot(
            dots,
            uid="scatter-narrow",
            families=families,
            reference_name=reference_name,
            size_px=NARROW_PX,
            css_class="plot-narrow",
        )
        return wide, narrow

    @property
    def _name(self) -> str:
        """A quick study goes by a name of its own."""
        return self.page.name.removesuffix(QUICK_SUFFIX) if self.page.quick else self.page.name

    def _merit(self, row: Row) -> float:
        if self.chosen_on_validation and row.validation_accuracy is not None:
            return row.validation_accuracy
        return row.accuracy


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
    if done.keys() != members.keys():
        return False
    if page.quick:
        members = {name: _shortened(members[name], one) for name, one in done.items()}
    return all(members[name].digest() == one.digest() for name, one in done.items())


def _shortened(member: Experiment, done: Experiment) -> Experiment:
    """With the epochs and the images of a quick run, which --quick decides."""
    training = {"epochs": done.training.epochs}
    data = {"train_limit": done.data.train_limit}
    return member.model_copy(
        update={
            "training": member.training.model_copy(update=training),
            "data": member.data.model_copy(update=data),
        }
    )


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
