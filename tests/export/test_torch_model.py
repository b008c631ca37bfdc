"""What a weights file may make torch do: nothing but the layers it is for, and within bounds."""

from __future__ import annotations

import copy
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from tests.export.making import ABOUT, SHAPE, small_model, some_images

from leadline.export import torch_model
from leadline.export.model_metadata import PREFIX, TEXTS
from leadline.export.torch_export import write_torch
from leadline.export.torch_model import LAYERS, load
from leadline.features.orientations import bin_table
from leadline.features.pixels import FLOOR
from leadline.models import torch_modules

IMAGES = some_images(5)
ARCHITECTURE = PREFIX + "architecture"
DENSE = {"inputs": 1020, "units": 4, "activation": "relu", "use_bias": True}


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    model = small_model()
    path: Path = tmp_path_factory.mktemp("torch") / "small.safetensors"
    write_torch(model, path, IMAGES, model.predict(IMAGES, verbose=0), ABOUT)
    return path


@pytest.fixture(scope="module")
def said(written) -> dict[str, str]:
    content = written.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    found: dict[str, str] = json.loads(content[8 : 8 + length])["__metadata__"]
    return found


@pytest.fixture(scope="module")
def rows(said) -> list[dict[str, Any]]:
    """Rescaling, Flatten, Dense, Dense."""
    found: list[dict[str, Any]] = json.loads(said[ARCHITECTURE])
    return found


def spoilt(folder: Path, written, said, weights=None, **changed) -> Path:
    """The file with other metadata, or other weights."""
    path = folder / "spoilt.safetensors"
    new = {**said, **{PREFIX + key: value for key, value in changed.items()}}
    save_file(weights or load_file(written), path, {k: v for k, v in new.items() if v is not None})
    return path


# What it answers.


def test_it_takes_uint8_images_of_its_shape_and_nothing_else(written):
    model = load(written)
    assert model.classes == ("no", "yes")
    assert not model.training
    with torch.no_grad():
        rows = model(torch.from_numpy(IMAGES))
        assert model(torch.from_numpy(IMAGES[:0])).shape == (0, 2)
    np.testing.assert_allclose(rows.sum(dim=1), 1, atol=1e-5)
    for wrong in (torch.zeros(1, 20, 17, 3), torch.zeros((1, 3, 20, 17), dtype=torch.uint8)):
        with pytest.raises(ValueError, match=r"expected uint8 images \(n, 20, 17, 3\). Received: "):
            model(wrong)


def test_what_it_says_is_what_the_model_file_says(written, said):
    about = load(written).about
    assert about["card"] == ABOUT.card
    assert about["size_px"] == list(SHAPE[:2])
    assert about["counts"] == {key: list(value) for key, value in ABOUT.counts.items()}
    assert about["decision"]["temperature"] == 1.25
    assert torch_model.TEXTS == TEXTS
    assert {PREFIX + key for key in about} | {ARCHITECTURE} == set(said)


def test_its_weights_do_not_lie_in_the_file(written, tmp_path):
    path = tmp_path / "m.safetensors"
    path.write_bytes(written.read_bytes())
    model = load(path)
    before = model(torch.from_numpy(IMAGES)).detach().numpy()
    path.write_bytes(b"\0" * path.stat().st_size)
    np.testing.assert_array_equal(model(torch.from_numpy(IMAGES)).detach().numpy(), before)


@pytest.mark.parametrize("orientations", [1, 2, 4, 8, 9, 12, 16, 180])
def test_its_bins_are_those_of_the_features(orientations):
    np.testing.assert_array_equal(torch_model.bin_table(orientations), bin_table(orientations))


def test_its_constants_are_those_of_the_features():
    pixels = torch_model.Pixels(flatten=False, normalisation="image")
    image = torch.tensor([[[[0.0], [10.0]]]])
    assert pixels(image).flatten().tolist() == pytest.approx([-5 / (5 + FLOOR), 5 / (5 + FLOOR)])


# What it refuses, each with the reason, and the file's name.


