"""A study as plain values: everything that its page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from leadline.analysis.failed_runs import FailedRun
from leadline.analysis.seed_variation import AMOUNT, SHARE, Spread, spread
from leadline.analysis.significance.comparison import Ranked
from leadline.analysis.significance.confusion_change import ConfusionChanges
from leadline.analysis.significance.guessing import Guessing
from leadline.data.audit import Measured
from leadline.data.remarks import Remark
from leadline.metrics.estimates import BinaryMetrics, DecisionRule, Estimate, MulticlassMetrics
from leadline.models.built_model import DeadLayer
from leadline.report.record.run_record import RunRecord, run_record
from leadline.report.record.run_record_parts import Difference
from leadline.report.record.section_records import (
    Answers,
    Labels,
    Tradeoffs,
    answers_record,
    labels_record,
    tradeoffs_record,
)
from leadline.report.sections.audit_view import AuditView
from leadline.report.sections.run_view import RunView
from leadline.report.sections.study_row import Row
from leadline.report.sections.study_view import StudyView
from leadline.report.sections.summary_view import SummaryView
from leadline.statistics.intervals import Interval


@dataclass(frozen=True)
class Member:
    """One experiment of a study, over its seeds.

    test_accuracy, test_loss, training_s: what each seed gave, their mean and spread. The intervals
    beside them hold the chance in drawing test images, the means of the seeds' own. judged: the
    figure that the study judges by, and measures those that its experiments are set side by side
    by (null for more than two classes); of several seeds the means of values and of bounds.
    validation_accuracy: null where a run has no validation images of its own. guessing: all seeds
    together against guessing, corrected for the number of experiments.
    """

    name: str
    title: str
    family: str
    seeds: tuple[int, ...]
    best_of_family: bool
    few_validated: bool
    judged: float
    judged_interval: Interval
    test_accuracy: Spread
    test_accuracy_interval: Interval
    test_loss: Spread
    test_loss_interval: Interval | None
    validation_accuracy: float | None
    training_s: Spread
    weights: int
    trainable: int
    multiply_adds: int
    memory_bytes: int
    measures: dict[str, Estimate] | None
    reference: Difference | None
    guessing: Guessing | None


@dataclass(frozen=True)
class AuditFinding:
    """One thing that is wrong with the images. count: of what docs/audit.md says for the kind."""

    kind: str
    severity: str
    splits: tuple[str, ...]
    count: int
    details: dict[str, Any]


@dataclass(frozen=True)
class AuditFacts:
    """What was found in the images before anything was trained.

    images: readable ones by split and class. probe: what other features than the subject reach.
    """

    images: dict[str, dict[str, int]]
    findings: tuple[AuditFinding, ...]
    probe: tuple[Measured, ...]
    notes: tuple[Remark, ...]


@dataclass(frozen=True)
class Idle:
    """Layers that reach nothing, and the experiments that define them."""

    layers: tuple[DeadLayer, ...]
    experiments: tuple[str, ...]


@dataclass(frozen=True)
class StudyRun:
    """One run: where it lies below the study's folder, its main figures, and all of its own page.

    decision, test_detail: null in runs of versions that decided nothing.
    """

    folder: str
    experiment: str
    family: str
    seed: int
    weights: int
    multiply_adds: int
    training_s: float
    test_loss: float
    test_accuracy: float
    test_accuracy_interval: Interval
    decision: DecisionRule | None
    test_detail: BinaryMetrics | MulticlassMetrics | None
    report: RunRecord


@dataclass(frozen=True)
class StudyRecord:
    """Several experiments on the same split: everything that the study's page shows.

    format: of what leadline itself reads back. wall_s: from images to the last run. judged_by:
    accuracy, or for two classes the AUROC. best: of each family, the best of all first; chosen on
    validation images where chosen_on_validation. better_than_guessing: whether the best of all is
    shown to be; null where that was not tested. comparison, confusion_changes (from model to
    model): null where nothing was compared. tradeoffs: null for a single experiment. labels: null
    where they were not searched. quick: a trial that makes no claims about models; best is empty
    then, and comparison, answers, tradeoffs, confusion_changes and labels are null. failed: runs
    that have no model; an experiment with no other run is named here alone.
    """

    format: Literal[1]
    name: str
    title: str
    description: str
    quick: bool
    command: str
    wall_s: float
    datasets: tuple[str, ...]
    limits: tuple[str, ...]
    warnings: tuple[Remark, ...]
    judged_by: Literal["accuracy", "auroc"]
    chosen_on_validation: bool
    validated_on_test: bool
    best: dict[str, str]
    better_than_guessing: bool | None
    experiments: tuple[Member, ...]
    comparison: Ranked | None
    tradeoffs: Tradeoffs | None
    answers: Answers | None
    confusion_changes: ConfusionChanges | None
    labels: Labels | None
    dead_layers: tuple[Idle, ...]
    audit: AuditFacts | None
    runs: tuple[StudyRun, ...]
    failed: tuple[FailedRun, ...]
    environment: dict[str, str]


def study_record(study: StudyView, folders: Sequence[str]) -> StudyRecord:
    """What the page of a study shows. folders: of its runs, in their order, below its own."""
    page = study.page
    views = {id(run.page): run for row in study.rows for run in row.runs}
    placed = zip(page.runs, folders, strict=True)
    return StudyRecord(
        format=1,
        name=page.name,
        title=page.title,
        description=page.description,
        quick=page.quick,
        command=study.command,
        wall_s=page.wall_s,
        datasets=study.datasets,
        limits=tuple(" ".join(filter(None, said)) for said in study.limits if any(said)),
        warnings=study.warnings,
        judged_by="accuracy" if study.binary is None else "auroc",
        chosen_on_validation=study.chosen_on_validation,
        validated_on_test=study.validated_on_test,
        best={} if study.quick else {key: row.name for key, row in study.best.items()},
        better_than_guessing=_better_than_guessing(study),
        experiments=tuple(_member(study, row) for row in study.rows),
        comparison=None if study.compared is None else study.compared.ranked,
        tradeoffs=None if study.tradeoffs is None else tradeoffs_record(study.tradeoffs),
        answers=None if study.quick else answers_record(study.answers),
        confusion_changes=page.confusion_changes,
        labels=None if study.labels is None else labels_record(study.labels),
        dead_layers=tuple(Idle(layers, tuple(names)) for layers, names in study.dead_layers),
        audit=None if page.audit is None else _audit(page.audit),
        runs=tuple(_run(views[id(run)], folder) for run, folder in placed),
        failed=page.failed,
        environment=dict(page.environment),
    )


def _better_than_guessing(study: StudyView) -> bool | None:
    found = study.guessing.get(SummaryView(study).best.name)
    return None if found is None else found.shown


def _member(study: StudyView, row: Row) -> Member:
    figure = study.figures[row.name]
    return Member(
        name=row.name,
        title=row.experiment.title,
        family=row.experiment.family,
        seeds=tuple(run.page.seed for run in row.runs),
        best_of_family=not study.quick and row == study.best[row.experiment.family],
        few_validated=row.few_validated,
        judged=figure.value,
        judged_interval=figure.interval,
        test_accuracy=spread(row.accuracies, SHARE),
        test_accuracy_interval=row.interval,
        test_loss=spread([run.page.evaluation_test.loss for run in row.runs], AMOUNT),
        test_loss_interval=row.loss_interval,
        validation_accuracy=row.validation_accuracy,
        training_s=spread([run.page.wall_s for run in row.runs], AMOUNT),
        **vars(row.totals),
        measures=_measures(study, row),
        reference=_difference(row),
        guessing=study.guessing.get(row.name),
    )


def _measures(study: StudyView, row: Row) -> dict[str, Estimate] | None:
    if study.binary is None:
        return None
    [seeds] = [one for one in study.binary.rows if one.name == row.name]
    return {measure.key: seeds.mean(measure.of) for measure in study.binary.measures}


def _difference(row: Row) -> Difference | None:
    reference = row.reference
    if reference is None:
        return None
    return Difference(
        source=reference.source,
        test_accuracy=reference.test_accuracy,
        test_loss=reference.test_loss,
        accuracy_difference=row.accuracy_difference,
        loss_difference=row.loss_difference,
        assumed=reference.assumed,
    )


def _audit(audit: AuditView) -> AuditFacts:
    return AuditFacts(
        images={split: dict(counts) for split, counts in audit.splits.items()},
        findings=tuple(
            AuditFinding(
                kind=kind.kind,
                severity=one.severity,
                splits=one.finding.splits,
                count=one.finding.count,
                details=dict(one.finding.details),
            )
            for kind in audit.kinds
            for one in kind.findings
        ),
        probe=audit.probe,
        notes=audit.audit.notes,
    )


def _run(run: RunView, folder: str) -> StudyRun:
    record = run_record(run)
    detail = record.binary_metrics.test if record.binary_metrics else record.multiclass_metrics
    return StudyRun(
        folder=folder,
        experiment=record.experiment.name,
        family=record.experiment.family,
        seed=record.seed,
        weights=record.topology.weights,
        multiply_adds=record.topology.multiply_adds,
        training_s=record.training.wall_s,
        test_loss=record.test.loss,
        test_accuracy=record.test.accuracy,
        test_accuracy_interval=record.test.accuracy_interval,
        decision=record.decision,
        test_detail=detail,
        report=record,
    )
