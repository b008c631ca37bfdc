"""What `list` names."""

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest
from tests.cli.command_line import START
from tests.finished_runs import write_finished

from leadline import zoo
from leadline.cli import built_in_names, listing
from leadline.cli.cached_datasets import SOURCES, is_cached
from leadline.errors import UnknownName
from leadline.experiments import experiment_names, load_experiment, load_study, study_names
from leadline.runs import FailedSummary, RunSummary


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LEADLINE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_what_is_named_can_be_loaded():
    """The cheap reader of the catalogue agrees with the one that checks everything."""
    experiments = built_in_names.tables("experiments")
    assert list(experiments) == experiment_names()
    for name, table in experiments.items():
        loaded = load_experiment(name)
        assert (table["family"], table.get("title", "")) == (loaded.family, loaded.title)
    studies = built_in_names.tables("studies")
    assert list(studies) == study_names()
    for name, table in studies.items():
        members = [member.name for member in load_study(name).experiments]
        assert table["experiments"] == members


def test_the_list_for_programs(leadline, here, empty_cache):
    said = leadline("list", "--json")
    assert (said.status, said.err) == (0, "")
    found = json.loads(said.out)
    assert {"name": "mlp-3", "family": "pixels", "title": "MLP, two hidden layers, dropout"} in (
        found["experiments"]
    )
    assert [study["name"] for study in found["studies"]] == study_names()
    assert found["data"] == [{"name": name, "cached": False} for name in SOURCES]
    assert [model["name"] for model in found["zoo"]] == list(zoo.names())
    assert all(model["bytes"] <= zoo.LARGEST_BYTES for model in found["zoo"])
    assert found["runs"] == []


def test_the_list_for_people(leadline, here, empty_cache):
    said = leadline("list")
    assert (said.status, said.out) == (0, "")
    assert "cnn-3          cnn     Three 5x5 convolutions" in said.err
    said_in_one = " ".join(said.err.split())
    for name in SOURCES:
        assert name in said_in_one
    assert said_in_one.count("not downloaded") == len(SOURCES)
    assert "none under runs/ yet" in said.err
    assert max(map(len, said.err.splitlines())) <= 80


def test_runs_are_listed_with_their_accuracy(leadline, here, monkeypatch):
    folder = here / "runs" / "a" / "seed-1"
    folder.mkdir(parents=True)
    run = RunSummary(folder.relative_to(here), "a", 1, 0.98765, 0.04321)
    monkeypatch.setattr("leadline.runs.survey", lambda folder: (run,))
    assert json.loads(leadline("list", "--json").out)["runs"] == [
        {
            "folder": "runs/a/seed-1",
            "experiment": "a",
            "seed": 1,
            "test_accuracy": 0.98765,
            "test_loss": 0.04321,
            "state": "finished",
        }
    ]
    row = next(line for line in leadline("list").err.splitlines() if "runs/a" in line)
    assert row.split() == ["runs/a/seed-1", "0.9877", "0.0432"]


def test_seeds_that_diverged_are_listed(leadline, here, monkeypatch):
    (here / "runs").mkdir()
    failed = FailedSummary(Path("runs/a"), "cnn-1", 2, "diverged", 4, "the loss became nan.")
    monkeypatch.setattr("leadline.runs.survey", lambda folder: (failed,))
    assert json.loads(leadline("list", "--json").out)["runs"] == [
        {
            "folder": "runs/a",
            "experiment": "cnn-1",
            "seed": 2,
            "code": "diverged",
            "epoch": 4,
            "message": "the loss became nan.",
            "state": "failed",
        }
    ]
    row = next(line for line in leadline("list").err.splitlines() if "runs/a" in line)
    assert " ".join(row.split()) == "runs/a: cnn-1 seed 2 diverged in epoch 4"


