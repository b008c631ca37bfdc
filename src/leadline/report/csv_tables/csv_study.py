"""The tables of a study: its experiments, their comparison, its audit, and those of every run."""

from __future__ import annotations

from collections.abc import Iterator

from leadline.analysis.summary import StudySummary
from leadline.data.audit import Finding, check_of
from leadline.report.csv_tables.csv_run import run_tables, suspects
from leadline.report.csv_tables.csv_table import Row, Table, flat

OF_THE_RUN = ("report", "decision", "test_detail")
"""What has tables of its own."""


def study_tables(study: StudySummary) -> tuple[Table, ...]:
    """Every table of a study that has a row."""
    made = (
        Table("experiments", tuple(flat(one) for one in study.experiments)),
        Table("runs", tuple(_runs(study))),
        Table("failed", tuple(map(flat, study.failed))),
        Table("comparison", tuple(_pairs(study))),
        Table("tradeoffs", tuple(_costs(study))),
        Table("timings", tuple(_timings(study))),
        Table("weights", tuple(map(flat, study.answers.weights if study.answers else ()))),
        Table("courses", tuple(_courses(study))),
        Table("confused", tuple(_confused(study))),
        Table("lab_networks", tuple(_lab(study, "redrawn"))),
        Table("lab_pairs", tuple(_lab(study, "ranked"))),
        Table("lab_example", tuple(_lab_example(study))),
        Table("confusion_changes", tuple(_confusion_changes(study))),
        Table("label_errors", tuple(suspects(study.labels))),
        Table("audit", tuple(_findings(study))),
        Table("audit_images", tuple(_images(study))),
        Table("audit_probe", tuple(_probe(study))),
        *run_tables([run.report for run in study.runs]),
    )
    return tuple(one for one in made if one.rows)


def _runs(study: StudySummary) -> Iterator[Row]:
    for run in study.runs:
        yield flat({key: value for key, value in vars(run).items() if key not in OF_THE_RUN})


def _pairs(study: StudySummary) -> Iterator[Row]:
    found = study.comparison
    for measure in () if found is None else found.measures:
        for pair in measure.pairs:
            yield {"measure": measure.measure, **flat(pair)}


def _costs(study: StudySummary) -> Iterator[Row]:
    for cost in () if study.tradeoffs is None else study.tradeoffs.costs:
        for name, value in cost.values.items():
            yield {
                "cost": cost.kind,
                "experiment": name,
                "value": value,
                "on_front": name in cost.front,
                "unbeaten": name in cost.unbeaten,
            }


def _timings(study: StudySummary) -> Iterator[Row]:
    for name, timing in ({} if study.tradeoffs is None else study.tradeoffs.timings).items():
        yield {"experiment": name, **flat(timing)}


def _courses(study: StudySummary) -> Iterator[Row]:
    """A row for each kind of finding, and one for an experiment in which nothing was found."""
    for course in study.answers.learning_curves if study.answers else ():
        epochs = dict(zip(("fewest_epochs", "most_epochs"), course.epochs, strict=True))
        best = dict(zip(("first_best_epoch", "last_best_epoch"), course.best_epochs, strict=True))
        gap = dict(zip(("gap", "gap_low", "gap_high"), course.gap or (None,) * 3, strict=True))
        for found in course.findings or (None,):
            kind = {"kind": found.kind, "in_seeds": found.seeds} if found else {}
            yield {"experiment": course.name, **epochs, **best, **gap, **kind}


def _confused(study: StudySummary) -> Iterator[Row]:
    for one in study.answers.confused if study.answers else ():
        for drawn in one.drawn:
            yield {"experiment": one.name, "errors": one.errors, **flat(drawn)}


def _lab(study: StudySummary, part: str) -> Iterator[Row]:
    if study.answers is not None and study.answers.lab is not None:
        yield from map(flat, getattr(study.answers.lab, part))


def _lab_example(study: StudySummary) -> Iterator[Row]:
    lab = None if study.answers is None else study.answers.lab
    for network in () if lab is None else ("shallow", "deep"):
        for layer in getattr(lab, network) or ():
            yield {"network": network, **flat(layer)}


def _confusion_changes(study: StudySummary) -> Iterator[Row]:
    for step in () if study.confusion_changes is None else study.confusion_changes.steps:
        for change in step.changes:
            yield {"first": step.first, "second": step.second, **flat(change)}


def _findings(study: StudySummary) -> Iterator[Row]:
    for finding in () if study.audit is None else study.audit.findings:
        row = flat(finding)
        kept = Finding(finding.kind, finding.splits, finding.count, finding.details)
        check = check_of(kept)
        yield {
            **{key: row[key] for key in ("kind", "severity", "splits", "count")},
            "message": str(check.message(kept)),
            "advice": str(check.advice),
        }


def _images(study: StudySummary) -> Iterator[Row]:
    for split, counts in ({} if study.audit is None else study.audit.images).items():
        for name, count in counts.items():
            yield {"split": split, "class": name, "images": count}


def _probe(study: StudySummary) -> Iterator[Row]:
    for row in () if study.audit is None else study.audit.probe:
        yield flat(row)
