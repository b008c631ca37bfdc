"""Keras's global configuration is leadline's own while it works, and the user's again after it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from leadline.errors import SetupError
from leadline.experiments import load_experiment
from leadline.models import keras_setup
from leadline.models.build import build_model
from leadline.models.keras_setup import (
    configuration_file,
    import_keras,
    standard_keras,
    with_standard_keras,
)

STANDARD = ("float32", "channels_last", 1e-7, "float32")
OTHER = ("float16", "channels_first", 1e-3, "mixed_float16")


def configuration():
    config = keras.config
    return (
        config.floatx(), config.image_data_format(), config.epsilon(), config.dtype_policy().name
    )  # fmt: skip


@pytest.fixture
def other_configuration():
    """A notebook's own configuration, for other models than leadline's."""
    keras.config.set_floatx(OTHER[0])
    keras.config.set_image_data_format(OTHER[1])
    keras.config.set_epsilon(OTHER[2])
    keras.config.set_dtype_policy(OTHER[3])
    yield
    keras.config.set_floatx(STANDARD[0])
    keras.config.set_image_data_format(STANDARD[1])
    keras.config.set_epsilon(STANDARD[2])
    keras.config.set_dtype_policy(STANDARD[3])


def test_the_configuration_is_set_and_restored(other_configuration):
    with standard_keras():
        assert configuration() == STANDARD
        with standard_keras():
            assert configuration() == STANDARD
        assert configuration() == STANDARD
    assert configuration() == OTHER


def test_it_is_restored_after_an_error(other_configuration):
    @with_standard_keras
    def fails() -> None:
        assert configuration() == STANDARD
        raise KeyError("x")

    with pytest.raises(KeyError):
        fails()
    assert configuration() == OTHER
    assert fails.__name__ == "fails"


def test_a_model_is_the_same_whatever_the_configuration(other_configuration):
    experiment = load_experiment("first-cnn")
    built = build_model(experiment, (28, 28, 1), 10, seed=0)
    assert configuration() == OTHER
    with standard_keras():
        expected = build_model(experiment, (28, 28, 1), 10, seed=0)
    assert built.model.count_params() == expected.model.count_params()
    assert {layer.dtype_policy.name for layer in built.model.layers} == {"float32"} | {
        layer.dtype_policy.name for layer in expected.model.layers
    }
    assert {getattr(layer, "data_format", "channels_last") for layer in built.model.layers} == {
        "channels_last"
    }


def test_another_backend_is_refused_by_the_name_of_its_variable(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(SetupError, match=r"runs on jax.*KERAS_BACKEND=torch"), standard_keras():
        pass
    with standard_keras(backend=None):
        assert configuration() == STANDARD


def test_the_configuration_file(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert configuration_file() == tmp_path / "keras.json"


def test_the_configuration_file_of_a_user_without_a_home(monkeypatch):
    monkeypatch.setenv("KERAS_HOME", "~nobody-of-this-name/keras")
    assert configuration_file() == Path("~nobody-of-this-name/keras/keras.json")


def in_python(code, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_a_backend_that_is_not_installed_is_one_error_from_python():
    said = in_python(
        "import leadline\n"
        "try: leadline.run\n"
        "except leadline.LeadlineError as error: print('ERROR', error)",
        KERAS_BACKEND="tensorflow",
    )
    assert said.startswith("ERROR KERAS_BACKEND=tensorflow is set, and Keras cannot be imported")
    assert said.count("\n") == 1


def test_a_keras_json_that_keras_refuses_is_named(tmp_path):
    (tmp_path / "keras.json").write_text(json.dumps({"image_data_format": "nchw"}))
    said = in_python(
        "import leadline\n"
        "try: leadline.study\n"
        "except leadline.LeadlineError as error: print('ERROR', error)",
        KERAS_HOME=str(tmp_path),
    )
    assert said.startswith(f"ERROR {tmp_path}/keras.json: Keras cannot use it (Invalid `image_data")


@pytest.mark.parametrize("content", ["[]", "null", "3", '{"floatx": []}', '{"epsilon": 1}'])
def test_every_keras_json_that_keras_cannot_use_is_named(tmp_path, content):
    (tmp_path / "keras.json").write_text(content)
    said = in_python(
        "from leadline.errors import SetupError\n"
        "from leadline.models.keras_setup import import_keras\n"
        "try: import_keras()\n"
        "except SetupError as error: print('ERROR', error)",
        KERAS_HOME=str(tmp_path),
    )
    assert said.startswith(f"ERROR {tmp_path}/keras.json: Keras cannot use it (")
    assert said.endswith("correct or remove it.\n")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("TORCH_LOGS", "nonsense"), ("KERAS_MAX_EPOCHS", "many"), ("SOURCE_DATE_EPOCH", "today")],
)
def test_a_variable_that_prevents_the_import_is_named(name, value):
    said = in_python(
        "import leadline\n"
        "try: leadline.run\n"
        "except leadline.LeadlineError as error: print('ERROR', error)",
        **{name: value},
    )
    assert said.startswith(f"ERROR {name}={value} is set, and Keras on torch cannot be imported")
    assert said.endswith("correct or unset it.\n")
    assert said.count("\n") == 1


@pytest.mark.parametrize("device", ["meta", "nonsense", "cuda:99", ""])
def test_a_device_that_does_not_work_is_named(monkeypatch, device):
    monkeypatch.setenv("KERAS_TORCH_DEVICE", device)
    with pytest.raises(SetupError, match=f"^KERAS_TORCH_DEVICE={device}: .*set it to cpu, or uns"):
        import_keras()


def test_a_device_that_works_is_accepted(monkeypatch):
    monkeypatch.setenv("KERAS_TORCH_DEVICE", "cpu")
    assert import_keras() is keras


def test_an_error_of_another_cause_is_not_blamed_on_the_configuration(monkeypatch):
    def fails(_name):
        raise AttributeError("a defect")

    monkeypatch.setattr(keras_setup, "import_module", fails)
    with pytest.raises(AttributeError, match="a defect"):
        import_keras()
