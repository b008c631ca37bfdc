"""What `show` tells: by hand for the lab's networks, and as it looks at 80 columns."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

pytest.importorskip("keras")

GOLDEN = Path(__file__).parent / "golden"
LAB = {
    "mlp-1": 407_050, "mlp-2": 407_050, "mlp-3": 535_818,
    "hog-1": 25_802, "hog-2": 50_890, "hog-3": 101_770,
    "cnn-1": 410_538, "cnn-2": 812_650, "cnn-3": 856_330, "cnn-1-pooled": 27_562,
}  # fmt: skip
SUM = re.compile(r"= ([\d,]+)$")


def shown(leadline, *arguments: str) -> dict[str, Any]:
    said = leadline("show", *arguments, "--json")
    assert (said.status, said.err) == (0, "")
    found: dict[str, Any] = json.loads(said.out)
    return found


@pytest.mark.parametrize("name", LAB)
def test_the_labs_weights_add_up(leadline, name):
    found = shown(leadline, name)
    assert found["name"] == name
    assert found["total_weights"] == LAB[name]
    assert sum(layer["weights"] for layer in found["layers"]) == LAB[name]
    assert found["memory_bytes"] == 4 * LAB[name]
    for layer in found["layers"]:
        assert {"name", "type", "output_shape", "weights", "derivation"} <= set(layer)
        if layer["weights"]:
            total = SUM.search(layer["derivation"])
            assert total, layer
            assert int(total[1].replace(",", "")) == layer["weights"]


def test_cnn_3_by_hand(leadline):
    found = shown(leadline, "cnn-3")
    layers = {layer["name"]: layer for layer in found["layers"]}
    assert layers["l1"]["output_shape"] == [None, 28, 28, 32]
    assert layers["l1"]["derivation"] == "(5 × 5 × 1 × 32) + 32 = 832"
    assert layers["l4"]["weights"] == 14 * 14 * 32 * 128 + 128
    assert [layer["name"] for layer in found["unused_layers"]] == ["l1_mp", "l2_mp"]
    # Each of 28 x 28 places, for each of 32 filters: a 5 x 5 window of the channels below.
    convolutions = 28 * 28 * 32 * 25 * (1 + 32 + 32)
    assert found["multiply_adds"] == convolutions + 6272 * 128 + 128 * 10
    pixels = {"kind": "pixels", "flatten": False, "normalisation": "scale"}
    assert found["features"] == pixels


def test_the_optimizer_has_every_value_in_force(leadline):
    found = shown(leadline, "mlp-1", "--set", "training.optimizer.learning_rate=0.01")
    optimizer = found["optimizer"]
    assert optimizer["name"] == "RMSprop"
    assert optimizer["learning_rate"] == 0.01
    assert (optimizer["rho"], optimizer["momentum"], optimizer["epsilon"]) == (0.9, 0, 1e-7)
    assert optimizer["centered"] is False
    assert len(optimizer["equations"]) == 2
    assert found["loss"]["name"] == "categorical_crossentropy"
    assert found["training"]["epochs"] == 10


def test_settings_and_classes_change_the_model(leadline):
    found = shown(leadline, "mlp-1", "--set", "layers.1.units=100", "--classes", "3")
    assert found["total_weights"] == (784 * 100 + 100) + (100 * 3 + 3)
    assert found["classes"] == 3


def test_a_file_of_ones_own(leadline, here):
    (here / "mine.toml").write_text(
        'family = "pixels"\n[data]\nsize_px = [4, 6]\nchannels = 3\n'
        '[features]\nkind = "pixels"\nflatten = true\n'
    )
    found = shown(leadline, "mine.toml", "--classes", "2")
    assert found["name"] == "mine"
    assert found["input_shape"] == [4, 6, 3]
    assert found["total_weights"] == 4 * 6 * 3 * 2 + 2


def test_cnn_3_looks_as_it_should(leadline):
    said = leadline("show", "cnn-3")
    assert (said.status, said.out) == (0, "")
    lines = [line.rstrip() for line in said.err.splitlines()]
    assert lines == (GOLDEN / "show-cnn-3.txt").read_text(encoding="utf-8").splitlines()


def test_what_is_printed_adds_up_and_fits_the_screen(leadline):
    said = leadline("show", "cnn-3")
    sums = [int(found.replace(",", "")) for found in re.findall(r"\) \+ \d+ = ([\d,]+)", said.err)]
    total = re.search(r"total ([\d,]+) weights", said.err)
    assert total
    assert sum(sums) == int(total[1].replace(",", "")) == LAB["cnn-3"]
    assert max(map(len, said.err.splitlines())) <= 80


def test_a_narrow_screen_loses_no_number(leadline, monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    said = leadline("show", "cnn-3")
    assert max(map(len, said.err.splitlines())) <= 50
    for number in ("832", "25,632", "802,944", "1,290", "856,330"):
        assert number in said.err


@pytest.mark.parametrize("name", ["hog-3", "mlp-3", "first-cnn"])
@pytest.mark.parametrize(
    "optimizer",
    ["RMSprop", "SGD", "Adam", "AdamW", "Nadam", "Adamax", "Adagrad", "Adadelta", "Lion"],
)
def test_every_optimizer_has_its_equation(leadline, name, optimizer):
    said = leadline("show", name, "--set", f'training.optimizer={{name="{optimizer}"}}')
    assert said.status == 0
    assert f"optimizer {optimizer}\n" in said.err
    assert "w(t) = w(t − 1) " in said.err


def test_what_is_off_is_named_once(leadline):
    said = leadline("show", "mlp-1", "--set", "training.optimizer.clipnorm=2.0")
    assert "clipnorm=2 (c)" in said.err
    assert "off: weight_decay, clipvalue, global_clipnorm\n" in said.err


def test_schedules_and_frozen_weights_are_said(leadline, here):
    (here / "normal.toml").write_text(
        'family = "pixels"\n[features]\nkind = "pixels"\nflatten = true\n'
        '[[layers]]\ntype = "BatchNormalization"\n'
        '[training]\nschedule = { kind = "cosine" }\n'
    )
    said = leadline("show", "normal.toml")
    assert "schedule=(kind=cosine" in said.err
    assert "1,568 of them are not trained\n" in said.err


def test_a_model_of_films_has_their_two_classes(leadline):
    found = shown(leadline, "chest-hog")
    assert found["classes"] == 2
    assert found["layers"][-1]["output_shape"] == [None, 2]


@pytest.mark.parametrize(("folders", "said"), [(("only",), "1 class, but"), ((), "0 classes, but")])
def test_images_of_fewer_than_two_classes_are_named(leadline, tmp_path, folders, said):
    for folder in folders:
        (tmp_path / folder).mkdir()
        Image.new("L", (8, 8)).save(tmp_path / folder / "1.png")
    if not folders:
        Image.new("L", (8, 8)).save(tmp_path / "1.png")
    found = leadline("show", "mlp-1", "--data", str(tmp_path))
    assert found.status == 2
    assert f"{said} a model needs at least two" in " ".join(found.err.split())
    known = leadline("show", "mlp-1", "--data", str(tmp_path), "--classes", "3", "--json")
    assert json.loads(known.out)["classes"] == 3
