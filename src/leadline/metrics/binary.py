"""Metrics of a model of two classes on one part of the images, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leadline.errors import DataError
from leadline.metrics.bootstrap import Units, units_of
from leadline.metrics.bootstrap_estimates import Column, Combined, Figures, area, unknown
from leadline.metrics.built_in_metrics import sensitivity, specificity
from leadline.metrics.estimates import (
    BinaryMetrics,
    Estimate,
    OperatingPoint,
    PredictiveValues,
    Subgroup,
    ThresholdMetrics,
    Unknown,
)
from leadline.metrics.metric_estimates import MetricEstimates
from leadline.metrics.registry import metrics_of
from leadline.metrics.roc import Bools, Floats, average_precision, average_precisions
from leadline.metrics.sample import Ratio, Sample
from leadline.statistics.delong import delong


@dataclass(frozen=True, eq=False)
class BinaryPredictions:
    """Predictions of a model for n images, and their true classes.

    scores: float64 (n,), p(positive). positive: bool (n,). groups: whose image each is, None where
    that is not known. subgroups: of each image, "" for none; None where none are told apart.
    """

    scores: Floats
    positive: Bools
    groups: Sequence[str] | None = None
    subgroups: Sequence[str] | None = None

    def __post_init__(self) -> None:
        n = len(self.scores)
        if not n or self.scores.shape != (n,) or self.positive.shape != (n,):
            raise DataError(
                f"expected scores and truth (n,), n >= 1. Received: {self.scores.shape} and "
                f"{self.positive.shape}."
            )
        for said in (self.groups, self.subgroups):
            if said is not None and len(said) != n:
                raise DataError(f"expected a group for each of {n} images. Received: {len(said)}.")

    def of_kind(self, name: str) -> Bools:
        """The positives of that subgroup, bool (n,)."""
        own: Bools = self.positive & (np.asarray(self.subgroups) == name)
        return own

    def kinds(self) -> tuple[str, ...]:
        """The subgroups that positives have, sorted."""
        if self.subgroups is None:
            return ()
        found = {name for name, own in zip(self.subgroups, self.positive, strict=True) if own}
        return tuple(sorted(found - {""}))


def binary_metrics(
    predictions: BinaryPredictions,
    classes: tuple[str, str],
    points: Sequence[OperatingPoint],
    rng: np.random.Generator,
    *,
    prevalences: Sequence[float] = (),
) -> BinaryMetrics:
    """Compute every registered metric, at operating points and without one, with 95% intervals.

    Parameters
    ----------
    predictions : BinaryPredictions
    classes : (str, str)
        The negative class and the positive one.
    points : thresholds
    rng : numpy.random.Generator
        Decides the resamples (2,000): of whole patients where these are known, else of images.
    prevalences : shares, 0 to 1
        For which PPV and NPV are computed by Bayes' rule.

    Returns
    -------
    BinaryMetrics
        A metric that the images do not determine has no value, and a reason.
    """
    scores, positive = predictions.scores, predictions.positive
    units = units_of(len(scores), predictions.groups)
    sample = _sample(predictions, classes, units)
    cases = {metric.key: (metric, sample) for metric in metrics_of("binary", at_threshold=False)}
    ratios: dict[str, Ratio] = {}
    for point in points:
        at = sample.at(point.threshold)
        for metric in metrics_of("binary", at_threshold=True):
            cases[f"{point.name} {metric.key}"] = metric, at
        ratios |= _ratios(predictions, point, at)
    estimates = MetricEstimates(cases, units, rng, ratios, _columns(predictions))
    figures = estimates.figures
    subgroups = predictions.kinds()
    unnamed = positive & (np.asarray(predictions.subgroups or [""] * len(scores)) == "")
    return BinaryMetrics(
        positive=classes[1],
        negative=classes[0],
        n=len(scores),
        n_positive=int(np.count_nonzero(positive)),
        n_groups=None if predictions.groups is None else units.count,
        metrics={
            metric.key: estimates.estimate(metric.key)
            for metric in metrics_of("binary", at_threshold=False)
        },
        points=tuple(
            _at(estimates, sample.at(point.threshold), point, prevalences) for point in points
        ),
        subgroups=tuple(
            _subgroup(figures, predictions, name, classes, points) for name in subgroups
        ),
        ungrouped_positives=(
            None if predictions.subgroups is None else int(np.count_nonzero(unnamed))
        ),
    )


def _sample(predictions: BinaryPredictions, classes: tuple[str, str], units: Units) -> Sample:
    return Sample(
        classes,
        predictions.positive.astype(np.int64),
        np.column_stack([1 - predictions.scores, predictions.scores]),
        "binary",
        groups=units.members if units.kind == "patient" else None,
    )


def auroc(scores: Floats, positive: Bools, classes: tuple[str, str], units: Units) -> Estimate:
    """The area under the ROC curve with DeLong's interval, by patient where these are known.

    An AUC of 0 or 1 has no variance; it gets the bounds of as many units as the rarer class has,
    all ranked correctly. No value without both classes.
    """
    held = min(units.holding(positive), units.holding(~positive))
    if not held:
        return unknown(None, _only_class(positive, classes))
    areas = delong(scores, positive, units.members if units.kind == "patient" else None)
    return area(float(areas.auc[0]), float(areas.covariance[0, 0]), held, units.kind)


def _only_class(positive: Bools, classes: tuple[str, str]) -> Unknown:
    return Unknown("one_class", classes[int(positive.any())])


def _ratios(predictions: BinaryPredictions, point: OperatingPoint, at: Sample) -> dict[str, Ratio]:
    """Rates at a threshold from which others follow, and the sensitivity in each subgroup."""
    rates = {"true positive rate": sensitivity(at), "true negative rate": specificity(at)}
    for name in predictions.kinds():
        own = predictions.of_kind(name)
        rates[f"of {name}"] = Ratio(at.called & own, own)
    return {f"{point.name} {name}": ratio for name, ratio in rates.items()}


def _columns(predictions: BinaryPredictions) -> dict[str, Column]:
    """The average precision of each subgroup against all negatives."""

    def precision(some: Bools) -> Column:
        scores, positive = predictions.scores[some], predictions.positive[some]
        return lambda weights: average_precisions(scores, positive, weights[:, some])

    return {
        f"average precision of {name}": precision(_against_all(predictions, name))
        for name in predictions.kinds()
    }


def _against_all(predictions: BinaryPredictions, name: str) -> Bools:
    """The positives of that subgroup, and all negatives."""
    chosen: Bools = predictions.of_kind(name) | ~predictions.positive
    return chosen


def _at(
    estimates: MetricEstimates, at: Sample, point: OperatingPoint, prevalences: Sequence[float]
) -> ThresholdMetrics:
    (tn, fp), (fn, tp) = at.confusion[0].astype(int).tolist()
    figures = estimates.figures
    rates = f"{point.name} true positive rate", f"{point.name} true negative rate"
    no_negative_call, no_positive_call = (Unknown("none_called", one) for one in at.classes)
    return ThresholdMetrics(
        point=point,
        confusion=((tn, fp), (fn, tp)),
        metrics={
            metric.key: estimates.estimate(f"{point.name} {metric.key}")
            for metric in metrics_of("binary", at_threshold=True)
        },
        at_prevalence=tuple(
            PredictiveValues(
                prevalence,
                figures.through(ppv_at(prevalence), *rates, no_positive_call),
                figures.through(npv_at(prevalence), *rates, no_negative_call),
            )
            for prevalence in prevalences
        ),
    )


def ppv_at(prevalence: float) -> Combined:
    """The PPV from sensitivity and specificity, where this share is positive."""
    return lambda sensitivity, specificity: _bayes(sensitivity, 1 - specificity, prevalence)


def npv_at(prevalence: float) -> Combined:
    """The NPV from sensitivity and specificity, where this share is positive."""
    return lambda sensitivity, specificity: _bayes(specificity, 1 - sensitivity, 1 - prevalence)


def _bayes(found: Floats, false: Floats, share: float) -> Floats:
    """Of those called, how many are: found s / (found s + false (1 - s)); NaN where none is called.

    found: the part of the class that is called so; false: of the other class.
    """
    true = found * share
    called = true + false * (1 - share)
    return np.divide(true, called, out=np.full_like(true, np.nan), where=called > 0)


def _subgroup(
    figures: Figures,
    predictions: BinaryPredictions,
    name: str,
    classes: tuple[str, str],
    points: Sequence[OperatingPoint],
) -> Subgroup:
    some, own = _against_all(predictions, name), predictions.of_kind(name)
    scores, positive = predictions.scores[some], predictions.positive[some]
    groups = None if predictions.groups is None else np.asarray(predictions.groups)
    units = units_of(int(some.sum()), None if groups is None else list(groups[some]))
    if predictions.positive.all():
        auprc = unknown(None, _only_class(predictions.positive, classes))
    else:
        value, held = average_precision(scores, positive), figures.units.holding(own)
        auprc = figures.other(f"average precision of {name}", value, held)
    return Subgroup(
        name=name,
        n=int(np.count_nonzero(own)),
        n_groups=None if groups is None else figures.units.holding(own),
        auroc=auroc(scores, positive, classes, units),
        auprc=auprc,
        sensitivities=tuple(figures.ratio(f"{point.name} of {name}") for point in points),
    )
