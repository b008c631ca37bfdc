"""Metrics of predictions, with 95% intervals: arrays in, frozen values out.

| module | contents |
|---|---|
| `registry` | `Metric`, `register`: the metrics that every run reports |
| `built_in_metrics` | the table of those that leadline registers |
| `sample` | `Sample`: what a metric is computed from |
| `classification` | `evaluate`: loss, accuracy, scores by class, as one `Evaluation` |
| `confusion_matrix` | confusion matrix, scores by class, confused pairs and their images |
| `estimates` | the frozen values: estimates, binary and multiclass metrics, decision rule |
| `binary`, `multiclass` | every registered metric of a model of two, or of more classes |
| `metric_estimates`, `bootstrap_estimates`, `bootstrap` | values with intervals from resamples |
| `decision_rule` | temperature and thresholds, fitted on validation images |
| `calibration` | temperature scaling, calibration error, reliability bins |
| `thresholds` | Youden's threshold, and the highest that is sensitive enough |
| `positive_class` | the positive one of two classes |
| `roc`, `binary_curves` | ROC and precision-recall points, net benefit |
| `array_checks` | what every metric requires of its arrays |
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from leadline.metrics.registry import Metric, register, registered, unregister

if TYPE_CHECKING:
    from leadline.metrics.sample import Ratio, Sample

__all__ = ["Metric", "Ratio", "Sample", "register", "registered", "unregister"]


def __getattr__(name: str) -> Any:
    # NumPy is loaded with these two only.
    if name in {"Ratio", "Sample"}:
        return getattr(importlib.import_module("leadline.metrics.sample"), name)
    raise AttributeError(f"module 'leadline.metrics' has no attribute {name!r}")
