"""How a model of two classes does on one part of the images, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leadline.errors import DataError
from leadline.metrics.bootstrap import Units, chance_level, units_of
from leadline.metrics.bootstrap_estimates import Column, Combined, Figures, Ratio, area, unknown
from leadline.metrics.calibration import (
    calibration_errors,
    expected_calibration_error,
    residuals,
)
from leadline.metrics.estimates import (
    BinaryMetrics,
    Estimate,
    OperatingPoint,
    PredictiveValues,
    Subgroup,
    ThresholdMetrics,
    Unknown,
)
from leadline.metrics.roc import Bools, Floats, average_precision, average_precisions
from leadline.statistics.delong import delong


@dataclass(frozen=True, eq=False)
class BinaryPredictions:
    """What a model said of n images, and the truth.

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
    answers: BinaryPredictions,
    classes: tuple[str, str],
    points: Sequence[OperatingPoint],
    rng: np.random.Generator,
    *,
    prevalences: Sequence[float] = (),
) -> BinaryMetrics:
    """Judge answers at operating points. classes: the negative's name, and the positive's.

    Where groups are known, whole patients are drawn again (2,000 resamples) and the AUROC has
    DeLong's interval by patient. Else proportions have Wilson's interval, the AUROC DeLong's, and
    all else is drawn image by image. A figure that the images cannot tell has no value, and the
    reason.
    """
    scores, positive = answers.scores, answers.positive
    units = units_of(len(scores), answers.groups)
    figures = Figures(_ratios(answers, classes, points), _others(answers), units, rng)
    ece = expected_calibration_error(scores, positive)
    by_chance = chance_level(residuals(scores, positive), units, rng)
    kinds = answers.kinds()
    unnamed = positive & (np.asarray(answers.subgroups or [""] * len(scores)) == "")
    return BinaryMetrics(
        positive=classes[1],
        negative=classes[0],
        n=len(scores),
        n_positive=int(np.count_nonzero(positive)),
        n_groups=None if answers.groups is None else units.count,
        auroc=auroc(scores, positive, classes, units),
        auprc=_auprc(figures, "auprc", answers, np.ones(len(scores), np.bool_), classes),
        brier=figures.ratio("brier"),
        ece=figures.reversed("ece", ece, by_chance),
        points=tuple(_at(figures, answers, classes, point, prevalences) for point in points),
        subgroups=tuple(_subgroup(figures, answers, kind, classes, points) for kind in kinds),
        ungrouped_positives=None if answers.subgroups is None else int(np.count_nonzero(unnamed)),
    )


def auroc(scores: Floats, positive: Bools, classes: tuple[str, str], units: Units) -> Estimate:
    """The area under the ROC curve with DeLong's interval, by patient where these are known.

    An AUC of 0 or 1 has no variance to see; it gets the bounds of as many units as the rarer class
    has, all right. No value without both classes.
    """
    held = min(units.holding(positive), units.holding(~positive))
    if not held:
        return unknown(None, _only_class(positive, classes))
    areas = delong(scores, positive, units.members if units.kind == "patient" else None)
    return area(float(areas.auc[0]), float(areas.covariance[0, 0]), held, units.kind)


def _only_class(positive: Bools, classes: tuple[str, str]) -> Unknown:
    return Unknown("one_class", classes[int(positive.any())])


def _ratios(
    answers: BinaryPredictions, classes: tuple[str, str], points: Sequence[OperatingPoint]
) -> dict[str, Ratio]:
    only_negative, only_positive = (Unknown("one_class", name) for name in classes)
    no_negative_call, no_positive_call = (Unknown("none_called", name) for name in classes)
    positive = answers.positive.astype(np.float64)
    ones = np.ones(len(positive))
    ratios = {"brier": Ratio((answers.scores - positive) ** 2, ones, proportion=False)}
    for point in points:
        called = (answers.scores >= point.threshold).astype(np.float64)
        hit, passed = called * positive, (1 - called) * (1 - positive)
        found = {
            "sensitivity": Ratio(hit, positive, undefined=only_negative),
            "specificity": Ratio(passed, 1 - positive, undefined=only_positive),
            "ppv": Ratio(hit, called, undefined=no_positive_call),
            "npv": Ratio(passed, 1 - called, undefined=no_negative_call),
            "accuracy": Ratio(hit + passed, ones),
            # 2 TP over 2 TP + FP + FN: positives and called together.
            "f1": Ratio(2 * hit, positive + called, proportion=False, undefined=only_negative),
        }
        for kind in answers.kinds():
            own = answers.of_kind(kind).astype(np.float64)
            found[f"of {kind}"] = Ratio(called * own, own)
        ratios |= {f"{point.name} {name}": ratio for name, ratio in found.items()}
    return ratios


