"""A finished run handed over: what the files answer and say, and whatever stands in the way."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from tests import explained_runs
from tests.small_runs import small

import leadline
from leadline.errors import DataError, LeadlineError, ModelFileError, RunError, StorageError
from leadline.export import open_model_file
from leadline.export.export_paths import SUFFIXES, Form
from leadline.export.model_metadata import metadata_from
from leadline.runs import Run, write_checksums
from leadline.workflow import run_export
from leadline.workflow.events import Event, Stage, WarningMessage
from leadline.workflow.preparation import prepare
from leadline.workflow.run_export import export_run


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> Path:
    return explained_runs.write_films(tmp_path_factory.mktemp("films"))


@pytest.fixture(scope="module")
def cnn(films, tmp_path_factory) -> Run:
    """Of two classes, with thresholds, temperature and limits."""
    return explained_runs.train(films, tmp_path_factory.mktemp("cnn") / "seed-0")


@pytest.fixture(scope="module")
def hog(few_digits, tmp_path_factory) -> Run:
    """Of ten classes."""
    folder = tmp_path_factory.mktemp("hog") / "seed-0"
    return leadline.run(small("first-hog"), data=few_digits, out=folder)


@pytest.fixture(scope="module")
def pixels(few_digits, tmp_path_factory) -> Run:
    folder = tmp_path_factory.mktemp("pixels") / "seed-0"
    return leadline.run(small("first-pixels"), data=few_digits, out=folder)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def copy(cnn, tmp_path) -> Run:
    """A run whose files may be spoilt."""
    shutil.copytree(cnn.folder, tmp_path / "run" / "seed-0")
    return leadline.load_run(tmp_path / "run" / "seed-0")


@pytest.fixture(params=["cnn", "hog", "pixels"])
def run(request) -> Run:
    found: Run = request.getfixturevalue(request.param)
    return found


def test_onnx_says_and_answers_what_the_runs_own_file_does(run, here):
    done = export_run(run.folder)
    assert done.path == Path(f"{run.experiment.name}.onnx")
    assert (done.form, done.builder, done.images) == ("onnx", None, run.metrics.test.n)
    assert 0 <= done.largest_difference <= 1e-5
    assert [path.name for path in here.iterdir()] == [done.path.name]
    content = done.path.read_bytes()
    assert done.size_bytes == len(content)
    assert done.sha256 == hashlib.sha256(content).hexdigest()
    exported, own = open_model_file(done.path), open_model_file(run.folder / "model.onnx")
    assert exported.metadata.as_properties() == own.metadata.as_properties()
    shape = (9, *own.metadata.size_px, own.metadata.channels)
    images = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    probabilities, scores = exported.answer(images)
    own_probabilities, own_scores = own.answer(images)
    assert scores is not None
    assert own_scores is not None
    np.testing.assert_allclose(probabilities, own_probabilities, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(scores, own_scores, rtol=1e-5, atol=1e-6)


def test_keras_opens_in_safe_mode_and_says_what_it_is(run, here):
    done = export_run(run.folder, "keras")
    assert done.path == Path(f"{run.experiment.name}.keras")
    assert done.largest_difference <= 1e-6
    said = metadata_from(json.loads(zipfile.ZipFile(done.path).read("leadline.json")))
    own = open_model_file(run.folder / "model.onnx").metadata
    # The OOD score is part of the ONNX graph alone, so this file's card leaves it out.
    assert said == own.model_copy(update={"scope": None, "card": said.card})
    of_run = (run.folder / "card.md").read_text(encoding="utf-8").splitlines()
    left_out = [line for line in of_run if line not in said.card.splitlines()]
    assert left_out[0].startswith("- **Out of scope**")
    assert "scope" not in said.card.lower()
    images = np.random.default_rng(0).integers(0, 256, (9, *said.size_px, 1)).astype(np.uint8)
    found = leadline.load_keras(done.path).predict(images, verbose=0)
    expected = run.model().predict(images, verbose=0)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_torch_builds_it_from_numbers_and_text(run, here):
    name = run.experiment.name
    done = export_run(run.folder, "torch")
    assert (done.path, done.builder) == (
        Path(f"{name}.safetensors"),
        Path(f"{name.replace('-', '_')}.py"),
    )
    assert done.largest_difference <= 1e-4
    assert {path.name for path in here.iterdir()} == {str(done.path), str(done.builder)}
    shape = (9, *run.experiment.data.size_px, 1)
    images = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    np.save("images.npy", images)
    script = (
        "import sys; sys.modules['leadline'] = sys.modules['keras'] = None\n"
        "import numpy, torch\n"
        f"from {name.replace('-', '_')} import load\n"
        f"model = load({str(done.path)!r})\n"
        "with torch.no_grad():\n"
        "    answers = model(torch.from_numpy(numpy.load('images.npy')))\n"
        "numpy.save('answers.npy', answers.numpy())\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=here)
    expected = run.model().predict(images, verbose=0)
    np.testing.assert_allclose(np.load("answers.npy"), expected, atol=1e-4)


def test_the_same_run_gives_the_same_bytes(run, here):
    for form in ("onnx", "keras", "torch"):
        assert export_run(run.folder, form).sha256 == export_run(run.folder, form).sha256


@pytest.mark.slow
@pytest.mark.skipif(find_spec("jax") is None, reason="jax is not installed; NumPy's needs it too")
@pytest.mark.parametrize("backend", ["jax", "numpy"])
def test_keras_answers_the_same_on_other_backends(run, here, backend):
    done = export_run(run.folder, "keras")
    about = open_model_file(run.folder / "model.onnx").metadata
    images = np.random.default_rng(0).integers(0, 256, (9, *about.size_px, 1)).astype(np.uint8)
    np.save("images.npy", images)
    script = (
        "import keras, leadline, numpy, sys\n"
        f"model = leadline.load_keras({str(done.path)!r})\n"
        "numpy.save('answers.npy', model.predict(numpy.load('images.npy'), verbose=0))\n"
        f"assert keras.backend.backend() == {backend!r}\n"
    )
    environment = {**os.environ, "KERAS_BACKEND": backend}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment)
    expected = run.model().predict(images, verbose=0)
    np.testing.assert_allclose(np.load("answers.npy"), expected, atol=1e-4)


def test_what_goes_on_is_told_but_no_warning_again(hog, few_digits, here, monkeypatch):
    events: list[Event] = []

    def warning(data, path, on_event):
        on_event(WarningMessage("few images"))
        return prepare(data, path, on_event)

    monkeypatch.setattr(run_export, "prepare", warning)
    export_run(hog.folder, "keras", on_event=events.append)
    assert [event.text for event in events if isinstance(event, Stage)] == [
        "loading images", "running the Keras model", "writing and checking first-hog.keras",
    ]  # fmt: skip
    assert not [event for event in events if isinstance(event, WarningMessage)]


def test_a_file_of_the_same_form_is_replaced(hog, here):
    first = export_run(hog.folder, "keras", "model.keras")
    (here / "model.keras").write_bytes(b"PK\x03\x04 an older one")
    assert export_run(hog.folder, "keras", "model.keras").sha256 == first.sha256
    assert [path.name for path in here.iterdir()] == ["model.keras"]


# What stands in the way: one line that says what to do, and nothing written.


def refused(kind: type[LeadlineError], said: str, *arguments, **options) -> None:
    before = sorted(Path.cwd().rglob("*"))
    with pytest.raises(kind, match=said) as caught:
        export_run(*arguments, **options)
    assert "\n" not in str(caught.value)
    assert sorted(Path.cwd().rglob("*")) == before


def test_images_that_are_gone(copy, films, here):
    record = json.loads((copy.folder / "split.json").read_text())
    (copy.folder / "split.json").write_text(json.dumps({**record, "data": "/gone/films"}))
    write_checksums(copy.folder)
    own = (
        rf"give .* with --data PATH; or take the run's own {copy.folder}/model\.onnx, which was ch"
    )
    refused(DataError, rf"which cannot be read \(/gone/films.*{own}", copy.folder)
    assert export_run(copy.folder, data=films).images == copy.metrics.test.n


def test_a_run_without_a_model_file_has_none_to_offer(copy, here):
    (copy.folder / "model.onnx").unlink()
    write_checksums(copy.folder)
    with pytest.raises(DataError) as caught:
        export_run(copy.folder, data="gone")
    assert str(caught.value).endswith("with --data PATH.")


def test_other_images(copy, few_digits, films, tmp_path, here):
    refused(DataError, r"those in .*digits\.npz differ \(other classes: 0, 1, 2", copy.folder,
            data=few_digits)  # fmt: skip
    changed = tmp_path / "changed"
    shutil.copytree(films, changed)
    for path in changed.rglob("1*.png"):
        shutil.copyfile(films / "lit" / "0.png", path)
    said = r"differ \((test|train): \d+ images here, \d+ there, other content\); give the"
    refused(DataError, said, copy.folder, data=changed)


def test_a_model_that_is_not_of_the_runs_records(copy, hog, here):
    import keras

    model = copy.model()
    weights = model.get_weights()
    model.set_weights([one + 0.05 for one in weights])
    model.save(copy.folder / "model.keras")
    write_checksums(copy.folder)
    refused(RunError, r"model\.keras: is not the model of this run's records: its probabilities dif"
            r".* from predictions\.parquet \(at most 0\.001 is allowed\)", copy.folder)  # fmt: skip
    model.set_weights([one * np.float32(np.nan) for one in weights])
    model.save(copy.folder / "model.keras")
    write_checksums(copy.folder)
    refused(RunError, "differ by nan from predictions", copy.folder)
    shutil.copyfile(hog.folder / "model.keras", copy.folder / "model.keras")
    write_checksums(copy.folder)
    refused(RunError, r"model\.keras: does not answer the run's images \(.*put the", copy.folder)
    inputs = keras.Input((16, 16, 1), dtype="uint8")
    flat = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(inputs))
    keras.Model(inputs, keras.layers.Dense(3)(flat)).save(copy.folder / "model.keras")
    write_checksums(copy.folder)
    refused(RunError, r"model\.keras: does not answer the run's images \(.*put the", copy.folder)


@pytest.mark.parametrize("form", ["onnx", "keras", "torch"])
def test_a_file_that_would_answer_otherwise_is_not_written(cnn, here, form, monkeypatch):
    def shifted(run, model, images):
        answers = model.predict(images, verbose=0)
        return answers + np.array([2e-4, -2e-4], np.float32)

    monkeypatch.setattr(run_export, "_as_recorded", shifted)
    said = rf"tiny-cnn{SUFFIXES[form]}: the .* file and the Keras model differ by 0\.0002 .*nothing"
    refused(ModelFileError, said, cnn.folder, form)


@pytest.mark.parametrize(
    "full",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError("Can't write data (errno = 28, error message = 'No space left on device')"),
    ],
)
@pytest.mark.parametrize("form", ["onnx", "keras"])
def test_a_full_disk(cnn, here, form, full, monkeypatch):
    import keras

    def fill(*_, **__):
        raise full

    monkeypatch.setattr(keras.Model, "save" if form == "keras" else "export", fill)
    refused(StorageError, rf"tiny-cnn\.{form}: the disk is full; free some space", cnn.folder, form)


def test_a_file_larger_than_allowed(cnn, here, monkeypatch):
    import keras

    def fill(*_, **__):
        raise OSError(errno.EFBIG, "File too large")

    monkeypatch.setattr(keras.Model, "save", fill)
    refused(StorageError, r"tiny-cnn\.keras: the file is larger than .*ulimit", cnn.folder, "keras")


def test_a_model_that_a_form_cannot_hold(cnn, here, monkeypatch):
    import keras

    def fail(*_, **__):
        raise NotImplementedError("no operator\nfor this")

    monkeypatch.setattr(keras.Model, "export", fail)
    said = r"tiny-cnn\.onnx: this model cannot be written as onnx \(NotImplementedError: no operat"
    refused(ModelFileError, rf"{said}.*; try --format keras\.", cnn.folder)


def test_what_is_no_run(hog, here, tmp_path):
    (here / "notes.txt").write_text("x")
    (here / "empty").mkdir()
    shutil.copyfile(hog.folder / "model.onnx", here / "one.onnx")
    (here / "runs" / "seed-1.partial").mkdir(parents=True)
    shutil.copytree(hog.folder, here / "killed.partial")
    for name, said in {
        "gone": "gone: no such run folder",
        "empty": "empty: holds no finished run; `leadline list` lists",
        "notes.txt": r"notes\.txt: is a file; give the folder of a run, such as runs/",
        "one.onnx": r"one\.onnx: is an ONNX file already; give the folder of a run",
        "runs/seed-1": "its training is not finished; run the same command again",
        "runs/seed-1.partial": "its training is not finished",
        "killed.partial": "its training is not finished",
        "digits-cnn": r"zoo model, whose ONNX file is .*digits-cnn\.onnx; .* train digits-cnn",
    }.items():  # fmt: skip
        refused(RunError, said, name)


def test_a_folder_of_the_users_own_goes_before_the_zoo(hog, here):
    shutil.copytree(hog.folder, here / "digits-cnn")
    assert export_run("digits-cnn", "keras").path.name == "first-hog.keras"


def test_a_study_names_the_command_for_each_of_its_runs(hog, here):
    for number in range(6):
        shutil.copytree(hog.folder, here / "study" / "first-hog" / f"seed-{number}")
    said = (
        "study: holds 6 finished runs; export one: "
        "leadline export study/first-hog/seed-0 --format keras; "
        r".*seed-3 --format keras \(and 2 more\)\."
    )
    refused(RunError, said, "study", "keras")


def test_a_form_that_there_is_not(cnn, here):
    refused(
        ModelFileError, "form = 'pickle'; choose one of onnx, keras, torch", cnn.folder, "pickle"
    )


def test_no_run_folder_is_written_to(copy, here):
    refused(ModelFileError, "is in the run's folder, which must not change", copy.folder, "onnx",
            copy.folder / "model.onnx")  # fmt: skip
    refused(StorageError, "ends in .keras", copy.folder, "keras", "model.onnx")


USERS = """
import keras

