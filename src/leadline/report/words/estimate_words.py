"""Estimates for people: "0.984 (0.972–0.991)", "96.2% (93.8–97.7%)", or why there is no value."""

from __future__ import annotations

from leadline.metrics.estimates import Estimate
from leadline.report.formatting import DASH, decimal, percent, percent_range
from leadline.report.translations.language import gettext as _

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


def _both(estimate: Estimate, value: str, interval: str) -> str:
    return reason(estimate) if estimate.value is None else f"{value} ({interval})"
