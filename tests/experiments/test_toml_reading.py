"""Files found, read, merged; what cannot be read is said with its place."""

from pathlib import Path
from typing import Any

import pytest

from leadline.errors import SpecError, UnknownName
from leadline.experiments import (
    experiment_names,
    load_experiment,
    load_study,
    parse_experiment,
    study_names,
    toml_reading,
)

MINE = """
family = "pixels"
features = {kind = "pixels", flatten = true}
[training]
epochs = 3
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(MINE, encoding="utf-8")
    return path


def error_of(call, *arguments) -> str:
    with pytest.raises(SpecError) as raised:
        call(*arguments)
    return str(raised.value)


@pytest.mark.parametrize("name", experiment_names())
def test_every_built_in_experiment_loads(name):
    assert load_experiment(name).name == name


@pytest.mark.parametrize("name", study_names())
def test_every_built_in_study_loads(name):
    study = load_study(name)
    assert study.name == name
    assert {experiment.name for experiment in study.experiments} <= set(experiment_names())


# The lab's table: batch, epochs, the lab's test loss and accuracy.
LAB = {
    "mlp-1": (128, 10, 0.0904, 0.9726),
    "mlp-2": (32, 20, 0.0712, 0.9798),
    "mlp-3": (128, 30, 0.0703, 0.9817),
    "hog-1": (128, 50, 0.0939, 0.9776),
    "hog-2": (128, 20, 0.0738, 0.9794),
    "hog-3": (256, 10, 0.0617, 0.9808),
    "cnn-1": (128, 3, 0.0401, 0.9872),
    "cnn-2": (128, 3, 0.0350, 0.9881),
    "cnn-3": (128, 3, 0.0264, 0.9921),
}


def test_the_lab_is_as_the_lab_says():
    found = {
        experiment.name: (
            experiment.training.batch_size,
            experiment.training.epochs,
            experiment.reference and experiment.reference.test_loss,
            experiment.reference and experiment.reference.test_accuracy,
        )
        for experiment in load_study("lab").experiments
    }
    assert found == LAB
    assert all(name in experiment_names() for name in ("cnn-1-pooled", "cnn-2-pooled"))


def test_the_file_gives_the_name_where_it_says_none(mine):
    assert load_experiment(mine).name == "mine"
    mine.write_text('name = "other"' + MINE, encoding="utf-8")
    assert load_experiment(str(mine)).name == "other"


def test_overrides_are_laid_over_in_their_order(mine):
    experiment = load_experiment(mine, ["training.epochs=7", "training.epochs=8", "title=Mine"])
    assert (experiment.training.epochs, experiment.title) == (8, "Mine")
    assert load_experiment(mine).training.epochs == 3


def test_layers_count_from_one_in_overrides_and_in_messages():
    changed: Any = load_experiment("cnn-3", ["layers.8.units=64"]).layers[7]
    assert changed.units == 64
    assert error_of(load_experiment, "cnn-3", ["layers.8.units=0"]) == (
        "cnn-3 --set layers.8.units=0: "
        "layer 8 (Dense).units = 0: should be greater than or equal to 1."
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cnn3", "No experiment is called 'cnn3'. Nearest: cnn-3, "),
        ("CNN-3", "No experiment is called 'CNN-3'. Nearest: cnn-3, "),
        ("mlp_2", "No experiment is called 'mlp_2'. Nearest: mlp-2, "),
        ("zzzz", "No experiment is called 'zzzz'. Known: chest-cnn, chest-hog, "),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(name, expected):
    with pytest.raises(UnknownName) as raised:
        load_experiment(name)
    assert str(raised.value).startswith(expected)
    assert str(raised.value).endswith(". A file's name must end in .toml.")


def test_an_unknown_study():
    with pytest.raises(UnknownName, match=r"No study is called 'labs'\. Nearest: lab"):
        load_study("labs")


def test_no_catalogue_leaves_no_empty_list(monkeypatch, tmp_path):
    monkeypatch.setattr(toml_reading, "CATALOG", tmp_path)
    assert experiment_names() == study_names() == []
    assert error_of(load_experiment, "mlp-1") == (
        "No experiment is called 'mlp-1'. A file's name must end in .toml."
    )


def test_a_name_too_long_for_the_file_system():
    assert f"'{'a' * 80}…'. Known" in error_of(load_experiment, "a" * 5_000)


def test_a_file_that_is_not_there(tmp_path):
    path = tmp_path / "none.toml"
    assert error_of(load_experiment, path) == f"{path}: no such file."
    folder = tmp_path / "folder.toml"
    folder.mkdir()
    assert error_of(load_experiment, folder) == f"{folder}: no such file."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 3\nb c\n", "Expected '=' after a key in a key/value pair (at line 2, column 3)"),
        ("a = 1\na = 2\n", "Cannot overwrite a value (at line 2, column 6)"),
        ("a = [1,\n", "Invalid value (at line 2, column 1, where the file ends)"),
        ("a = [1", "Unclosed array (at line 1, column 7, where the file ends)"),
        ("a = " + "[" * 50_000, "nested too deeply"),
    ],
)
def test_toml_that_does_not_parse(text, expected):
    assert error_of(parse_experiment, text, "x.toml") == f"x.toml: not valid TOML: {expected}."


def test_an_integer_of_thousands_of_digits():
    found = error_of(parse_experiment, f"a = {'9' * 5_000}", "x.toml")
    assert found.startswith("x.toml: not valid TOML: Exceeds the limit (4300 digits)")


def test_a_file_of_other_bytes(mine):
    mine.write_bytes(b'title = "caf\xe9"')
    assert error_of(load_experiment, mine) == (
        f"{mine}: byte 12 is not UTF-8; save the file as UTF-8."
    )
    mine.write_bytes(b"\xef\xbb\xbf" + MINE.replace("\n", "\r\n").encode())
    assert load_experiment(mine).training.epochs == 3
    mine.write_bytes(b"#" * 1_000_001)
    assert error_of(load_experiment, mine) == (
        f"{mine}: larger than 1,000,000 bytes, too large for an experiment."
    )


def study(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_study_of_a_name_and_a_file(mine, tmp_path):
    path = study(
        tmp_path,
        'seeds = 2\nexperiments = ["mlp-1", "mine.toml"]\n'
        "[common.training]\nepochs = 4\n[common.data]\nvalidation = 'carve'",
    )
    found = load_study(path, ["training.batch_size=64"])
    assert (found.name, found.seeds) == ("study", 2)
    assert [experiment.name for experiment in found.experiments] == ["mlp-1", "mine"]
    assert {experiment.training.epochs for experiment in found.experiments} == {4}
    assert {experiment.training.batch_size for experiment in found.experiments} == {64}
    assert {experiment.data.validation for experiment in found.experiments} == {"carve"}


def test_an_override_wins_over_what_is_common(tmp_path):
    path = study(tmp_path, 'experiments = ["mlp-1"]\n[common.training]\nepochs = 4')
    assert load_study(path, ["training.epochs=5"]).experiments[0].training.epochs == 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "experiments = 'mlp-1'",
            "experiments = 'mlp-1' should be a list of names or of TOML files.",
        ),
        ("experiments = [1]", "experiments = [1] should be a list of names or of TOML files."),
        ("title = 'x'", "experiments = []: should have at least 1 item, not 0."),
        (
            "experiments = ['mlp-1', 'mlp-1']",
            "experiments appear twice: mlp-1.",
        ),
        ("experiments = ['mlp-1']\nseed = 3", "seed = 3 is not a setting; nearest: seeds."),
        ("experiments = ['mlp-1']\ncommon = 3", "common = 3 should be a table of settings."),
        (
            "experiments = ['mlp-1']\n[common.training]\nepochs = 0",
            "mlp-1: training.epochs = 0: should be greater than or equal to 1.",
        ),
    ],
)
def test_a_study_that_does_not_read(tmp_path, text, expected):
    path = study(tmp_path, text)
    assert error_of(load_study, path) == f"{path}: {expected}"


def test_a_study_with_an_experiment_that_is_not_there(tmp_path):
    path = study(tmp_path, "experiments = ['mlp-9']")
    assert "No experiment is called 'mlp-9'. Nearest: mlp-3" in error_of(load_study, path)
    path = study(tmp_path, "experiments = ['none.toml']")
    assert error_of(load_study, path) == f"{tmp_path / 'none.toml'}: no such file."
