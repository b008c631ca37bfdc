"""Weights that an artefact keeps in another file: beside it, or it is refused."""

from pathlib import Path

import pytest

from leadline.errors import ArtefactError
from leadline.serving import Predictor
from leadline.serving.served import open_models

onnx = pytest.importorskip("onnx")


def with_weights_at(model: Path, place: Path, location: str) -> Path:
    """A copy of a model whose weights are said to lie at this location."""
    opened = onnx.load(model)
    weights = next(one for one in opened.graph.initializer if one.name == "weights")
    raw = bytes(weights.raw_data)
    for folder in (place, place.parent):
        (folder / "weights.bin").write_bytes(raw)
    weights.ClearField("raw_data")
    weights.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", "0"), ("length", str(len(raw)))):
        entry = weights.external_data.add()
        entry.key, entry.value = key, value
    path = place / "model.onnx"
    path.write_bytes(opened.SerializeToString())
    return path


@pytest.fixture
def place(tmp_path):
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


def test_beside_it_they_are_read(two, place):
    path = with_weights_at(two, place, "weights.bin")
    assert Predictor.open(path).classes == ("dark", "light")


@pytest.mark.parametrize("location", ["../weights.bin", "{absolute}", "link.bin"])
def test_elsewhere_they_are_refused(two, place, location):
    (place / "link.bin").symlink_to(place.parent / "weights.bin")
    location = location.format(absolute=place.parent / "weights.bin")
    path = with_weights_at(two, place, location)
    with pytest.raises(ArtefactError, match="no ONNX file that can be run"):
        open_models([path])
