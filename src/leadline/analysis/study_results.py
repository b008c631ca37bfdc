"""The experiments of a study ranked: which is best, and is that significant?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from leadline.analysis.compared_metrics import ComparedMetric, compared_metrics
from leadline.analysis.experiment_results import ExperimentResults, PrimaryMetric, Score, gather
from leadline.analysis.failed_runs import failed_of
from leadline.analysis.pareto_front import DIGITS
from leadline.analysis.run_results import RunResults, data_option
from leadline.analysis.seed_variation import SeedVariation
from leadline.analysis.significance.comparison import RankedComparison, rank
from leadline.analysis.tradeoffs import Tradeoffs, tradeoffs
from leadline.errors import LeadlineError
from leadline.experiments import (
    QUICK_SUFFIX,
    limits_of,
    load_study,
    shortened_experiment,
    with_choices,
)

if TYPE_CHECKING:
    from leadline.analysis.failed_runs import FailedRun
    from leadline.analysis.label_errors import LabelRecord
    from leadline.analysis.prediction_time import Timing
    from leadline.analysis.significance.comparison import Comparison
    from leadline.analysis.significance.confusion_change import ConfusionChanges
    from leadline.analysis.significance.confusion_claims import ClaimTest
    from leadline.analysis.significance.guessing import Guessing
    from leadline.data.remarks import Remark
    from leadline.models.built_model import UnusedLayer

FAMILIES = ("pixels", "hog", "cnn")

BestIsBetter = Literal["yes", "no", "equivalent", "unknown", "untested"]
"""Is the best significantly better than the next? "no" where another one beats it on test."""


@dataclass(frozen=True, eq=False)
class StudyResults:
    """Several experiments on the same split, each with one seed or several.

    wall_s: the whole study, from images to the last run. comparison: of every pair, None for a
    single experiment. timings: of one prediction, by experiment, measured in turn.
    confusion_changes: from family to family; None where nothing is compared. labels: test images
    whose label is likely wrong, by all runs; None where they were not searched. guessing: each
    experiment over its seeds against guessing, by name. claims: sentences of the lab's report on
    confusions, tested, where its models are in the study. failed: runs without a model.
    """

    name: str
    title: str
    description: str
    runs: tuple[RunResults, ...]
    environment: dict[str, str] = field(default_factory=dict)
    quick: bool = False
    wall_s: float = 0.0
    command: str = ""
    comparison: Comparison | None = None
    timings: Mapping[str, Timing] = field(default_factory=dict)
    confusion_changes: ConfusionChanges | None = None
    labels: LabelRecord | None = None
    guessing: Mapping[str, Guessing] = field(default_factory=dict)
    claims: tuple[ClaimTest, ...] = ()
    failed: tuple[FailedRun, ...] = ()

    @cached_property
    def rows(self) -> tuple[ExperimentResults, ...]:
        """Experiments in the order of their first run."""
        return gather(self.runs)

    @cached_property
    def families(self) -> dict[str, tuple[ExperimentResults, ...]]:
        """Experiments by family, both in a fixed order."""
        grouped = {
            family: tuple(row for row in self.rows if row.experiment.family == family)
            for family in FAMILIES
        }
        return {family: rows for family, rows in grouped.items() if rows}

    @cached_property
    def judged_by(self) -> PrimaryMetric:
        """AUROC where all experiments are of two classes, else accuracy."""
        return "auroc" if all(row.binary_runs for row in self.rows) else "accuracy"

    @cached_property
    def scores(self) -> dict[str, Score]:
        """Test score of each experiment, by name."""
        return {row.name: row.score(self.judged_by) for row in self.rows}

    @cached_property
    def accuracy_variations(self) -> dict[str, SeedVariation]:
        """Seed variation of that score, by name."""
        return {row.name: row.score_variation(self.judged_by) for row in self.rows}

    @cached_property
    def compared_metrics(self) -> tuple[ComparedMetric, ...]:
        """Metrics that experiments of two classes are compared by; none for more classes."""
        if self.judged_by == "accuracy":
            return ()
        return compared_metrics(run.test for row in self.rows for run in row.binary_runs)

    @cached_property
    def chosen_on_validation(self) -> bool:
        """True where the best was selected by validation images that are not test images."""
        return all(row.validation_accuracy is not None for row in self.rows)

    @cached_property
    def ranking(self) -> tuple[ExperimentResults, ...]:
        """All experiments, the best first; ties in the order of the study."""
        return tuple(sorted(self.rows, key=self._selection_key, reverse=True))

    @cached_property
    def best(self) -> dict[str, ExperimentResults]:
        """The best of each family, the best of all first.

        An experiment with too few validation images is not selected while there is another.
        """
        best: dict[str, ExperimentResults] = {}
        for row in self.ranking:
            best.setdefault(row.experiment.family, row)
        return best

    @cached_property
    def stages(self) -> tuple[str, ...]:
        """Models whose confusions the next one may fix: the best of each family, pixels to CNN.

        In a study of one family the second best, then the best.
        """
        by_family = [self.best[family] for family in FAMILIES if family in self.best]
        stages = by_family if len(by_family) > 1 else reversed(self.ranking[:2])
        return tuple(row.name for row in stages)

    @cached_property
    def ranked(self) -> RankedComparison | None:
        """The comparison and its conclusions; None where nothing was compared."""
        if self.comparison is None:
            return None
        weights = {row.name: row.totals.weights for row in self.ranking}
        return rank(self.comparison, weights, self.judged_by, self.guessing, self.failed)

    @cached_property
    def best_is_better(self) -> BestIsBetter:
        """True if the best is significantly better than the next on the same test images."""
        if self.ranked is None:
            return "untested"
        if self.ranked.beaten_by:
            return "no"
        if self.ranked.top.verdict == "equivalent":
            return "equivalent"
        return "unknown" if self.ranked.top.verdict == "no difference shown" else "yes"

    @cached_property
    def tradeoffs(self) -> Tradeoffs | None:
        """Accuracy against cost; None for a single experiment, and for quick trials."""
        if len(self.rows) < 2 or self.quick:
            return None
        compared = None if self.ranked is None else self.ranked.primary
        return tradeoffs(self.rows, self.scores, self.timings, compared, best=self.ranking[0].name)

    def guesses(self, row: ExperimentResults) -> bool:
        """True where the experiment is not significantly better than guessing."""
        guessing = self.guessing.get(row.name)
        return guessing is not None and not guessing.shown

    @cached_property
    def nothing_shown(self) -> bool:
        """True where no experiment is significantly better than guessing."""
        tested = [self.guessing.get(row.name) for row in self.rows]
        return all(test is not None and not test.shown for test in tested)

    def failed_runs(self, name: str) -> tuple[FailedRun, ...]:
        """Runs of an experiment that have no model."""
        return failed_of(self.failed, name)

    @cached_property
    def unfinished(self) -> dict[str, int]:
        """Number of finished seeds of each experiment with failed runs, by name."""
        finished = {row.name: len(row.runs) for row in self.rows}
        return {
            failed_run.experiment: finished.get(failed_run.experiment, 0)
            for failed_run in self.failed
        }

    @cached_property
    def overlapping(self) -> tuple[ExperimentResults, ...]:
        """The best of other families whose interval overlaps with the interval of the best."""
        winner, *others = self.best.values()
        span = self.scores[winner.name].interval
        return tuple(row for row in others if _overlap(self.scores[row.name].interval, span))

    @cached_property
    def apart(self) -> tuple[ExperimentResults, ...]:
        """The best of other families whose interval does not overlap with it."""
        _, *others = self.best.values()
        return tuple(row for row in others if row not in self.overlapping)

    @cached_property
    def better_on_test(self) -> tuple[ExperimentResults, ...]:
        """Those of `apart` that have a higher test score than the selected one."""
        best = self.scores[self.ranking[0].name].value
        return tuple(row for row in self.apart if self.scores[row.name].value > best)

    @property
    def few_validated(self) -> tuple[RunResults, ...]:
        """Runs validated on the few images that their data set provides for it."""
        return tuple(
            row.runs[0]
            for row in self.rows
            if row.few_validated and row.experiment.data.validation == "given"
        )

    @property
    def has_reference(self) -> bool:
        """True where published results are known for an experiment."""
        return any(row.reference is not None for row in self.rows)

    @property
    def has_seeds(self) -> bool:
        """True where an experiment has several seeds."""
        return any(len(row.runs) > 1 for row in self.rows)

    @property
    def validated_on_test(self) -> bool:
        return any(run.validation_is_test for run in self.runs)

    @cached_property
    def datasets(self) -> tuple[str, ...]:
        """Data sets of the runs, each once."""
        return tuple(dict.fromkeys(run.dataset_name for run in self.runs))

    @cached_property
    def warnings(self) -> tuple[Remark, ...]:
        """Warnings about the data, each once."""
        return tuple(dict.fromkeys(remark for run in self.runs for remark in run.warnings))

    @cached_property
    def limits(self) -> tuple[str, ...]:
        """Uses that the models are not made for, each text once."""
        texts = (limits_of(row.experiment, row.runs[0].dataset_name) for row in self.rows)
        return tuple(dict.fromkeys(filter(None, texts)))

    @cached_property
    def unused_layers(self) -> dict[tuple[UnusedLayer, ...], tuple[str, ...]]:
        """Sets of unused layers, each with the experiments that define them."""
        unused: dict[tuple[UnusedLayer, ...], tuple[str, ...]] = {}
        for row in self.rows:
            if layers := row.runs[0].unused_layers:
                unused[layers] = (*unused.get(layers, ()), row.name)
        return unused

    @cached_property
    def study_command(self) -> str:
        """The command that trains the study again; empty where it is not known."""
        if self.command or not self._is_built_in:
            return self.command
        return self._command(["--quick"] * self.quick)

    @cached_property
    def full_command(self) -> str:
        """The command of the whole study, of which this is a quick trial; empty where unknown."""
        return self._command([]) if self.quick and self._is_built_in else ""

    def _command(self, options: list[str]) -> str:
        finished = {row.name: len(row.runs) for row in self.rows}
        trained = Counter(finished) + Counter(failed_run.experiment for failed_run in self.failed)
        seeds = max(trained.values())
        options = [f"--seeds {seeds}"] * (seeds > 1) + options
        return " ".join(["leadline study", self._name, *options]) + data_option(self.runs[0].data)

    @property
    def _name(self) -> str:
        return self.name.removesuffix(QUICK_SUFFIX) if self.quick else self.name

    @cached_property
    def _is_built_in(self) -> bool:
        """True for runs of the built-in study with no setting changed except by --quick."""
        try:
            members = {
                experiment.name: experiment for experiment in load_study(self._name).experiments
            }
        except LeadlineError:
            return False
        trained = {run.experiment.name for run in self.runs}
        if trained | {failed_run.experiment for failed_run in self.failed} != members.keys():
            return False
        for run in self.runs:
            chosen = run.preprocessing.chosen if run.preprocessing else ()
            member = with_choices(members[run.experiment.name], run.experiment.data, chosen)
            member = shortened_experiment(member) if self.quick else member
            if member.digest() != run.experiment.digest():
                return False
        return True

    def _selection_key(self, row: ExperimentResults) -> tuple[bool, float]:
        """Compare first whether the validation images suffice, then the validation score."""
        if not self.chosen_on_validation:
            return False, round(self.scores[row.name].value, DIGITS)
        validated = row.validation_accuracy
        if self.judged_by == "auroc" and row.validation_auroc is not None:
            validated = row.validation_auroc
        return not row.few_validated, round(validated or 0.0, DIGITS)


def _overlap(first: tuple[float, float], second: tuple[float, float]) -> bool:
    return first[0] <= second[1] and second[0] <= first[1]
