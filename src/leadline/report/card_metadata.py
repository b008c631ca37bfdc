"""The YAML metadata at the start of a model card, as the Hugging Face Hub reads it.

https://huggingface.co/docs/hub/model-cards describes the keys; those without a value are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from leadline.experiments import Experiment
from leadline.export.model_metadata import TestMetric
from leadline.metrics.estimates import BinaryMetrics, MetricValues
from leadline.metrics.registry import metric_named, stored_metrics
from leadline.report.formatting import capital
from leadline.runs import Metrics

FENCE = "---\n"
HUB_DATASETS = {"mnist": "ylecun/mnist"}
"""Data sets that have another name on the Hub."""
TASK = "image-classification"
DIGITS = 4


def main_metrics(metrics: Metrics) -> tuple[TestMetric, ...]:
    """Return the metrics of the test images that describe a model outside its report."""
    return tuple(_main_metrics(metrics))


def _main_metrics(metrics: Metrics) -> Iterator[TestMetric]:
    test, detail = metrics.test, metrics.test_detail
    low, high = test.accuracy_interval
    yield TestMetric(key="accuracy", value=test.accuracy, low=low, high=high)
    if detail is None:
        return
    yield from _shown(detail)
    for at in detail.points if isinstance(detail, BinaryMetrics) else ():
        yield from _shown(at, point=at.point.name, threshold=at.point.threshold)


def _shown(values: MetricValues, **where: Any) -> Iterator[TestMetric]:
    for metric, one in stored_metrics(values, "hub"):
        if one.value is not None:
            yield TestMetric(key=metric.key, value=one.value, low=one.low, high=one.high, **where)


def metadata_block(experiment: Experiment, metrics: Metrics, split: Mapping[str, Any]) -> str:
    """Return the metadata of a run's model card, between lines of `---`.

    The licence is left out: the publisher chooses it (`with_licence`).
    """
    dataset = str(split["dataset"])
    hub = HUB_DATASETS.get(dataset)
    results = [_hub_metric(metric) for metric in main_metrics(metrics)]
    return _block(
        {
            "library_name": "keras",
            "pipeline_tag": TASK,
            "tags": ["leadline", "onnx", TASK, experiment.family],
            **({"datasets": [hub]} if hub else {}),
            "metrics": list(dict.fromkeys(result["type"] for result in results)),
            "model-index": [
                {
                    "name": experiment.name,
                    "results": [
                        {
                            "task": {"type": TASK, "name": "Image classification"},
                            "dataset": {"type": hub or dataset, "name": dataset, "split": "test"},
                            "metrics": results,
                        }
                    ],
                }
            ],
        }
    )


def with_licence(card: str, licence: str) -> str:
    """Return a model card with a licence, one of the Hub's identifiers, in its metadata."""
    import yaml

    block, _, text = card.removeprefix(FENCE).partition(f"\n{FENCE}")
    return _block({"license": licence, **yaml.safe_load(block)}) + text


def _hub_metric(metric: TestMetric) -> dict[str, Any]:
    known = metric_named(metric.key)
    where = "" if metric.threshold is None else f", threshold {metric.threshold:.{DIGITS}f}"
    interval = f"95% interval {metric.low:.{DIGITS}f} to {metric.high:.{DIGITS}f}"
    return {
        "type": known.hub_type or known.key,
        "name": f"{capital(known.title)}{where} ({interval})",
        "value": round(metric.value, DIGITS),
    }


def _block(metadata: Mapping[str, Any]) -> str:
    import yaml

    text: str = yaml.safe_dump(dict(metadata), sort_keys=False, width=1000)
    return f"{FENCE}{text}{FENCE}"
