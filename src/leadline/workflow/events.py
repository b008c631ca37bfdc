"""Events of a workflow: values that are passed to one `on_event` function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadline.analysis.diagnosis.training_findings import Diagnosis
    from leadline.analysis.significance.guessing import Guessing
    from leadline.data.preprocessing import Preprocessing
    from leadline.metrics.estimates import BinaryMetrics
    from leadline.training.history import EpochRow


@dataclass(frozen=True)
class Stage:
    """A run enters a new stage, in words: "computing features"."""

    run: str
    text: str


@dataclass(frozen=True)
class Download:
    """Downloaded bytes so far; total_bytes is 0 if the server does not send it."""

    name: str
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True)
class EpochDone:
    """One epoch of a run is over; `epochs` is how many there are at most."""

    run: str
    row: EpochRow
    epochs: int


@dataclass(frozen=True)
class RunDone:
    """A run is finished and written; `reused` where it was found finished already.

    binary: how a model of two classes did on the test images. chosen_by: how its positive
    class was chosen. diagnosis: how training went. guessing: whether the model is better than
    guessing. Quick trials have neither of the last two.
    """

    run: str
    folder: Path
    test_accuracy: float
    test_loss: float
    reused: bool
    binary: BinaryMetrics | None = None
    chosen_by: str = "given"
    diagnosis: Diagnosis | None = None
    guessing: Guessing | None = None


@dataclass(frozen=True)
class StudyProgress:
    """Run `index` (from 1) of `total` begins."""

    index: int
    total: int
    run: str


@dataclass(frozen=True)
class WarningMessage:
    """A warning, which the report repeats."""

    text: str


@dataclass(frozen=True)
class ImagesPrepared:
    """The images are read; `preprocessing` is what was done to them."""

    preprocessing: Preprocessing


@dataclass(frozen=True)
class NoteMessage:
    """A remark that is not a warning."""

    text: str


Event = (
    Stage
    | Download
    | EpochDone
    | RunDone
    | StudyProgress
    | WarningMessage
    | ImagesPrepared
    | NoteMessage
)
Watcher = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Ignore all events."""
