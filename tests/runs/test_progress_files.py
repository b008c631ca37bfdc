"""Progress of a run, as written during training and as read by watchers."""

import json

import pytest

from leadline.runs import (
    CHECKPOINT,
    Progress,
    followed,
    read_plan,
    read_progress,
    remove_plan,
    write_plan,
    writing,
)
from leadline.runs.progress_files import MOST_BYTES, PLAN, PROGRESS


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_it_is_told_epoch_by_epoch(tmp_path):
    with followed(tmp_path, "mlp-1", 3, 10) as follower:
        assert read_progress(tmp_path) == Progress("mlp-1", 3, 10)
        follower.epoch_done(1, 0.5)
        follower.epoch_done(2, 0.75)
        assert read_progress(tmp_path) == Progress("mlp-1", 3, 10, 2, 0.75)
        follower.step("judging")
        assert read_progress(tmp_path) == Progress("mlp-1", 3, 10, 2, 0.75, "judging")
    assert names(tmp_path) == [PROGRESS]


def test_who_breaks_off_says_so_and_is_gone_on_from(tmp_path):
    def train():
        with followed(tmp_path, "mlp-1", 0, 10) as follower:
            follower.epoch_done(4, 0.5)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train()
    assert read_progress(tmp_path) == Progress("mlp-1", 0, 10, 4, 0.5, "interrupted")
    with followed(tmp_path, "mlp-1", 0, 12):
        assert read_progress(tmp_path) == Progress("mlp-1", 0, 12, 4, 0.5)


@pytest.mark.parametrize(("resume", "expected"), [(True, 4), (False, 0)])
def test_it_stands_and_falls_with_the_checkpoint(tmp_path, resume, expected):
    def train(*, resume, epochs_done=None):
        with (
            writing(tmp_path / "run", "a", resume=resume) as place,
            followed(place, "mlp-1", 0, 9) as follower,
        ):
            begun = read_progress(place)
            assert begun is not None
            if epochs_done:
                (place / CHECKPOINT).write_bytes(b"x")
                follower.epoch_done(epochs_done, 0.5)
                raise KeyboardInterrupt
            return begun.epoch

    with pytest.raises(KeyboardInterrupt):
        train(resume=False, epochs_done=4)
    assert names(tmp_path / "run.partial") == ["attempt-a", CHECKPOINT, PROGRESS]
    assert train(resume=resume) == expected
    assert names(tmp_path / "run") == ["checksums.json"], "no part of a finished run"


def test_without_a_checkpoint_nothing_stays(tmp_path):
    def train():
        with writing(tmp_path / "run", "a") as place, followed(place, "mlp-1", 0, 9):
            raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        train()
    assert names(tmp_path) == []


def test_a_disk_that_is_full_ends_no_training(tmp_path):
    gone = tmp_path / "gone"
    with followed(gone, "mlp-1", 0, 9) as follower:
        follower.epoch_done(1, 0.5)
    assert read_progress(gone) is None


GOOD = {"experiment": "a", "seed": 0, "epochs": 9, "epoch": 1, "validation_accuracy": None,
        "step": "training"}  # fmt: skip


def test_what_is_whole_is_read(tmp_path):
    (tmp_path / PROGRESS).write_text(json.dumps(GOOD))
    assert read_progress(tmp_path) == Progress("a", 0, 9, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"experiment": 3}, {"seed": "0"}, {"epoch": -1}, {"epoch": True}, {"epochs": 10**400},
        {"epoch": 1.5}, {"validation_accuracy": 2}, {"validation_accuracy": "0.5"},
        {"validation_accuracy": float("nan")}, {"step": "dancing"}, {"step": []}, {"more": 1},
    ],
)  # fmt: skip
def test_what_is_not_is_as_if_nothing_were_told(tmp_path, changes):
    (tmp_path / PROGRESS).write_text(json.dumps(GOOD | changes))
    assert read_progress(tmp_path) is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b" " * MOST_BYTES + b"{}"]
)
def test_damaged_files_tell_nothing(tmp_path, content):
    for name in (PROGRESS, PLAN):
        (tmp_path / name).write_bytes(content)
    assert (read_progress(tmp_path), read_plan(tmp_path)) == (None, None)


def test_the_plan_of_a_study(tmp_path):
    folder = tmp_path / "study"
    assert read_plan(folder) is None
    write_plan(folder, ["mlp-1/seed-0", "cnn-1/seed-0"])
    assert read_plan(folder) == ("mlp-1/seed-0", "cnn-1/seed-0")
    remove_plan(folder)
    remove_plan(folder)
    assert (read_plan(folder), names(folder)) == (None, [])
