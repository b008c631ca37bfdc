"""The number of threads is recorded with a run, kept when it is resumed, and never mixed."""

import json

import pytest
import torch
from tests.small_runs import small

import leadline
from leadline.errors import RunError
from leadline.workflow.events import EpochDone


class Halted(Exception):
    """What ends a training after its first epoch."""


def halt(event):
    if isinstance(event, EpochDone):
        raise Halted


@pytest.fixture
def asked(monkeypatch):
    """`asked(2)`: what `--threads 2` does; `asked(None)`: what its absence does here."""

    def ask(count):
        if count is None:
            monkeypatch.delenv("LEADLINE_THREADS", raising=False)
        else:
            monkeypatch.setenv("LEADLINE_THREADS", str(count))

    ask(None)
    return ask


def threads_of(run):
    table = json.loads((run.folder / "metrics.json").read_text())
    assert table["training"]["threads"] == run.metrics.fitted.threads
    assert run.environment["torch_threads"] == str(run.metrics.fitted.threads)
    return run.metrics.fitted.threads


def test_a_resumed_run_keeps_its_threads_and_refuses_others(few_digits, tmp_path, asked):
    folder = tmp_path / "run"
    before = torch.get_num_threads()
    asked(2)
    with pytest.raises(Halted):
        leadline.run(small(), data=few_digits, out=folder, on_event=halt)
    assert torch.get_num_threads() == before

    asked(3)
    with pytest.raises(RunError) as refused:
        leadline.run(small(), data=few_digits, out=folder, resume=True)
    assert str(refused.value) == (
        f"{folder}.partial: was trained with 2 threads, and 3 threads would give different "
        "results; give --threads 2, or another folder with --out."
    )

    asked(None)
    run = leadline.run(small(), data=few_digits, out=folder, resume=True)
    assert threads_of(run) == 2
    assert len(run.metrics.fitted.history) == 2
    assert torch.get_num_threads() == before

    assert leadline.run(small(), data=few_digits, out=folder).folder == folder
    asked(2)
    assert leadline.run(small(), data=few_digits, out=folder).folder == folder
    asked(1)
    with pytest.raises(RunError, match=r"run: was trained with 2 threads, and 1 thread would"):
        leadline.run(small(), data=few_digits, out=folder)


def test_a_study_goes_on_with_the_threads_of_its_first_run(few_digits, tmp_path, asked):
    asked(2)
    leadline.run(small("first-pixels"), data=few_digits, out=tmp_path / "first-pixels" / "seed-0")
    asked(None)
    done = leadline.workflow.study_training.repeat(
        small("first-pixels"), seeds=2, data=few_digits, out=tmp_path / "first-pixels"
    )
    assert [threads_of(run) for run in done.runs] == [2, 2]
