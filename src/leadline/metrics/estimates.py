"""Metrics of a model that decides: frozen values, each with its 95% interval.

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

Task = Literal["binary", "multiclass"]
Method = Literal[
    "wilson", "wilson_by_patient", "delong", "delong_by_patient", "image_bootstrap",
    "patient_bootstrap", "image_bootstrap_reversed", "patient_bootstrap_reversed",
    "standard_error", "mover", "seed_mean", "unknown", "mcnemar_tango",
    "mcnemar_tango_by_patient", "permutation_bootstrap_by_patient", "t_test",
    "t_test_by_patient", "t_test_with_seeds", "t_test_by_patient_with_seeds",
    "delong_with_seeds", "delong_by_patient_with_seeds",
]  # fmt: skip
"""Method of an interval, or of the p-value of a difference.

| code | interval |
|---|---|
| `wilson` | Wilson's, of a proportion; of a metric at the end of its range, of that many images |
| `delong` | DeLong's, on the log-odds scale; of a difference of AUROCs also its p-value |
| `image_bootstrap`, `patient_bootstrap` | percentiles of resamples |
| `..._reversed` | the percentiles mirrored at the value, for a metric that chance only raises |
| `standard_error` | normal, of a mean of independent images |
| `mover` | of a difference, from the intervals of both sides (Newcombe; Zou and Donner) |
| `seed_mean` | means over seeds of the bounds |
| `unknown` | the metric's range |
| `mcnemar_tango` | exact McNemar test, and Tango's score interval |
| `permutation_bootstrap_by_patient` | exact permutation test, and percentiles of resamples |
| `t_test` | Student's t with the variance over images, and over seeds `with_seeds` |

`by_patient`: the patients are the independent units, not the images.
"""


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
    method: how low and high were found. kept: resamples that have the metric, out of `drawn`; both
    None where nothing was resampled.
    """

    value: float | None
    low: float
    high: float
    method: Method
    unknown: Unknown | None = None
    kept: int | None = None
    drawn: int | None = None


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold: an image is called positive where p(positive) >= threshold, 0 to 1.

    name: "youden" or "sensitivity", fitted on validation; "half", the likelier class, not fitted.
    reached: on validation, sensitivity + specificity - 1 ("youden") or the sensitivity.
    largest, standard_error: of "youden", the largest value of that index and its standard error,
    within which thresholds count as equally good. floor: of "sensitivity", the least sensitivity.
    """

    name: Literal["youden", "sensitivity", "half"]
    threshold: float
    reached: float | None = None
    largest: float | None = None
    standard_error: float | None = None
    floor: float | None = None


@dataclass(frozen=True)
class NotFitted:
    """Why a temperature or thresholds were not fitted on validation images.

    code: "turned_off" (`decision.calibration = "none"`), "validated_on_test" (validation is the
    test set), "multiclass" (thresholds are for two classes), "no_minimum" (`count` of the `n`
    images are misclassified, and no temperature has the least cross-entropy), "one_class"
    (`count` of the `n` images are positive: none or all).
    """

    code: Literal["turned_off", "validated_on_test", "multiclass", "no_minimum", "one_class"]
    n: int | None = None
    count: int | None = None


class MetricValues:
    """Estimates by the key of their metric, in `metrics`; `found.auroc` is `metrics["auroc"]`."""

    metrics: dict[str, Estimate]

    def __getattr__(self, key: str) -> Estimate:
        # Called for names that are no fields; `metrics` itself is missing while unpickling.
        if not key.startswith("_") and key != "metrics" and key in self.metrics:
            return self.metrics[key]
        raise AttributeError(f"{type(self).__name__} has no metric or attribute {key!r}")


@dataclass(frozen=True)
class PredictiveValues:
    """PPV and NPV by Bayes' rule where this share (0 to 1) of the images is positive."""

    prevalence: float
    ppv: Estimate
    npv: Estimate


@dataclass(frozen=True)
class ThresholdMetrics(MetricValues):
    """The registered metrics that depend on a threshold, at one operating point.

    confusion: ((true negative, false positive), (false negative, true positive)): rows are true,
    negative first.
    """

    point: OperatingPoint
    confusion: tuple[tuple[int, int], tuple[int, int]]
    metrics: dict[str, Estimate]
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
class BinaryMetrics(MetricValues, ShortRepr):
    """Metrics of a model of two classes on one part: n images of n_groups patients (None: unknown).

    metrics: those without a threshold, by key, as registered when the run was evaluated.
    ungrouped_positives: positives that the subgroup pattern finds nothing in, None without pattern.
    """

    positive: str
    negative: str
    n: int
    n_positive: int
    n_groups: int | None
    metrics: dict[str, Estimate]
    points: tuple[ThresholdMetrics, ...]
    subgroups: tuple[Subgroup, ...] = ()
    ungrouped_positives: int | None = None


@dataclass(frozen=True, repr=False)
class MulticlassMetrics(MetricValues, ShortRepr):
    """Metrics of a model of more than two classes on one part.

    metrics: by key, as registered when the run was evaluated. absent: classes that no image of
    this part belongs to.
    """

    n: int
    n_groups: int | None
    metrics: dict[str, Estimate]
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
    """Decision rule: fitted on validation and frozen into the model file.

    positive: None for more than two classes. temperature: 1.0 where none was fitted, for the
    reason in no_temperature. points: those of all parts, not fitted for the reason in
    no_thresholds. chosen_by: how the positive class was chosen, a value of `ChosenBy`.
    """

    positive: str | None
    temperature: float
    calibration: tuple[CalibrationEffect, ...]
    points: tuple[OperatingPoint, ...]
    no_temperature: NotFitted | None = None
    no_thresholds: NotFitted | None = None
    chosen_by: str = "given"
