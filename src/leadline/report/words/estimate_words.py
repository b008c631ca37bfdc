"""Text of metrics: values with intervals, how these were computed, thresholds and their rules."""

from __future__ import annotations

from leadline.analysis.experiment_results import Score
from leadline.metrics.calibration import COLDEST, HOTTEST
from leadline.metrics.estimates import Estimate, Method, NotFitted, OperatingPoint
from leadline.report.formatting import DASH, decimal, general, integer, percent, percent_range
from leadline.report.translations.language import gettext as _
from leadline.report.translations.language import mark

DIGITS = 3


def number(value: float | None) -> str:
    """0.98412 as "0.984"."""
    return DASH if value is None else decimal(value, DIGITS)


def number_interval(estimate: Estimate) -> str:
    """ "0.972–0.991"."""
    return f"{number(estimate.low)}{DASH}{number(estimate.high)}"


def number_with_interval(estimate: Estimate) -> str:
    """ "0.984 (0.972–0.991)"."""
    return _both(estimate, number(estimate.value), number_interval(estimate))


def share(estimate: Estimate) -> str:
    """0.9615 as "96.2%"."""
    return DASH if estimate.value is None else percent(estimate.value, 1)


def share_interval(estimate: Estimate) -> str:
    """ "93.8–97.7%"."""
    return percent_range((estimate.low, estimate.high), 1)


def share_with_interval(estimate: Estimate) -> str:
    """ "96.2% (93.8–97.7%)"."""
    return _both(estimate, share(estimate), share_interval(estimate))


def reason(estimate: Estimate) -> str:
    """Return why an estimate has no value, "undefined: ..."; a dash without a reason."""
    if estimate.unknown is None:
        return DASH
    template = {
        "one_class": _("undefined: all images are of class {name}"),
        "none_called": _("undefined: no image was predicted as {name}"),
    }[estimate.unknown.code]
    return template.format(name=estimate.unknown.name)


METHODS: dict[Method, str] = {
    "wilson": mark("Wilson, by image"),
    "wilson_by_patient": mark("Wilson, by patient"),
    "delong": mark("DeLong"),
    "delong_by_patient": mark("DeLong, by patient"),
    "delong_with_seeds": mark("DeLong, with seeds"),
    "delong_by_patient_with_seeds": mark("DeLong, by patient and with seeds"),
    "image_bootstrap": mark("image bootstrap"),
    "patient_bootstrap": mark("patient bootstrap"),
    "image_bootstrap_reversed": mark("image bootstrap, reversed percentiles"),
    "patient_bootstrap_reversed": mark("patient bootstrap, reversed percentiles"),
    "standard_error": mark("standard error"),
    "mover": mark("combined from the intervals of both sides"),
    "seed_mean": mark("mean of the seeds' intervals"),
    "unknown": mark("not known"),
    "mcnemar_tango": mark("exact McNemar test; Tango’s interval"),
    "mcnemar_tango_by_patient": mark("exact McNemar test and Tango’s interval, by patient"),
    "permutation_bootstrap_by_patient": mark(
        "exact permutation test by patient; patient bootstrap"
    ),
    "t_test": mark("t-test over images"),
    "t_test_by_patient": mark("t-test over images, by patient"),
    "t_test_with_seeds": mark("t-test over images and seeds"),
    "t_test_by_patient_with_seeds": mark("t-test over images, by patient, and seeds"),
}


def method_text(method: Method) -> str:
    """How intervals and p-values of this method are computed: "DeLong, by patient"."""
    return _(METHODS[method])


def interval_text(estimate: Estimate) -> str:
    """The method of an estimate, and the number of resamples where some lack the metric."""
    text = method_text(estimate.method)
    if estimate.kept is None or estimate.drawn is None or estimate.kept == estimate.drawn:
        return text
    return _("{method}, {kept} of {drawn} resamples").format(
        method=text, kept=integer(estimate.kept), drawn=integer(estimate.drawn)
    )


def rule_text(point: OperatingPoint) -> str:
    """The rule by which a threshold was chosen, and what it reached on validation."""
    values = {
        key: DASH if value is None else decimal(value, DIGITS)
        for key, value in (
            ("reached", point.reached),
            ("largest", point.largest),
            ("error", point.standard_error),
        )
    }
    template = {
        "youden": _(
            "sensitivity + specificity − 1 is {reached} on validation, within one standard error "
            "({error}) of its largest value, {largest}"
        ),
        "sensitivity": _(
            "the highest with a sensitivity of at least {floor} on validation; it has {reached}"
        ),
        "half": _("the more probable of the two classes; not fitted"),
    }[point.name]
    return template.format(**values, floor=general(point.floor or 0.0))


def not_fitted_text(why: NotFitted) -> str:
    """Why a temperature or thresholds were not fitted, as the end of a sentence."""
    template = {
        "turned_off": _("calibration is turned off in the experiment"),
        "validated_on_test": _(
            "the validation images are the test images, and nothing is fitted on test images"
        ),
        "multiclass": _("thresholds are for two classes"),
        "no_minimum": _(
            "no temperature from {coldest} to {hottest} minimizes the cross-entropy; {count} of "
            "{n} validation images are misclassified"
        ),
        "one_class": _(
            "a threshold needs positive and negative validation images, and {count} of {n} are "
            "positive"
        ),
    }[why.code]
    return template.format(
        coldest=general(COLDEST),
        hottest=general(HOTTEST),
        count=integer(why.count or 0),
        n=integer(why.n or 0),
    )


def _both(estimate: Estimate, value: str, interval: str) -> str:
    return reason(estimate) if estimate.value is None else f"{value} ({interval})"


def score_text(score: Score) -> str:
    """Format a score: "97.26%" for an accuracy, "0.984" for an AUROC."""
    return percent(score.value) if score.metric == "accuracy" else number(score.value)


def score_interval_text(score: Score) -> str:
    """Format its interval: "96.92–97.56%", "0.972–0.991"."""
    if score.metric == "accuracy":
        return percent_range(score.interval)
    return DASH.join(map(number, score.interval))
