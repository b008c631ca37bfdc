"""The runs below a folder: one that is damaged does not hide the others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from leadline.bounded import guarded
from leadline.errors import DamagedRun, RunError
from leadline.runs.files import FIX
from leadline.runs.folder import RUNS, finished, load_run
from leadline.runs.place import is_set_aside


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

    code: "damaged-run" where a file is not what was written, else "unreadable-run". message: one
    line with the file and the fix.
    """

    folder: Path
    code: Literal["damaged-run", "unreadable-run"]
    message: str


def survey(folder: Path = RUNS) -> tuple[RunSummary | DamagedSummary, ...]:
    """The runs below a folder, sorted by path, those that are damaged among them."""
    return tuple(_summary(path) for path in sorted(_run_folders(folder)))


def list_runs(folder: Path = RUNS) -> list[RunSummary]:
    """The finished runs below a folder, sorted by path; damaged ones are left out."""
    return [one for one in survey(folder) if isinstance(one, RunSummary)]


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
    """Folders of runs; links are not followed, and what cannot be opened is passed over."""
    for place, names, _ in os.walk(top):
        path = Path(place)
        if is_set_aside(path):
            names.clear()
        elif finished(path):
            names.clear()
            yield path
