"""What is written for torch: graphs of any form, equal bytes, a builder that needs little."""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import layers
from tests.export.making import ABOUT, SHAPE, small_model, some_images

from leadline.errors import ModelFileError
from leadline.export.export_paths import BUILDER_START, builder_of
from leadline.export.model_metadata import metadata_from
from leadline.export.torch_export import builder_source, free_name, write_torch

IMAGES = some_images(30)


def write(model, folder):
    path = folder / "small.safetensors"
    expected = model.predict(IMAGES, verbose=0)
    return path, write_torch(model, path, IMAGES, expected, ABOUT)


def header_of(path) -> dict[str, Any]:
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    found: dict[str, Any] = json.loads(content[8 : 8 + length])
    return found


def rows_of(path) -> list[tuple[str, str, list[str]]]:
    rows = json.loads(header_of(path)["__metadata__"]["leadline.architecture"])
    return [(row["name"], row.get("type", row.get("same_as")), row["reads"]) for row in rows]


def input_and_scaled():
    image = keras.Input(SHAPE, dtype="uint8", name="image")
    return image, layers.Rescaling(1 / 255, name="scaled")(image)


def head(x):
    return layers.Dense(2, activation="softmax", name="head")(layers.Flatten(name="flat")(x))


# What a graph can look like.


def test_branches_that_meet_again(tmp_path):
    image, x = input_and_scaled()
    left, right = (layers.Conv2D(3, 1, name=name)(x) for name in ("left", "right"))
    path, difference = write(
        keras.Model(image, head(layers.Add(name="sum")([left, right]))), tmp_path
    )
    assert difference <= 2e-6
    rows = rows_of(path)
    assert [row for row in rows if row[0] in ("scaled", "sum")] == [
        ("scaled", "Rescaling", ["image"]),
        ("sum", "Add", ["left", "right"]),
    ]
    assert rows[-1] == ("head", "Dense", ["flat"])


def test_a_layer_that_is_called_twice_has_its_weights_once(tmp_path):
    image, x = input_and_scaled()
    shared = layers.Conv2D(3, 3, padding="same", activation="relu", name="shared")
    path, difference = write(keras.Model(image, head(shared(shared(x)))), tmp_path)
    assert difference <= 2e-6
    assert [row for row in rows_of(path) if "shared" in row[0]] == [
        ("shared", "Conv2D", ["scaled"]),
        ("shared_2", "shared", ["shared"]),
    ]
    assert [name for name in header_of(path) if "shared" in name] == [
        "layers.shared.bias", "layers.shared.kernel",
    ]  # fmt: skip


def test_models_within_models(tmp_path):
    image, x = input_and_scaled()
    inner = keras.Sequential([layers.Conv2D(3, 3, padding="same"), layers.Activation("relu")])
    outer = keras.Sequential([inner, layers.ReLU(), layers.Conv2D(3, 1), inner])
    _, difference = write(keras.Model(image, head(outer(x))), tmp_path)
    assert difference <= 2e-6


def test_a_sequential_model(tmp_path):
    scaled = layers.Rescaling(1 / 255)
    model = keras.Sequential([keras.Input(SHAPE, dtype="uint8"), scaled, layers.Flatten(),
                              layers.Dense(2, activation="softmax")])  # fmt: skip
    assert write(model, tmp_path)[1] <= 2e-6


def test_layers_that_do_nothing_have_no_row(tmp_path):
    image, x = input_and_scaled()
    end = layers.Activation("linear")(head(layers.Identity()(x)))
    path, _ = write(keras.Model(image, end), tmp_path)
    assert [name for name, *_ in rows_of(path)] == ["scaled", "flat", "head"]


