"""How many weights each layer has, and by which sum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from leadline.models.output_sizes import size_derivation
from leadline.models.weight_formulas import (
    Derivation,
    MaybeShape,
    derive,
    derive_from_variables,
    known_sizes,
)

if TYPE_CHECKING:
    import keras

BYTES_PER_WEIGHT = 4
"""float32, as models are trained and served."""


@dataclass(frozen=True)
class Totals:
    """What a model weighs: weights (of them trainable), multiply-adds of one image, bytes."""

    weights: int
    trainable: int
    multiply_adds: int
    memory_bytes: int


@dataclass(frozen=True)
class LayerRow:
    """One layer of a model.

    output_shape: with None for the batch; () where Keras does not know it. derivation: the sum to
    `weights`, as "(784 × 512) + 512 = 401,920", or "no weights: ..." with the reason.
    multiply_adds: of one image, in convolutions and dense layers; 0 elsewhere. memory_bytes: of the
    weights as float32. size_derivation: the sum to the output's size, as "28 ÷ 2 = 14"; "" where
    the size stays or is not known.
    """

    name: str
    type: str
    output_shape: MaybeShape
    weights: int
    trainable: int
    derivation: str
    multiply_adds: int
    memory_bytes: int
    size_derivation: str = ""


def layer_table(model: keras.Model) -> tuple[LayerRow, ...]:
    """A row for each layer of a built model, input first; the weights add up to the model's own.

    A model inside the model is shown by its own layers, as "inner/dense". A layer that is used
    several times has one row, and its multiply-adds are those of its first use.
    """
    return tuple(_row(layer, name) for layer, name in _flat(model, "", set()))


def totals(rows: Iterable[LayerRow]) -> Totals:
    """The sums of the columns."""
    rows = tuple(rows)
    return Totals(
        weights=sum(row.weights for row in rows),
        trainable=sum(row.trainable for row in rows),
        multiply_adds=sum(row.multiply_adds for row in rows),
        memory_bytes=sum(row.memory_bytes for row in rows),
    )


def format_bytes(size_bytes: int) -> str:
    """ "1.55 MB" for 1,628,200: steps of 1,024 and two decimals, as Keras prints it."""
    size, units = float(size_bytes), ["B", "KB", "MB", "GB", "TB", "PB"]
    while size >= 1024 and len(units) > 1:
        size /= 1024
        del units[0]
    return f"{size:.2f} {units[0]}"


def _flat(model: keras.Model, prefix: str, seen: set[int]) -> Iterator[tuple[Any, str]]:
    """Layers with their names; those of inner models in place of these, each layer once."""
    import keras

    for layer in model.layers:
        if id(layer) in seen or (prefix and isinstance(layer, keras.layers.InputLayer)):
            continue
        seen.add(id(layer))
        if isinstance(layer, keras.Model):
            yield from _flat(layer, f"{prefix}{layer.name}/", seen)
        else:
            yield layer, f"{prefix}{layer.name}"
    if _own(model):
        yield model, f"{prefix}(own)"


def _own(layer: Any) -> list[Any]:
    """The arrays to count: all of a layer's; of a model, those that are not in its layers."""
    import keras

    if not isinstance(layer, keras.Model):
        return list(layer.weights)
    inside = {id(weight) for inner in layer.layers for weight in inner.weights}
    return [weight for weight in layer.weights if id(weight) not in inside]


def _row(layer: Any, name: str) -> LayerRow:
    own = _own(layer)
    shape_in, shape_out = _shapes(layer)
    found = _derive(layer, own, shape_in, shape_out)
    trainable = sum(prod(weight.shape) for weight in own if weight.trainable)
    text = found.text
    if trainable < found.weights:
        text += f", {trainable:,} of them trained" if trainable else ", none of them trained"
    return LayerRow(
        name=name,
        type=type(layer).__name__,
        output_shape=shape_out,
        weights=found.weights,
        trainable=trainable,
        derivation=text,
        multiply_adds=found.multiply_adds,
        memory_bytes=found.weights * BYTES_PER_WEIGHT,
        size_derivation=_size(layer, shape_in, shape_out),
    )


def _size(layer: Any, shape_in: MaybeShape, shape_out: MaybeShape) -> str:
    """Of layers of Keras and leadline; a user's own layer of the same name may work otherwise."""
    if type(layer).__module__.partition(".")[0] not in ("keras", "leadline"):
        return ""
    return size_derivation(layer, known_sizes(shape_in[1:]), known_sizes(shape_out[1:]))


def _derive(layer: Any, own: list[Any], shape_in: MaybeShape, shape_out: MaybeShape) -> Derivation:
    """Ours, where it agrees with the layer's arrays; a changed layer (LoRA, say) is counted."""
    known = derive(layer, shape_in[1:], shape_out[1:])
    if known is not None and known.weights == sum(prod(weight.shape) for weight in own):
        return known
    return derive_from_variables([tuple(weight.shape) for weight in own])


def _shapes(layer: Any) -> tuple[MaybeShape, MaybeShape]:
    """Input and output with the batch axis; () where Keras does not know one."""
    try:
        return _shape_of(layer.input), _shape_of(layer.output)
    except (AttributeError, ValueError):
        pass
    try:
        shape_in = tuple(layer.get_build_config()["input_shape"])
        return shape_in, tuple(layer.compute_output_shape(shape_in))
    except (AttributeError, KeyError, TypeError, ValueError, NotImplementedError):
        return (), ()


def _shape_of(tensors: Any) -> MaybeShape:
    """Of the first, where there are several; an input layer has none before it."""
    if not isinstance(tensors, (list, tuple)):
        return tuple(tensors.shape)
    return tuple(tensors[0].shape) if tensors else ()
