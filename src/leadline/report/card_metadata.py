"""The block of metadata that begins a model card, as the Hugging Face Hub reads it: YAML.

Its keys are those of the Hub's model card specification; a key of which nothing is known is left
out. Figures are the test figures of the card below it, with their intervals in their names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from leadline.experiments import Experiment
from leadline.metrics.estimates import BinaryMetrics, MulticlassMetrics
from leadline.runs import Metrics

FENCE = "---\n"
HUB_DATASETS = {"mnist": "ylecun/mnist"}
"""The Hub's own name of a data set that we know by another."""
TASK = "image-classification"
DIGITS = 4


def metadata_block(experiment: Experiment, metrics: Metrics, split: Mapping[str, Any]) -> str:
    """The block, with the fences about it.

    Nobody has chosen a licence for the model yet; that of the images stands in the card's text.
    """
    dataset = str(split["dataset"])
    hub = HUB_DATASETS.get(dataset)
    figures = [figure for figure in _figures(metrics) if figure["value"] is not None]
    table = {
        "library_name": "keras",
        "pipeline_tag": TASK,
        "tags": ["leadline", "onnx", TASK, experiment.family],
        **({"datasets": [hub]} if hub else {}),
        "metrics": list(dict.fromkeys(figure["type"] for figure in figures)),
        "model-index": [
            {
                "name": experiment.name,
                "results": [
                    {
                        "task": {"type": TASK, "name": "Image classification"},
                        "dataset": {"type": hub or dataset, "name": dataset, "split": "test"},
                        "metrics": figures,
                    }
                ],
            }
        ],
    }
    return f"{FENCE}{''.join(_lines(table))}{FENCE}"


def with_licence(card: str, licence: str) -> str:
    """A card with its model's licence in the metadata, as one of the Hub's identifiers."""
    return card.replace(FENCE, f"{FENCE}license: {_scalar(licence)}\n", 1)


def _figures(metrics: Metrics) -> Iterator[dict[str, Any]]:
    test, detail = metrics.test, metrics.test_detail
    yield _figure("accuracy", "Accuracy", test.accuracy, test.accuracy_interval)
    if detail is not None:
        area = detail.auroc
        yield _figure("roc_auc", "AUROC", area.value, (area.low, area.high))
    if isinstance(detail, BinaryMetrics):
        for at in detail.points:
            where = f"threshold {at.point.threshold:.4f}"
            for key, name in (("recall", "Sensitivity"), ("specificity", "Specificity")):
                estimate = at.sensitivity if key == "recall" else at.specificity
                bounds = estimate.low, estimate.high
                yield _figure(key, f"{name}, {where}", estimate.value, bounds)
    if isinstance(detail, BinaryMetrics | MulticlassMetrics):
        score = detail.brier
        yield _figure("brier_score", "Brier score", score.value, (score.low, score.high))


def _figure(
    kind: str, name: str, value: float | None, interval: tuple[float, float]
) -> dict[str, Any]:
    low, high = (f"{bound:.{DIGITS}f}" for bound in interval)
    rounded = None if value is None else round(value, DIGITS)
    return {"type": kind, "name": f"{name} (95% interval {low} to {high})", "value": rounded}


def _lines(value: Any, indent: str = "") -> Iterator[str]:
    """A mapping as YAML, by blocks."""
    for key, inner in value.items():
        if isinstance(inner, Mapping):
            yield f"{indent}{key}:\n"
            yield from _lines(inner, indent + "  ")
        elif isinstance(inner, list):
            yield f"{indent}{key}:\n"
            for one in inner:
                yield from _item(one, indent)
        else:
            yield f"{indent}{key}: {_scalar(inner)}\n"


def _item(one: Any, indent: str) -> Iterator[str]:
    if not isinstance(one, Mapping):
        yield f"{indent}- {_scalar(one)}\n"
        return
    first, *rest = _lines(one, indent + "  ")
    yield f"{indent}- {first.removeprefix(indent + '  ')}"
    yield from rest


def _scalar(value: Any) -> str:
    """A value as YAML and JSON write it; words that YAML would read as they are go bare.

    JSON's escapes are YAML's too, but for pairs of surrogates; so what can be printed stays.
    """
    if not isinstance(value, str):
        return json.dumps(value)
    if value.replace("-", "").replace("_", "").isalpha() and value.isascii() and value.islower():
        return value if value not in RESERVED else json.dumps(value)
    printed = json.dumps(value, ensure_ascii=False)
    return "".join(one if one.isprintable() else _escaped(one) for one in printed)


RESERVED = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")


def _escaped(one: str) -> str:
    code = ord(one)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