def test_a_residual_network_in_training_mode_learns(tmp_path):
    """In training mode it has batch statistics and dropout, so that it can be trained on."""
    import torch
    from torch.nn import functional

    from leadline.export.torch_model import load

    image, x = input_and_scaled()
    y = layers.BatchNormalization()(layers.Conv2D(3, 3, padding="same")(x))
    model = keras.Model(image, head(layers.Dropout(0.2)(layers.Add()([x, y]))))
    path, difference = write(model, tmp_path)
    assert difference <= 2e-6
    again = load(path).train()
    labels = torch.from_numpy((IMAGES[:, :4, :4].mean(axis=(1, 2, 3)) > 120).astype(np.int64))
    optimizer = torch.optim.SGD(again.parameters(), 0.05)
    losses = []
    for _ in range(12):
        loss = functional.nll_loss(again(torch.from_numpy(IMAGES)).log(), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


def test_images_of_different_sizes_through_one_padded_layer(tmp_path):
    """What "same" adds is worked out for each image, so the calls share one layer."""
    image, x = input_and_scaled()
    shared = layers.Conv2D(3, 2, 2, padding="same", name="shared")
    model = keras.Model(image, head(shared(layers.MaxPooling2D(2)(shared(x)))))
    path, difference = write(model, tmp_path)
    assert difference <= 2e-6
    assert [row[:2] for row in rows_of(path) if "shared" in row[0]] == [
        ("shared", "Conv2D"), ("shared_2", "shared"),
    ]  # fmt: skip


class Subclass(keras.Model):  # type: ignore[misc]  # mypy does not follow keras
    def __init__(self):
        super().__init__()
        self.inner = small_model()

    def call(self, x):
        return self.inner(x)


def test_what_is_no_fixed_graph_is_refused(tmp_path):
    image, x = input_and_scaled()
    for model, said in {
        Subclass(): "it is not a functional or sequential model, built",
        keras.Model(image, head(keras.ops.sqrt(x))): "the operation sqrt.* outside any layer",
        keras.Model(image, head(layers.Dropout(0.5)(x, training=True))): "called with training",
        keras.Model(image, head(layers.GaussianNoise(0.1)(x))): "GaussianNoise.* no counterpart",
    }.items():
        with pytest.raises(ModelFileError, match=said):
            write(model, tmp_path)
        assert list(tmp_path.iterdir()) == []


# What the files are.


@pytest.fixture(scope="module")
def model():
    return small_model()


def test_it_says_what_it_is(model, tmp_path):
    path, _ = write(model, tmp_path)
    header = header_of(path)
    said = header.pop("__metadata__")
    assert metadata_from(said) == ABOUT
    names = [layer.name for layer in model.layers if layer.weights]
    assert set(header) == {f"layers.{name}.{part}" for name in names for part in ("kernel", "bias")}
    assert {one["dtype"] for one in header.values()} == {"F32"}
    assert header[f"layers.{names[0]}.kernel"]["shape"] == [20 * 17 * 3, 4]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["small.py", "small.safetensors"]


def test_equal_models_are_equal_files(tmp_path):
    """In processes of their own, for the library orders what it writes by a hash of the process."""
    script = (
        "import sys; from pathlib import Path\n"
        "from tests.export.test_torch_export import small_model, write\n"
        "write(small_model(), Path(sys.argv[1]))\n"
    )
    digests = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        command = [sys.executable, "-c", script, tmp_path / name]
        subprocess.run(command, check=True, cwd=Path(__file__).parents[2])
        digests.add(hashlib.sha256((tmp_path / name / "small.safetensors").read_bytes()).digest())
    assert len(digests) == 1


def test_safetensors_reads_the_ordered_file(model, tmp_path):
    from safetensors.numpy import load_file

    path, _ = write(model, tmp_path)
    (length,) = struct.unpack("<Q", path.read_bytes()[:8])
    assert length % 8 == 0
    dense = model.layers[-2]
    kernel = keras.ops.convert_to_numpy(dense.kernel)
    np.testing.assert_array_equal(load_file(path)[f"layers.{dense.name}.kernel"], kernel)


def test_the_builder_needs_torch_and_safetensors_alone(model, tmp_path):
    write(model, tmp_path)
    np.save(tmp_path / "images.npy", IMAGES)
    script = (
        "import sys\n"
        "for name in ('leadline', 'keras', 'pydantic', 'onnx', 'onnxruntime', 'PIL'):\n"
        "    sys.modules[name] = None\n"
        "import numpy, torch\n"
        "from small import load\n"
        "model = load('small.safetensors')\n"
        "print(model.classes, model.about['limits'])\n"
        "with torch.no_grad():\n"
        "    print(float(model(torch.from_numpy(numpy.load('images.npy'))).sum()))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-P", "-c", script], check=False, cwd=tmp_path, text=True,
        capture_output=True, env={"PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    first, total = ran.stdout.splitlines()
    assert first == "('no', 'yes') This is a test. Nothing follows from it."
    assert float(total) == pytest.approx(len(IMAGES), abs=1e-3)


@pytest.mark.parametrize("wrong", [1e-3, np.nan])
def test_other_answers_are_refused_and_older_files_stay(model, tmp_path, wrong):
    for name in ("m.safetensors", "m.py"):
        (tmp_path / name).write_bytes(b"older")
    expected = model.predict(IMAGES, verbose=0)
    shifted = expected + np.float32(wrong) * np.array([1, -1], np.float32)
    with pytest.raises(ModelFileError, match="the torch file and the Keras model differ by"):
        write_torch(model, tmp_path / "m.safetensors", IMAGES, shifted, ABOUT)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {
        "m.safetensors": b"older", "m.py": b"older",
    }  # fmt: skip


# Names.


def test_the_builder_speaks_of_its_own_files(tmp_path):
    path = tmp_path / "my first-cnn.safetensors"
    source = builder_source(path)
    assert source.encode().startswith(BUILDER_START)
    assert "`my first-cnn.safetensors` and this file named `my_first_cnn.py`" in source
    assert 'load("my first-cnn.safetensors")' in source
    assert "from my_first_cnn import load" in source
    assert "cnn-3" not in source
    assert "cnn_3" not in source


@given(st.text(min_size=1, max_size=30).filter(lambda text: not {"/", "\0"} & set(text)))
def test_no_name_becomes_code(tmp_path_factory, stem):
    path = tmp_path_factory.getbasetemp() / f"{stem}.safetensors"
    compared = [
        compile(builder_source(one), "builder", "exec").co_code
        for one in (path, path.with_name("plain.safetensors"))
    ]
    assert compared[0] == compared[1]
    assert builder_of(path).stem.isidentifier()


@pytest.mark.parametrize(
    ("wanted", "taken", "name"),
    [
        ("dense", [], "dense"),
        ("dense", ["dense", "dense_2"], "dense_3"),
        ("block.conv", [], "block_conv"),
        ("block.conv", ["block_conv"], "block_conv_2"),
        ("values", [], "values_2"),
        ("training", [], "training_2"),
        ("type", [], "type_2"),
    ],
)
def test_names_that_torch_cannot_give(wanted, taken, name):
    from torch import nn

    assert free_name(wanted, taken) == name
    nn.ModuleDict()[name] = nn.ReLU()


def test_layers_that_are_called_like_methods_of_torch(tmp_path):
    image, x = input_and_scaled()
    x = layers.Conv2D(2, 1, name="values")(layers.Conv2D(2, 1, name="training")(x))
    assert write(keras.Model(image, head(x)), tmp_path)[1] <= 2e-6


def test_the_builder_holds_the_modules_that_training_runs():
    """The text of the classes is that of `models.torch_modules`, and nothing imports leadline."""
    from leadline.models import torch_modules

    source = builder_source(Path("m.safetensors"))
    for module in torch_modules.MODULES.values():
        assert inspect.getsource(module) in source
    imported = {
        node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert not [name for name in imported if str(name).startswith("leadline")]
