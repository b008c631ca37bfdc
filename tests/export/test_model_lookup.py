"""Which file answers for what a user names."""

from pathlib import Path

import pytest

from leadline import zoo
from leadline.errors import LeadlineError, ModelFileError, RunError
from leadline.export.export_paths import find_model_file


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_is_itself_whatever_it_holds(here):
    (here / "a.ONNX").write_bytes(b"")
    assert find_model_file(Path("a.ONNX")) == Path("a.ONNX")


def test_of_a_run_it_is_the_model_file(here):
    (here / "run").mkdir()
    (here / "run" / "model.onnx").write_bytes(b"")
    assert find_model_file(Path("run")) == Path("run/model.onnx")


def test_a_name_of_the_zoo(here):
    assert find_model_file(Path("chest-cnn")) == zoo.model_file_path("chest-cnn")


def test_a_folder_of_ones_own_goes_before_the_zoo(here):
    (here / "chest-cnn").mkdir()
    (here / "chest-cnn" / "model.onnx").write_bytes(b"")
    assert find_model_file(Path("chest-cnn")) == Path("chest-cnn/model.onnx")


@pytest.mark.parametrize(
    ("made", "asked", "error", "words"),
    [
        ((), "gone", ModelFileError, "gone: no such run, model file (.onnx) or zoo"),
        ((), "gone.onnx", ModelFileError, "chest-cnn"),
        (("model.keras",), "model.keras", ModelFileError, "model.keras: not a model file (.onnx)"),
        (("chest-cnn",), "chest-cnn", ModelFileError, "chest-cnn: not a model file"),
        (("run/metrics.json",), "run", RunError, "run: this run has no model.onnx; the reason"),
        (("s/report.json",), "s", RunError, "s: holds no finished run; give the folder of one"),
        (("run/model.onnx/x",), "run", RunError, "holds no finished run"),
    ],
)
def test_what_is_no_model(here, made, asked, error, words):
    for name in made:
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_bytes(b"{}")
    with pytest.raises(LeadlineError) as raised:
        find_model_file(Path(asked))
    assert type(raised.value) is error
    assert words in str(raised.value)
