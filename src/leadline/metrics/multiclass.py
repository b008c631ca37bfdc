"""How a model of more than two classes does on one part of the images, with intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from leadline.metrics.bootstrap import Units, chance_level, units_of
from leadline.metrics.bootstrap_estimates import Figures, Ratio, area, unknown
from leadline.metrics.calibration import (
    calibration_errors,
    expected_calibration_error,
    residuals,
    squared_errors,
    top_label,
)
from leadline.metrics.estimates import Estimate, MulticlassMetrics, Unknown
from leadline.metrics.roc import Floats
from leadline.statistics.delong import macro_auc


def multiclass_metrics(
    probabilities: Floats,
    labels: NDArray[np.int64],
    classes: Sequence[str],
    rng: np.random.Generator,
    groups: Sequence[str] | None = None,
) -> MulticlassMetrics:
    """Judge probabilities (n, classes) against labels (n,). classes: their names.

    The AUROC's interval is DeLong's, by patient where groups are known; the others' are drawn
    again, by patient or by image.
    """
    units = units_of(len(labels), groups)
    sure, right = top_label(probabilities, labels)
    errors = squared_errors(probabilities, labels)
    # Halved, so that it is a share; what is told is the sum.
    ratios = {"brier": Ratio(errors / 2, np.ones(len(labels)), proportion=False)}
    columns = {"ece": lambda weights: calibration_errors(sure, right, weights)}
    figures = Figures(ratios, columns, units, rng)
    half = figures.ratio("brier")
    return MulticlassMetrics(
        n=len(labels),
        n_groups=None if groups is None else units.count,
        auroc=_auroc(probabilities, labels, classes, units),
        brier=Estimate(2 * (half.value or 0.0), 2 * half.low, 2 * half.high, half.method),
        ece=figures.reversed(
            "ece",
            expected_calibration_error(sure, right),
            chance_level(residuals(sure, right), units, rng),
        ),
        absent=tuple(name for label, name in enumerate(classes) if not (labels == label).any()),
    )


def _auroc(
    probabilities: Floats, labels: NDArray[np.int64], classes: Sequence[str], units: Units
) -> Estimate:
    present = np.unique(labels)
    if len(present) < 2:
        return unknown(None, Unknown("one_class", classes[present[0]]))
    held = min(units.holding(labels == label) for label in present)
    grouped = units.kind == "patient"
    auc, variance = macro_auc(probabilities, labels, units.members if grouped else None)
    return area(auc, variance, held, units.kind)
