"""The seven questions of a lab on deep networks, answered from a study's own runs.

| module | answers |
|---|---|
| `settings` | 1, 2: which optimizer and which loss, `in_numbers` with the values in force |
| `course` | 4: how training went |
| `confusions`, `matrix`, `claims` | 5: which classes are confused, and what the lab claims |
| `weights`, `bars` | 3, 7: how many weights, where they sit, what they cost |
| `lab`, `lab_networks` | what went astray in the lab's report, put right |

6, which model is the best, is `report.comparison_view`'s. The sentences are in `answers.html.j2`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from leadline.report.sections.questions.claims_answer import ClaimsView
from leadline.report.sections.questions.confusion_pairs import PairTable, pair_table
from leadline.report.sections.questions.confusions_answer import Confused
from leadline.report.sections.questions.lab_errata import LabView, lab_view
from leadline.report.sections.questions.learning_curve_answer import (
    CourseRow,
    by_kind,
    course_row,
    finding_name,
)
from leadline.report.sections.questions.settings_answer import (
    Shared,
    binary_cross_entropy,
    by_loss,
    by_optimizer,
)
from leadline.report.sections.questions.weight_bars import place_name, weight_bars
from leadline.report.sections.questions.weights_answer import (
    PLACES,
    Weighed,
    deeper_pairs,
    exception,
)

if TYPE_CHECKING:
    from leadline.models.weight_table import LayerRow
    from leadline.report.sections.comparison_view import ComparisonView
    from leadline.report.sections.confusion_change_view import ConfusionChangesView
    from leadline.report.sections.study_row import Figure, Row

__all__ = ["AnswersView"]


@dataclass(frozen=True, eq=False)
class AnswersView:
    """rows: a study's experiments. best: of each family, the best of all first.

    figures: what each is judged by, by its name. compared, confusion_changes: None where
    nothing was tested. claims: of the lab's report about confusions; None where its models are not
    here. guesses: experiments that are not shown to be better than guessing.
    """

    rows: tuple[Row, ...]
    best: tuple[Row, ...]
    figures: dict[str, Figure]
    compared: ComparisonView | None
    confusion_changes: ConfusionChangesView | None = None
    claims: ClaimsView | None = None
    guesses: tuple[str, ...] = ()

    @cached_property
    def optimizers(self) -> tuple[Shared, ...]:
        return by_optimizer(self.rows)

    @cached_property
    def losses(self) -> tuple[Shared, ...]:
        return by_loss(self.rows)

    @property
    def classes(self) -> int:
        return len(self.rows[0].runs[0].page.classes)

    @property
    def binary(self) -> tuple[str, ...]:
        """The loss as it is of two classes."""
        return binary_cross_entropy() if self.classes == 2 else ()

    @cached_property
    def models(self) -> tuple[Weighed, ...]:
        return tuple(Weighed(row) for row in self.rows)

    @cached_property
    def by_weight(self) -> tuple[Weighed, ...]:
        """The lightest first."""
        return tuple(sorted(self.models, key=lambda model: model.weights))

    @cached_property
    def depths(self) -> tuple[int, int]:
        """Fewest and most layers that multiply."""
        depths = [model.depth for model in self.models]
        return min(depths), max(depths)

    @cached_property
    def dead(self) -> dict[str, tuple[str, ...]]:
        """Experiments with layers that reach nothing, and these layers' names."""
        found = {row.name: row.runs[0].page.dead_layers for row in self.rows}
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
    def confused(self) -> tuple[Confused, ...]:
        return tuple(Confused(row) for row in self.best)

    @cached_property
    def every_confused(self) -> tuple[Confused, ...]:
        return tuple(Confused(row) for row in self.rows)

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
    def exception(self) -> tuple[Weighed, Weighed] | None:
        """A deeper model with fewer weights, and the shallower one that has more."""
        return exception(deeper_pairs(self.models))

    @cached_property
    def heavy(self) -> Weighed | None:
        """The convolutional model of which the first dense layer holds most, half or more."""
        known = [model for model in self.models if model.convolves and model.share("first") >= 0.5]
        return max(known, key=lambda model: model.share("first"), default=None)

    @cached_property
    def spread_out(self) -> Weighed | None:
        """Of models that a dense layer ends: whose convolutions hold most, half or more."""
        known = [
            model
            for model in self.models
            if model.share("convolutions") >= 0.5 and "first" in model.places
        ]
        return max(known, key=lambda model: model.share("convolutions"), default=None)

    @property
    def flattening(self) -> tuple[Weighed, ...]:
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
        return lab_view(self.rows, self.compared)

    @property
    def places(self) -> tuple[str, ...]:
        """Where weights of any of the models sit."""
        return tuple(
            place for place in PLACES if any(place in model.places for model in self.models)
        )

    def place_name(self, place: str) -> str:
        return place_name(place)

    def finding_name(self, kind: str) -> str:
        return finding_name(kind)
