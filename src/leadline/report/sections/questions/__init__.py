"""The seven questions of a lab on deep networks, answered from a study's own runs.

| module | answers |
|---|---|
| `settings_answer` | 1, 2: which optimizer and which loss, `in_numbers` with the values in force |
| `claims_answer` | 5: what the lab claims about confusions |
| `weight_bars` | 7: where the weights are |

The facts come from `leadline.analysis`; the sentences are in `answers.html.j2`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from leadline.analysis.lab_errata import LabErrata, lab_errata
from leadline.analysis.seed_confusions import ExperimentConfusions, PairTable, pair_table
from leadline.analysis.seed_learning_curves import CourseRow, by_kind, course_row
from leadline.analysis.weight_distribution import (
    PLACES,
    WeightDistribution,
    deeper_pairs,
    exception,
)
from leadline.report.sections.questions.claims_answer import ClaimsView, claims_view
from leadline.report.sections.questions.settings_answer import (
    Shared,
    binary_cross_entropy,
    by_loss,
    by_optimizer,
)
from leadline.report.sections.questions.weight_bars import place_name, weight_bars
from leadline.report.translations.language import gettext as _
from leadline.report.words.comparison_words import SCALES, verdict

if TYPE_CHECKING:
    from leadline.analysis.experiment_results import ExperimentResults, Score
    from leadline.analysis.significance.comparison import Pair
    from leadline.analysis.study_results import StudyResults
    from leadline.models.weight_table import LayerRow
    from leadline.report.sections.comparison_view import ComparisonView
    from leadline.report.sections.confusion_change_view import ConfusionChangesView

__all__ = ["AnswersView", "LabView"]


@dataclass(frozen=True, eq=False)
class LabView(LabErrata):
    """Corrections of the lab's report, with their comparisons in words."""

    def verdict(self, pair: Pair) -> str:
        margin = self.comparison.margin if self.comparison else 0.0
        return verdict(pair, margin, SCALES["accuracy"])

    def difference(self, pair: Pair) -> str:
        """ "hog-2 is ahead by 0.07 percentage points, 95% interval −0.12 to +0.26"."""
        scale = SCALES["accuracy"]
        return _("{name} is ahead by {difference}, 95% interval {interval}").format(
            name=pair.first,
            difference=scale.amount(pair.difference),
            interval=scale.interval(pair.low, pair.high),
        )


