"""Names and wiring of an experiment's layers; which of them are unused. Loads no Keras."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from leadline.errors import SpecError
from leadline.experiments.experiment import Experiment
from leadline.experiments.layer_settings import Layer
from leadline.models.built_model import UnusedLayer
from leadline.models.layers import LAYER_TYPES

IMAGE = "image"
FEATURES = "features"
HEAD = "probabilities"


@dataclass(frozen=True)
class Node:
    """A layer with its place: `number` from 1, and the names of what it reads."""

    number: int
    name: str
    reads: tuple[str, ...]
    layer: Layer

    def __str__(self) -> str:
        return f"layer {self.number} ({self.name}, {self.layer.type})"


def wire(experiment: Experiment) -> tuple[Node, ...]:
    """The experiment's layers, each with a unique name and the names of what it reads.

    Raises SpecError for a name given twice or reserved, and for an `input` that is no earlier
    layer's name.
    """
    nodes: list[Node] = []
    names = _names(experiment)
    for number, (name, layer) in enumerate(zip(names, experiment.layers, strict=True), start=1):
        before = [FEATURES, *names[: number - 1]]
        node = Node(number, name, _reads(layer, before[-1]), layer)
        _check_reads(experiment.name, node, before, names)
        nodes.append(node)
    return tuple(nodes)


def split_unused(nodes: Sequence[Node]) -> tuple[tuple[Node, ...], tuple[UnusedLayer, ...]]:
    """The layers that are connected to the head (which reads the last one), and the others."""
    used = {nodes[-1].name} if nodes else set()
    for node in reversed(nodes):
        if node.name in used:
            used.update(node.reads)
    unused = (_unused(node, nodes) for node in nodes if node.name not in used)
    return tuple(node for node in nodes if node.name in used), tuple(unused)


def _names(experiment: Experiment) -> list[str]:
    """The given names, and for the rest the type in snake case with a number."""
    given = [layer.name for layer in experiment.layers if layer.name is not None]
    for name in given:
        if name in (IMAGE, FEATURES, HEAD):
            raise SpecError(
                f"{experiment.name}: a layer is named {name!r}, which is the name of the "
                "model's own layer; choose another name."
            )
        if given.count(name) > 1:
            numbers = [str(n) for n, layer in enumerate(experiment.layers, 1) if layer.name == name]
            raise SpecError(
                f"{experiment.name}: layers {' and '.join(numbers)} are both named {name!r}; "
                "names must differ."
            )
    taken = set(given)
    names = []
    for layer in experiment.layers:
        name = layer.name or next(name for name in _candidates(layer.type) if name not in taken)
        taken.add(name)
        names.append(name)
    return names


def _candidates(layer_type: str) -> Iterator[str]:
    stem = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", layer_type).lower()
    return (f"{stem}_{number}" for number in count(1))


def _reads(layer: Layer, previous: str) -> tuple[str, ...]:
    if layer.input is None:
        return (previous,)
    return (layer.input,) if isinstance(layer.input, str) else layer.input


def _check_reads(experiment: str, node: Node, before: list[str], names: list[str]) -> None:
    for name in node.reads:
        if name in before:
            continue
        later = " is not before it" if name in names else " does not exist"
        raise SpecError(
            f"{experiment}: {node} reads {name!r}, which{later}; it can read {', '.join(before)}."
        )
    merges = LAYER_TYPES[node.layer.type].merges
    if merges and len(node.reads) < 2:
        raise SpecError(
            f"{experiment}: {node} has input = {list(node.reads)!r}; it needs two layers or more."
        )
    if not merges and len(node.reads) != 1:
        raise SpecError(
            f"{experiment}: {node} has input = {list(node.reads)!r}; it reads exactly one layer. "
            "Join several with Add or Concatenate first."
        )


def _unused(node: Node, nodes: Sequence[Node]) -> UnusedLayer:
    readers = tuple(other.name for other in nodes if node.name in other.reads)
    if readers:
        return UnusedLayer(node.name, node.layer.type, "read-by-unused", readers=readers)
    following = nodes[node.number]
    return UnusedLayer(
        node.name,
        node.layer.type,
        "not-read",
        following=following.name,
        following_reads=following.reads,
    )
