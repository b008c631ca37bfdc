"""Results of earlier attempts: a finished run to return, or a checkpoint to resume."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from leadline import runs
from leadline.errors import DamagedRun, RunError
from leadline.report.translations.language import speaking
from leadline.runs import Run
from leadline.workflow.events import WarningMessage, Watcher
from leadline.workflow.job import Job, attempt, same_run
from leadline.workflow.output_files import PAGE, write_run_page
from leadline.workflow.report_data import run_page

PAGE_END = b"</html>"


def reusable(job: Job, on_event: Watcher) -> Run | None:
    """The finished run of a job; None where it must be trained, as a damaged one is.

    A run that is whole, but was killed before its folder got its name, gets it. A page that is
    missing or cut short is written again. Raises RunError where the folder holds another run.
    """
    _recover(job)
    if not runs.finished(job.folder):
        return None
    try:
        done = same_run(job)
        runs.check_sums(job.folder)
    except DamagedRun as error:
        reason = str(error).removesuffix(f"; {runs.FIX}.")
        on_event(
            WarningMessage(
                f"{reason}: the run is trained again; what is left of it is kept as "
                f"{runs.aside(job.folder).name}."
            )
        )
        return None
    runs.tidy(job.folder)
    if not _is_whole_page(job.folder / PAGE):
        on_event(WarningMessage(f"{job.folder / PAGE}: missing or cut short; written again."))
        with speaking(job.language):
            write_run_page(job.folder, run_page(done))
    return done


@contextmanager
def place_for(job: Job, resume: bool, on_event: Watcher) -> Iterator[Path]:
    """The place where a job's run is written, as `runs.writing` gives it.

    A checkpoint that does not read is removed, so that training begins again instead of failing.
    """
    with runs.writing(job.folder, attempt(job), resume=resume) as place:
        _drop_damaged_checkpoint(place, on_event)
        yield place


def _drop_damaged_checkpoint(place: Path, on_event: Watcher) -> None:
    from leadline.training.checkpoint import damage

    path = place / runs.CHECKPOINT
    if (reason := damage(path)) is None:
        return
    on_event(WarningMessage(f"{path}: damaged ({reason}); training begins again."))
    path.unlink(missing_ok=True)
    (place / runs.PROGRESS).unlink(missing_ok=True)


def _recover(job: Job) -> None:
    if runs.finished(job.folder) or not runs.is_recoverable(job.folder):
        return
    try:
        same_run(replace(job, folder=runs.partial_of(job.folder)))
    except RunError:  # other settings or images: trained again, like any unfinished run
        return
    runs.recover(job.folder)


def _is_whole_page(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            file.seek(-min(path.stat().st_size, 64), 2)
            return file.read().rstrip().endswith(PAGE_END)
    except OSError:
        return False
