"""Paths that are not UTF-8, as on old shares: spelt out wherever they are written."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.noise_images import write_noise

from leadline import cli
from leadline.data.sources.mnist import own_name
from leadline.experiments import load_experiment, load_study
from leadline.system.durable_files import write_text

NAME = os.fsdecode(b"radio_\xe9")
SPECIFICATIONS = {
    "experiment": 'family = "pixels"\nfeatures = { kind = "pixels" }\n',
    "study": 'title = "s"\nexperiments = ["first-pixels"]\n',
}


def test_text_files_spell_them_out(tmp_path):
    write_text(tmp_path / "a.html", f"<p>{NAME}</p>")
    assert (tmp_path / "a.html").read_bytes() == b"<p>radio_\\xe9</p>"
    write_text(tmp_path / "a.json", json.dumps({"path": NAME}, ensure_ascii=False))
    assert json.loads((tmp_path / "a.json").read_bytes()) == {"path": "radio_\\xe9"}


def test_a_data_set_is_called_so_that_every_file_can_hold_it(tmp_path):
    assert own_name(tmp_path / NAME) == "radio_\\xe9"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to work in, with the smallest data set that trains."""
    monkeypatch.chdir(tmp_path)
    try:
        (tmp_path / NAME).touch()
    except (OSError, UnicodeEncodeError):
        pytest.skip("this file system holds UTF-8 alone")
    (tmp_path / NAME).unlink()
    write_noise(tmp_path / "d", ("cat", "dog"), 12, 32)
    return tmp_path


def refused(capfd, *arguments):
    """The one line on standard error of a command that is refused."""
    assert cli.run(arguments) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("\n") == 1, err
    return err


@pytest.mark.parametrize(
    "command",
    [("train", "first-pixels"), ("train", "first-pixels", "--seeds", "2"), ("study", "first-look")],
)
def test_runs_are_refused_before_anything_is_read_or_written(folder, command, capfd):
    assert refused(capfd, *command, "--data", "no-such-folder", "--out", NAME) == (
        "error: radio_\\xe9: its name is not UTF-8, so no model can be saved there; "
        "give another folder with --out.\n"
    )
    assert [path.name for path in folder.iterdir()] == ["d"]


@pytest.mark.parametrize(("kind", "command"), [("experiment", "show"), ("study", "study")])
def test_a_specification_names_its_runs_itself_or_is_refused(folder, kind, command, capfd):
    path = Path(f"{NAME}.toml")
    path.write_text(SPECIFICATIONS[kind], encoding="utf-8")
    assert refused(capfd, command, str(path)) == (
        "error: radio_\\xe9.toml: its name is not UTF-8, and runs are named after it; rename the "
        'file, or set name = "..." in it.\n'
    )
    path.write_text(f'name = "radio"\n{SPECIFICATIONS[kind]}', encoding="utf-8")
    load = load_experiment if kind == "experiment" else load_study
    assert load(path).name == "radio"


def test_a_data_set_is_trained_on_to_the_end(folder, capfd):
    (folder / "d").rename(folder / NAME)
    arguments = ("--data", NAME, "--set", "training.epochs=1", "--out", "r")
    assert cli.run(("train", "first-pixels", *arguments)) == 0
    assert "r/report.html" in capfd.readouterr().out
    record = json.loads((folder / "r/split.json").read_bytes())
    assert record["dataset"] == "radio_\\xe9"
    assert (folder / "r/model.onnx").is_file()
    assert "radio_\\xe9" in (folder / "r/report.html").read_text(encoding="utf-8")


def test_paths_are_spelt_alike_on_standard_error(folder, capfd):
    assert cli.run(("data", "audit", "d", "-o", f"{NAME}.html")) == 1
    err = capfd.readouterr().err
    assert err.splitlines()[-1] == "report: radio_\\xe9.html"
    assert (folder / f"{NAME}.html").is_file()
