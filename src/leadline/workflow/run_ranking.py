"""Compare finished runs, and rank their experiments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from leadline.analysis.failed_runs import FailedRun
from leadline.analysis.run_results import RunResults
from leadline.analysis.significance.comparison import MARGIN, RankedComparison
from leadline.analysis.study_results import StudyResults
from leadline.errors import RunError
from leadline.runs import STUDY_RECORD, Run, study_failures
from leadline.workflow.finished_results import run_results
from leadline.workflow.run_comparison import compare_runs, gathered, guessing_of, runs_in


def compare(*compared: Run | str | Path, margin: float = MARGIN) -> RankedComparison:
    """Compare finished runs: every pair, the best, and the smallest equivalent experiment.

    compared: runs, or the folders of runs, or of a study for all its runs. Those of one experiment
    that differ in their seed are gathered. margin: a difference smaller than this, 0 to 1, is
    negligible. docs/comparison.md says what is tested how. Raises RunError where there is nothing
    to compare, where a folder is missing or damaged, and for runs that were not tested on the same
    images and classes, saying which; DataError for an invalid margin.
    """
    groups = [(one,) if isinstance(one, Run) else runs_in(one) for one in compared]
    done = [run for group in groups for run in group]
    if not done:
        raise RunError("nothing to compare; give two runs, or a study's folder.")
    if len(done) < 2:
        raise RunError(
            f"{done[0].folder}: a single run; give another run to compare it with, or a study's "
            "folder."
        )
    quick = next((run for run in done if run.experiment.quick), None)
    if quick is not None:
        raise RunError(
            f"{quick.folder}: a quick trial, which cannot be compared; train it without --quick."
        )
    by_name = gathered(done)
    names = {run.folder: name for name, own in by_name.items() for run in own}
    failed = [
        replace(one, experiment=_among(group, names).get(one.experiment, one.experiment))
        for named, group in zip(compared, groups, strict=True)
        for one in _failed(named)
    ]
    study = StudyResults(
        name="",
        title="",
        description="",
        runs=tuple(_renamed(run, name) for name, own in by_name.items() for run in own),
        comparison=compare_runs(done, margin=margin),
        guessing=guessing_of(done),
        failed=tuple(failed),
    )
    if study.ranked is None:
        raise RunError(
            f"{done[0].folder}: all {len(done)} runs are of {done[0].experiment.name}, with "
            f"different seeds; give runs of another experiment too."
        )
    return study.ranked


def _failed(named: Run | str | Path) -> tuple[FailedRun, ...]:
    """The failed runs of what is named, which a study alone can have."""
    if isinstance(named, Run) or not (Path(named) / STUDY_RECORD).is_file():
        return ()
    return study_failures(Path(named))


def _among(group: Sequence[Run], names: Mapping[Path, str]) -> dict[str, str]:
    """Return unambiguous display names for the experiments of these runs."""
    return {run.experiment.name: names[run.folder] for run in group}


def _renamed(run: Run, name: str) -> RunResults:
    """Its results, under a name that no other experiment has."""
    results = run_results(run)
    return replace(results, experiment=results.experiment.model_copy(update={"name": name}))
