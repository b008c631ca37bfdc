"""A `.keras` file: what it holds, that Keras opens it, and when it is not written."""

import json
import zipfile

import keras
import numpy as np
import pytest
from tests.export.making import ABOUT, small_model, some_images

from leadline.errors import ModelFileError
from leadline.export.keras_export import write_keras
from leadline.export.model_metadata import metadata_from

IMAGES = some_images(30)


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(scope="module")
def expected(model):
    return model.predict(IMAGES, verbose=0)


@pytest.fixture
def path(tmp_path, model, expected):
    found = tmp_path / "small.keras"
    assert write_keras(model, found, IMAGES, expected, ABOUT) <= 1e-6
    return found


def test_keras_alone_opens_it_in_safe_mode(path, expected):
    again = keras.saving.load_model(path, safe_mode=True)
    np.testing.assert_allclose(again.predict(IMAGES, verbose=0), expected, atol=1e-5)
    assert [one.name for one in path.parent.iterdir()] == ["small.keras"]


def test_it_says_what_it_is(path):
    with zipfile.ZipFile(path) as file:
        assert sorted(file.namelist()) == [
            "config.json", "leadline.json", "metadata.json", "model.weights.h5",
        ]  # fmt: skip
        assert metadata_from(json.loads(file.read("leadline.json"))) == ABOUT
        assert json.loads(file.read("metadata.json")) == {
            "keras_version": keras.__version__,
            "date_saved": "",
        }
        assert {one.date_time for one in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {one.compress_type for one in file.infolist()} == {zipfile.ZIP_STORED}


def test_equal_models_are_equal_files(path, model, expected):
    first = path.read_bytes()
    write_keras(model, path, IMAGES, expected, ABOUT)
    assert path.read_bytes() == first
    write_keras(model, path, IMAGES, expected, ABOUT.model_copy(update={"seed": 4}))
    assert path.read_bytes() != first


def test_the_time_in_it_is_that_of_the_run(tmp_path, model, expected):
    about = ABOUT.model_copy(update={"versions": {"written": "2026-01-02T03:04:05+00:00"}})
    write_keras(model, tmp_path / "m.keras", IMAGES, expected, about)
    said = json.loads(zipfile.ZipFile(tmp_path / "m.keras").read("metadata.json"))
    assert said["date_saved"] == "2026-01-02T03:04:05+00:00"


@pytest.mark.parametrize("wrong", [1e-3, np.nan])
def test_other_answers_are_refused_and_an_older_file_stays(tmp_path, model, expected, wrong):
    (tmp_path / "m.keras").write_bytes(b"older")
    shifted = expected + np.float32(wrong) * np.array([1, -1], np.float32)
    with pytest.raises(ModelFileError, match="the Keras file and the Keras model differ by"):
        write_keras(model, tmp_path / "m.keras", IMAGES, shifted, ABOUT)
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("m.keras", b"older")]


def test_a_model_that_holds_code_is_refused(tmp_path):
    inputs = keras.Input(IMAGES.shape[1:], dtype="uint8")
    flat = keras.layers.Flatten()(keras.layers.Lambda(lambda x: x / 255.0)(inputs))
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(flat))
    expected = model.predict(IMAGES, verbose=0)
    said = r"m\.keras: would not open in Keras's safe mode \(.*Lambda.*\), so nothing was written"
    with pytest.raises(ModelFileError, match=said) as caught:
        write_keras(model, tmp_path / "m.keras", IMAGES, expected, ABOUT)
    assert str(tmp_path) not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
