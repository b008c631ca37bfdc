"""What is told of a model that decides: frozen values, each figure with its 95% interval.

| value | is |
|---|---|
| `Estimate` | a figure, its interval, and how that was found |
| `OperatingPoint` | a threshold, frozen |
| `ThresholdMetrics` | how a model does at that threshold |
| `BinaryMetrics` | how a model of two classes does on one part |
| `MulticlassMetrics` | the same of more classes |
| `DecisionRule` | what was fitted on validation, or why nothing was |

Curves are drawn from the predictions when they are shown: `curves.curves`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from leadline.data.short_repr import ShortRepr


@dataclass(frozen=True)
class Unknown:
    """Why a metric has no value.

    code: "one_class" where all images are of one class, which is `name`; "none_called" where the
    model predicted the class `name` for no image.
    """

    code: Literal["one_class", "none_called"]
    name: str


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95% interval.

    value: None where the images cannot tell (the PPV where none was called positive); `unknown`
    then holds the reason, and low and high are the metric's range.
    method: how low and high were found: "patient bootstrap" or "image bootstrap" (percentiles, with
    "reversed" for the reverse percentiles), "DeLong" or "DeLong by patient", "Wilson" (of images)
    or "Wilson by patient"; "unknown" where nothing bounds it but its range. Where resamples without
    one of the classes were left out, it says how many were used.
    """

    value: float | None
    low: float
    high: float
    method: str
    unknown: Unknown | None = None


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold: an image is called positive where p(positive) >= threshold, 0 to 1.

    name: "youden" or "sensitivity", fitted on validation; "half", the likelier class, fitted on
    nothing, where nothing could be. rule: in words, with what it reached where it was fitted.
    """

    name: Literal["youden", "sensitivity", "half"]
    threshold: float
    rule: str


@dataclass(frozen=True)
class PredictiveValues:
    """PPV and NPV by Bayes' rule where this share (0 to 1) of the images is positive."""

    prevalence: float
    ppv: Estimate
    npv: Estimate


@dataclass(frozen=True)
class ThresholdMetrics:
    """How a model does at one operating point; every estimate is 0 to 1.

    confusion: ((true negative, false positive), (false negative, true positive)): rows are true,
    negative first.
    """

    point: OperatingPoint
    confusion: tuple[tuple[int, int], tuple[int, int]]
    sensitivity: Estimate
    specificity: Estimate
    ppv: Estimate
    npv: Estimate
    f1: Estimate
    accuracy: Estimate
    balanced_accuracy: Estimate
    at_prevalence: tuple[PredictiveValues, ...] = ()


@dataclass(frozen=True)
class Subgroup:
    """Positives of one kind, with all negatives.

    n: positives of this kind. sensitivities: at each operating point, in the order of `points`;
    the specificities are those of all, for the negatives are the same.
    """

    name: str
    n: int
    n_groups: int | None
    auroc: Estimate
    auprc: Estimate
    sensitivities: tuple[Estimate, ...]


@dataclass(frozen=True, repr=False)
class BinaryMetrics(ShortRepr):
    """How a model of two classes does on one part: n images of n_groups patients (None: unknown).

    auroc, auprc (average precision): 0 to 1, higher is better. brier, the mean squared error of
    p(positive), and ece, its expected calibration error: 0 to 1, lower is better.
    ungrouped_positives: positives that the subgroup pattern finds nothing in, None without pattern.
    """

    positive: str
    negative: str
    n: int
    n_positive: int
    n_groups: int | None
    auroc: Estimate
    auprc: Estimate
    brier: Estimate
    ece: Estimate
    points: tuple[ThresholdMetrics, ...]
    subgroups: tuple[Subgroup, ...] = ()
    ungrouped_positives: int | None = None


@dataclass(frozen=True, repr=False)
class MulticlassMetrics(ShortRepr):
    """How a model of more than two classes does on one part.

    auroc: each class against the rest, the mean over the classes that occur. brier: squared errors
    summed over the classes, 0 to 2. ece: of the likeliest class's probability. absent: classes
    that no image of this part belongs to.
    """

    n: int
    n_groups: int | None
    auroc: Estimate
    brier: Estimate
    ece: Estimate
    absent: tuple[str, ...] = ()


@dataclass(frozen=True)
class CalibrationEffect:
    """One part, "validation" or "test", as trained and after: cross-entropy in nats, and ECE."""

    part: str
    loss_before: float
    loss_after: float
    ece_before: float
    ece_after: float


@dataclass(frozen=True)
class DecisionRule:
    """What was fitted on validation and is frozen into the model file.

    positive: None for more than two classes. temperature: 1.0 where none was fitted;
    uncalibrated says why not, "" where it was. points: those of all parts; unfitted says why no
    threshold was fitted, "" where they were. chosen_by: how the positive class was chosen, "given",
    "name" or "order" as `ChosenBy` has it.
    """

    positive: str | None
    temperature: float
    uncalibrated: str
    calibration: tuple[CalibrationEffect, ...]
    points: tuple[OperatingPoint, ...]
    unfitted: str
    chosen_by: str = "given"
