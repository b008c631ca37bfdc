"""A Keras model for torch: weights as safetensors, and the Python that builds the network."""

from __future__ import annotations

import ast
import inspect
import json
import re
import struct
import sys
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leadline.errors import ModelFileError
from leadline.export.export_paths import builder_of
from leadline.export.model_metadata import PREFIX, Metadata
from leadline.export.parity import check_probabilities
from leadline.export.torch_calls import Call, Graph, Value, torch_layer_of
from leadline.models.layers.layer_type import TorchLayer
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
NOT_COPIED = ("leadline", "__future__")
IMAGE = "image"
"""Name of the input of the first layers; `torch_model` has the same word."""
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
        table = _table(model)
        weights.write_bytes(_content(table, metadata))
        source = builder_source(path, table.sources)
        builder.write_text(source, encoding="utf-8")
        answers = _answers(source, weights, images)
        return check_probabilities(path, "torch", answers, expected)


def builder_source(path: Path, sources: Mapping[str, type] | None = None) -> str:
    """The Python that is written for these weights: one file that imports nothing of leadline.

    It is `torch_model` with the text of `models.torch_modules` in place of its import, the names
    of the files in its example, and the modules of layer types that users registered. A name that
    could be taken for anything but a file's is not put into code.

    Parameters
    ----------
    path : Path
        Of the weights.
    sources : mapping of str to type, optional
        Modules by name. They may use what the file imports: `math`, `torch`, `nn`, `functional`.
    """
    from leadline.models import torch_modules

    outer = Path(__file__).with_name("torch_model.py").read_text(encoding="utf-8")
    inner = Path(torch_modules.__file__).read_text(encoding="utf-8")
    docstring, imports, body = _taken_apart(outer)
    _docstring, inner_imports, modules = _taken_apart(inner)
    needed = sorted({*imports, *inner_imports}, key=lambda line: (line.startswith("from"), line))
    own = "".join(_source_of(name, module) for name, module in (sources or {}).items())
    head = [docstring, "", "from __future__ import annotations", "", *needed, "", ""]
    source = "\n".join([*head, modules.strip(), own, "", body.strip(), ""])
    shown = path.name if re.fullmatch(PLAIN_NAME, path.name, re.ASCII) else "WEIGHTS.safetensors"
    return source.replace(EXAMPLE, shown).replace(EXAMPLE_MODULE, builder_of(path).stem)


def _taken_apart(source: str) -> tuple[str, list[str], str]:
    """Docstring, imports of other packages and the rest of a module of ours."""
    tree = ast.parse(source)
    lines = source.splitlines()
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    kept = [
        ast.unparse(node)
        for node in imports
        if not (isinstance(node, ast.ImportFrom) and str(node.module).startswith(NOT_COPIED))
    ]
    docstring = "\n".join(lines[: tree.body[0].end_lineno])
    return docstring, kept, "\n".join(lines[max(node.end_lineno or 0 for node in imports) :])


def _source_of(name: str, module: type) -> str:
    """The text of a user's module, and its place in the table. Raises ModelFileError."""
    try:
        text = textwrap.dedent(inspect.getsource(module))
    except (OSError, TypeError):
        raise ModelFileError(
            f"layer type {name}: the source of its torch module cannot be read; define "
            f"{module.__name__} in a file and import it from there."
        ) from None
    return f"\n\n\n{text.strip()}\n\n\nMODULES[{name!r}] = {module.__name__}\n"


def _table(model: keras.Model) -> _Table:
    image = Value()
    graph = Graph(image)
    graph.follow(model, image)
    table = _Table({image: IMAGE})
    for call in graph.calls:
        table.add(call)
    return table


def _content(table: _Table, metadata: Metadata) -> bytes:
    from safetensors.numpy import save

    architecture = json.dumps(table.rows, ensure_ascii=False)
    properties = {**metadata.as_properties(), PREFIX + "architecture": architecture}
    return _ordered(save(table.weights, properties))


@dataclass
class _Table:
    """The rows of the architecture, and the weights by their names in torch's state."""

    names: dict[Value, str]
    """The row whose output a value is."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    weights: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    known: dict[keras.layers.Layer, str] = field(default_factory=dict)
    """The row of a layer's first call, so that another shares its weights."""
    sources: dict[str, type] = field(default_factory=dict)
    """Modules of layer types that users registered."""

    def add(self, call: Call) -> None:
        """Add the row of a call; a layer that does nothing has none."""
        torch_layer = torch_layer_of(call.layer)
        reads = [self.names[value] for value in call.reads]
        if torch_layer is None:
            self.names[call.gives] = reads[0]
            return
        name = self._free(call.layer.name)
        described = self._described(call.layer, name, torch_layer)
        self.rows.append({"name": name, **described, "reads": reads})
        self.names[call.gives] = name

    def _described(self, layer: keras.layers.Layer, name: str, found: TorchLayer) -> dict[str, Any]:
        if layer in self.known:
            return {"same_as": self.known[layer]}
        self.known[layer] = name
        if found.source is not None:
            self.sources[found.module] = found.source
        for key, variable in found.weights.items():
            self.weights[f"layers.{name}.{key}"] = _array(variable)
        return {"type": found.module, "settings": found.settings}

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


def _array(variable: Any) -> NDArray[np.float32]:
    import keras

    array = keras.ops.convert_to_numpy(keras.ops.cast(variable, "float32"))
    return np.ascontiguousarray(array, np.float32)


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


def _answers(source: str, path: Path, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Probabilities by the very Python that was written, which so proves to stand alone."""
    import torch

    builder = ModuleType("leadline_torch_builder")
    sys.modules[builder.__name__] = builder  # dataclasses look their module up
    try:
        exec(compile(source, "torch builder", "exec"), builder.__dict__)  # noqa: S102 - our text
        model = builder.load(path)
    except (NameError, ValueError) as error:
        raise ModelFileError(f"the torch file cannot be loaded: {error}.") from None
    finally:
        del sys.modules[builder.__name__]
    with torch.inference_mode():
        parts = [
            model(torch.from_numpy(images[first : first + BATCH])).numpy()
            for first in range(0, len(images), BATCH)
        ]
    return np.concatenate(parts)
