"""Make the summaries of a run and a study from their results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from leadline.analysis.experiment_results import ExperimentResults
from leadline.analysis.lab_errata import LabErrata, lab_errata
from leadline.analysis.label_errors import LabelRecord
from leadline.analysis.run_results import BinaryResults, RunResults
from leadline.analysis.run_summary import (
    BinarySummary,
    CurvePoints,
    Difference,
    ExplanationSummary,
    GallerySummary,
    Images,
    LabelSummary,
    Rule,
    RunSummary,
    Settings,
    Topology,
    Training,
)
from leadline.analysis.seed_confusions import ExperimentConfusions, PairTable, pair_table
from leadline.analysis.seed_learning_curves import course_row
from leadline.analysis.seed_variation import AMOUNT, SHARE, seed_variation
from leadline.analysis.study_results import StudyResults
from leadline.analysis.summary import (
    AuditFacts,
    ConfusedPairs,
    ConfusionSummary,
    ExperimentSummary,
    FlattenedMaps,
    LabSummary,
    QuestionAnswers,
    StudyRun,
    StudySummary,
    TrainingOutcome,
    UnusedLayers,
    WeightSummary,
)
from leadline.analysis.weight_distribution import WeightDistribution, deeper_pairs
from leadline.experiments import limits_of
from leadline.experiments.keras_arguments import loss_arguments, optimizer_arguments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadline.analysis.ood.ood_score import OODRecord

Equations = tuple[tuple[str, ...], tuple[str, ...]]


def summarize_run(
    run: RunResults,
    *,
    equations: Equations = ((), ()),
    explanation: ExplanationSummary | None = None,
    gallery: GallerySummary | None = None,
    ood: OODRecord | None = None,
) -> RunSummary:
    """Summarize one run.

    equations: of optimizer and loss, as text. explanation, gallery, ood: None where the run has
    none.
    """
    decides = run.multiclass or run.binary
    checked = run.evaluation_validation
    return RunSummary(
        experiment=_settings(run),
        seed=run.seed,
        quick=run.experiment.quick,
        command=run.train_command,
        images=_images(run),
        topology=Topology(layers=run.layers, unused_layers=run.unused_layers, **vars(run.totals)),
        training=_training(run, *equations),
        guessing=run.guessing,
        diagnosis=run.diagnosis,
        test=run.evaluation_test.record(),
        validation=None if checked is None else checked.record(),
        reference=None if run.experiment.quick else _difference(ExperimentResults((run,))),
        beyond_chance=run.attractions,
        decision=None if decides is None else decides.decided,
        binary_metrics=None if run.binary is None else _binary_metrics(run.binary),
        multiclass_metrics=None if run.multiclass is None else run.multiclass.test,
        explanation=explanation,
        ood=ood,
        gallery=gallery,
        labels=None if run.labels is None else _labels(run.labels),
        timing=run.timing,
        environment=dict(run.environment),
    )


def summarize_study(
    study: StudyResults,
    runs: Sequence[RunSummary],
    folders: Sequence[str],
    *,
    audit: AuditFacts | None = None,
) -> StudySummary:
    """Summarize a study.

    Parameters
    ----------
    study : StudyResults
    runs : sequence of RunSummary
        Of its runs, in their order.
    folders : sequence of str
        Of its runs, below the folder of the study.
    audit : AuditFacts, optional
        Of its images.
    """
    best = study.guessing.get(study.ranking[0].name)
    labels = None if study.labels is None else _labels(study.labels)
    return StudySummary(
        format=1,
        name=study.name,
        title=study.title,
        description=study.description,
        quick=study.quick,
        command=study.study_command,
        wall_s=study.wall_s,
        datasets=study.datasets,
        limits=study.limits,
        warnings=study.warnings,
        judged_by=study.judged_by,
        chosen_on_validation=study.chosen_on_validation,
        validated_on_test=study.validated_on_test,
        ranking=() if study.quick else tuple(row.name for row in study.ranking),
        best={} if study.quick else {key: row.name for key, row in study.best.items()},
        best_is_better=study.best_is_better,
        better_than_guessing=None if best is None else best.shown,
        experiments=tuple(_experiment(study, row) for row in study.rows),
        comparison=study.ranked,
        tradeoffs=study.tradeoffs,
        answers=None if study.quick else _answers(study),
        confusion_changes=study.confusion_changes,
        labels=labels,
        unused_layers=tuple(UnusedLayers(*pair) for pair in study.unused_layers.items()),
        audit=audit,
        runs=tuple(_study_run(run, folder) for run, folder in zip(runs, folders, strict=True)),
        failed=study.failed,
        environment=dict(study.environment),
    )


def _settings(run: RunResults) -> Settings:
    experiment = run.experiment
    stated = {"name", "title", "description", "limits", "reference"}
    return Settings(
        name=experiment.name,
        title=experiment.title,
        description=experiment.description,
        family=experiment.family,
        limits=limits_of(experiment, run.dataset_name),
        settings=experiment.model_dump(mode="json", exclude=stated),
    )


def _images(run: RunResults) -> Images:
    form = run.experiment.data.form
    return Images(
        dataset=run.dataset_name,
        source=run.source,
        classes=run.classes,
        size_px=form.size_px,
        channels=form.channels,
        fit=form.fit,
        preprocessing=run.preprocessing,
        counts=dict(run.counts),
        validation_is_test=run.validation_is_test,
        few_validated=run.few_validated,
        warnings=run.warnings,
    )


def _training(
    run: RunResults, optimizer_equations: tuple[str, ...], loss_equations: tuple[str, ...]
) -> Training:
    training = run.experiment.training
    optimizer = training.optimizer
    return Training(
        optimizer=Rule(optimizer.name, optimizer_equations, optimizer_arguments(optimizer)),
        loss=Rule(training.loss, loss_equations, loss_arguments(training)),
        stopped=run.stopped,
        best_epoch=run.best_epoch,
        kept_epoch=run.kept_epoch,
        wall_s=run.wall_s,
        history=run.history,
    )


def _difference(row: ExperimentResults) -> Difference | None:
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


def _binary_metrics(binary: BinaryResults) -> BinarySummary:
    points = None
    if binary.curves is not None:
        points = CurvePoints(
            roc=_rows(binary.roc_rows),
            precision_recall=_rows(binary.precision_recall_rows),
            reliability=binary.curves.reliability,
            decision=_rows(binary.decision_rows),
        )
    return BinarySummary(binary.test, binary.validation, points)


def _rows(table: NDArray[Any]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in row) for row in table)


def _labels(record: LabelRecord) -> LabelSummary:
    found = record.errors
    return LabelSummary(
        found, record.not_searched, None if found is None else found.ceiling, record.reversible
    )


def _experiment(
    study: StudyResults,
    row: ExperimentResults,
) -> ExperimentSummary:
    score = study.scores[row.name]
    return ExperimentSummary(
        name=row.name,
        title=row.experiment.title,
        family=row.experiment.family,
        seeds=tuple(run.seed for run in row.runs),
        best_of_family=not study.quick and row == study.best[row.experiment.family],
        few_validated=row.few_validated,
        judged=score.value,
        judged_interval=score.interval,
        test_accuracy=seed_variation(row.accuracies, SHARE),
        test_accuracy_interval=row.interval,
        test_loss=seed_variation([run.evaluation_test.loss for run in row.runs], AMOUNT),
        test_loss_interval=row.loss_interval,
        validation_accuracy=row.validation_accuracy,
        training_s=seed_variation([run.wall_s for run in row.runs], AMOUNT),
        **vars(row.totals),
        measures={
            compared_metric.key: row.mean_metric(compared_metric)
            for compared_metric in study.compared_metrics
        }
        or None,
        reference=_difference(row),
        guessing=study.guessing.get(row.name),
    )


def _study_run(run: RunSummary, folder: str) -> StudyRun:
    return StudyRun(
        folder=folder,
        experiment=run.experiment.name,
        family=run.experiment.family,
        seed=run.seed,
        weights=run.topology.weights,
        multiply_adds=run.topology.multiply_adds,
        training_s=run.training.wall_s,
        test_loss=run.test.loss,
        test_accuracy=run.test.accuracy,
        test_accuracy_interval=run.test.accuracy_interval,
        decision=run.decision,
        test_detail=run.binary_metrics.test if run.binary_metrics else run.multiclass_metrics,
        report=run,
    )


def _answers(study: StudyResults) -> QuestionAnswers:
    models = [WeightDistribution(row) for row in study.rows]
    pairs = deeper_pairs(models)
    confused = [ExperimentConfusions(row) for row in study.rows]
    together = pair_table(confused)
    errata = lab_errata(study.rows, study.comparison)
    courses = map(course_row, study.rows)
    return QuestionAnswers(
        weights=tuple(map(_weights, models)),
        deeper_is_heavier=(
            sum(deep.weights > shallow.weights for deep, shallow in pairs), len(pairs)
        ),
        learning_curves=tuple(
            TrainingOutcome(
                course.name, course.epochs, course.best_epochs, course.found, course.gap
            )
            for course in courses
        ),
        confused=tuple(
            ConfusionSummary(experiment.name, experiment.errors, experiment.drawn)
            for experiment in confused
        ),
        lab=None if errata is None else _lab(errata),
        confused_pairs=None if together is None else _pairs(together),
        lab_claims=study.claims,
    )  # fmt: skip


def _weights(model: WeightDistribution) -> WeightSummary:
    maps = model.flattened
    return WeightSummary(
        name=model.name,
        depth=model.depth,
        places=model.places,
        per_weight=model.per_weight,
        activations_bytes=model.activations_bytes,
        peak_bytes=model.peak_bytes,
        flattened=None
        if maps is None
        else FlattenedMaps(maps.maps, maps.units, maps.if_pooled, maps.if_averaged),
    )


def _pairs(table: PairTable) -> ConfusedPairs:
    images = {model.name: tuple(cell.count for cell in cells) for model, cells in table.rows}
    return ConfusedPairs(table.pairs, images)


def _lab(errata: LabErrata) -> LabSummary:
    example = errata.example
    return LabSummary(
        redrawn=errata.redrawn,
        ranked=errata.ranked,
        shallow=None if example is None else example.shallow,
        deep=None if example is None else example.deep,
        totals=None if example is None else example.totals,
    )
