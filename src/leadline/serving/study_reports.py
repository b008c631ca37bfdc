"""The studies and runs below a folder, and their reports: those that are listed, and no others."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from leadline import runs
from leadline.analysis.failed_runs import FailedRun
from leadline.analysis.significance.guessing import Verdict
from leadline.errors import LeadlineError
from leadline.runs import Run
from leadline.runs.staging import PARTIAL, is_kept_damaged
from leadline.serving.api_schema import (
    RunResponse,
    RunState,
    StudiesResponse,
    StudyResponse,
    StudyState,
)
from leadline.system.durable_files import spelt

logger = logging.getLogger("leadline.serving")

REPORT = "report.html"
ADDRESS = "/runs/"
DEPTH = 4
MOST_FOLDERS = 5000
MOST_REPORT_BYTES = 64 * 2**20
Told = tuple[dict[str, Verdict], tuple[FailedRun, ...]]
"""Verdicts on the experiments of a study by their names, and its failed runs."""
SEED = re.compile(r"seed-([0-9]{1,19})")
ALIVE_S = 900.0
"""A run whose folder has not changed for longer counts as interrupted."""


class Studies:
    """Studies and runs below a folder. Finished runs are read once, until their files change."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = None if folder is None else folder.resolve()
        self._read: dict[Path, tuple[int, Run | None]] = {}
        self._records: dict[Path, tuple[int, Told]] = {}

    def now(self) -> StudiesResponse:
        """Studies, those in progress first and then the newest, each with its runs."""
        if self._folder is None:
            return StudiesResponse(folder=None, studies=())
        by_study: dict[Path, list[RunResponse]] = {}
        for path in self._runs():
            said = self._run_or_damaged(path)
            if said is not None:
                by_study.setdefault(self._study_of(path), []).append(said)
        studies = [self._study_or_damaged(path, found) for path, found in by_study.items()]
        return StudiesResponse(
            folder=spelt(self._folder.name),
            studies=tuple(sorted(studies, key=_in_order)),
        )

    def report(self, address: str) -> bytes | None:
        """The page at this address below /runs/; None unless it is one that is listed.

        The address is looked up among those that there are, and never joined to a path.
        """
        if self._folder is None:
            return None
        known = {
            f"{self._name(path.parent)}/{REPORT}".lstrip("/"): path
            for path in self._reports(self._folder)
        }
        path = known.get(address)
        try:
            if path is None or path.stat().st_size > MOST_REPORT_BYTES:
                return None
            return path.read_bytes()
        except OSError:  # it was taken away meanwhile
            return None

    def _reports(self, folder: Path) -> Iterator[Path]:
        for path in self._folders(folder):
            page = path / REPORT
            with contextlib.suppress(OSError):  # may not be looked at
                whole = (path / runs.STUDY_RECORD).is_file() or runs.finished(path)
                whole = whole and not path.name.endswith(PARTIAL)
                if whole and page.is_file() and not page.is_symlink():
                    yield page

    def _runs(self) -> Iterator[Path]:
        """Folders of runs, finished or not."""
        if self._folder is not None:
            for path in self._folders(self._folder):
                if runs.finished(path) or path.name.endswith(PARTIAL):
                    yield path

    def _folders(self, top: Path) -> Iterator[Path]:
        """The folder and those below it, no deeper than studies go; links are not followed."""
        waiting = [(top, 0)]
        for count, (folder, depth) in enumerate(waiting):
            if count == MOST_FOLDERS:
                return
            yield folder
            if depth < DEPTH and not runs.finished(folder):
                waiting += [
                    (path, depth + 1) for path in _children(folder) if not is_kept_damaged(path)
                ]

    def _name(self, folder: Path) -> str:
        """A folder as a part of an address: "first-look/mlp-1/seed-0"; "" for the top."""
        if self._folder is None or folder == self._folder:
            return ""
        return spelt(folder.relative_to(self._folder).as_posix())

    def _study_of(self, run: Path) -> Path:
        """<study>/<experiment>/<seed>, or <study>/<seed> where that folder is a study's; a run that
        lies elsewhere belongs to the folder above."""
        parent = run.parent
        grandparent = parent.parent
        inside = self._folder is not None and grandparent.is_relative_to(self._folder)
        return grandparent if inside and not _is_study(parent) else parent

    def _run_or_damaged(self, path: Path) -> RunResponse | None:
        """A run; listed as damaged where it cannot be read, whatever that raises."""
        try:
            return self._run(path)
        except Exception as error:  # noqa: BLE001 - one run does not stop the others
            return self._damaged(path, error)

    def _damaged(self, path: Path, error: Exception | None) -> RunResponse:
        if error is not None and not isinstance(error, (LeadlineError, OSError)):
            logger.warning("%s: cannot be read: %r", path, error)
        seed = SEED.fullmatch(path.name)
        return RunResponse(
            path=self._name(path),
            experiment=spelt((path.parent if seed else path).name),
            seed=int(seed[1]) if seed else None,
            state="damaged",
            code="damaged-run",
        )

    def _study_or_damaged(self, path: Path, found: list[RunResponse]) -> StudyResponse:
        """A study; listed with what is known of its runs where its own files cannot be read."""
        try:
            return self._study(path, found)
        except Exception as error:  # noqa: BLE001 - one study does not stop the others
            logger.warning("%s: cannot be read: %r", path, error)
            return StudyResponse(
                path=self._name(path), name=spelt(path.name), state="damaged", report=None,
                changed_s=_changed_s(path), runs=tuple(found), code="damaged-study",
            )  # fmt: skip

    def _run(self, path: Path) -> RunResponse | None:
        if path.name.endswith(PARTIAL):
            return _in_the_making(path, self._name(path))
        run = self._loaded(path)
        if run is None:  # damaged, or taken away meanwhile
            return self._damaged(path, None) if runs.finished(path) else None
        return RunResponse(
            path=self._name(path),
            experiment=run.experiment.name,
            seed=run.metrics.seed,
            state="finished",
            test_accuracy=run.metrics.test.accuracy,
            test_interval=run.metrics.test.accuracy_interval,
            guessing=_verdict(run),
            report=self._address(path),
        )

    def _loaded(self, folder: Path) -> Run | None:
        """A run; None for one that is damaged."""
        try:
            stamp = (folder / "metrics.json").stat().st_mtime_ns
        except OSError:
            return None
        known = self._read.get(folder)
        if known is None or known[0] != stamp:
            try:
                known = (stamp, runs.load_run(folder))
            except LeadlineError:
                known = (stamp, None)
            self._read[folder] = known
        return known[1]

    def _study(self, path: Path, found: list[RunResponse]) -> StudyResponse:
        plan = runs.read_plan(path)
        name = self._name(path)
        report = self._address(path) if plan is None and _is_study(path) else None
        changed_s = max(_changed_s(path), *(_changed_s(one) for one in _children(path)), 0.0)
        guessing, failed = self._told(path) if plan is None else ({}, ())
        listed = found if plan is None else _as_planned(found, plan, name)
        return StudyResponse(
            path=name,
            name=spelt(path.name),
            state=_state_of(found, plan, changed_s),
            report=report,
            changed_s=changed_s,
            runs=(*listed, *(_failed(one, found, name) for one in failed)),
            guessing=guessing,
        )

    def _told(self, study: Path) -> Told:
        """Return the experiments in the study's record; nothing if it cannot be read."""
        nothing: Told = {}, ()
        try:
            stamp = (study / runs.STUDY_RECORD).stat().st_mtime_ns
        except OSError:
            return nothing
        known = self._records.get(study)
        if known is None or known[0] != stamp:
            try:
                known = stamp, runs.study_outcome(study)
            except LeadlineError:
                known = stamp, nothing
            self._records[study] = known
        return known[1]

    def _address(self, folder: Path) -> str | None:
        if not (folder / REPORT).is_file():
            return None
        return quote(f"{ADDRESS}{self._name(folder)}/{REPORT}".replace("//", "/"))


