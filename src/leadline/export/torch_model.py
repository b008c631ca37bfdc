"""An image classifier that was trained with leadline, as a torch module.

This file lies beside the weights and needs torch and safetensors alone. With the weights in
`cnn-3.safetensors` and this file named `cnn_3.py`:

    from cnn_3 import load

    model = load("cnn-3.safetensors")
    probabilities = model(images)  # uint8 (n, height, width, channels) to float32 (n, classes)

`model.classes` names the columns; `model.about` says what the model was made of, how well it
answered, and what it may not be used for. Scaling, features and calibration are layers like any
other, so images go in as a decoder gives them: 0 to 255, resized to `model.about["size_px"]`.

To train on: `model.train()`, then minimise `nll_loss(model(images).log(), labels)`.

The weights file holds numbers and text, never code: its metadata list the layers by name, and the
table LAYERS below is all that such a name can stand for. Licence: Apache-2.0.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor, nn
from torch.nn import functional

from leadline.models.torch_modules import MERGING, MODULES

FORMAT = "2"
PREFIX = "leadline."
TEXTS = ("name", "title", "family", "data", "credit", "limits", "digest", "card")
"""Facts about the model that are plain text; all others are JSON."""
IMAGE = "image"
"""Name of the input of the first layers."""

MOST_HEADER_BYTES = 16 * 1024**2
MOST_STEPS = 10_000
MOST_VALUES = 2**28
"""That one layer may give for one image; a file that asks for more is refused before it runs."""


# The layers at the ends of a model. Between layers images are (n, height, width, channels).


class Pixels(nn.Module):
    """Pixels (n, height, width, channels), 0 to 255, as numbers for a network.

    normalisation: "scale" divides by 255. "image" takes each image's own mean from it, and divides
    by its standard deviation + 4, so that exposure does not count. flatten: one row an image.
    """

    def __init__(self, flatten: bool, normalisation: str) -> None:
        super().__init__()
        if normalisation not in ("scale", "image"):
            raise ValueError(f"Pixels has normalisation = {normalisation!r}")
        self.flatten, self.normalisation = flatten, normalisation

    def forward(self, images: Tensor) -> Tensor:
        if self.normalisation == "image":
            centred = images - images.mean(dim=(1, 2, 3), keepdim=True)
            deviation = (centred * centred).mean(dim=(1, 2, 3), keepdim=True).sqrt()
            values = centred / (deviation + 4.0)
        else:
            values = images / 255.0
        return values.flatten(1) if self.flatten else values


class Hog(nn.Module):
    """Histograms of oriented gradients (Dalal and Triggs, CVPR 2005): (n, features), 0 to 1.

    Each cell of cell_px × cell_px pixels has a histogram of the directions in which grey levels
    change, `orientations` bins over 180 degrees; each block of block_cells × block_cells cells is
    normalised by itself. Conventions and values are those of scikit-image.
    """

    def __init__(self, orientations: int, cell_px: int, block_cells: int, block_norm: str) -> None:
        super().__init__()
        sizes = f"{orientations} orientations, {cell_px} px a cell, {block_cells} cells a block"
        if not 1 <= orientations <= 180 or cell_px < 1 or block_cells < 1:
            raise ValueError(f"there is no HOG of {sizes}")
        if block_norm not in ("L1", "L1-sqrt", "L2", "L2-Hys"):
            raise ValueError(f"there is no block_norm {block_norm!r}")
        self.orientations, self.cell_px = orientations, cell_px
        self.block_cells, self.block_norm = block_cells, block_norm

    def forward(self, images: Tensor) -> Tensor:
        dy, dx, squares = _gradients(images)
        codes = (511.0 * dy + dx).abs().long()
        bins = bin_table(self.orientations).to(codes.device)[codes]
        magnitudes = squares.sqrt()
        cells = torch.stack(
            [
                functional.avg_pool2d(torch.where(bins == k, magnitudes, 0.0), self.cell_px)
                for k in range(self.orientations)
            ],
            dim=-1,
        )[:, 0]  # (n, cells down, cells across, orientations)
        size = self.block_cells
        blocks = cells.unfold(1, size, 1).unfold(2, size, 1).permute(0, 1, 2, 4, 5, 3).flatten(3)
        return self._normalised(blocks).flatten(1)

    def _normalised(self, blocks: Tensor) -> Tensor:
        if self.block_norm.startswith("L1"):
            share = blocks / (blocks.sum(dim=-1, keepdim=True) + 1e-5)
            return share.sqrt() if self.block_norm == "L1-sqrt" else share
        unit = _unit(blocks)
        return _unit(unit.clamp(max=0.2)) if self.block_norm == "L2-Hys" else unit


def _unit(blocks: Tensor) -> Tensor:
    return blocks / ((blocks * blocks).sum(dim=-1, keepdim=True) + 1e-5**2).sqrt()


def _gradients(images: Tensor) -> tuple[Tensor, ...]:
    """dy, dx and dy² + dx², each (n, 1, height, width): whole numbers, 0 at the border.

    Of a colour pixel, those of the channel that changes most, the first of equals.
    """
    dy, dx = torch.zeros_like(images), torch.zeros_like(images)
    dy[:, 1:-1] = images[:, 2:] - images[:, :-2]
    dx[:, :, 1:-1] = images[:, :, 2:] - images[:, :, :-2]
    squares = dy * dy + dx * dx
    strongest = squares.argmax(dim=-1, keepdim=True)
    return tuple(of.gather(-1, strongest).permute(0, 3, 1, 2) for of in (dy, dx, squares))


@lru_cache(maxsize=8)
def bin_table(orientations: int) -> Tensor:
    """The bin of each gradient: of (dx, dy) at the place |511 dy + dx|, uint8 (130561,).

    Bin k holds [k, k + 1) × 180 / orientations degrees. A gradient has reached an edge between two
    bins where its cross product with the edge is not negative, and its bin is the number of edges
    that it has reached. Edges at 45, 90 and 135 degrees, the only ones on which whole numbers can
    lie, are whole numbers too, so that no rounding decides.
    """
    codes = torch.arange(511 * 255 + 256, dtype=torch.float64, device="cpu")
    dy = ((codes + 255) / 511).floor()
    dx = codes - 511 * dy
    bins = torch.zeros(len(codes), dtype=torch.uint8, device="cpu")
    exact = {1: (1.0, 1.0), 2: (0.0, 1.0), 3: (-1.0, 1.0)}
    for edge in range(1, orientations):
        angle, (eighths, rest) = math.pi * edge / orientations, divmod(4 * edge, orientations)
        x, y = exact[eighths] if rest == 0 else (math.cos(angle), math.sin(angle))
        bins += dy * x - dx * y >= 0
    bins[0] = 0  # no gradient has no direction
    return bins


class Temperature(nn.Module):
    """Calibrated probabilities: p^(1 / temperature), rows summing to 1. Guo et al., ICML 2017."""

    def __init__(self, temperature: float) -> None:
        super().__init__()
        if not temperature > 0:
            raise ValueError(f"Temperature has temperature = {temperature}")
        self.temperature = temperature

    def forward(self, probabilities: Tensor) -> Tensor:
        logarithms = probabilities.clamp(min=torch.finfo(torch.float32).tiny).log()
        return (logarithms / self.temperature).softmax(dim=-1)


FEATURES = (Pixels, Hog)
"""Layers of images, which therefore read nothing but IMAGE."""
LAYERS: dict[str, type[nn.Module]] = {
    **MODULES, **{layer.__name__: layer for layer in (*FEATURES, Temperature)},
}  # fmt: skip
"""All that a type in the file can stand for."""


@dataclass(frozen=True)
class Step:
    """One call of a layer: what it is called, what it reads, and what nobody reads after it."""

    name: str
    layer: str
    reads: tuple[str, ...]
    done: tuple[str, ...]


class Model(nn.Module):
    """The network: uint8 images (n, height, width, channels) in, probabilities (n, classes) out.

    architecture: [{"name", "type", "settings", "reads"}, ...] in the order of computing; a layer
    that is called once more has "same_as" for type and settings. The last one answers.
    Raises ValueError for what is unknown or cannot be computed.
    """

    def __init__(self, architecture: Any, about: dict[str, Any]) -> None:
        super().__init__()
        self.about = about
        self.classes = tuple(about["classes"])
        self.image_shape = (*about["size_px"], about["channels"])
        self.layers = nn.ModuleDict()
        for row in architecture:
            if "same_as" not in row:
                self.layers[row["name"]] = _layer(row)
        self.steps = _steps(architecture, self.layers)

    def forward(self, images: Tensor) -> Tensor:
        """Calibrated probabilities, one row an image, which sums to 1."""
        if images.dtype != torch.uint8 or tuple(images.shape[1:]) != self.image_shape:
            raise ValueError(
                f"expected uint8 images (n, {', '.join(map(str, self.image_shape))}). "
                f"Received: {images.dtype} {tuple(images.shape)}."
            )
        values = {IMAGE: images.float()}
        for step in self.steps:
            value = self._call(step, [values[name] for name in step.reads])
            if value.numel() > MOST_VALUES * max(len(images), 1):
                raise ValueError(f"layer {step.name} gives more than {MOST_VALUES:,} values")
            values[step.name] = value
            for name in step.done:
                del values[name]
        return values[self.steps[-1].name]

    def _call(self, step: Step, read: list[Tensor]) -> Tensor:
        layer = self.layers[step.layer]
        value = layer(read) if isinstance(layer, MERGING) else layer(*read)
        return torch.as_tensor(value)


def _layer(row: dict[str, Any]) -> nn.Module:
    """The layer that a row describes. A setting is a number, a flag, a word or a few numbers."""
    name, kind = row["name"], row["type"]
    if kind not in LAYERS:
        raise ValueError(f"layer {name} is of the unknown type {kind!r}")
    settings = {key: tuple(v) if isinstance(v, list) else v for key, v in row["settings"].items()}
    for key, value in settings.items():
        each = value if isinstance(value, tuple) else (value,)
        numbers = all(isinstance(one, int | float) and abs(one) <= MOST_VALUES for one in each)
        if key in ("device", "dtype") or len(each) > 4 or not (numbers or isinstance(value, str)):
            raise ValueError(f"layer {name} has the setting {key} = {str(value)[:40]}")
    return LAYERS[kind](**settings)


def _steps(architecture: list[dict[str, Any]], layers: nn.ModuleDict) -> list[Step]:
    """The rows as steps. Each reads what is before it, so that nothing can go in circles."""
    last_read = {name: at for at, row in enumerate(architecture) for name in row["reads"]}
    known, steps = {IMAGE}, []
    for at, row in enumerate(architecture):
        name, layer, reads = row["name"], row.get("same_as", row["name"]), tuple(row["reads"])
        if name in known or layer not in layers:
            raise ValueError(f"layer {name} is there twice, or is the same as none")
        if not reads or not known.issuperset(reads):
            raise ValueError(f"layer {name} reads {list(reads)}, which are not all before it")
        if isinstance(layers[layer], FEATURES) and reads != (IMAGE,):
            raise ValueError(f"layer {name} takes nothing but the image")
        known.add(name)
        steps.append(Step(name, layer, reads, tuple(n for n in {*reads} if last_read[n] == at)))
    return steps


def load(path: str | os.PathLike[str]) -> Model:
    """The model of a weights file, ready to answer (`eval` mode), on the CPU.

    Raises ValueError, with the reason, for a file that is damaged, is none of leadline's, or asks
    for more than its weights can be for. Nothing is allocated before the file has been checked.
    """
    try:
        return _load(Path(path))
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a damaged file leads to
        reason = " ".join(str(error).split())[:300]
        raise ValueError(f"{path}: no model that can be loaded ({reason})") from None


def _load(path: Path) -> Model:
    with path.open("rb") as opened:
        if int.from_bytes(opened.read(8), "little") > MOST_HEADER_BYTES:
            raise ValueError(f"its header has more than {MOST_HEADER_BYTES:,} bytes")
    with safe_open(path, framework="pt") as file:
        model = _without_weights(file.metadata() or {})
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dict
    for name, tensor in weights.items():
        if tensor.dtype != torch.float32:
            raise ValueError(f"weights {name} are {tensor.dtype}, not float32")
    model.load_state_dict(weights, assign=True)
    for tensor in (*model.parameters(), *model.buffers()):
        tensor.data = tensor.data.clone()  # until here they lie in the file
    return model.eval()


def _without_weights(said: dict[str, str]) -> Model:
    """The model that the metadata tell, tried out where it needs no memory: on device "meta"."""
    if said.get(PREFIX + "format") != FORMAT:
        raise ValueError(f"its metadata have no {PREFIX}format = {FORMAT}")
    about: dict[str, Any] = {}
    for key in (key for key in said if key.startswith(PREFIX)):
        fact = key.removeprefix(PREFIX)
        about[fact] = said[key] if fact in TEXTS else json.loads(said[key])
    architecture = about.pop("architecture")
    if not 0 < len(architecture) <= MOST_STEPS:
        raise ValueError(f"its architecture has {len(architecture):,} layers")
    with torch.device("meta"):
        model = Model(architecture, about).eval()
        answer = model(torch.empty((2, *model.image_shape), dtype=torch.uint8))
    if tuple(answer.shape) != (2, len(model.classes)):
        raise ValueError(f"it answers {tuple(answer.shape[1:])} for {len(model.classes)} classes")
    return model