def refuse(path: Path, reason: str | None = None) -> None:
    """reason: None where it is in torch's or safetensors' own words."""
    with pytest.raises(ValueError, match=reason) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: no model that can be loaded (")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "gone.safetensors")


@pytest.mark.parametrize("content", [b"", b"12345678", b"\x02\0\0\0\0\0\0\0{}", b"PK\x03\x04" * 9])
def test_a_file_of_another_kind(tmp_path, content):
    (tmp_path / "m.safetensors").write_bytes(content)
    refuse(tmp_path / "m.safetensors")


def test_a_header_that_says_it_is_endless(tmp_path):
    (tmp_path / "m.safetensors").write_bytes(struct.pack("<Q", 2**40) + b"{}")
    refuse(tmp_path / "m.safetensors", "its header has more than 16,777,216 bytes")


def test_weights_of_somebody_else(tmp_path):
    save_file({"w": torch.zeros(3)}, tmp_path / "m.safetensors")
    refuse(tmp_path / "m.safetensors", r"its metadata have no leadline\.format = 2")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_file_that_is_cut_short(written, tmp_path, data):
    content = written.read_bytes()
    length = data.draw(st.integers(0, len(content) - 1))
    (tmp_path / "cut.safetensors").write_bytes(content[:length])
    refuse(tmp_path / "cut.safetensors")


def test_other_weights_than_the_layers_have(tmp_path, written, said):
    weights = load_file(written)
    name = next(iter(weights))
    for changed, reason in {
        "missing": "Missing key",
        "more": "Unexpected key",
        "shape": "size mismatch",
        "float64": f"weights {name} are torch.float64, not float32",
    }.items():
        own = dict(weights)
        if changed == "missing":
            del own[name]
        elif changed == "more":
            own["layers.none.weight"] = torch.zeros(2)
        else:
            own[name] = torch.zeros(7) if changed == "shape" else own[name].double()
        refuse(spoilt(tmp_path, written, said, own), reason)


def changed_row(rows, number, **changes) -> str:
    own = copy.deepcopy(rows)
    own[number].update(changes)
    return json.dumps(own)


@pytest.mark.parametrize(
    ("number", "changes", "reason"),
    [
        (2, {"type": "Sequential"}, "is of the unknown type 'Sequential'"),
        (2, {"type": "__import__"}, "is of the unknown type"),
        (2, {"settings": DENSE | {"inputs": 2**40}}, "has the setting inputs"),
        (2, {"settings": DENSE | {"units": 2**27}}, "shapes cannot be multiplied|reduction dim"),
        (2, {"settings": DENSE | {"activation": "exec"}}, "exec"),
        (2, {"settings": DENSE | {"activation": {"a": 1}}}, "has the setting activation"),
        (3, {"settings": {"device": 1}}, "has the setting device = 1"),
        (3, {"settings": {"nothing": 1}}, "unexpected keyword"),
        (0, {"settings": {"scale": [1] * 9, "offset": 0}}, "has the setting scale"),
        (2, {"reads": ["head"]}, "are not all before it"),
        (3, {"reads": []}, "are not all before it"),
        (3, {"name": "image"}, "is there twice"),
        (3, {"same_as": "nobody"}, "is there twice, or is the same as none"),
        (0, {"type": "Hog", "settings": {"orientations": 181, "cell_px": 4, "block_cells": 1,
             "block_norm": "L2"}}, "there is no HOG of 181 orientations"),
        (0, {"type": "Hog", "settings": {"orientations": 8, "cell_px": 4, "block_cells": 1,
             "block_norm": "L9"}}, "there is no block_norm 'L9'"),
        (0, {"type": "Pixels", "settings": {"flatten": False, "normalisation": "x"}},
            "Pixels has normalisation = 'x'"),
        (3, {"type": "Pixels", "settings": {"flatten": True, "normalisation": "scale"}},
            "takes nothing but the image"),
        (3, {"type": "Temperature", "settings": {"temperature": 0}}, "temperature = 0"),
        (3, {"type": "ZeroPadding2D", "settings": {"padding": [2**28] * 4}}, None),
    ],
)  # fmt: skip
def test_what_its_layers_cannot_be(tmp_path, written, said, rows, number, changes, reason):
    architecture = changed_row(rows, number, **changes)
    refuse(spoilt(tmp_path, written, said, architecture=architecture), reason)


def test_a_layer_that_asks_for_gigabytes(tmp_path, written, said, rows):
    pad = {
        "name": "p",
        "type": "ZeroPadding2D",
        "settings": {"padding": [30_000] * 4},
        "reads": ["image"],
    }
    refuse(
        spoilt(tmp_path, written, said, architecture=json.dumps([pad, *rows])),
        "layer p gives more than 268,435,456 values",
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"architecture": "[]"}, "its architecture has 0 layers"),
        ({"architecture": json.dumps([0] * 10_001)}, "its architecture has 10,001 layers"),
        ({"architecture": "{"}, None),
        ({"architecture": "[" * 100_000}, None),
        ({"architecture": None}, "architecture"),
        ({"format": "1"}, r"no leadline\.format = 2"),
        ({"classes": '["a", "b", "c"]'}, r"it answers \(2,\) for 3 classes"),
        ({"classes": None}, "classes"),
        ({"size_px": "[9, 9]"}, None),
        ({"channels": "-1"}, None),
    ],
)
def test_metadata_that_do_not_fit(tmp_path, written, said, changes, reason):
    refuse(spoilt(tmp_path, written, said, **changes), reason)


def test_the_table_holds_layers_that_only_compute():
    assert {"Dense", "Conv2D", "Hog", "Temperature"} <= set(LAYERS)
    assert all(issubclass(kind, torch.nn.Module) for kind in LAYERS.values())
    homes = {kind.__module__ for kind in LAYERS.values()}
    assert homes == {torch_model.__name__, torch_modules.__name__}
