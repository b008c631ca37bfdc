"""The tables of runs; each row begins with its experiment and its seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from leadline.analysis.run_summary import LabelSummary, RunSummary
from leadline.metrics.classification import EvaluationRecord
from leadline.metrics.estimates import BinaryMetrics
from leadline.report.csv_tables.csv_table import Row, Table, flat

Rows = Callable[[RunSummary], Iterator[Row]]


def run_tables(runs: Sequence[RunSummary]) -> tuple[Table, ...]:
    """Every table of these runs that has a row."""
    made = (Table(name, tuple(_of_each(runs, rows))) for name, rows in TABLES.items())
    return tuple(one for one in made if one.rows)


def _of_each(runs: Sequence[RunSummary], rows: Rows) -> Iterator[Row]:
    for run in runs:
        for row in rows(run):
            yield {"experiment": run.experiment.name, "seed": run.seed, **row}


def _parts(run: RunSummary) -> Iterator[tuple[str, EvaluationRecord]]:
    yield "test", run.test
    if run.validation is not None:
        yield "validation", run.validation


def _figures(run: RunSummary) -> Iterator[Row]:
    """Loss and accuracy by part."""
    for part, judged in _parts(run):
        keys = ("n", "accuracy", "accuracy_interval", "loss", "loss_interval")
        yield {"part": part, **flat({key: getattr(judged, key) for key in keys})}


def _classes(run: RunSummary) -> Iterator[Row]:
    for part, judged in _parts(run):
        for scores in judged.per_class:
            row = flat(scores)
            yield {"part": part, "class": row.pop("name"), **row}


def _confusions(run: RunSummary) -> Iterator[Row]:
    """Cells that hold an image."""
    classes = run.images.classes
    for part, judged in _parts(run):
        for true, predicted, count in judged.confusion:
            yield {
                "part": part, "true": classes[true], "predicted": classes[predicted],
                "count": count,
            }  # fmt: skip


def _beyond_chance(run: RunSummary) -> Iterator[Row]:
    yield from map(flat, run.beyond_chance or ())


def _layers(run: RunSummary) -> Iterator[Row]:
    yield from map(flat, run.topology.layers)


def _arguments(run: RunSummary) -> Iterator[Row]:
    """What optimizer and loss were told."""
    for kind in ("optimizer", "loss"):
        rule = getattr(run.training, kind)
        for name, value in rule.arguments.items():
            yield {"of": kind, "name": rule.name, **flat({"argument": name, "value": value})}


def _history(run: RunSummary) -> Iterator[Row]:
    yield from map(flat, run.training.history)


def _findings(run: RunSummary) -> Iterator[Row]:
    """What the history shows: a row for each number of a finding."""
    for finding in () if run.diagnosis is None else run.diagnosis.findings:
        for number in finding.numbers:
            yield {
                "kind": finding.kind,
                "first_epoch": finding.first_epoch,
                "last_epoch": finding.last_epoch,
                **flat({"number": number.name, "value": number.value}),
            }


def _gap(run: RunSummary) -> Iterator[Row]:
    if run.diagnosis is not None and run.diagnosis.gap is not None:
        yield flat(run.diagnosis.gap)


def _binary_parts(run: RunSummary) -> Iterator[tuple[str, BinaryMetrics]]:
    found = run.binary_metrics
    if found is not None:
        yield "test", found.test
        if found.validation is not None:
            yield "validation", found.validation


def _measures(run: RunSummary) -> Iterator[Row]:
    """A row for each estimate; those at a threshold have its name and value."""
    for part, found in _binary_parts(run):
        for key, estimate in found.metrics.items():
            yield {"part": part, "measure": key, **flat(estimate)}
        for at in found.points:
            where = {"part": part, "point": at.point.name, "threshold": at.point.threshold}
            for key, estimate in at.metrics.items():
                yield {**where, "measure": key, **flat(estimate)}
            for one in at.at_prevalence:
                for key in ("ppv", "npv"):
                    row = flat(getattr(one, key))
                    yield {**where, "measure": key, "prevalence": one.prevalence, **row}
    if run.multiclass_metrics is not None:
        for key, estimate in run.multiclass_metrics.metrics.items():
            yield {"part": "test", "measure": key, **flat(estimate)}


def _subgroups(run: RunSummary) -> Iterator[Row]:
    for part, found in _binary_parts(run):
        for kind in found.subgroups:
            of_all = {"part": part, "subgroup": kind.name, "n": kind.n, "n_groups": kind.n_groups}
            for key in ("auroc", "auprc"):
                yield {**of_all, "measure": key, **flat(getattr(kind, key))}
            for at, estimate in zip(found.points, kind.sensitivities, strict=True):
                where = {"measure": "sensitivity", "point": at.point.name}
                yield {**of_all, **where, **flat(estimate)}


def _calibration(run: RunSummary) -> Iterator[Row]:
    if run.decision is not None:
        for row in run.decision.calibration:
            yield {"temperature": run.decision.temperature, **flat(row)}


def _curve(name: str, columns: Sequence[str]) -> Rows:
    def rows(run: RunSummary) -> Iterator[Row]:
        found = None if run.binary_metrics is None else run.binary_metrics.curves
        for row in () if found is None else getattr(found, name):
            yield flat(dict(zip(columns, row, strict=True)))

    return rows


def _reliability(run: RunSummary) -> Iterator[Row]:
    found = None if run.binary_metrics is None else run.binary_metrics.curves
    yield from map(flat, () if found is None else found.reliability)


def _ood(run: RunSummary) -> Iterator[Row]:
    """False alarms of the out-of-distribution score, by part."""
    if run.ood is not None:
        yield {"part": "test", **flat(run.ood.test)}
        if run.ood.validation is not None:
            yield {"part": "validation", **flat(run.ood.validation)}


def suspects(labels: LabelSummary | None) -> Iterator[Row]:
    """Test images whose label is likely wrong."""
    yield from map(flat, () if labels is None or labels.found is None else labels.found.suspects)


def _labels(run: RunSummary) -> Iterator[Row]:
    yield from suspects(run.labels)


def _pictures(run: RunSummary) -> Iterator[Row]:
    """The surest mistakes and the closest calls."""
    for kind in () if run.gallery is None else ("wrong", "unsure"):
        for one in getattr(run.gallery, kind):
            yield {"kind": kind, **flat(one)}


def _timing(run: RunSummary) -> Iterator[Row]:
    if run.timing is not None:
        yield flat(run.timing)


def _looking(run: RunSummary) -> Iterator[Row]:
    if run.explanation is not None:
        yield from map(flat, run.explanation.images)


TABLES: dict[str, Rows] = {
    "figures": _figures,
    "classes": _classes,
    "confusions": _confusions,
    "confusions_beyond_chance": _beyond_chance,
    "measures": _measures,
    "subgroups": _subgroups,
    "calibration": _calibration,
    "roc": _curve("roc", ("one_minus_specificity", "sensitivity", "threshold")),
    "precision_recall": _curve("precision_recall", ("recall", "precision", "threshold")),
    "reliability": _reliability,
    "net_benefit": _curve("decision", ("threshold", "model", "treat_all", "treat_none")),
    "layers": _layers,
    "arguments": _arguments,
    "history": _history,
    "diagnosis": _findings,
    "generalisation_gap": _gap,
    "out_of_distribution": _ood,
    "where_it_looks": _looking,
    "gallery": _pictures,
    "label_errors_of_a_run": _labels,
    "timing": _timing,
}
"""By the name of the file."""
