"""Run folders that were damaged after they were written."""

import json
import os
import shutil

import numpy as np
import pytest

import leadline
from leadline.errors import RunError
from leadline.runs import write_checksums
from leadline.workflow import report_writing


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> leadline.Run:
    """A small network on noise of two classes."""
    folder = tmp_path_factory.mktemp("noise")
    pixels = np.random.default_rng(0).integers(0, 256, (80, 12, 12), np.uint8)
    labels = np.arange(80) % 2
    np.savez(
        folder / "noise.npz",
        x_train=pixels[:40], y_train=labels[:40], x_test=pixels[40:], y_test=labels[40:],
    )  # fmt: skip
    experiment = leadline.load_experiment("first-pixels", ["training.epochs=2"])
    return leadline.run(experiment, data=folder / "noise.npz", out=folder / "run")


@pytest.mark.parametrize("name", ["metrics.json", "split.json", "history.csv"])
def test_a_damaged_or_missing_file_of_a_run_is_named(run, tmp_path, name):
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in run.folder.iterdir():
        if path.name != name:
            os.link(path, copy / path.name)
    with pytest.raises(RunError, match=f"{name}: missing"):
        leadline.load_run(copy)
    (copy / name).write_text("epoch\nx\n", encoding="utf-8")
    with pytest.raises(RunError, match=f"{name}: damaged"):
        leadline.load_run(copy)


def test_a_history_without_epochs_is_damaged(run, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(run.folder, copy)
    header = (copy / "history.csv").read_text(encoding="utf-8").splitlines()[0]
    (copy / "history.csv").write_text(f"{header}\n", encoding="utf-8")
    write_checksums(copy)
    with pytest.raises(RunError, match=r"history\.csv: damaged \(no epochs\)"):
        leadline.load_run(copy)


def test_a_damaged_run_is_named_and_left_out_of_lists(run, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(run.folder, copy)
    table = json.loads((copy / "metrics.json").read_text(encoding="utf-8"))
    del table["test"]["n"]
    (copy / "metrics.json").write_text(json.dumps(table), encoding="utf-8")
    write_checksums(copy)
    with pytest.raises(RunError, match=r"metrics\.json: damaged .*has no key n"):
        leadline.load_run(copy)
    assert leadline.list_runs(tmp_path) == []


@pytest.mark.parametrize("kept_bytes", [0, 100, 2000])
def test_examples_that_broke_off_are_named(run, tmp_path, kept_bytes):
    copy = tmp_path / "copy"
    shutil.copytree(run.folder, copy)
    whole = (copy / "examples.npz").read_bytes()
    (copy / "examples.npz").write_bytes(whole[:kept_bytes])
    with pytest.raises(RunError, match=r"examples\.npz: damaged"):
        report_writing.report(copy)


def test_a_split_that_does_not_say_all_is_damaged(run, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(run.folder, copy)
    (copy / "split.json").write_text('{"dataset": "x", "parts": {}}', encoding="utf-8")
    write_checksums(copy)
    with pytest.raises(RunError, match=r"split\.json: damaged \(no source, warnings, classes, val"):
        leadline.load_run(copy)


@pytest.mark.parametrize(
    "warning",
    [{"code": "no-such-code", "values": {}}, {"code": "read-below", "values": {}}, "text"],
)
def test_a_remark_that_cannot_be_shown_is_damage(run, tmp_path, warning):
    copy = tmp_path / "copy"
    shutil.copytree(run.folder, copy)
    split = json.loads((copy / "split.json").read_text(encoding="utf-8"))
    (copy / "split.json").write_text(json.dumps({**split, "warnings": [warning]}), encoding="utf-8")
    write_checksums(copy)
    with pytest.raises(RunError, match=r"split\.json: damaged"):
        leadline.load_run(copy)


@pytest.mark.parametrize(
    ("change", "said"),
    [([("true", 50)], "labels beyond the 2 classes"), ([("pixels", None)], "pixels")],
)
def test_examples_of_other_classes_are_damaged(run, tmp_path, change, said):
    copy = tmp_path / "copy"
    shutil.copytree(run.folder, copy)
    arrays = run.examples()
    arrays |= {name: None if fill is None else arrays[name] * 0 + fill for name, fill in change}
    np.savez(copy / "examples.npz", **{k: v for k, v in arrays.items() if v is not None})
    write_checksums(copy)
    with pytest.raises(RunError, match=rf"examples\.npz: damaged .*{said}"):
        report_writing.report(copy)
