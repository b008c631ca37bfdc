"""Events of a pipeline, as live bars on a terminal, or as plain lines in a pipe."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from leadline.cli import console
from leadline.report.formatting import duration, integer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from leadline.workflow.events import (
        Download,
        EpochDone,
        Event,
        ImagesPrepared,
        RunDone,
        Watcher,
    )

REDRAW_S = 0.05
COUNTED = ("compare", "look", "read", "resize")
"""Progress that is shown in images, not bytes."""


@contextmanager
def watching() -> Iterator[Watcher]:
    """Something to hand events to: bars on a terminal; in a pipe one line for each finished run."""
    screen = console.people()
    if not (screen.is_terminal and console.on_a_terminal()):
        yield Lines(screen)
        return
    bars = Bars(screen)
    with bars.progress:
        yield bars


class Lines:
    """Permanent lines on the screen or in a log: finished runs and warnings."""

    def __init__(self, screen: Console) -> None:
        self._screen = screen
        self._started_s = time.monotonic()
        self._position = ""

    def __call__(self, event: Event) -> None:
        from leadline.workflow.events import (
            ImagesPrepared,
            NoteMessage,
            RunDone,
            StudyProgress,
            WarningMessage,
        )

        match event:
            case StudyProgress(index, total):
                self._position = f"[{index}/{total}] "
                self._started_s = time.monotonic()
            case RunDone():
                self._say(self._position + self._result(event))
                self._binary(event)
                self._course(event)
                self._guessing(event)
            case ImagesPrepared():
                self._images(event)
            case WarningMessage(text):
                self._warn(text)
            case NoteMessage(text):
                self._say(console.one_line(text))

    def _images(self, event: ImagesPrepared) -> None:
        """Print how images were resized and converted, if they were."""
        from leadline.report.words import preprocessing_words

        done = event.preprocessing
        if not preprocessing_words.is_changed(done):
            return
        self._say(f"images: {preprocessing_words.summary(done)}")
        for text in preprocessing_words.warnings(done):
            self._warn(text)

    def _warn(self, text: str) -> None:
        self._say(f"warning: {console.one_line(text)}", console.CAUTION)

    def _result(self, done: RunDone) -> str:
        how = "trained before" if done.reused else duration(time.monotonic() - self._started_s)
        return (
            f"{done.run}: test accuracy {done.test_accuracy:.4f}, loss {done.test_loss:.4f} ({how})"
        )

    def _binary(self, done: RunDone) -> None:
        """More of a single run; the report of a study has it side by side."""
        from leadline.cli.binary_text import binary_lines

        if done.binary is not None and not self._position:
            for line in binary_lines(done.binary, done.chosen_by):
                self._say(line)

    def _course(self, done: RunDone) -> None:
        """Print the diagnosis of a single run's training."""
        from leadline.report.words.diagnosis_words import headline

        if done.diagnosis is not None and not self._position:
            self._say(f"  training: {headline(done.diagnosis, done.guessing)}")

    def _guessing(self, done: RunDone) -> None:
        """A model that is not shown to be better than guessing; of a study's runs in short."""
        from leadline.report.words.guessing_words import stated, title

        if done.guessing is not None and done.guessing.verdict != "better":
            said = title(done.guessing) if self._position else stated(done.guessing)
            self._say(f"  {console.one_line(said)}", console.CAUTION)

    def _say(self, text: str, style: str = "") -> None:
        self._screen.print(text, style=style, soft_wrap=True)


class Bars:
    """One live line for what is going on, below the lines that stay."""

    def __init__(self, screen: Console) -> None:
        from rich.progress import BarColumn, Progress, TextColumn
        from rich.table import Column

        whole = Column(no_wrap=True)
        self.progress: Progress = Progress(
            TextColumn("{task.description}", style=console.ACCENT, table_column=whole),
            BarColumn(bar_width=12, complete_style=console.ACCENT, finished_style=console.ACCENT),
            TextColumn("{task.fields[text]}", table_column=whole),
            TextColumn("{task.fields[left]}", table_column=whole),
            console=screen,
            transient=True,
        )
        self._lines = Lines(screen)
        self._left = Countdown()
        self._task = self.progress.add_task("", total=None, text="starting", left=self._left)
        self._drawn_s = 0.0

    def __call__(self, event: Event) -> None:
        from leadline.workflow.events import Download, EpochDone, Stage, StudyProgress

        self._lines(event)
        match event:
            case StudyProgress(_index, _total, run):
                self._update(run, "loading images", 0, None)
            case Stage(run, text):
                self._left.reset()
                self._update(run, text, 0, None)
            case Download():
                self._download(event)
            case EpochDone():
                self._epoch(event)

    def _download(self, event: Download) -> None:
        # A chunk, or an image, may come every few microseconds; a screen need not.
        now_s = time.monotonic()
        if now_s - self._drawn_s < REDRAW_S and event.done_bytes != event.total_bytes:
            return
        self._drawn_s = now_s
        self._update(event.name, amounts(event), event.done_bytes, event.total_bytes or None)

    def _epoch(self, event: EpochDone) -> None:
        row = event.row
        self._left.epoch(row.wall_s, event.epochs - row.epoch)
        text = (
            f"{row.epoch}/{event.epochs}  loss {row.train_loss:.4f}  acc {row.train_accuracy:.4f}"
            f"  val {row.validation_accuracy:.4f}"
        )
        if row.validation_auroc is not None:
            text += f"  auroc {row.validation_auroc:.4f}"
        self._update(event.run, text, row.epoch, event.epochs)

    def _update(self, name: str, text: str, done: float, total: float | None) -> None:
        self.progress.update(self._task, description=name, text=text, completed=done, total=total)


class Countdown:
    """Remaining time of a run, computed each time it is shown as text."""

    def __init__(self) -> None:
        self._epochs_s: list[float] = []
        self._ends_s = 0.0

    def reset(self) -> None:
        """Another run begins, or another stage."""
        self._epochs_s = []

    def epoch(self, wall_s: float, left: int) -> None:
        """An epoch took so many seconds; so many are left."""
        self._epochs_s.append(wall_s)
        mean_s = sum(self._epochs_s) / len(self._epochs_s)
        self._ends_s = time.monotonic() + left * mean_s

    def __str__(self) -> str:
        if not self._epochs_s:
            return ""
        return f"{clock(max(0.0, self._ends_s - time.monotonic()))} left"


def amounts(event: Download) -> str:
    """ "1.50 MB of 9.45 MB", or "300 of 60,000 images"; empty for a whole that has no size."""
    if event.total_bytes == 1:
        return ""
    if event.name in COUNTED:
        return f"{integer(event.done_bytes)} of {integer(event.total_bytes)} images"
    whole = f" of {console.size(event.total_bytes)}" if event.total_bytes else ""
    return f"{console.size(event.done_bytes)}{whole}"


def clock(seconds: float) -> str:
    """75 as "1:15", 3,700 as "1:01:40"."""
    minutes, rest_s = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest_s:02}" if hours else f"{minutes}:{rest_s:02}"
