"""Everything that one finished run measured, as typed values."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from leadline.analysis.significance.confusion_significance import (
    ConfusionBeyondChance,
    beyond_chance,
)
from leadline.data.audit.checks.split_checks import MAX_WIDTH
from leadline.experiments import Experiment, built_in_name
from leadline.models.weight_table import ModelSize, totals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadline.analysis.diagnosis.training_findings import Diagnosis
    from leadline.analysis.label_errors import LabelRecord
    from leadline.analysis.prediction_time import Timing
    from leadline.analysis.significance.guessing import Guessing
    from leadline.data.preprocessing import Preprocessing
    from leadline.data.remarks import Remark
    from leadline.metrics.binary_curves import Curves
    from leadline.metrics.classification import Evaluation
    from leadline.metrics.estimates import BinaryMetrics, DecisionRule, MulticlassMetrics
    from leadline.models.built_model import UnusedLayer
    from leadline.models.weight_table import LayerRow
    from leadline.training.history import EpochRow

MOST_CURVE_ROWS = 21
"""Most rows in the table of a curve."""


@dataclass(frozen=True, eq=False)
class BinaryResults:
    """Metrics and curves of a model of two classes.

    validation: None where the test images are the validation images. curves: of the test images,
    None where they lack a class; validation_curves likewise. floor: the sensitivity that the second
    threshold keeps on validation.
    """

    decided: DecisionRule
    test: BinaryMetrics
    validation: BinaryMetrics | None
    curves: Curves | None
    validation_curves: Curves | None
    floor: float = 0.95

    @cached_property
    def roc_rows(self) -> NDArray[Any]:
        """Points of the ROC curve, at most 21: 1 - specificity, sensitivity, threshold."""
        return _thinned(self._curves.roc)

    @cached_property
    def precision_recall_rows(self) -> NDArray[Any]:
        """Points of the precision-recall curve, at most 21: recall, precision, threshold."""
        return _thinned(self._curves.precision_recall)

    @cached_property
    def decision_rows(self) -> NDArray[Any]:
        """Every fifth threshold, with the net benefit of the model, of treating all and none."""
        return self._curves.decision[4::5]

    @property
    def _curves(self) -> Curves:
        if self.curves is None:
            raise ValueError("no curves: the test images lack a class")
        return self.curves


@dataclass(frozen=True, eq=False)
class MulticlassResults:
    """Metrics of a model of more than two classes on the test images."""

    decided: DecisionRule
    test: MulticlassMetrics


@dataclass(frozen=True, eq=False)
class RunResults:
    """One experiment, trained with one seed.

    counts: images of "train", "validation" and "test". wall_s: training alone.
    evaluation_validation: None where the run was validated on the test images.
    data: the path that the images were read from, where the experiment names another source.
    command: reproduces the run; derived from experiment and data where empty.
    binary: metrics of two classes; multiclass: of more. diagnosis, guessing: None for quick trials.
    labels: test images whose label is likely wrong, by this run alone.
    preprocessing: applied to the images; None for images of unknown original size.
    """

    experiment: Experiment
    seed: int
    dataset_name: str
    source: str
    classes: tuple[str, ...]
    counts: dict[str, int]
    validation_is_test: bool
    layers: tuple[LayerRow, ...]
    history: tuple[EpochRow, ...]
    best_epoch: int
    kept_epoch: int
    stopped: str
    wall_s: float
    evaluation_test: Evaluation
    evaluation_validation: Evaluation | None = None
    unused_layers: tuple[UnusedLayer, ...] = ()
    warnings: tuple[Remark, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    data: str = ""
    command: str = ""
    binary: BinaryResults | None = None
    multiclass: MulticlassResults | None = None
    diagnosis: Diagnosis | None = None
    timing: Timing | None = None
    labels: LabelRecord | None = None
    preprocessing: Preprocessing | None = None
    guessing: Guessing | None = None

    @property
    def uid(self) -> str:
        """Experiment and seed: unique in a study, and the same in every report of it."""
        return f"{self.experiment.name}-seed-{self.seed}"

    @property
    def held_out(self) -> Literal["validation", "test"]:
        """The part that the validation values of the history were measured on."""
        return "test" if self.validation_is_test else "validation"

    @cached_property
    def totals(self) -> ModelSize:
        """Weights, multiply-adds and bytes of the whole model."""
        return totals(self.layers)

    @property
    def few_validated(self) -> bool:
        """True where the validation images are too few to select anything by them."""
        if self.evaluation_validation is None:
            return False
        low, high = self.evaluation_validation.accuracy_interval
        return high - low > MAX_WIDTH

    @property
    def guesses(self) -> bool:
        """True where neither accuracy nor AUROC is significantly better than guessing."""
        return self.guessing is not None and not self.guessing.shown

    @cached_property
    def attractions(self) -> tuple[ConfusionBeyondChance, ...] | None:
        """Confusions beyond chance; None for two classes, where nothing can be compared."""
        if len(self.classes) < 3:
            return None
        return beyond_chance(self.evaluation_test.confusion, self.classes)

    @cached_property
    def train_command(self) -> str:
        """The command that trains this run again."""
        if self.command:
            return self.command
        chosen = () if self.preprocessing is None else self.preprocessing.chosen
        name = built_in_name(self.experiment, chosen)
        quick = " --quick" if name and self.experiment.quick else ""
        options = f"{quick} --seed {self.seed}{data_option(self.data)}"
        return f"leadline train {name or 'experiment.toml'}{options}"


def data_option(data: str) -> str:
    """Format `` --data PATH``, quoted for a shell; empty where there is no path."""
    return f" --data {shlex.quote(data)}" if data else ""


def _thinned(rows: NDArray[Any]) -> NDArray[Any]:
    """Keep the first row, the last, and rows at even steps between them."""
    if len(rows) <= MOST_CURVE_ROWS:
        return rows
    places = np.linspace(0, len(rows) - 1, MOST_CURVE_ROWS).round().astype(int)
    chosen: NDArray[Any] = rows[places]
    return chosen
