"""A layer type that is added from outside the package arrives everywhere."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from tests.export.making import ABOUT
from tests.models import scaled_tanh

import leadline
from leadline.cli.show import describe
from leadline.data.dataset import Images, Part, Split
from leadline.errors import ModelFileError, SpecError
from leadline.experiments import json_schema, parse_experiment, to_toml
from leadline.export import write_model_file
from leadline.export.torch_export import write_torch
from leadline.models import LAYER_TYPES, LayerType, TorchLayer, register_layer, unregister_layer
from leadline.models.build import build_model
from leadline.models.keras_loading import load_keras
from leadline.models.weight_arithmetic import count_weights
from leadline.models.weight_table import layer_table
from leadline.report.words.layer_words import weights_text
from leadline.training.forward import torch_module
from leadline.training.loop import fit, predict

SHAPE = (8, 8, 1)
TEXT = """
name = "mine"
family = "cnn"
data = { size_px = [8, 8], channels = 1, fit = "stretch" }
features = { kind = "pixels" }
layers = [
    { type = "Conv2D", filters = 3, kernel_size = 3 },
    { type = "ScaledTanh", start = 0.5, name = "squash" },
    { type = "Flatten" },
]
training = { epochs = 2, batch_size = 8, optimizer = { name = "Adam", learning_rate = 0.01 } }
"""


def make_split() -> Split:
    """Noise, brighter in the upper half or the lower one."""
    rng = np.random.default_rng(0)
    labels = np.arange(40, dtype=np.int64) % 2
    pixels = rng.integers(0, 100, (40, *SHAPE), dtype=np.uint8)
    for pixel, label in zip(pixels, labels, strict=True):
        pixel[4 * label : 4 * label + 4] += 120
    images = Images(pixels, labels, tuple(map(str, range(40))))
    part = Part(images, "train", np.arange(40))
    return Split(("up", "down"), part, part, part, validation_is_test=False)


@pytest.fixture
def registered():
    scaled_tanh.register()
    yield
    unregister_layer("ScaledTanh")


@pytest.fixture
def trained(registered):
    experiment = parse_experiment(TEXT, "mine.toml")
    built = build_model(experiment, SHAPE, 2, seed=0)
    split = make_split()
    history = fit(built, split, experiment.training, seed=0).history
    return experiment, built, split, history


def test_it_is_unknown_before_and_after():
    with pytest.raises(SpecError, match=r"layer 2.*type = 'ScaledTanh': should be one of 'Dense'"):
        parse_experiment(TEXT, "mine.toml")


def test_its_settings_are_checked_and_written_back(registered):
    experiment = parse_experiment(TEXT, "mine.toml")
    assert experiment.layers[1] == scaled_tanh.ScaledTanhSettings(
        type="ScaledTanh", start=0.5, name="squash"
    )
    assert parse_experiment(to_toml(experiment), "again") == experiment
    assert "ScaledTanhSettings" in json_schema()["experiment"]["$defs"]
    with pytest.raises(SpecError, match=r"layer 2 \(ScaledTanh\)\.stat = .* nearest: start"):
        parse_experiment(TEXT.replace("start =", "stat ="), "mine.toml")


def test_it_trains(trained):
    _experiment, built, _split, history = trained
    scale = built.model.get_layer("squash").scale.numpy()
    assert len(history) == 2
    assert history[1].train_loss < history[0].train_loss
    assert not np.allclose(scale, 0.5), "the scale is learned"
    assert isinstance(torch_module(built.model.get_layer("squash")), scaled_tanh.ScaledTanhModule)


def test_show_explains_it(registered):
    experiment = parse_experiment(TEXT, "mine.toml")
    found = describe(experiment, 2)["layers"][3]
    assert (found["name"], found["type"], found["output_shape"]) == (
        "squash", "ScaledTanh", [None, 6, 6, 3],
    )  # fmt: skip
    assert (found["weights"], found["derivation"]) == (3, "scale 3 = 3")
    assert found["multiply_adds"] == 6 * 6 * 3
    row = layer_table(build_model(experiment, SHAPE, 2, seed=0).model)[3]
    assert weights_text(row) == "scale 3 = 3"
    counted = count_weights(experiment, SHAPE, 2)
    assert counted is not None
    assert [layer.weights for layer in counted] == [30, 3, 0, 218]


def test_every_export_agrees_with_the_model(trained, tmp_path):
    _experiment, built, split, _history = trained
    images = split.test.images.pixels
    expected = predict(built, images)
    about = ABOUT.model_copy(
        update={"size_px": SHAPE[:2], "channels": 1, "scope": None, "decision": None}
    )
    assert write_model_file(built.model, tmp_path / "m.onnx", images, expected, about) < 1e-5
    assert write_torch(built.model, tmp_path / "m.safetensors", images, expected, about) < 1e-5
    built.model.save(tmp_path / "m.keras")
    again = load_keras(tmp_path / "m.keras")
    np.testing.assert_allclose(again.predict(images, verbose=0), expected, atol=1e-5)
    np.save(tmp_path / "images.npy", images)
    script = (
        "import sys\n"
        "for name in ('leadline', 'keras', 'tests'):\n"
        "    sys.modules[name] = None\n"
        "import numpy, torch\n"
        "from m import load\n"
        "with torch.no_grad():\n"
        "    answer = load('m.safetensors')(torch.from_numpy(numpy.load('images.npy')))\n"
        "numpy.save('answer.npy', answer.numpy())\n"
    )
    command = [sys.executable, "-P", "-c", script]
    subprocess.run(command, check=True, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)})
    np.testing.assert_allclose(np.load(tmp_path / "answer.npy"), expected, atol=1e-5)


def test_a_keras_file_with_it_is_refused_where_it_is_not_registered(trained, tmp_path):
    _experiment, built, _split, _history = trained
    built.model.save(tmp_path / "m.keras")
    removed = LAYER_TYPES.pop("ScaledTanh")
    try:
        with pytest.raises(ModelFileError, match=r"squash.*ScaledTanh"):
            load_keras(tmp_path / "m.keras")
    finally:
        LAYER_TYPES["ScaledTanh"] = removed


def test_names_that_are_taken_or_do_not_fit_are_refused():
    class Again(LayerType):
        name = "Dense"

    with pytest.raises(SpecError, match="layer type 'Dense' is already registered"):
        register_layer(Again)

    class Other(LayerType):
        name = "Other"
        settings = scaled_tanh.ScaledTanhSettings

    with pytest.raises(SpecError, match=r"ScaledTanhSettings\.type should be Literal\['Other'\]"):
        register_layer(Other)
    assert "Other" not in LAYER_TYPES


def test_a_module_without_source_is_named(registered, tmp_path):
    """A class that was typed at a prompt cannot be copied out."""
    names: dict[str, type] = {}
    exec("from torch import nn\nclass Prompted(nn.Identity): pass", names)

    class Prompted(scaled_tanh.ScaledTanhType):
        def torch(self, layer):
            return TorchLayer("ScaledTanh", {}, {}, names["Prompted"])

    LAYER_TYPES["ScaledTanh"] = Prompted()
    image = keras.Input((8, 8, 1), dtype="uint8")
    x = keras.layers.Flatten()(scaled_tanh.ScaledTanh()(keras.layers.Rescaling(0.1)(image)))
    model = keras.Model(image, keras.layers.Dense(2, activation="softmax")(x))
    with pytest.raises(ModelFileError, match="the source of its torch module cannot be read"):
        write_torch(
            model, tmp_path / "m.safetensors", np.zeros((1, 8, 8, 1), np.uint8),
            np.full((1, 2), 0.5, np.float32), ABOUT,
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


PAGE = Path(__file__).parents[2] / "docs" / "layers.md"


def test_the_example_of_the_page_registers_and_is_built(tmp_path, monkeypatch):
    example = re.findall(r"```python\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    (tmp_path / "my_squash_layers.py").write_text(example, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("my_squash_layers")
    try:
        experiment = parse_experiment(TEXT.replace("ScaledTanh", "Squash"), "mine.toml")
        row = layer_table(build_model(experiment, SHAPE, 2, seed=0).model)[3]
        assert (row.type, weights_text(row)) == ("Squash", "scale 3 = 3")
    finally:
        unregister_layer("Squash")
        del sys.modules["my_squash_layers"]


def test_a_built_in_type_is_named_in_two_files_at_most():
    """Its settings, and all else that is known of it; `Dense` and the like are also used."""
    source = Path(leadline.__file__).parent
    for name in ("SpatialDropout2D", "GroupNormalization", "GlobalMaxPooling2D"):
        files = [path.name for path in source.rglob("*.py") if name in path.read_text("utf-8")]
        others = set(files) - {"torch_modules.py"}
        assert len(others) == 2, (name, files)
