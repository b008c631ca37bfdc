"""The calls of a Keras model in the order of computing: functional and sequential, also nested."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

from leadline.errors import ModelFileError
from leadline.models.layers import layer_type_of
from leadline.models.layers.layer_type import NoCounterpart, TorchLayer

if TYPE_CHECKING:
    import keras

FIX = "export it with --format onnx or --format keras"
Node = tuple[str, int]
"""A layer's name and which of its calls, as Keras's configurations count them."""


@dataclass(frozen=True, eq=False)
class Value:
    """The output of a call, or the image that goes in."""


@dataclass(frozen=True, eq=False)
class Call:
    """One call of one layer, which may be called several times."""

    layer: keras.layers.Layer
    reads: tuple[Value, ...]
    gives: Value


@dataclass(frozen=True)
class Graph:
    """A model as calls, each after what it reads."""

    image: Value
    calls: list[Call] = field(default_factory=list)

    def follow(self, model: keras.Model, value: Value) -> Value:
        """Add the calls of a model that is called on a value; returns what it answers.

        Raises ModelFileError, naming the layer, for layers that have no torch module, and for
        what is no fixed graph of them: a subclass of Model, an operation outside any layer, several
        inputs or outputs.
        """
        kind = type(model)
        if not kind.__module__.startswith("keras.") or not model.built:
            raise refused(model, "it is not a functional or sequential model, built")
        if kind.__name__ != "Sequential":
            return self._functional(model, value)
        for layer in model.layers:
            value = self._call(layer, (value,))
        return value

    def _functional(self, model: keras.Model, value: Value) -> Value:
        layers = {layer.name: layer for layer in model.layers}
        for layer in model.layers:
            refuse_unknown(layer)
        for name in (
            operation.name for operation in model.operations if operation.name not in layers
        ):
            raise refused(model, f"the operation {name} stands outside any layer")
        nodes = _nodes(model)
        start, end = _end(model, "input_layers"), _end(model, "output_layers")
        values = {start: value}
        for node in TopologicalSorter(nodes).static_order():
            if node != start:
                read = tuple(values[before] for before in nodes[node])
                values[node] = self._call(layers[node[0]], read)
        return values[end]

    def _call(self, layer: keras.layers.Layer, reads: tuple[Value, ...]) -> Value:
        import keras

        if isinstance(layer, keras.Model):
            return self.follow(layer, reads[0])
        refuse_unknown(layer)
        gives = Value()
        self.calls.append(Call(layer, reads, gives))
        return gives


def _nodes(model: keras.Model) -> dict[Node, tuple[Node, ...]]:
    """Inputs of each call. Raises ModelFileError for calls with other arguments than tensors."""
    found = {}
    for row in model.get_config()["layers"]:
        for number, call in enumerate(row["inbound_nodes"]):
            if any(call["kwargs"].values()):
                given = ", ".join(key for key, value in call["kwargs"].items() if value)
                raise refused(model.get_layer(row["name"]), f"it is called with {given}")
            found[row["name"], number] = tuple(_tensors(model, row["name"], call["args"]))
    return found


def _tensors(model: keras.Model, name: str, given: Any) -> Iterator[Node]:
    if isinstance(given, list | tuple):
        for one in given:
            yield from _tensors(model, name, one)
    elif isinstance(given, dict) and given.get("class_name") == "__keras_tensor__":
        layer, number, _which = given["config"]["keras_history"]
        yield layer, number
    elif given is not None:
        raise refused(model.get_layer(name), f"it is called with {str(given)[:40]}")


def _end(model: keras.Model, key: str) -> Node:
    """The one input or output: [name, call, tensor], or a list of such."""
    ends = model.get_config()[key]
    if isinstance(ends, list) and len(ends) == 1:
        [ends] = ends
    if not isinstance(ends, list | tuple) or not isinstance(ends[0], str):
        raise refused(model, f"it has several {key}")
    return ends[0], ends[1]


def torch_layer_of(layer: keras.layers.Layer) -> TorchLayer | None:
    """The torch module that does a layer's work; None where it does nothing.

    Raises ModelFileError, naming the layer, for a type or a setting that has no counterpart.
    """
    layer_type = layer_type_of(layer)
    if layer_type is None:
        raise refused(layer, "it has no counterpart in torch")
    try:
        return layer_type.torch(layer)
    except NoCounterpart as error:
        raise refused(layer, str(error)) from None


def refuse_unknown(layer: keras.layers.Layer) -> None:
    """Raise ModelFileError for a layer of no known type; models are looked into elsewhere."""
    import keras

    if not isinstance(layer, keras.Model) and layer_type_of(layer) is None:
        raise refused(layer, "it has no counterpart in torch")


def refused(layer: keras.layers.Layer, reason: str) -> ModelFileError:
    """The error for a layer that cannot be exported."""
    return ModelFileError(f"layer {layer.name} ({type(layer).__name__}): {reason}; {FIX}.")