@dataclass(frozen=True, eq=False)
class AnswersView:
    """The questions of a study. compared, confusion_changes: None where nothing was tested."""

    study: StudyResults
    compared: ComparisonView | None
    confusion_changes: ConfusionChangesView | None = None

    @property
    def rows(self) -> Sequence[ExperimentResults]:
        return self.study.rows

    @property
    def scores(self) -> dict[str, Score]:
        return self.study.scores

    @property
    def best(self) -> tuple[ExperimentResults, ...]:
        """The best of each family, the best of all first."""
        return tuple(self.study.best.values())

    @property
    def claims(self) -> ClaimsView | None:
        return claims_view(self.study.claims)

    @property
    def guesses(self) -> tuple[str, ...]:
        """Experiments not significantly better than guessing."""
        return tuple(row.name for row in self.rows if self.study.guesses(row))

    @cached_property
    def optimizers(self) -> tuple[Shared, ...]:
        return by_optimizer(self.rows)

    @cached_property
    def losses(self) -> tuple[Shared, ...]:
        return by_loss(self.rows)

    @property
    def classes(self) -> int:
        return len(self.rows[0].runs[0].classes)

    @property
    def binary(self) -> tuple[str, ...]:
        """The loss as it is of two classes."""
        return binary_cross_entropy() if self.classes == 2 else ()

    @cached_property
    def models(self) -> tuple[WeightDistribution, ...]:
        return tuple(WeightDistribution(row) for row in self.rows)

    @cached_property
    def by_weight(self) -> tuple[WeightDistribution, ...]:
        """The lightest first."""
        return tuple(sorted(self.models, key=lambda model: model.weights))

    @cached_property
    def depths(self) -> tuple[int, int]:
        """Fewest and most layers that multiply."""
        depths = [model.depth for model in self.models]
        return min(depths), max(depths)

    @cached_property
    def unused(self) -> dict[str, tuple[str, ...]]:
        """Experiments with unused layers, and the names of these."""
        found = {row.name: row.runs[0].unused_layers for row in self.rows}
        return {name: tuple(one.name for one in layers) for name, layers in found.items() if layers}

    @cached_property
    def courses(self) -> tuple[CourseRow, ...]:
        return tuple(course_row(row) for row in self.rows)

    @cached_property
    def judged(self) -> tuple[CourseRow, ...]:
        """Those whose course was diagnosed."""
        return tuple(course for course in self.courses if course.diagnoses)

    @cached_property
    def loud(self) -> dict[str, tuple[str, ...]]:
        """Findings that ask for something to be done, each with its experiments."""
        return by_kind(self.courses)

    @cached_property
    def quiet(self) -> tuple[str, ...]:
        """Experiments in which nothing does, in no seed, and that are better than guessing."""
        quiet = (course.name for course in self.judged if not course.loud)
        return tuple(name for name in quiet if name not in self.guesses)

    @cached_property
    def confused(self) -> tuple[ExperimentConfusions, ...]:
        return tuple(ExperimentConfusions(row) for row in self.best)

    @cached_property
    def every_confused(self) -> tuple[ExperimentConfusions, ...]:
        return tuple(ExperimentConfusions(row) for row in self.rows)

    @cached_property
    def pairs(self) -> PairTable | None:
        """Pairs of classes by model; None where no pair stands out."""
        return pair_table(self.every_confused)

    @cached_property
    def verdicts(self) -> dict[str, tuple[str, ...]]:
        """How the best does against each other: kinds of verdict, each with the others' names.

        "better", "equivalent", "no difference shown", and "beaten" by the best on the test images.
        """
        found: dict[str, list[str]] = {}
        if self.compared is None:
            return {}
        best = self.compared.best
        for pair in self.compared.first.of_best:
            other = pair.second if pair.first == best else pair.first
            kind = "beaten" if pair.verdict == "better" and pair.second == best else pair.verdict
            found.setdefault(kind, []).append(other)
        return {kind: tuple(names) for kind, names in found.items()}

    @cached_property
    def deeper(self) -> tuple[int, int]:
        """In how many pairs of different depth the deeper has more weights, and of how many."""
        pairs = deeper_pairs(self.models)
        return sum(deep.weights > shallow.weights for deep, shallow in pairs), len(pairs)

    @cached_property
    def exception(self) -> tuple[WeightDistribution, WeightDistribution] | None:
        """A deeper model with fewer weights, and the shallower one that has more."""
        return exception(deeper_pairs(self.models))

    @cached_property
    def heavy(self) -> WeightDistribution | None:
        """The convolutional model of which the first dense layer holds most, half or more."""
        known = [model for model in self.models if model.convolves and model.share("first") >= 0.5]
        return max(known, key=lambda model: model.share("first"), default=None)

    @cached_property
    def spread_out(self) -> WeightDistribution | None:
        """Of models that a dense layer ends: whose convolutions hold most, half or more."""
        known = [
            model
            for model in self.models
            if model.share("convolutions") >= 0.5 and "first" in model.places
        ]
        return max(known, key=lambda model: model.share("convolutions"), default=None)

    @property
    def flattening(self) -> tuple[WeightDistribution, ...]:
        """Models in which a dense layer reads maps in a row."""
        return tuple(model for model in self.models if model.convolves and model.flattened)

    @cached_property
    def bars(self) -> str:
        return weight_bars(self.models, uid="weights")

    @cached_property
    def examples(self) -> dict[str, LayerRow]:
        """A layer of each kind whose sum is easily mistaken, by its type."""
        found: dict[str, LayerRow] = {}
        for model in self.models:
            for layer in model.layers:
                if layer.weights and layer.type in ("Dense", "Conv2D", "BatchNormalization"):
                    found.setdefault(layer.type, layer)
        return found

    @cached_property
    def lab(self) -> LabView | None:
        errata = lab_errata(self.rows, self.study.comparison)
        return None if errata is None else LabView(errata.rows, errata.comparison)

    @property
    def places(self) -> tuple[str, ...]:
        """Where weights of any of the models sit."""
        return tuple(
            place for place in PLACES if any(place in model.places for model in self.models)
        )

    def place_name(self, place: str) -> str:
        return place_name(place)
