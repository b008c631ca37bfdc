"""Resuming gives what an uninterrupted run gives; damaged and foreign files are told apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.training.conftest import build, build_with_own_dropout, experiment

from leadline.errors import RunError, StorageError
from leadline.training.history import EpochRow, Fitted
from leadline.training.loop import fit

SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "augmented": {"augmentation": {"shift_fraction": 0.1, "flip_horizontal": True}},
    "averaged, best": {
        "averaging": {"kind": "exponential", "decay": 0.9},
        "keep_epoch": "best",
        "optimizer": {"name": "Adam", "learning_rate": 0.05},
    },
    "mean of epochs, scheduled": {
        "averaging": {"kind": "epochs", "from_epoch": 2},
        "schedule": {"kind": "cosine", "warmup_epochs": 1},
        "optimizer": {"name": "Nadam"},
    },
    "best by AUROC": {
        "monitor": "validation_auroc",
        "keep_epoch": "best",
        "early_stopping": {"patience": 2},
    },
    "films": {
        "precision": "bfloat16",
        "optimizer": {"name": "AdamW", "exclude_from_weight_decay": ["bias"]},
        "augmentation": {
            "stretch_fraction": 0.2,
            "rotation_deg": 5,
            "fill": "either",
            "blur_px": 0.5,
            "exposure_fraction": 0.3,
            "shade_fraction": 0.1,
            "noise_fraction": 0.05,
            "erase_fraction": 0.5,
        },
    },
    "early stopping": {"early_stopping": {"patience": 1, "min_delta": 0.2}, "epochs": 50},
}


class Interrupted:
    """Ctrl-C after some epochs."""

    def __init__(self, after: int) -> None:
        self.after = after

    def __call__(self, row: EpochRow) -> None:
        if row.epoch == self.after:
            raise KeyboardInterrupt


def values(fitted: Fitted) -> list[EpochRow]:
    return [replace(row, wall_s=0.0, images_per_s=0.0) for row in fitted.history]


@pytest.mark.parametrize("training", SETTINGS.values(), ids=SETTINGS)
def test_a_resumed_run_is_the_run(training, split, tmp_path):
    made = experiment(**{"epochs": 5, **training})
    path = tmp_path / "deep" / "checkpoint.npz"
    whole = build(made)
    expected = fit(whole, split, made.training, seed=1)
    with pytest.raises(KeyboardInterrupt):
        fit(build(made), split, made.training, seed=1, checkpoint=path, on_epoch=Interrupted(2))
    resumed = build(made, seed=99)
    seen: list[EpochRow] = []
    found = fit(
        resumed, split, made.training, seed=1, checkpoint=path, resume=True, on_epoch=seen.append
    )
    assert values(found) == values(expected)
    assert [row.epoch for row in seen] == [row.epoch for row in expected.history[2:]]
    assert (found.stopped, found.kept_epoch, found.best_epoch) == (
        expected.stopped,
        expected.kept_epoch,
        expected.best_epoch,
    )
    for one, other in zip(
        resumed.classifier.get_weights(), whole.classifier.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    assert [file.name for file in path.parent.iterdir()] == ["checkpoint.npz"]


def test_layers_that_draw_from_torchs_own_generator_resume(split, tmp_path):
    made = experiment(epochs=4)
    path = tmp_path / "c.npz"
    expected = fit(build_with_own_dropout(), split, made.training, seed=1)
    interrupted = {"seed": 1, "checkpoint": path, "on_epoch": Interrupted(2)}
    with pytest.raises(KeyboardInterrupt):
        fit(build_with_own_dropout(), split, made.training, **interrupted)
    found = fit(
        build_with_own_dropout(), split, made.training, seed=1, checkpoint=path, resume=True
    )
    assert values(found) == values(expected)


def test_a_finished_run_resumes_to_its_end_at_once(split, tmp_path):
    made = experiment()
    path = tmp_path / "c.npz"
    built = build(made)
    first = fit(built, split, made.training, seed=0, checkpoint=path)
    again = build(made, seed=5)
    second = fit(again, split, made.training, seed=0, checkpoint=path, resume=True)
    assert second.history == first.history
    np.testing.assert_array_equal(
        again.classifier.get_weights()[0], built.classifier.get_weights()[0]
    )


def test_more_epochs_may_be_asked_for(split, tmp_path):
    path = tmp_path / "c.npz"
    short, long = experiment(epochs=2), experiment(epochs=4)
    fit(build(short), split, short.training, seed=0, checkpoint=path)
    found = fit(build(long), split, long.training, seed=0, checkpoint=path, resume=True)
    assert values(found) == values(fit(build(long), split, long.training, seed=0))


def test_fewer_epochs_than_were_trained_are_refused(split, tmp_path):
    path = tmp_path / "c.npz"
    long, short = experiment(epochs=3), experiment(epochs=2)
    fit(build(long), split, long.training, seed=0, checkpoint=path)
    with pytest.raises(RunError, match=r"c\.npz: has trained 3 epochs, more than the 2 asked for"):
        fit(build(short), split, short.training, seed=0, checkpoint=path, resume=True)


def test_without_resume_an_old_checkpoint_is_replaced(split, tmp_path):
    made = experiment()
    path = tmp_path / "c.npz"
    path.write_bytes(b"old")
    assert len(fit(build(made), split, made.training, seed=0, checkpoint=path).history) == 3
    assert len(fit(build(made), split, made.training, seed=0, checkpoint=path).history) == 3


def test_resuming_from_nothing_starts_anew(split, tmp_path):
    made = experiment(epochs=1)
    fitted = fit(
        build(made), split, made.training, seed=0, checkpoint=tmp_path / "c.npz", resume=True
    )
    assert len(fitted.history) == 1


@pytest.mark.parametrize(
    ("changed", "seed", "said"),
    [
        ({}, 1, r"seed is 0 there, 1 here"),
        ({"batch_size": 8}, 0, r"training is .*'batch_size': 16.* there"),
    ],
)
def test_a_checkpoint_of_another_training_is_refused(changed, seed, said, split, tmp_path):
    path = tmp_path / "c.npz"
    made, other = experiment(), experiment(**changed)
    fit(build(made), split, made.training, seed=0, checkpoint=path)
    with pytest.raises(RunError, match=said):
        fit(build(other), split, other.training, seed=seed, checkpoint=path, resume=True)


def test_a_checkpoint_of_another_network_is_refused(split, tmp_path):
    path = tmp_path / "c.npz"
    made, other = experiment(), experiment([{"type": "Dense", "units": 5}])
    fit(build(made), split, made.training, seed=0, checkpoint=path)
    with pytest.raises(RunError, match="shapes of weights"):
        fit(build(other), split, other.training, seed=0, checkpoint=path, resume=True)


@pytest.mark.parametrize("damage", ["cut", "empty", "noise", "pickle"])
def test_a_damaged_checkpoint_is_named(damage, split, tmp_path):
    path: Path = tmp_path / "c.npz"
    made = experiment(epochs=1)
    fit(build(made), split, made.training, seed=0, checkpoint=path)
    whole = path.read_bytes()
    if damage == "pickle":
        np.savez(path, json=np.array([{"a": 1}], dtype=object))
    else:
        path.write_bytes({"cut": whole[:-500], "empty": b"", "noise": b"x" * 500}[damage])
    with pytest.raises(RunError, match=r"c\.npz: damaged .*; delete it"):
        fit(build(made), split, made.training, seed=0, checkpoint=path, resume=True)


def test_a_folder_that_cannot_be_written_is_named(split, tmp_path):
    (tmp_path / "file").write_text("")
    made = experiment(epochs=1)
    with pytest.raises(StorageError, match="cannot be written"):
        fit(build(made), split, made.training, seed=0, checkpoint=tmp_path / "file" / "c.npz")


def test_a_failed_write_leaves_the_checkpoint_before_it(split, tmp_path, monkeypatch):
    path = tmp_path / "c.npz"
    made = experiment()
    fit(build(made), split, made.training, seed=0, checkpoint=path)
    before = path.read_bytes()

    def full(file: Any, **_: Any) -> None:
        file.write(b"some")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(StorageError, match="the disk is full"):
        fit(build(made), split, made.training, seed=0, checkpoint=path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["c.npz"]
