"""Weights that a model file keeps in another file: it is refused, wherever that file lies."""

from pathlib import Path

import pytest

from leadline.errors import ModelFileError
from leadline.serving.model_registry import open_models

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


LOCATIONS = (
    "weights.bin", "./weights.bin", "../weights.bin", "{absolute}", "link.bin", "/dev/zero",
    "..\\weights.bin", "C:\\weights.bin", "file:///etc/passwd", "*/_ORT_MEM_ADDR_/*", "",
)  # fmt: skip


@pytest.mark.parametrize("location", LOCATIONS)
def test_it_is_refused(two, place, location):
    (place / "link.bin").symlink_to(place.parent / "weights.bin")
    location = location.format(absolute=place.parent / "weights.bin")
    path = with_weights_at(two, place, location)
    with pytest.raises(ModelFileError, match="has weights in another file"):
        open_models([path])
