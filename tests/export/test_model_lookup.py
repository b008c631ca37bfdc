"""Which file answers for what a user names."""

from pathlib import Path

import pytest

from leadline import zoo
from leadline.errors import ArtefactError, LeadlineError, RunError
from leadline.export.export_paths import find_artefact


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_is_itself_whatever_it_holds(here):
    (here / "a.ONNX").write_bytes(b"")
    assert find_artefact(Path("a.ONNX")) == Path("a.ONNX")


def test_of_a_run_it_is_the_artefact(here):
    (here / "run").mkdir()
    (here / "run" / "model.onnx").write_bytes(b"")
    assert find_artefact(Path("run")) == Path("run/model.onnx")


def test_a_name_of_the_zoo(here):
    assert find_artefact(Path("chest-cnn")) == zoo.artefact_path("chest-cnn")


def test_a_folder_of_ones_own_goes_before_the_zoo(here):
    (here / "chest-cnn").mkdir()
    (here / "chest-cnn" / "model.onnx").write_bytes(b"")
    assert find_artefact(Path("chest-cnn")) == Path("chest-cnn/model.onnx")


@pytest.mark.parametrize(
    ("made", "asked", "error", "words"),
    [
        ((), "gone", ArtefactError, "gone: no such run, artefact (.onnx) or model of the zoo; in"),
        ((), "gone.onnx", ArtefactError, "chest-cnn"),
        (("model.keras",), "model.keras", ArtefactError, "model.keras: is no artefact (.onnx)"),
        (("chest-cnn",), "chest-cnn", ArtefactError, "chest-cnn: is no artefact"),
        (("run/metrics.json",), "run", RunError, "run: this run has no model.onnx; its report"),
        (("s/report.json",), "s", RunError, "s: holds no finished run; give the folder of one"),
        (("run/model.onnx/x",), "run", RunError, "holds no finished run"),
    ],
)
def test_what_is_no_model(here, made, asked, error, words):
    for name in made:
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_bytes(b"{}")
    with pytest.raises(LeadlineError) as raised:
        find_artefact(Path(asked))
    assert type(raised.value) is error
    assert words in str(raised.value)
