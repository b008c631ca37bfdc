"""Number of weights of each layer, with its formula."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from leadline.models.layers import layer_type_of
from leadline.models.layers.layer_type import Formula, LayerType, Shape, Weights, product, summed

if TYPE_CHECKING:
    import keras

BYTES_PER_WEIGHT = 4
"""float32, as models are trained and served."""


@dataclass(frozen=True)
class ModelSize:
    """Size of a model: weights (of them trainable), multiply-adds of one image, bytes."""

    weights: int
    trainable: int
    multiply_adds: int
    memory_bytes: int


MaybeShape = tuple[int | None, ...]
"""None for the batch, and for sizes that Keras does not know."""


@dataclass(frozen=True)
class LayerRow:
    """One layer of a model.

    output_shape: with None for the batch; () where Keras does not know it. formula: the equation
    of `weights`, as numbers, signs and names: ("(", 784, "×", 512, ")", "+", 512, "=", 401920); ()
    for a layer without weights. from_arrays: the formula multiplies the sizes of the layer's
    arrays, because its type is not known or its arrays were changed. meaning: code of what a layer
    without weights does (`models.layers.meaning_text`); "" where that is not known. values:
    numbers in the text of the meaning, by name. multiply_adds: for one image, in convolutions and
    dense layers; 0 elsewhere. memory_bytes: of the weights as float32. size_formula: the equation
    of the size of the output, as (28, "÷", 2, "=", 14); () where the size stays or is not known.
    """

    name: str
    type: str
    output_shape: MaybeShape
    weights: int
    trainable: int
    formula: Formula
    multiply_adds: int
    memory_bytes: int
    size_formula: Formula = ()
    meaning: str = ""
    values: tuple[tuple[str, float], ...] = ()
    from_arrays: bool = False


def layer_table(model: keras.Model) -> tuple[LayerRow, ...]:
    """A row for each layer of a built model, input first; the weights add up to the model's own.

    A model inside the model is shown by its own layers, as "inner/dense". A layer that is used
    several times has one row, and its multiply-adds are those of its first use.
    """
    return tuple(_row(layer, name) for layer, name in _flat(model, "", set()))


def totals(rows: Iterable[LayerRow]) -> ModelSize:
    """The sums of the columns."""
    rows = tuple(rows)
    return ModelSize(
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
    layer_type = layer_type_of(layer)
    shape_in, shape_out = _shapes(layer)
    sizes = _known_sizes(shape_in[1:]), _known_sizes(shape_out[1:])
    count = sum(prod(weight.shape) for weight in own)
    weights = _weights(layer, layer_type, *sizes)
    from_arrays = weights.count != count
    if from_arrays:  # an unknown layer, or a changed one (LoRA, say)
        arrays = [tuple(weight.shape) for weight in own]
        weights = summed([product(*shape) for shape in arrays], count)
    known = layer_type if not weights.count and not from_arrays else None
    return LayerRow(
        name=name,
        type=type(layer).__name__,
        output_shape=shape_out,
        weights=count,
        trainable=sum(prod(weight.shape) for weight in own if weight.trainable),
        formula=weights.formula,
        multiply_adds=weights.multiply_adds,
        memory_bytes=count * BYTES_PER_WEIGHT,
        size_formula=layer_type.size_formula(layer, *sizes) if layer_type and all(sizes) else (),
        meaning=known.meaning(layer) if known else "",
        values=tuple(known.values(layer).items()) if known else (),
        from_arrays=from_arrays,
    )


def _weights(
    layer: Any, layer_type: LayerType | None, shape_in: Shape, shape_out: Shape
) -> Weights:
    """Weights by the formula of the layer's type; none where the type or a size is not known."""
    found = None
    if layer_type is not None and shape_in and shape_out:
        found = layer_type.weights(layer, shape_in, shape_out)
    return found or Weights(0, ())


def _known_sizes(shape: MaybeShape) -> Shape:
    """The shape if every size in it is known; else ()."""
    sizes = tuple(size for size in shape if size is not None)
    return sizes if len(sizes) == len(shape) else ()


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
