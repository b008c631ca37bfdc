"""The layers of a Keras model in the order in which they run, and what each reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras

SOURCE = ""
"""The name under which the model's input is read."""


@dataclass(frozen=True, eq=False)
class Step:
    """One call of a layer. reads: earlier steps by name; `takes_list` as in Add, Concatenate."""

    name: str
    layer: Any
    reads: tuple[str, ...]
    takes_list: bool = False


def steps(model: keras.Model) -> tuple[Step, ...]:
    """The model as a row of steps; the last one gives its output.

    A model that is not a plain graph with one input, one output and each layer called once comes
    back as a single step: itself.
    """
    row: tuple[Step, ...] | None = None
    if type(model) is keras.Sequential:
        row = _chain(model)
    elif type(model).__module__ == "keras.src.models.functional":
        row = _graph(model)
    return row or (Step(model.name, model, (SOURCE,)),)


def _chain(model: keras.Sequential) -> tuple[Step, ...]:
    names = [SOURCE, *(layer.name for layer in model.layers)]
    return tuple(
        Step(layer.name, layer, (before,))
        for before, layer in zip(names[:-1], model.layers, strict=True)
    )


def _graph(model: keras.Model) -> tuple[Step, ...] | None:
    config = model.get_config()
    inputs, outputs = _ends(config["input_layers"]), _ends(config["output_layers"])
    if len(inputs) != 1 or len(outputs) != 1:
        return None
    found = {}
    for layer in config["layers"]:
        if layer["name"] == inputs[0]:
            continue
        step = _step(model, layer, inputs[0])
        if step is None:
            return None
        found[step.name] = step
    return _ordered(found, outputs[0])


def _ends(said: list[Any]) -> list[str]:
    """Names out of ["x", 0, 0], or [["x", 0, 0], ["y", 0, 0]]; Keras writes both."""
    return [said[0]] if isinstance(said[0], str) else [end[0] for end in said]


def _step(model: keras.Model, layer: dict[str, Any], source: str) -> Step | None:
    calls = layer["inbound_nodes"]
    if len(calls) != 1 or len(calls[0]["args"]) != 1 or any(calls[0]["kwargs"].values()):
        return None
    read = calls[0]["args"][0]
    takes_list = isinstance(read, list)
    tensors = read if takes_list else [read]
    if not all(isinstance(tensor, dict) and "config" in tensor for tensor in tensors):
        return None
    names = (tensor["config"]["keras_history"][0] for tensor in tensors)
    reads = tuple(SOURCE if name == source else name for name in names)
    return Step(layer["name"], model.get_layer(layer["name"]), reads, takes_list)


def _ordered(found: dict[str, Step], last: str) -> tuple[Step, ...]:
    """Return the steps that `last` needs, each after its inputs."""
    row: dict[str, Step] = {}
    waiting = [last]
    while waiting:
        step = found[waiting[-1]]
        missing = [name for name in step.reads if name != SOURCE and name not in row]
        if missing:
            waiting += missing
        else:
            row.setdefault(step.name, step)
            waiting.pop()
    return tuple(row.values())
