"""One run as plain values: everything that its page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.diagnosis.training_findings import Diagnosis
from leadline.analysis.ood.ood_score import ScopeRecord
from leadline.analysis.prediction_time import Timing
from leadline.analysis.significance.confusion_significance import Attraction
from leadline.analysis.significance.guessing import Guessing
from leadline.experiments.intended_use import limits_of
from leadline.experiments.keras_arguments import loss_arguments, optimizer_arguments
from leadline.metrics.classification import Evaluation
from leadline.metrics.confusion_matrix import confusion_cells
from leadline.metrics.estimates import DecisionRule, MulticlassMetrics
from leadline.report.record.run_record_parts import (
    BinaryRecord,
    CurvePoints,
    Difference,
    Images,
    Judged,
    Looked,
    Looking,
    Rule,
    Settings,
    Topology,
    Training,
)
from leadline.report.record.section_records import Labels, Pictures, labels_record, pictures_record
from leadline.report.sections.binary_view import BinaryView
from leadline.report.sections.explanation_view import ExplanationView
from leadline.report.sections.run_view import RunView


@dataclass(frozen=True)
class RunRecord:
    """One experiment, trained with one seed: everything that its page shows.

    One of binary_metrics and multiclass_metrics is null; beyond_chance is null for two classes.
    timing: of one prediction. guessing: the run against guessing. quick: a
    trial whose figures say nothing about the model, so that nothing is concluded from them. What a
    run of an older version does not have is null.
    """

    experiment: Settings
    seed: int
    quick: bool
    command: str
    images: Images
    topology: Topology
    training: Training
    guessing: Guessing | None
    diagnosis: Diagnosis | None
    test: Judged
    validation: Judged | None
    reference: Difference | None
    beyond_chance: tuple[Attraction, ...] | None
    decision: DecisionRule | None
    binary_metrics: BinaryRecord | None
    multiclass_metrics: MulticlassMetrics | None
    looking: Looking | None
    scope: ScopeRecord | None
    pictures: Pictures | None
    labels: Labels | None
    timing: Timing | None
    environment: dict[str, str]


def run_record(run: RunView) -> RunRecord:
    """What the page of a run shows."""
    page = run.page
    decides = page.multiclass or (run.binary.content if run.binary else None)
    checked = page.evaluation_validation
    return RunRecord(
        experiment=_settings(run),
        seed=page.seed,
        quick=run.quick,
        command=run.command,
        images=_images(run),
        topology=Topology(layers=page.layers, dead_layers=page.dead_layers, **vars(run.totals)),
        training=_training(run),
        guessing=page.guessing,
        diagnosis=page.diagnosis,
        test=_judged(page.evaluation_test),
        validation=None if checked is None else _judged(checked),
        reference=_difference(run),
        beyond_chance=run.attractions,
        decision=None if decides is None else decides.decided,
        binary_metrics=None if run.binary is None else _binary_metrics(run.binary),
        multiclass_metrics=None if page.multiclass is None else page.multiclass.test,
        looking=None if run.explanation is None else _looking(run.explanation),
        scope=None if page.scope is None else page.scope.record,
        pictures=None if run.gallery is None else pictures_record(run.gallery),
        labels=None if run.labels is None else labels_record(run.labels),
        timing=page.timing,
        environment=dict(page.environment),
    )


def _settings(run: RunView) -> Settings:
    experiment = run.experiment
    told = {"name", "title", "description", "limits", "reference"}
    return Settings(
        name=experiment.name,
        title=experiment.title,
        description=experiment.description,
        family=experiment.family,
        limits=limits_of(experiment, run.page.dataset_name),
        settings=experiment.model_dump(mode="json", exclude=told),
    )


def _images(run: RunView) -> Images:
    page, form = run.page, run.experiment.data.form
    return Images(
        dataset=page.dataset_name,
        source=page.source,
        classes=page.classes,
        size_px=form.size_px,
        channels=form.channels,
        fit=form.fit,
        preprocessing=page.preprocessing,
        counts=dict(page.counts),
        validation_is_test=page.validation_is_test,
        few_validated=run.few_validated,
        warnings=page.warnings,
    )


def _training(run: RunView) -> Training:
    page, training = run.page, run.experiment.training
    arguments = optimizer_arguments(training.optimizer)
    return Training(
        optimizer=Rule(run.optimizer.name, run.optimizer.text, arguments),
        loss=Rule(run.loss.name, run.loss.text, loss_arguments(training)),
        stopped=page.stopped,
        best_epoch=page.best_epoch,
        kept_epoch=page.kept_epoch,
        wall_s=page.wall_s,
        history=page.history,
    )


def _judged(found: Evaluation) -> Judged:
    return Judged(
        n=found.n,
        loss=found.loss,
        loss_interval=found.loss_interval,
        accuracy=found.accuracy,
        accuracy_interval=found.accuracy_interval,
        confusion=confusion_cells(found.confusion),
        per_class=found.per_class,
        confused_pairs=found.confused_pairs,
    )


def _difference(run: RunView) -> Difference | None:
    reference, test = run.experiment.reference, run.page.evaluation_test
    if reference is None or run.quick:
        return None
    accuracy, loss = reference.test_accuracy, reference.test_loss
    return Difference(
        source=reference.source,
        test_accuracy=accuracy,
        test_loss=loss,
        accuracy_difference=None if accuracy is None else test.accuracy - accuracy,
        loss_difference=None if loss is None else test.loss - loss,
        assumed=reference.assumed,
    )


def _binary_metrics(found: BinaryView) -> BinaryRecord:
    curves = found.content.curves
    points = None
    if curves is not None:
        points = CurvePoints(
            roc=_rows(found.roc_rows),
            precision_recall=_rows(found.precision_recall_rows),
            reliability=curves.reliability,
            decision=_rows(found.decision_rows),
        )
    return BinaryRecord(found.test, found.content.validation, points)


def _rows(table: NDArray[Any]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in row) for row in table)


def _looking(seen: ExplanationView) -> Looking:
    found, check = seen.found, seen.found.randomisation
    return Looking(
        method=found.method,
        layer=found.layer,
        border=seen.border,
        border_interval=seen.border_interval,
        border_images=len(seen.borders),
        even=seen.even,
        similarity=_known(check.mean),
        similarity_interval=check.interval,
        chance=_known(check.chance),
        falls_apart=check.falls_apart,
        cascade=check.cascade,
        images=tuple(
            Looked(
                index=int(found.indices[row]),
                kind=kind,
                true=seen.classes[found.true[row]],
                decided=seen.classes[found.decided[row]],
                probability=float(found.probability[row]),
                border=_known(found.border[row]),
            )
            for row, kind in enumerate(found.kinds)
        ),
    )


def _known(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else float(value)