@keras.saving.register_keras_serializable(package="mine")
class Twice(keras.layers.Layer):
    def call(self, x):
        return 2.0 * x

def build(feature_shape, classes):
    return keras.Sequential([
        keras.Input(feature_shape), keras.layers.Flatten(), Twice(),
        keras.layers.Dense(classes, activation="softmax"),
    ])
"""


def test_a_network_of_the_users_own(few_digits, here):
    (here / "mine.py").write_text(USERS)
    model = {"python": "mine:build", "arguments": {}}
    experiment = small("first-pixels").model_copy(update={"layers": ()}).model_dump()
    mine = leadline.Experiment.model_validate({**experiment, "name": "own", "model": model})
    done = leadline.run(mine, data=few_digits, out=here / "run")
    shutil.rmtree(here / "__pycache__", ignore_errors=True)
    refused(ModelFileError, "--trust", done.folder)
    assert export_run(done.folder, trust=True).path == Path("own.onnx")
    refusals: dict[Form, str] = {
        "keras": r"own\.keras: would not open in Keras's safe mode \(",
        "torch": r"layer twice \(Twice\): it has no counterpart in torch; export it with",
    }
    for form, said in refusals.items():
        with pytest.raises(ModelFileError, match=said):
            export_run(done.folder, form, trust=True)
    assert not [path for path in here.iterdir() if path.suffix in {".keras", ".safetensors"}]


@pytest.mark.slow
def test_a_run_on_all_of_mnist(mnist, here):
    done = leadline.run(small("first-cnn", "training.epochs=1"), out=here / "run")
    images = mnist.test.pixels[:2000]
    expected = done.model().predict(images, verbose=0)
    exported = export_run(done.folder)
    assert exported.images == 1000
    answers, _ = open_model_file(exported.path).answer(images)
    np.testing.assert_allclose(answers, expected, atol=1e-4)
