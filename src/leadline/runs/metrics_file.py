"""Metrics of a run as JSON, and its epochs as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from leadline.analysis.diagnosis.training_findings import Diagnosis, rule_of
from leadline.analysis.ood.ood_score import OODRecord
from leadline.analysis.prediction_time import Timing
from leadline.analysis.significance.guessing import Guessing
from leadline.data.short_repr import ShortRepr
from leadline.metrics.classification import Evaluation, EvaluationRecord
from leadline.metrics.estimates import BinaryMetrics, DecisionRule, MulticlassMetrics
from leadline.models.built_model import UnusedLayer
from leadline.models.weight_table import LayerRow
from leadline.runs.checksums import check_format, read_checked
from leadline.runs.folder_files import read_json, reading
from leadline.runs.typed_json import typed
from leadline.system.bounded_files import parse_csv
from leadline.system.messages import message
from leadline.training.history import EpochRow, Fitted

FORMAT = 2
Detail = BinaryMetrics | MulticlassMetrics
DETAILS: dict[type[Detail], str] = {
    BinaryMetrics: "binary_metrics",
    MulticlassMetrics: "multiclass_metrics",
}
"""The key of metrics.json under which each kind stands."""


@dataclass(frozen=True, repr=False)
class Metrics(ShortRepr):
    """Everything measured on a run, as metrics.json holds it."""

    seed: int
    fitted: Fitted
    classes: tuple[str, ...]
    layers: tuple[LayerRow, ...]
    unused_layers: tuple[UnusedLayer, ...]
    test: Evaluation
    validation: Evaluation | None
    total_s: float
    model_file: str
    """"model.onnx", or why there is none."""
    decided: DecisionRule | None = None
    """Decision rule, fitted on validation."""
    test_detail: Detail | None = None
    validation_detail: Detail | None = None
    """Figures with intervals, None as above, and where `validation` is."""
    ood: OODRecord | None = None
    """Fit and false alarms of the out-of-distribution score; None without one."""
    guessing: Guessing | None = None
    """On test, against always naming one class; None in runs of versions that did not ask."""
    diagnosis: Diagnosis | None = None
    """Diagnosis of the training."""
    timing: Timing | None = None
    """Of one prediction; None without model file, and in runs of versions that took no times."""
    model_file_code: str = ""
    """"score-left-out" if model.onnx lacks the out-of-distribution score, because ONNX Runtime
    computed another one than NumPy."""


def metrics_table(metrics: Metrics) -> dict[str, Any]:
    """Return the content of metrics.json; the history is a separate file."""
    fitted = asdict(metrics.fitted)
    del fitted["history"]
    return {
        "format": FORMAT,
        "seed": metrics.seed,
        "classes": list(metrics.classes),
        "total_s": metrics.total_s,
        "training": fitted,
        "guessing": asdict(metrics.guessing) if metrics.guessing else None,
        "diagnosis": asdict(metrics.diagnosis) if metrics.diagnosis else None,
        "decision": asdict(metrics.decided) if metrics.decided else None,
        "test": _judged_table(metrics.test, metrics.test_detail),
        "validation": _judged_table(metrics.validation, metrics.validation_detail),
        "ood": asdict(metrics.ood) if metrics.ood else None,
        "model_file": metrics.model_file,
        "model_file_code": metrics.model_file_code,
        "timing": asdict(metrics.timing) if metrics.timing else None,
        "layers": [asdict(row) for row in metrics.layers],
        "unused_layers": [asdict(layer) for layer in metrics.unused_layers],
    }


def read_metrics_table(path: Path) -> dict[str, Any]:
    """Read what `metrics_table` returned, in the current format.

    Raises DamagedRun where the file is missing or damaged, OtherFormat where another version of
    leadline wrote it.
    """
    table = read_json(path)
    check_format(path, table, FORMAT)
    return table


def metrics_from(path: Path, table: Mapping[str, Any], history: tuple[EpochRow, ...]) -> Metrics:
    """The metrics in the table of a file, with the history. DamagedRun where it is damaged."""
    with reading(path):
        validation = table["validation"]
        return Metrics(
            seed=table["seed"],
            fitted=replace(
                typed(Fitted, {"statistics": None, **table["training"], "history": []}),
                history=history,
            ),
            classes=_names(table["classes"]),
            layers=typed(tuple[LayerRow, ...], table["layers"]),
            unused_layers=typed(tuple[UnusedLayer, ...], table["unused_layers"]),
            test=typed(EvaluationRecord, table["test"]).evaluation(),
            validation=typed(EvaluationRecord, validation).evaluation() if validation else None,
            total_s=table["total_s"],
            model_file=table["model_file"],
            model_file_code=table.get("model_file_code", ""),
            decided=typed(DecisionRule, decided) if (decided := table.get("decision")) else None,
            test_detail=_read_detail(table["test"]),
            validation_detail=_read_detail(validation or {}),
            ood=typed(OODRecord, ood) if (ood := table.get("ood")) else None,
            guessing=typed(Guessing, guess) if (guess := table.get("guessing")) else None,
            diagnosis=_diagnosis(course) if (course := table.get("diagnosis")) else None,
            timing=typed(Timing, timing) if (timing := table.get("timing")) else None,
        )


def _names(values: list[Any]) -> tuple[str, ...]:
    if not all(isinstance(value, str) for value in values):
        raise TypeError("a class whose name is no text")
    return tuple(values)


def _judged_table(evaluation: Evaluation | None, detail: Detail | None) -> dict[str, Any] | None:
    """Return the metrics of one part; those with intervals are under a key of their kind."""
    if evaluation is None:
        return None
    details = {} if detail is None else {DETAILS[type(detail)]: asdict(detail)}
    return {**asdict(evaluation.record()), **details}


def _diagnosis(table: Any) -> Diagnosis:
    """Read a diagnosis. Raises KeyError if a finding has no rule, or lacks a value of its rule."""
    diagnosis = typed(Diagnosis, table)
    for finding in diagnosis.findings:
        str(rule_of(finding.kind).message(finding, message("validation")))
    return diagnosis


def _read_detail(table: dict[str, Any]) -> Detail | None:
    found = [typed(kind, table[key]) for kind, key in DETAILS.items() if key in table]
    return found[0] if found else None


def history_csv(history: tuple[EpochRow, ...]) -> str:
    """A line an epoch, under the names of its values."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [field.name for field in fields(EpochRow)]
    writer.writerow(names)
    writer.writerows([getattr(row, name) for name in names] for row in history)
    return text.getvalue()


def read_history(path: Path) -> tuple[EpochRow, ...]:
    """Read what `history_csv` wrote. Raises RunError if the file is damaged or has no epoch."""
    with reading(path):
        history = tuple(_epoch_row(row) for row in parse_csv(read_checked(path)))
        if not history:
            raise ValueError("no epochs")
        return history


def _epoch_row(row: dict[str, str]) -> EpochRow:
    # A value that was not measured leaves its cell empty.
    numbers = {key: float(value) for key, value in row.items() if value != ""}
    return EpochRow(epoch=int(numbers.pop("epoch")), **numbers)
