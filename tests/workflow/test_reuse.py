"""Damaged runs and checkpoints, as `train` and `study` meet them."""

import shutil

import numpy as np
import pytest
from tests.small_runs import small

import leadline
from leadline import runs
from leadline.errors import DamagedRun, OtherFormat
from leadline.workflow import report_writing, study_training
from leadline.workflow.events import EpochDone, Event, RunDone, WarningMessage


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Noise of two classes; the second is darker."""
    path = tmp_path_factory.mktemp("data") / "noise.npz"
    pixels = np.random.default_rng(0).integers(0, 256, (60, 8, 8), np.uint8)
    labels = np.arange(60) % 2
    pixels[labels == 1] //= 2
    np.savez(path, x_train=pixels[:40], y_train=labels[:40], x_test=pixels[40:], y_test=labels[40:])
    return path


def tiny(*overrides):
    return small("first-pixels", "training.epochs=1", "layers.1.units=4", *overrides)


@pytest.fixture(scope="module")
def whole(images, tmp_path_factory):
    return leadline.run(tiny(), data=images, out=tmp_path_factory.mktemp("whole") / "seed-0")


@pytest.fixture
def folder(whole, tmp_path):
    return shutil.copytree(whole.folder, tmp_path / "seed-0")


def train(folder, images, **settings):
    events: list[Event] = []
    done = leadline.run(tiny(), data=images, out=folder, on_event=events.append, **settings)
    warned = [one.text for one in events if isinstance(one, WarningMessage)]
    [ended] = [one for one in events if isinstance(one, RunDone)]
    return done, warned, ended.reused


@pytest.mark.parametrize("resume", [False, True])
def test_a_run_after_a_power_cut_is_trained_again(folder, whole, images, resume):
    for path in folder.iterdir():
        if path.name != "report.html":
            path.write_bytes(b"")
    done, warned, reused = train(folder, images, resume=resume)
    assert not reused
    [line] = [text for text in warned if "damaged" in text]
    assert "checksums.json" in line
    assert "the run is trained again; what is left of it is kept as seed-0.damaged." in line
    runs.check_sums(folder)
    assert [row.train_loss for row in done.metrics.fitted.history] == [
        row.train_loss for row in whole.metrics.fitted.history
    ]
    assert sorted(path.name for path in folder.parent.iterdir()) == ["seed-0", "seed-0.damaged"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("model.keras", b""), ("metrics.json", None), ("examples.npz", bytes(100)), ("card.md", None)],
)
def test_one_file_that_is_not_whole_is_enough(folder, images, name, content):
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    _, warned, reused = train(folder, images)
    assert not reused
    assert [name in text for text in warned if "trained again" in text] == [True]
    runs.check_sums(folder)


def test_zeros_in_place_of_content_are_found_before_a_run_is_reused(folder, images):
    path = folder / "model.onnx"
    path.write_bytes(bytes(path.stat().st_size))
    _, warned, reused = train(folder, images)
    assert not reused
    assert any("model.onnx: damaged (its content is not what was written)" in t for t in warned)


@pytest.mark.parametrize("one_of", [leadline.run, study_training.repeat])
def test_a_run_of_an_earlier_version_is_kept_as_it_is(folder, images, one_of):
    path = folder / "metrics.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"format": 2', '"format": 1'))
    runs.write_checksums(folder)
    before = {one.name: one.read_bytes() for one in folder.iterdir()}
    place = (
        {"seeds": 2, "out": folder.parent} if one_of is study_training.repeat else {"out": folder}
    )
    with pytest.raises(
        OtherFormat, match=r"metrics\.json: written by an earlier version of leadline"
    ):
        one_of(tiny(), data=images, **place)
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == before
    assert [one.name for one in folder.parent.iterdir()] == ["seed-0"]


@pytest.mark.parametrize("content", [b"", b"<html>half"])
def test_a_page_that_is_not_whole_is_written_again(folder, whole, images, content):
    (folder / "report.html").write_bytes(content)
    _, warned, reused = train(folder, images)
    assert reused
    assert any("report.html: missing or cut short; written again" in text for text in warned)
    assert (folder / "report.html").read_bytes().rstrip().endswith(b"</html>")


def test_a_run_that_was_killed_before_its_name_is_not_trained_again(folder, images):
    folder.rename(folder.with_name("seed-0.partial"))
    (folder.with_name("seed-0.partial") / "checkpoint.npz").write_bytes(b"state")
    _, _, reused = train(folder, images)
    assert reused
    assert sorted(path.name for path in folder.parent.iterdir()) == ["seed-0"]
    assert not (folder / "checkpoint.npz").exists()


def test_a_damaged_checkpoint_does_not_stop_training(images, tmp_path):
    folder = tmp_path / "run"

    class Halt(Exception):
        pass

    def halt(event):
        if isinstance(event, EpochDone):
            raise Halt

    with pytest.raises(Halt):
        leadline.run(tiny(), data=images, out=folder, on_event=halt)
    path = folder.with_name("run.partial") / "checkpoint.npz"
    path.write_bytes(path.read_bytes()[:500])
    _, warned, reused = train(folder, images, resume=True)
    assert not reused
    assert any("checkpoint.npz: damaged" in t and "training begins again" in t for t in warned)


@pytest.mark.slow
def test_repeat_and_its_page_with_a_damaged_run_and_record(images, tmp_path):
    folder = tmp_path / "study"
    leadline.workflow.study_training.repeat(tiny(), seeds=2, data=images, out=folder)
    (folder / "seed-1" / "predictions.parquet").write_bytes(b"PAR1")
    for ask in (lambda: report_writing.report(folder), lambda: leadline.compare(folder)):
        with pytest.raises(DamagedRun, match=r"seed-1/predictions\.parquet: .*train the run again"):
            ask()
    (folder / "report.json").write_bytes(b"")
    events: list[Event] = []
    study_training.repeat(tiny(), seeds=2, data=images, out=folder, on_event=events.append)
    assert [one.reused for one in events if isinstance(one, RunDone)] == [True, False]
    assert report_writing.report(folder).is_file()
    for seed in (0, 1):
        runs.check_sums(folder / f"seed-{seed}")