def _others(answers: BinaryPredictions) -> dict[str, Column]:
    def ece(weights: Floats) -> Floats:
        return calibration_errors(answers.scores, answers.positive, weights)

    def precision(some: Bools) -> Column:
        scores, positive = answers.scores[some], answers.positive[some]
        return lambda weights: average_precisions(scores, positive, weights[:, some])

    areas = {f"auprc {kind}": precision(_against_all(answers, kind)) for kind in answers.kinds()}
    return {"ece": ece, "auprc": precision(np.ones(len(answers.scores), np.bool_)), **areas}


def _against_all(answers: BinaryPredictions, kind: str) -> Bools:
    """The positives of that kind, and all negatives."""
    chosen: Bools = answers.of_kind(kind) | ~answers.positive
    return chosen


def _auprc(
    figures: Figures, name: str, answers: BinaryPredictions, some: Bools, classes: tuple[str, str]
) -> Estimate:
    """The average precision; without negatives it would be 1 whatever the scores, so no value."""
    positive = answers.positive & some
    if not positive.any() or answers.positive.all():
        return unknown(None, _only_class(answers.positive, classes))
    value = average_precision(answers.scores[some], answers.positive[some])
    return figures.other(name, value, figures.units.holding(positive))


def _at(
    figures: Figures,
    answers: BinaryPredictions,
    classes: tuple[str, str],
    point: OperatingPoint,
    prevalences: Sequence[float],
) -> ThresholdMetrics:
    called, positive = answers.scores >= point.threshold, answers.positive
    counts = [
        [int(np.count_nonzero((positive == true) & (called == said))) for said in (False, True)]
        for true in (False, True)
    ]
    name = {
        one: f"{point.name} {one}"
        for one in ("sensitivity", "specificity", "ppv", "npv", "f1", "accuracy")
    }
    both = name["sensitivity"], name["specificity"]
    no_negative_call, no_positive_call = (Unknown("none_called", one) for one in classes)
    return ThresholdMetrics(
        point=point,
        confusion=((counts[0][0], counts[0][1]), (counts[1][0], counts[1][1])),
        sensitivity=figures.ratio(name["sensitivity"]),
        specificity=figures.ratio(name["specificity"]),
        ppv=figures.ratio(name["ppv"]),
        npv=figures.ratio(name["npv"]),
        f1=figures.ratio(name["f1"]),
        accuracy=figures.ratio(name["accuracy"]),
        balanced_accuracy=figures.through(_mean, *both),
        at_prevalence=tuple(
            PredictiveValues(
                prevalence,
                figures.through(ppv_at(prevalence), *both, no_positive_call),
                figures.through(npv_at(prevalence), *both, no_negative_call),
            )
            for prevalence in prevalences
        ),
    )


def _mean(one: Floats, two: Floats) -> Floats:
    return (one + two) / 2


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
    answers: BinaryPredictions,
    kind: str,
    classes: tuple[str, str],
    points: Sequence[OperatingPoint],
) -> Subgroup:
    some, own = _against_all(answers, kind), answers.of_kind(kind)
    groups = None if answers.groups is None else np.asarray(answers.groups)
    units = units_of(int(some.sum()), None if groups is None else list(groups[some]))
    return Subgroup(
        name=kind,
        n=int(np.count_nonzero(own)),
        n_groups=None if groups is None else figures.units.holding(own),
        auroc=auroc(answers.scores[some], answers.positive[some], classes, units),
        auprc=_auprc(figures, f"auprc {kind}", answers, some, classes),
        sensitivities=tuple(figures.ratio(f"{point.name} of {kind}") for point in points),
    )
