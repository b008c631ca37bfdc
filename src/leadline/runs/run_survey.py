"""The runs below a folder: one that is damaged does not hide the others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from leadline.errors import DamagedRun, RunError
from leadline.runs.checksums import FIX
from leadline.runs.finished_run import RUNS, finished, load_run
from leadline.runs.folder_files import is_file
from leadline.runs.staging import is_set_aside
from leadline.runs.study_folder import STUDY_FIX, STUDY_RECORD, study_failures
from leadline.system.bounded_files import guarded


@dataclass(frozen=True)
class RunSummary:
    """One line of a list of runs."""

    folder: Path
    experiment: str
    seed: int
    test_accuracy: float
    test_loss: float


@dataclass(frozen=True)
class DamagedSummary:
    """A run that cannot be read.

    code: "damaged-run" where a file is not what was written, else "unreadable-run", or
    "unreadable-study" for the record of a study. message: one line with the file and the fix.
    """

    folder: Path
    code: Literal["damaged-run", "unreadable-run", "unreadable-study"]
    message: str


@dataclass(frozen=True)
class FailedSummary:
    """A run that has no folder of its own, because its training failed while others went on.

    folder: of the study, or of the experiment with its seeds. epoch: in which it failed, from 1.
    """

    folder: Path
    experiment: str
    seed: int
    code: Literal["diverged"]
    epoch: int
    message: str


Summary = RunSummary | DamagedSummary | FailedSummary


def survey(folder: Path = RUNS) -> tuple[Summary, ...]:
    """The runs below a folder, sorted by path, those that are damaged or failed among them."""
    found = [summary for path in _run_folders(folder) for summary in _summaries(path)]
    return tuple(sorted(found, key=lambda one: one.folder))


def list_runs(folder: Path = RUNS) -> list[RunSummary]:
    """The finished runs below a folder, sorted by path; damaged ones are left out."""
    return [one for one in survey(folder) if isinstance(one, RunSummary)]


def _summaries(path: Path) -> Iterator[Summary]:
    """A run; or the failed runs of a study."""
    if finished(path):
        yield _summary(path)
        return
    try:
        with guarded(path, RunError, STUDY_FIX):
            for failed_run in study_failures(path):
                yield FailedSummary(
                    path,
                    failed_run.experiment,
                    failed_run.seed,
                    failed_run.code,
                    failed_run.epoch,
                    failed_run.message,
                )
    except RunError as error:
        yield DamagedSummary(path, "unreadable-study", str(error))


def _summary(path: Path) -> RunSummary | DamagedSummary:
    try:
        with guarded(path, RunError, FIX):
            run = load_run(path)
            test = run.metrics.test
            return RunSummary(path, run.experiment.name, run.metrics.seed, test.accuracy, test.loss)
    except RunError as error:
        damaged = isinstance(error, DamagedRun)
        return DamagedSummary(path, "damaged-run" if damaged else "unreadable-run", str(error))


def _run_folders(top: Path) -> Iterator[Path]:
    """Folders of runs and of studies; links are not followed.

    What cannot be opened is passed over.
    """
    for place, names, _ in os.walk(top):
        path = Path(place)
        if is_set_aside(path):
            names.clear()
        elif finished(path):
            names.clear()
            yield path
        elif is_file(path / STUDY_RECORD):
            yield path
