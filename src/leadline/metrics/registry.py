"""The metrics that every run reports. Adding one is one call of `register`.

    import leadline.metrics

    leadline.metrics.register(
        leadline.metrics.Metric(
            key="error_rate",
            title="Error rate",
            meaning="Share of images predicted wrongly. Lower is better.",
            compute=lambda sample: leadline.metrics.Ratio(
                sample.predicted != sample.labels, np.ones(sample.n)
            ),
            interval="wilson",
            at_threshold=True,
            greater_is_better=False,
        )
    )

`built_in_metrics` has the table of those that leadline registers.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Literal

from leadline.errors import DataError
from leadline.metrics.estimates import Task

if TYPE_CHECKING:
    from leadline.metrics.estimates import Estimate, MetricValues
    from leadline.metrics.roc import Bools, Floats
    from leadline.metrics.sample import Computed, Sample

Place = Literal["terminal", "study", "card", "hub"]
PLACES: frozenset[Place] = frozenset({"terminal", "study", "card", "hub"})
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


def mark(text: str) -> str:
    """Mark a text for translation; it is translated where it is displayed."""
    return text


@dataclass(frozen=True, eq=False)
class Metric:
    """One metric: how it is computed, and how it is displayed.

    Parameters
    ----------
    key : str
        Its name in files: lower-case letters, digits and underscores.
    title, meaning : str
        For people; `meaning` is one or two sentences, `multiclass_meaning` those for more than two
        classes if they differ.
    compute : callable
        Takes a `Sample` and returns the metric of each of its d resamples, float (d,), NaN where it
        is undefined. It may return a `Ratio`, `Combination` or `Area` instead.
    interval : {"bootstrap", "wilson", "delong", "reversed_bootstrap"}
        "bootstrap": percentiles of resamples of patients, or of images where patients are unknown.
        "wilson": for a `Ratio` that counts images; with known patients the bootstrap. "delong": for
        an `Area`. "reversed_bootstrap": for metrics that chance only raises.
    tasks : set of {"binary", "multiclass"}
    at_threshold : bool
        Of two classes: computed at each threshold, not once.
    range : (float, float)
        Its smallest and largest value; `multiclass_range` for more than two classes.
    greater_is_better : bool
    format : {"number", "percent"}
    shown_in : set of {"terminal", "study", "card", "hub"}
        Where it is shown besides a run's report and the files, which have every metric: "study" is
        the comparison of experiments in report and LaTeX, "hub" the model file, its page, and the
        metadata for the Hugging Face Hub.
    study_point : {"youden", "sensitivity"}
        The threshold at which experiments are compared.
    hub_type : str
        The Hub's name of the metric, if it differs from `key`.
    needs_two_classes : bool
        Undefined where all images are of one class.
    depends_on : callable, optional
        Takes a `Sample` and returns bool (n,): the images that the metric depends on.
    residuals : callable, optional
        For "reversed_bootstrap": float (n, bins) whose signs are flipped at random to find the
        value that is expected by chance.
    """

    key: str
    title: str
    meaning: str
    compute: Callable[[Sample], Computed]
    interval: Literal["bootstrap", "wilson", "delong", "reversed_bootstrap"] = "bootstrap"
    tasks: frozenset[Task] | set[Task] = frozenset({"binary"})
    at_threshold: bool = False
    range: tuple[float, float] = (0.0, 1.0)
    greater_is_better: bool = True
    format: Literal["number", "percent"] = "number"
    shown_in: frozenset[Place] | set[Place] = PLACES
    study_point: Literal["youden", "sensitivity"] = "youden"
    hub_type: str = ""
    needs_two_classes: bool = False
    depends_on: Callable[[Sample], Bools] | None = None
    residuals: Callable[[Sample], Floats] | None = None
    multiclass_meaning: str = ""
    multiclass_range: tuple[float, float] | None = None

    def range_for(self, task: Task) -> tuple[float, float]:
        if task == "multiclass" and self.multiclass_range is not None:
            return self.multiclass_range
        return self.range

    def meaning_for(self, task: Task) -> str:
        return (task == "multiclass" and self.multiclass_meaning) or self.meaning


_METRICS: dict[str, Metric] = {}


def register(metric: Metric) -> None:
    """Add a metric to every run that is evaluated from now on in this process.

    Raises DataError for a key that is taken or has other characters, and for a range that is not
    finite.
    """
    if not KEY.fullmatch(metric.key):
        raise DataError(
            f"metric key {metric.key!r}: use at most 40 lower-case letters, digits and "
            "underscores, a letter first."
        )
    if metric.key in _table():
        raise DataError(f"a metric {metric.key!r} is registered already; choose another key.")
    for low, high in (metric.range, metric.multiclass_range or metric.range):
        if not (isfinite(low) and isfinite(high) and low < high):
            raise DataError(
                f"metric {metric.key!r} has the range {low} to {high}; give two finite numbers, "
                "the smaller one first."
            )
    _METRICS[metric.key] = metric


def unregister(key: str) -> None:
    """Remove a metric. KeyError where there is none of that key."""
    del _table()[key]


def registered() -> tuple[Metric, ...]:
    """All metrics, in the order of their registration."""
    return tuple(_table().values())


def metrics_of(
    task: Task, *, at_threshold: bool | None = None, place: Place | None = None
) -> tuple[Metric, ...]:
    """Registered metrics of a task, in the order of their registration.

    at_threshold: those with or without a threshold, None for both. place: those shown there.
    """
    return tuple(
        metric
        for metric in registered()
        if task in metric.tasks
        and at_threshold in (None, metric.at_threshold)
        and (place is None or place in metric.shown_in)
    )


def stored_metrics(
    values: MetricValues, place: Place | None = None
) -> tuple[tuple[Metric, Estimate], ...]:
    """The metrics that a run holds, each with its estimate; those shown in `place`, or all."""
    found = ((metric_named(key), estimate) for key, estimate in values.metrics.items())
    return tuple(
        (metric, one) for metric, one in found if place is None or place in metric.shown_in
    )


def metric_named(key: str) -> Metric:
    """The metric of that key.

    A run may hold a metric that is not registered in this process; it has its key for a title.
    """
    known = _table().get(key)
    return known or Metric(key, key, "", _not_registered, tasks={"binary", "multiclass"})


def _not_registered(_: Sample) -> Computed:
    raise DataError("this metric is not registered, so it cannot be computed; register it first.")


def _table() -> dict[str, Metric]:
    """All metrics, the built-in ones first; these are loaded when a metric is first asked for."""
    if not _METRICS:
        # By name, since that module imports this one.
        built_in = importlib.import_module("leadline.metrics.built_in_metrics").BUILT_IN
        _METRICS.update({metric.key: metric for metric in built_in})
    return _METRICS
