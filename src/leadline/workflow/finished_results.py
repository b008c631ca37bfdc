"""The results of finished runs, for comparison and report."""

from __future__ import annotations

from dataclasses import replace

from leadline.analysis.run_results import BinaryResults, MulticlassResults, RunResults
from leadline.experiments import Experiment, built_in_name, experiment_names
from leadline.metrics.binary_curves import Curves, curves
from leadline.metrics.decision_rule import score
from leadline.metrics.estimates import BinaryMetrics, MulticlassMetrics
from leadline.runs import Run


def run_results(run: Run) -> RunResults:
    """Collect what a run measured, without curves, which need its predictions."""
    metrics, split = run.metrics, run.split
    return RunResults(
        experiment=_comparable(run),
        seed=metrics.seed,
        dataset_name=split["dataset"],
        source=split["source"],
        warnings=run.remarks,
        classes=metrics.classes,
        counts={name: part["count"] for name, part in split["parts"].items()},
        validation_is_test=split["validation_is_test"],
        layers=metrics.layers,
        unused_layers=metrics.unused_layers,
        history=metrics.fitted.history,
        best_epoch=metrics.fitted.best_epoch,
        kept_epoch=metrics.fitted.kept_epoch,
        stopped=metrics.fitted.stopped,
        wall_s=metrics.fitted.wall_s,
        evaluation_test=metrics.test,
        evaluation_validation=metrics.validation,
        environment=run.environment,
        data=split.get("data") or "",
        binary=_binary(run),
        multiclass=_multiclass(run),
        diagnosis=None if run.experiment.quick else metrics.diagnosis,
        timing=metrics.timing,
        preprocessing=run.preprocessing,
        guessing=None if run.experiment.quick else metrics.guessing,
    )


def _binary(run: Run) -> BinaryResults | None:
    """Of two classes: what was measured."""
    metrics = run.metrics
    decided, test, before = metrics.decided, metrics.test_detail, metrics.validation_detail
    if decided is None or not isinstance(test, BinaryMetrics):
        return None
    return BinaryResults(
        decided=decided,
        test=test,
        validation=before if isinstance(before, BinaryMetrics) else None,
        curves=None,
        validation_curves=None,
        floor=run.experiment.decision.sensitivity,
    )


def with_curves(binary: BinaryResults, run: Run) -> BinaryResults:
    """Add the curves, from the stored predictions of the run."""
    before = binary.validation
    return replace(
        binary,
        curves=_curves(run, "test", binary.test),
        validation_curves=None if before is None else _curves(run, "validation", before),
    )


def _curves(run: Run, part: str, judged: BinaryMetrics) -> Curves | None:
    """None where the images of the part lack a class."""
    if judged.n_positive in (0, judged.n):
        return None
    said = run.predictions(part)
    positive = run.metrics.classes.index(judged.positive)
    return curves(score(said.probabilities, positive), said.labels == positive)


def _multiclass(run: Run) -> MulticlassResults | None:
    decided, test = run.metrics.decided, run.metrics.test_detail
    if decided is None or not isinstance(test, MulticlassMetrics):
        return None
    return MulticlassResults(decided, test)


def _comparable(run: Run) -> Experiment:
    """The experiment, without somebody's figures where those are of other images or settings."""
    experiment = run.experiment
    done = run.preprocessing
    built_in = built_in_name(experiment, () if done is None else done.chosen)
    changed = experiment.name in experiment_names() and not built_in
    comparable = not changed and not experiment.quick
    if run.split["dataset"] == experiment.data.source and comparable:
        return experiment
    return experiment.model_copy(update={"reference": None})