def test_a_cached_set_is_one_with_all_its_bytes(empty_cache, monkeypatch):
    from leadline.data.sources.mnist import FILES

    folder = empty_cache / "mnist"
    folder.mkdir(parents=True)
    for file in FILES:
        with (folder / file.name).open("wb") as sparse:
            sparse.truncate(file.size_bytes)
    assert {"name": "mnist", "cached": True} in listing.collect(empty_cache)["data"]
    with (folder / FILES[2].name).open("wb") as sparse:
        sparse.truncate(FILES[2].size_bytes - 1)
    assert {"name": "mnist", "cached": False} in listing.collect(empty_cache)["data"]


def test_every_source_is_named():
    from leadline.data.sources import source_list

    assert set(SOURCES) == set(source_list.SOURCES)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("chest-xray", "chest_xray/train/NORMAL/IM-1.jpeg"),
        ("chest-xray", "archive.zip"),
        ("pneumoniamnist", "pneumoniamnist.npz"),
        ("pneumoniamnist", "pneumoniamnist_224.npz"),
    ],
)
def test_films_are_found_in_the_cache(empty_cache, name, file):
    assert not is_cached(name)
    path = empty_cache / name / file
    path.parent.mkdir(parents=True)
    path.touch()
    assert {other for other in SOURCES if is_cached(other)} == {name}


@pytest.mark.parametrize(
    ("name", "room", "said"),
    [
        ("lab", "experiments", "'lab' is a study, not an experiment; try: leadline study lab."),
        ("mlp-1", "studies", "'mlp-1' is an experiment, not a study; try: leadline train mlp-1."),
    ],
)
def test_a_name_from_the_other_room(name, room, said):
    with pytest.raises(UnknownName) as raised:
        built_in_names.check_room(name, room)
    assert str(raised.value) == said


@pytest.mark.parametrize(
    ("name", "room"), [("lab", "studies"), ("mlp-1", "experiments"), ("what", "studies")]
)
def test_a_name_from_its_own_room_or_none(name, room):
    built_in_names.check_room(name, room)


def test_a_name_in_both_rooms_is_right_in_each(monkeypatch):
    monkeypatch.setattr(built_in_names, "names", lambda room: ["both"])
    built_in_names.check_room("both", "studies")
    built_in_names.check_room("both", "experiments")


@pytest.mark.parametrize("no_color", [False, True])
def test_colour_on_a_terminal_unless_refused(here, empty_cache, no_color):
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color"} | ({"NO_COLOR": "1"} if no_color else {})
    with subprocess.Popen(
        [*START, "list"], stdout=theirs, stderr=theirs, env=environment
    ) as listing_process:
        os.close(theirs)
        shown = b""
        # Linux says the end of a pseudo-terminal by an error.
        try:
            while chunk := os.read(ours, 65_536):
                shown += chunk
        except OSError:
            pass
    os.close(ours)
    assert listing_process.returncode == 0
    assert b"cnn-3" in shown
    assert (b"\x1b[36m" in shown) is not no_color


def test_a_damaged_run_is_listed_as_such_beside_the_others(leadline, here):
    for name in ("a", "b"):
        write_finished(here / "runs" / name / "seed-0", "mlp-1", [1, 1, 1, 0])
    (here / "runs" / "a" / "seed-0" / "metrics.json").write_bytes(b"")
    (here / "runs" / "d").mkdir()
    (here / "runs" / "d" / "metrics.json").write_bytes(b"\xff")
    done = leadline("list", "--json")
    assert done.status == 0
    found = {row["folder"]: row for row in json.loads(done.out)["runs"]}
    assert {folder: row["state"] for folder, row in found.items()} == {
        "runs/a/seed-0": "damaged",
        "runs/b/seed-0": "finished",
        "runs/d": "damaged",
    }
    assert found["runs/a/seed-0"]["code"] == "damaged-run"
    assert "metrics.json: damaged (0 bytes, " in found["runs/a/seed-0"]["message"]
    shown = leadline("list")
    assert shown.status == 0
    assert "runs/a/seed-0/metrics.json: damaged (0 bytes, " in shown.err
    assert next(line for line in shown.err.splitlines() if "runs/b" in line).split()[1] == "0.7500"
