"""Metrics of a model of more than two classes on one part of the images, with intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from leadline.metrics.bootstrap import units_of
from leadline.metrics.estimates import MulticlassMetrics
from leadline.metrics.metric_estimates import MetricEstimates
from leadline.metrics.registry import metrics_of
from leadline.metrics.roc import Floats
from leadline.metrics.sample import Sample


def multiclass_metrics(
    probabilities: Floats,
    labels: NDArray[np.int64],
    classes: Sequence[str],
    rng: np.random.Generator,
    groups: Sequence[str] | None = None,
) -> MulticlassMetrics:
    """Compute every registered metric of more than two classes, with 95% intervals.

    probabilities: (n, classes). labels: (n,). classes: names. groups: the patient of each image,
    None where patients are unknown. rng decides the resamples (2,000), of patients or of images.
    """
    units = units_of(len(labels), groups)
    members = units.members if units.kind == "patient" else None
    sample = Sample(tuple(classes), labels, probabilities, "multiclass", groups=members)
    cases = {metric.key: (metric, sample) for metric in metrics_of("multiclass")}
    estimates = MetricEstimates(cases, units, rng)
    return MulticlassMetrics(
        n=len(labels),
        n_groups=None if groups is None else units.count,
        metrics={key: estimates.estimate(key) for key in cases},
        absent=tuple(name for label, name in enumerate(classes) if not (labels == label).any()),
    )
