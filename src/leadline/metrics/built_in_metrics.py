"""The table of the metrics that leadline registers."""

from __future__ import annotations

import numpy as np

from leadline.metrics.calibration import calibration_errors, residuals
from leadline.metrics.estimates import Unknown
from leadline.metrics.registry import Metric, mark
from leadline.metrics.roc import Floats, average_precisions
from leadline.metrics.sample import Area, Combination, Ratio, Sample
from leadline.statistics.delong import delong, macro_auc


def auroc(sample: Sample) -> Area:
    """Area under the ROC curve, of more classes the mean of each against the rest."""
    present = np.unique(sample.labels)
    images = tuple(sample.labels == label for label in present)
    if sample.is_binary:
        areas = delong(sample.scores, sample.positive, sample.groups)
        return Area(float(areas.auc[0]), float(areas.covariance[0, 0]), images)
    return Area(*macro_auc(sample.probabilities, sample.labels, sample.groups), images)


def auprc(sample: Sample) -> Floats:
    return average_precisions(sample.scores, sample.positive, sample.weights)


def brier(sample: Sample) -> Ratio:
    """Brier, Monthly Weather Review 78 (1950)."""
    return Ratio(sample.squared_errors, np.ones(sample.n))


def ece(sample: Sample) -> Floats:
    return calibration_errors(*sample.judged, sample.weights)


def sensitivity(sample: Sample) -> Ratio:
    undefined = Unknown("one_class", sample.classes[0])
    return Ratio(sample.called & sample.positive, sample.positive, undefined)


def specificity(sample: Sample) -> Ratio:
    undefined = Unknown("one_class", sample.classes[1])
    return Ratio(~sample.called & ~sample.positive, ~sample.positive, undefined)


def ppv(sample: Sample) -> Ratio:
    undefined = Unknown("none_called", sample.classes[1])
    return Ratio(sample.called & sample.positive, sample.called, undefined)


def npv(sample: Sample) -> Ratio:
    undefined = Unknown("none_called", sample.classes[0])
    return Ratio(~sample.called & ~sample.positive, ~sample.called, undefined)


def f1(sample: Sample) -> Ratio:
    """2 TP over 2 TP + FP + FN; the denominator is the positives and the called together."""
    called, positive = sample.called.astype(np.int64), sample.positive.astype(np.int64)
    return Ratio(2 * called * positive, called + positive, Unknown("one_class", sample.classes[0]))


def accuracy(sample: Sample) -> Ratio:
    return Ratio(sample.predicted == sample.labels, np.ones(sample.n))


def balanced_accuracy(sample: Sample) -> Combination:
    return Combination(_mean, sensitivity(sample), specificity(sample))


def _mean(first: Floats, second: Floats) -> Floats:
    return (first + second) / 2


BUILT_IN = (
    Metric(
        key="auroc", title="AUROC", compute=auroc, interval="delong",
        tasks={"binary", "multiclass"}, needs_two_classes=True, hub_type="roc_auc",
        meaning=mark(
            "The chance that of two images, one of each class, the right one has the higher "
            "probability. 0.5 is guessing."
        ),
        multiclass_meaning=mark(
            "each class against the rest, the mean over classes; 0.5 is guessing"
        ),
    ),
    Metric(
        key="auprc", title="AUPRC", compute=auprc, needs_two_classes=True,
        depends_on=lambda sample: sample.positive, shown_in={"card"},
        meaning=mark(
            "Average precision over all thresholds. Guessing reaches the prevalence."
        ),
    ),
    Metric(
        key="brier", title=mark("Brier score"), compute=brier, tasks={"binary", "multiclass"},
        greater_is_better=False, multiclass_range=(0.0, 2.0), hub_type="brier_score",
        shown_in={"study", "card", "hub"},
        meaning=mark("Mean squared error of the probability. Lower is better."),
        multiclass_meaning=mark(
            "squared errors of all probabilities, 0 to 2; lower is better"
        ),
    ),
    Metric(
        key="ece", title="ECE", compute=ece, interval="reversed_bootstrap",
        tasks={"binary", "multiclass"}, greater_is_better=False, shown_in={"study", "card"},
        residuals=lambda sample: residuals(*sample.judged),
        meaning=mark(
            "Mean distance of what the probability says from what is true. Lower is better."
        ),
        multiclass_meaning=mark(
            "how far the likeliest class’s probability is from how often it is right; lower is "
            "better"
        ),
    ),
    Metric(
        key="sensitivity", title=mark("sensitivity"), compute=sensitivity, interval="wilson",
        at_threshold=True, format="percent", study_point="sensitivity", hub_type="recall",
        meaning=mark("Share of the positive images that are predicted positive."),
    ),
    Metric(
        key="specificity", title=mark("specificity"), compute=specificity, interval="wilson",
        at_threshold=True, format="percent", study_point="sensitivity",
        meaning=mark("Share of the negative images that are predicted negative."),
    ),
    Metric(
        key="ppv", title=mark("PPV"), compute=ppv, interval="wilson", at_threshold=True,
        format="percent", shown_in=set(),
        meaning=mark("Share of the images predicted positive that are positive."),
    ),
    Metric(
        key="npv", title=mark("NPV"), compute=npv, interval="wilson", at_threshold=True,
        format="percent", shown_in=set(),
        meaning=mark("Share of the images predicted negative that are negative."),
    ),
    Metric(
        key="f1", title=mark("F1"), compute=f1, at_threshold=True, format="percent",
        shown_in=set(), meaning=mark("Harmonic mean of PPV and sensitivity."),
    ),
    Metric(
        key="accuracy", title=mark("accuracy"), compute=accuracy, interval="wilson",
        at_threshold=True, format="percent", shown_in=set(),
        meaning=mark("Share of the images that are predicted correctly."),
    ),
    Metric(
        key="balanced_accuracy", title=mark("balanced accuracy"), compute=balanced_accuracy,
        at_threshold=True, format="percent", shown_in={"study", "card"},
        meaning=mark("Mean of sensitivity and specificity."),
    ),
)  # fmt: skip