def _in_order(study: StudyResponse) -> tuple[bool, float]:
    return study.state != "running", -study.changed_s


def _is_study(folder: Path) -> bool:
    return runs.is_file(folder / runs.STUDY_RECORD) or runs.is_file(folder / runs.PLAN)


def _verdict(run: Run) -> Verdict | None:
    """The run against guessing; None where it was not tested, and for quick trials."""
    found = run.metrics.guessing
    return None if found is None or run.experiment.quick else found.verdict


def _in_the_making(place: Path, name: str) -> RunResponse:
    """A run that is being trained, or was until something ended that."""
    told = runs.read_progress(place)
    alive = time.time() - _changed_s(place) < ALIVE_S
    if told is None:
        state: RunState = "running" if alive else "interrupted"
        return RunResponse(path=name, experiment=spelt(place.parent.name), seed=None, state=state)
    running = alive and told.step != "interrupted"
    return RunResponse(
        path=name,
        experiment=told.experiment,
        seed=told.seed,
        state="running" if running else "interrupted",
        step=told.step if running and told.step != "interrupted" else None,
        epoch=told.epoch,
        epochs=told.epochs,
        validation_accuracy=told.validation_accuracy,
    )


def _as_planned(found: list[RunResponse], plan: tuple[str, ...], study: str) -> list[RunResponse]:
    """The runs of a study in the order of its plan, those that have not begun among them."""
    there = {one.path.removesuffix(PARTIAL): one for one in found}
    planned = [f"{study}/{place}".lstrip("/") for place in plan]
    others = [one for path, one in there.items() if path not in planned]
    return [there.get(path) or _waiting(path) for path in dict.fromkeys(planned)] + others


def _failed(failed: FailedRun, found: list[RunResponse], study: str) -> RunResponse:
    """A run that diverged; its folder would lie as those of the study's other runs do."""
    beside = any(one.path.rpartition("/")[0] == study for one in found)
    folder = "" if beside else f"{failed.experiment}/"
    return RunResponse(
        path=spelt(f"{study}/{folder}seed-{failed.seed}".lstrip("/")),
        experiment=spelt(failed.experiment),
        seed=failed.seed,
        state="failed",
        epoch=failed.epoch,
        code=failed.code,
    )


def _waiting(path: str) -> RunResponse:
    """A run that has not begun: all that is known is its folder, <experiment>/seed-<n>."""
    above, _, last = path.rpartition("/")
    seed = SEED.fullmatch(last)
    return RunResponse(
        path=path,
        experiment=above.rpartition("/")[2] or path,
        seed=int(seed[1]) if seed else None,
        state="waiting",
    )


def _state_of(
    found: list[RunResponse], plan: tuple[str, ...] | None, changed_s: float
) -> StudyState:
    """Between two runs, and while they are compared, a study is in progress too."""
    states = {one.state for one in found}
    if plan is None and states <= {"finished", "damaged"}:
        return "finished" if "finished" in states else "damaged"
    between = plan is not None and "interrupted" not in states
    working = "running" in states or (between and time.time() - changed_s < ALIVE_S)
    return "running" if working else "interrupted"


def _children(folder: Path) -> list[Path]:
    """The folders within one, in order; none where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            found = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return [folder / name for name in sorted(found) if not name.startswith(".")]


def _changed_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
