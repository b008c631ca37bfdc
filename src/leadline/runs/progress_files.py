"""Progress files for live monitoring: epochs of a run, planned runs of a study.

Nothing is resumed from them, so a disk that is too full for them ends no training.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from leadline.errors import RunError, StorageError
from leadline.runs.folder_files import dump_json
from leadline.system.bounded_files import guarded, parse_json_object, read_bytes
from leadline.system.durable_files import write_text

PROGRESS = "progress.json"
PLAN = "plan.json"
MOST_BYTES = 1_000_000
MOST_EPOCHS = 10**9

Step = Literal["training", "judging", "interrupted"]
STEPS: tuple[Step, ...] = ("training", "judging", "interrupted")


@dataclass(frozen=True)
class Progress:
    """epoch: how many are done, of at most `epochs`. validation_accuracy: after the last of them,
    0 to 1; None before the first."""

    experiment: str
    seed: int
    epochs: int
    epoch: int = 0
    validation_accuracy: float | None = None
    step: Step = "training"


class Follower:
    """Writes how far a run is into the place where it is made."""

    def __init__(self, place: Path, begun: Progress) -> None:
        self._path, self._now = place / PROGRESS, begun
        self._write()

    def epoch_done(self, epoch: int, validation_accuracy: float) -> None:
        """So many epochs are over."""
        self._write(epoch=epoch, validation_accuracy=validation_accuracy)

    def step(self, step: Step) -> None:
        """It goes on with something else than training, or not at all."""
        self._write(step=step)

    def _write(self, **changes: Any) -> None:
        self._now = replace(self._now, **changes)
        with suppress(StorageError):
            write_text(self._path, dump_json(asdict(self._now)), sync=False)


@contextmanager
def followed(place: Path, experiment: str, seed: int, epochs: int) -> Iterator[Follower]:
    """Tell of a run as long as it is made here; what an attempt before this one told is gone on
    from. place: a folder that `writing` gave, which takes the file away with the checkpoint."""
    before = read_progress(place)
    begun = Progress(experiment, seed, epochs)
    if before is not None:
        done = before.epoch, before.validation_accuracy
        begun = replace(begun, epoch=done[0], validation_accuracy=done[1])
    follower = Follower(place, begun)
    try:
        yield follower
    except BaseException:
        follower.step("interrupted")
        raise


def read_progress(place: Path) -> Progress | None:
    """Return the last recorded progress; None if there is none, or it cannot be read."""
    table = _read(place / PROGRESS)
    try:
        found = Progress(**table) if table is not None else None
    except TypeError:
        return None
    return found if found is not None and _is_whole(found) else None


def _is_whole(progress: Progress) -> bool:
    reached = progress.validation_accuracy
    return (
        isinstance(progress.experiment, str)
        and type(progress.seed) is type(progress.epoch) is type(progress.epochs) is int
        and 0 <= progress.epoch <= MOST_EPOCHS
        and 0 <= progress.epochs <= MOST_EPOCHS
        and (reached is None or (isinstance(reached, int | float) and 0 <= reached <= 1))
        and progress.step in STEPS
    )


def write_plan(folder: Path, places: Sequence[str]) -> None:
    """Tell which runs a study will have: their folders in its own, in the order of training."""
    with suppress(StorageError):
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / PLAN, dump_json({"runs": list(places)}))


def remove_plan(folder: Path) -> None:
    """Remove the plan of a finished study; its record lists the runs from now on."""
    with suppress(OSError):
        (folder / PLAN).unlink(missing_ok=True)


def read_plan(folder: Path) -> tuple[str, ...] | None:
    """The folders of the runs that a study in the making will have; None where none is made."""
    table = _read(folder / PLAN)
    found = None if table is None else table.get("runs")
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        return None
    return tuple(found)


def _read(path: Path) -> dict[str, Any] | None:
    """A small JSON object; None where there is none."""
    try:
        with guarded(path, RunError, "it is written again"):
            return parse_json_object(read_bytes(path, MOST_BYTES))
    except RunError:
        return None
