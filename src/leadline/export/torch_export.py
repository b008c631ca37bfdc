"""A Keras model for torch: weights as safetensors, and the Python that builds the network."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leadline.export.export_paths import builder_of
from leadline.export.model_metadata import PREFIX, Metadata
from leadline.export.parity import check_probabilities
from leadline.export.torch_calls import Call, Graph, Value
from leadline.export.torch_layers import Part, Weights, parts_of, refused
from leadline.system.durable_files import replacing

if TYPE_CHECKING:
    import keras

BATCH = 100
"""Images that are asked about at once: what layers give for 1,000 films would take gigabytes."""
HEADER = "__metadata__"
ALIGNMENT_BYTES = 8
"""Weights begin at a multiple of this, so that they can be read where they lie."""
EXAMPLE, EXAMPLE_MODULE = "cnn-3.safetensors", "cnn_3"
"""The names in the docstring of `torch_model`, which become those of the files."""
PLAIN_NAME = r"[\w.+ -]+"


def write_torch(
    model: keras.Model,
    path: Path,
    images: NDArray[np.uint8],
    expected: NDArray[np.float32],
    metadata: Metadata,
) -> float:
    """Write weights and builder, open the weights by what the builder is a copy of, and compare.

    path: of the weights, `.safetensors`; the builder lies beside it (`places.builder_of`). images:
    uint8 (n, height, width, channels). expected: float32 (n, classes), what the model answers.
    Returns the largest difference of a probability. Raises ModelFileError, and writes nothing, if a
    layer has no counterpart in torch, the difference is above 1e-4, or any image changes class.
    The same model with the same metadata gives the same bytes.
    """
    with replacing(path, path.suffix) as weights, replacing(builder_of(path), ".py") as builder:
        weights.write_bytes(_content(model, images.shape[1:], metadata))
        builder.write_text(builder_source(path), encoding="utf-8")
        return check_probabilities(path, "torch", _answers(weights, images), expected)


def builder_source(path: Path) -> str:
    """The Python that is written for these weights: `torch_model`, with their names in its example.

    A name that could be taken for anything but a file's is not put into code.
    """
    source = Path(__file__).with_name("torch_model.py").read_text(encoding="utf-8")
    shown = path.name if re.fullmatch(PLAIN_NAME, path.name, re.ASCII) else "WEIGHTS.safetensors"
    return source.replace(EXAMPLE, shown).replace(EXAMPLE_MODULE, builder_of(path).stem)


def _content(model: keras.Model, image_shape: tuple[int, ...], metadata: Metadata) -> bytes:
    from safetensors.numpy import save

    from leadline.export.torch_model import IMAGE

    image = Value(image_shape)
    graph = Graph(image)
    graph.follow(model, image)
    table = _Table({image: IMAGE})
    for call in graph.calls:
        table.add(call)
    architecture = json.dumps(table.rows, ensure_ascii=False)
    said = {**metadata.as_properties(), PREFIX + "architecture": architecture}
    return _ordered(save(table.weights, said))


@dataclass
class _Table:
    """The rows of the architecture, and the weights by their names in torch's state."""

    names: dict[Value, str]
    """Which row gives what is read further on."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    weights: Weights = field(default_factory=dict)
    known: dict[keras.layers.Layer, tuple[list[Part], list[str]]] = field(default_factory=dict)
    """What a layer was written as at its first call, so that another shares its weights."""

    def add(self, call: Call) -> None:
        """Add the rows of a call, one after the other."""
        parts = parts_of(call.layer, [value.shape for value in call.reads])
        reads = [self.names[value] for value in call.reads]
        names = [self._free(call.layer.name + part.suffix) for part in parts]
        same = self._same_as(call.layer, parts, names)
        for name, part, before in zip(names, parts, same, strict=True):
            self.rows.append({"name": name, **self._described(name, part, before), "reads": reads})
            reads = [name]
        self.names[call.gives] = reads[0]

    def _same_as(
        self, layer: keras.layers.Layer, parts: list[Part], names: list[str]
    ) -> list[str] | list[None]:
        """The rows of an earlier call of the layer; None for each where this is the first."""
        if layer not in self.known:
            self.known[layer] = (parts, names)
            return [None] * len(parts)
        first, rows = self.known[layer]
        if [(part.type, part.settings) for part in first] != [
            (part.type, part.settings) for part in parts
        ]:
            raise refused(layer, "calls of one layer on images of different sizes differ in torch")
        return rows

    def _described(self, name: str, part: Part, before: str | None) -> dict[str, Any]:
        if before is not None:
            return {"same_as": before}
        self.weights |= {f"layers.{name}.{key}": array for key, array in part.weights.items()}
        return {"type": part.type, "settings": part.settings}

    def _free(self, wanted: str) -> str:
        """A name that no row has yet, and that torch can give a layer."""
        return free_name(wanted, {*self.names.values(), *(row["name"] for row in self.rows)})


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """A name for a layer in torch: without dots, none of `nn.ModuleDict`'s own, and not taken."""
    from torch import nn

    plain = wanted.replace(".", "_")
    taken = {*taken, *dir(nn.ModuleDict())}
    number, name = 1, plain
    while name in taken:
        number += 1
        name = f"{plain}_{number}"
    return name


def _ordered(content: bytes) -> bytes:
    """The same file with its metadata in order: safetensors writes them as its hash table has them.

    A file is the length of its header (8 bytes, little-endian), the header as JSON, padded with
    spaces, and the weights, whose places in the header count from its end.
    """
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    header[HEADER] = dict(sorted(header[HEADER].items()))
    text = json.dumps(dict(sorted(header.items())), ensure_ascii=False, separators=(",", ":"))
    encoded = text.encode()
    padded = encoded + b" " * (-len(encoded) % ALIGNMENT_BYTES)
    return struct.pack("<Q", len(padded)) + padded + content[8 + length :]


def _answers(path: Path, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    import torch

    from leadline.export.torch_model import load

    model = load(path)
    with torch.inference_mode():
        parts = [
            model(torch.from_numpy(images[first : first + BATCH])).numpy()
            for first in range(0, len(images), BATCH)
        ]
    return np.concatenate(parts)
