"""What went astray in the report of the lab that the built-in models come from, put right.

Only where a study holds those models: every figure is counted or read off this study's own runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from leadline.analysis.significance.comparison import Pair
from leadline.errors import mark
from leadline.report.sections.comparison_view import ComparisonView
from leadline.report.sections.questions.lab_networks import (
    Example,
    Redrawn,
    convolution_weights,
    originals,
    redrawn,
    worked_example,
)
from leadline.report.sections.questions.learning_curve_answer import CourseRow, course_row
from leadline.report.sections.study_row import Row
from leadline.report.translations.language import gettext as _
from leadline.report.words.comparison_words import SCALES, verdict

SCALE = SCALES["accuracy"]
CURVES = {
    "mlp-1": mark("more epochs would over-fit"),
    "mlp-2": mark("begins to over-fit; a few epochs fewer would do"),
    "mlp-3": mark("no over-fitting in 30 epochs"),
    "hog-1": mark("no over-fitting; could have stopped earlier"),
    "hog-2": mark("stops before it over-fits; no more epochs needed"),
    "hog-3": mark("stopped in time; a few more epochs might help"),
}
"""What the lab's report reads off each curve."""
NEIGHBOURS = (("hog-2", "hog-1"), ("hog-3", "hog-2"))
"""Models whose accuracies the report ranks, the higher one first."""


@dataclass(frozen=True)
class Ranked:
    """Two models that the report ranks, and what the comparison says. was: their accuracies."""

    ahead: str
    behind: str
    was: tuple[float, float]
    pair: Pair


@dataclass(frozen=True, eq=False)
class LabView:
    """rows: the lab's own models of a study, by name. compared: None where nothing was."""

    rows: Mapping[str, Row]
    compared: ComparisonView | None

    @cached_property
    def redrawn(self) -> tuple[Redrawn, ...]:
        """Networks with layers that reach nothing."""
        found = (redrawn(row) for row in self.rows.values() if row.runs[0].page.dead_layers)
        return tuple(one for one in found if one is not None)

    @property
    def narrow(self) -> tuple[Row, ...]:
        """Models whose last sum the report writes with 640 for 64."""
        return tuple(self.rows[name] for name in ("hog-1", "hog-2") if name in self.rows)

    @property
    def totals(self) -> tuple[Row, Row] | None:
        """The model whose total the report takes from another, and that other."""
        if "cnn-3" in self.rows and "cnn-2" in self.rows:
            return self.rows["cnn-3"], self.rows["cnn-2"]
        return None

    @property
    def right_sum(self) -> str:
        """The last sum of such a model, as it is."""
        layers = self.narrow[0].runs[0].page.layers
        return [layer.derivation for layer in layers if layer.weights][-1]

    @property
    def wrong_sum(self) -> int:
        """What the sum comes to as the report writes it."""
        return 640 * 10 + 10

    @property
    def more_in_convolutions(self) -> int:
        """Weights that the larger filters of the one model have more than the other's."""
        large, small = self.totals or (None, None)
        return convolution_weights(large) - convolution_weights(small) if large and small else 0

    @property
    def wrong_products(self) -> tuple[int, int]:
        """What the example's products come to, which the report gives as 73,728 and 294,912."""
        return 16 * 3 * 3 * 128, 32 * 3 * 3 * 256

    @cached_property
    def example(self) -> Example | None:
        """Shown beside convolutional networks alone."""
        if not any(row.experiment.family == "cnn" for row in self.rows.values()):
            return None
        return worked_example()

    @cached_property
    def curves(self) -> tuple[tuple[str, CourseRow], ...]:
        """What the report reads off a curve, and what was found here."""
        rows = {name: course_row(row) for name, row in self.rows.items() if name in CURVES}
        return tuple((CURVES[name], row) for name, row in rows.items() if row.diagnoses)

    @cached_property
    def ranked(self) -> tuple[Ranked, ...]:
        if self.compared is None:
            return ()
        found = self.compared.comparison.by("accuracy")
        return tuple(
            Ranked(ahead, behind, was, found.between(ahead, behind))
            for ahead, behind in NEIGHBOURS
            if found is not None and ahead in self.rows and behind in self.rows
            if (was := _was(ahead, behind)) is not None
        )

    def verdict(self, pair: Pair) -> str:
        return verdict(pair, self.compared.comparison.margin if self.compared else 0.0, SCALE)

    def difference(self, pair: Pair) -> str:
        """ "+0.07 percentage points, 95% interval −0.12 to +0.26"."""
        return _("{name} is ahead by {difference}, 95% interval {interval}").format(
            name=pair.first,
            difference=SCALE.amount(pair.difference),
            interval=SCALE.interval(pair.low, pair.high),
        )

    @property
    def turns_features(self) -> bool:
        """Whether HOG features are spoken of."""
        return any(row.experiment.family == "hog" for row in self.rows.values())


def lab_view(rows: Sequence[Row], compared: ComparisonView | None) -> LabView | None:
    """None where a study holds none of the lab's models; their training may differ."""
    known = originals()
    own = {
        row.name: row
        for row in rows
        if (original := known.get(row.name)) is not None
        and (row.experiment.layers, row.experiment.features) == (original.layers, original.features)
    }
    return LabView(own, compared) if own else None


def _was(ahead: str, behind: str) -> tuple[float, float] | None:
    known = originals()
    found = [known[name].reference for name in (ahead, behind)]
    told = [one.test_accuracy for one in found if one is not None]
    if len(told) < 2 or told[0] is None or told[1] is None:
        return None
    return told[0], told[1]
