"""What runs say of themselves, arranged for the report and for the model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from leadline.analysis.failed_runs import FailedRun
from leadline.analysis.label_errors import LabelRecord
from leadline.analysis.prediction_time import Timing
from leadline.analysis.significance.comparison import Comparison
from leadline.analysis.significance.guessing import Guessing
from leadline.experiments import Experiment, Study, built_in_name, experiment_names
from leadline.metrics.binary_curves import Curves, curves
from leadline.metrics.decision_rule import score
from leadline.metrics.estimates import BinaryMetrics, MulticlassMetrics
from leadline.report.page_content import ConfusedExample, ConfusedExamples, RunPage, StudyPage
from leadline.report.sections.audit_view import audit_view
from leadline.report.sections.binary_view import BinaryContent, MulticlassContent
from leadline.report.sections.ood_view import ScopeContent, scope_content
from leadline.report.sections.study_view import study_view
from leadline.runs import AuditRecord, Run, read_label_errors, read_scope
from leadline.workflow.run_comparison import check_lab_claims, confusion_changes_of


def run_page(run: Run) -> RunPage:
    """The content of a run's page."""
    page = measured_page(run)
    return replace(
        page,
        confused=_confused(run),
        explanations=run.explanations(),
        scope=_scope(run),
        gallery=run.gallery(),
        labels=None if page.experiment.quick else read_label_errors(run.folder, run.metrics.test.n),
        binary=None if page.binary is None else _with_curves(page.binary, run),
    )


def measured_page(run: Run) -> RunPage:
    """The same without what is drawn from other files than the run's records."""
    metrics, split = run.metrics, run.split
    return RunPage(
        experiment=_comparable(run),
        seed=metrics.seed,
        dataset_name=split["dataset"],
        source=split["source"],
        warnings=run.remarks,
        classes=metrics.classes,
        counts={name: part["count"] for name, part in split["parts"].items()},
        validation_is_test=split["validation_is_test"],
        layers=metrics.layers,
        dead_layers=metrics.dead_layers,
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


def study_page(
    study: Study,
    done: Sequence[Run],
    audit: AuditRecord | None = None,
    comparison: Comparison | None = None,
    timings: Mapping[str, Timing] | None = None,
    labels: LabelRecord | None = None,
    *,
    guessing: Mapping[str, Guessing] | None = None,
    failed: Sequence[FailedRun] = (),
) -> StudyPage:
    """The content of a study's page; at least one run.

    audit: of its images, where one was made. comparison: of its experiments, where there are two.
    timings: of its experiments, taken in turn; where there are none, the runs' own are shown.
    labels: which are likely wrong. guessing: each experiment against guessing, by its name.
    failed: runs that have no model. A quick study makes no claims about models, so that its page
    has no comparison, labels or guessing.
    """
    page = StudyPage(
        name=study.name,
        title=study.title or study.name,
        description=study.description,
        runs=tuple(run_page(run) for run in done),
        environment=done[0].environment,
        quick=study.quick,
        wall_s=sum(run.metrics.total_s for run in done),
        audit=None if audit is None else audit_view(audit.audit),
        comparison=None if study.quick else comparison,
        timings=timings or {},
        labels=None if study.quick else labels,
        guessing=guessing or {},
        failed=tuple(failed),
    )
    if page.comparison is None:  # what cannot be compared has no confusions to compare
        return page
    return replace(
        page,
        confusion_changes=confusion_changes_of(done, study_view(page).stages),
        claims=check_lab_claims(done),
    )


def _scope(run: Run) -> ScopeContent | None:
    record = run.metrics.scope
    if record is None:
        return None
    _, examples = read_scope(run.folder)
    return scope_content(record, examples.pixels, examples.scores, examples.names)


def _binary(run: Run) -> BinaryContent | None:
    """Of two classes: what was measured."""
    metrics = run.metrics
    decided, test, before = metrics.decided, metrics.test_detail, metrics.validation_detail
    if decided is None or not isinstance(test, BinaryMetrics):
        return None
    return BinaryContent(
        decided=decided,
        test=test,
        validation=before if isinstance(before, BinaryMetrics) else None,
        curves=None,
        validation_curves=None,
        floor=run.experiment.decision.sensitivity,
    )


def _with_curves(found: BinaryContent, run: Run) -> BinaryContent:
    before = found.validation
    return replace(
        found,
        curves=_curves(run, "test", found.test),
        validation_curves=None if before is None else _curves(run, "validation", before),
    )


def _curves(run: Run, part: str, judged: BinaryMetrics) -> Curves | None:
    """None where the images of the part lack a class."""
    if judged.n_positive in (0, judged.n):
        return None
    said = run.predictions(part)
    positive = run.metrics.classes.index(judged.positive)
    return curves(score(said.probabilities, positive), said.labels == positive)


def _multiclass(run: Run) -> MulticlassContent | None:
    decided, test = run.metrics.decided, run.metrics.test_detail
    if decided is None or not isinstance(test, MulticlassMetrics):
        return None
    return MulticlassContent(decided, test)


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


def _confused(run: Run) -> tuple[ConfusedExamples, ...]:
    arrays = run.examples()
    classes = run.metrics.classes
    rows = zip(
        arrays["pixels"], arrays["true"], arrays["predicted"], arrays["probability"], strict=True
    )
    examples = [
        ConfusedExample(pixels, classes[true], classes[said], float(probability))
        for pixels, true, said, probability in rows
    ]
    found = []
    for pair in run.metrics.test.confused_pairs:
        a_as_b = [one for one in examples if (one.true, one.predicted) == (pair.a, pair.b)]
        b_as_a = [one for one in examples if (one.true, one.predicted) == (pair.b, pair.a)]
        if a_as_b or b_as_a:
            found.append(ConfusedExamples(pair, tuple(a_as_b), tuple(b_as_a)))
    return tuple(found)
