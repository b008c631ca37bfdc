"""The content of reports, from the folders of finished runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from leadline.analysis.failed_runs import FailedRun
from leadline.analysis.label_errors import LabelRecord
from leadline.analysis.prediction_time import Timing
from leadline.analysis.significance.comparison import Comparison
from leadline.analysis.significance.guessing import Guessing
from leadline.experiments import Study
from leadline.report.page_content import ConfusedExample, ConfusedExamples, RunPage, StudyPage
from leadline.report.sections.audit_view import audit_view
from leadline.report.sections.ood_view import OODContent, ood_content
from leadline.runs import AuditRecord, Run, read_label_errors, read_ood_score
from leadline.workflow.finished_results import run_results, with_curves
from leadline.workflow.run_comparison import check_lab_claims, confusion_changes_of


def run_page(run: Run) -> RunPage:
    """The content of a run's page."""
    results = run_results(run)
    quick, binary = run.experiment.quick, results.binary
    shown = vars(results) | {
        "labels": None if quick else read_label_errors(run.folder, run.metrics.test.n),
        "binary": None if binary is None else with_curves(binary, run),
    }
    return RunPage(
        **shown,
        confused=_confused(run),
        explanations=run.explanations(),
        ood=_ood(run),
        gallery=run.gallery(),
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
        confusion_changes=confusion_changes_of(done, page.stages),
        claims=check_lab_claims(done),
    )


def _ood(run: Run) -> OODContent | None:
    record = run.metrics.ood
    if record is None:
        return None
    _, examples = read_ood_score(run.folder)
    return ood_content(record, examples.pixels, examples.scores, examples.names)


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
        a_as_b = [
            example for example in examples if (example.true, example.predicted) == (pair.a, pair.b)
        ]
        b_as_a = [
            example for example in examples if (example.true, example.predicted) == (pair.b, pair.a)
        ]
        if a_as_b or b_as_a:
            found.append(ConfusedExamples(pair, tuple(a_as_b), tuple(b_as_a)))
    return tuple(found)
