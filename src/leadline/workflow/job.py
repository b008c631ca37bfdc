"""One experiment with one seed, and whether what lies in its folder is of the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from leadline import runs
from leadline.data.sources.source import origin_title
from leadline.errors import DamagedRun, RunError
from leadline.experiments import Experiment, Training
from leadline.models.user_model import user_code_digest
from leadline.report.translations.language import SOURCE_LANGUAGE
from leadline.runs import Run
from leadline.system.environment import describe_environment
from leadline.system.threads import Source, Threads
from leadline.training.checkpoint import checkpoint_threads
from leadline.workflow.preparation import Prepared

USER_CODE = "model_python_sha256"


@dataclass(frozen=True)
class Job:
    """One experiment, one seed, one folder, and the threads to compute with.

    language: of its page.
    """

    experiment: Experiment
    seed: int
    folder: Path
    prepared: Prepared
    threads: Threads
    language: str = SOURCE_LANGUAGE

    @property
    def name(self) -> str:
        return f"{self.experiment.name} seed {self.seed}"


def attempt(job: Job) -> str:
    """The digest (64 hex digits) of what must agree for a checkpoint to be gone on from.

    Settings of the training are left out: the checkpoint compares them itself, and lets more epochs
    be asked for.
    """
    record = job.prepared.record
    said = {
        "experiment": job.experiment.model_copy(update={"training": Training()}).digest(),
        "code": user_code_digest(job.experiment),
        "seed": job.seed,
        "classes": record["classes"],
        "images": {name: part["sha256"] for name, part in record["parts"].items()},
    }
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def same_run(job: Job) -> Run:
    """Return the finished run in the job's folder, if it matches the job."""
    found = runs.load_run(job.folder)
    fix = "give another folder with --out, or remove this one."
    if found.metrics.seed != job.seed:
        raise RunError(f"{job.folder}: holds {found.name}, not {job.name}; {fix}")
    if changes := found.experiment.differences(job.experiment):
        key, held, asked = changes[0]
        more = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
        raise RunError(
            f"{job.folder}: holds {found.name} with other settings ({key}: there {_said(held)}, "
            f"here {_said(asked)}{more}); {fix}"
        )
    if found.environment.get(USER_CODE, "") != user_code_digest(job.experiment):
        raise RunError(
            f"{job.folder}: {job.name} was built by a different version of the code that "
            f"model.python names; {fix}"
        )
    check_threads(job, found.metrics.fitted.threads, job.folder)
    if any(found.split[key] != job.prepared.record[key] for key in ("classes", "parts")):
        raise RunError(
            f"{job.folder}: holds {job.name} trained on other images than these "
            f"({origin_title(found.split['source'])}); {fix}"
        )
    return found


def check_threads(job: Job, recorded: int | None, folder: Path) -> None:
    """Raise RunError if the requested number of threads differs from the recorded one.

    A convolution adds its terms in an order that depends on the number of threads, so the same
    seed gives the same numbers only with the same number.
    """
    count = job.threads.count
    if job.threads.asked and recorded is not None and recorded != count:
        raise RunError(
            f"{folder}: was trained with {recorded} {_threads(recorded)}, and {count} "
            f"{_threads(count)} would give different results; give --threads {recorded}, or "
            "another folder with --out."
        )


def with_threads_so_far(jobs: Sequence[Job]) -> list[Job]:
    """Return jobs that go on with the threads of what lies in their folders.

    Unless the user asked for a number, all take that of the first finished run or checkpoint.

    Raises RunError where a folder holds another run, or one of other threads than asked for.
    """
    recorded = [_recorded_threads(job) for job in jobs]
    first = next((count for count in recorded if count is not None), None)
    if first is None:
        return list(jobs)
    so_far = Threads(first, Source.RECORDED)
    return [job if job.threads.asked else replace(job, threads=so_far) for job in jobs]


def _recorded_threads(job: Job) -> int | None:
    if runs.finished(job.folder):
        with suppress(DamagedRun):  # which is trained again
            return same_run(job).metrics.fitted.threads
    checkpoint = runs.checkpoint_of(job.folder)
    recorded = checkpoint_threads(checkpoint)
    check_threads(job, recorded, checkpoint.parent)
    return recorded


def _threads(count: int) -> str:
    return "thread" if count == 1 else "threads"


def environment(job: Job) -> dict[str, str]:
    """Fingerprint of everything a run is made with, including the user's own code."""
    code = user_code_digest(job.experiment)
    return {**describe_environment(), **({USER_CODE: code} if code else {})}


def _said(value: object) -> str:
    return "none" if value is None else str(value)
