"""The sum behind the size of a layer's output: where HOG's 392 or the 6,272 of Flatten come from.

Each function takes a built layer and the shapes of its input and output without the batch axis,
height and width first. Texts hold numbers and signs alone, so that they need no translation.
Loads no Keras.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

from leadline.models.shape_checks import Shape, pair

CONVOLUTIONS = ("Conv2D", "DepthwiseConv2D", "SeparableConv2D")
POOLINGS = ("MaxPooling2D", "AveragePooling2D")


def size_derivation(layer: Any, shape_in: Shape, shape_out: Shape) -> str:
    """The sum to the output's size; "" where the size stays, or the layer is not known here.

    Parameters
    ----------
    layer : keras.layers.Layer
        Built; of Keras or of leadline.
    shape_in, shape_out : tuple of int
        Without the batch axis.

    Returns
    -------
    str
        "(28 ÷ 4) × (28 ÷ 4) × 8 = 392" for HOG, "14 × 14 × 32 = 6,272" for Flatten,
        "28 − 3 + 1 = 26" for a convolution without padding, "⌊11 ÷ 2⌋ = 5" for pooling. Height
        and width share one sum where both come out the same way.
    """
    find = SIZES.get(type(layer).__name__)
    return find(layer, shape_in, shape_out) if find and shape_in and shape_out else ""


def hog_features(layer: Any, shape_in: Shape, _shape_out: Shape) -> str:
    """cells (or blocks) down × across × cells of a block × orientations = features."""
    cell, block = layer.cell_px, layer.block_cells
    counts = [side // cell - block + 1 for side in shape_in[:2]]
    places = [_cells(side, cell, block) for side in shape_in[:2]]
    inside = [f"{block:,}", f"{block:,}"] if block > 1 else []
    features = prod(counts) * block**2 * layer.orientations
    return f"{' × '.join([*places, *inside, f'{layer.orientations:,}'])} = {features:,}"


def in_one_row(_layer: Any, shape_in: Shape, shape_out: Shape) -> str:
    """height × width × channels = values."""
    if len(shape_in) < 2 or len(shape_out) != 1:
        return ""
    return f"{' × '.join(f'{size:,}' for size in shape_in)} = {prod(shape_in):,}"


def _cells(side: int, cell: int, block: int) -> str:
    """Cells along a side; of overlapping blocks, those that start a block."""
    cells = _quotient(side, cell)
    if block > 1:
        return f"({cells} − {block:,} + 1)"
    return cells if side % cell else f"({cells})"


def _convolved(layer: Any, shape_in: Shape, shape_out: Shape) -> str:
    window, apart = pair(layer.kernel_size), pair(layer.dilation_rate)
    reach = tuple(apart[axis] * (window[axis] - 1) + 1 for axis in (0, 1))
    return _moved(layer, reach, shape_in, shape_out)


def _pooled(layer: Any, shape_in: Shape, shape_out: Shape) -> str:
    return _moved(layer, pair(layer.pool_size), shape_in, shape_out)


def _moved(layer: Any, reach: tuple[int, ...], shape_in: Shape, shape_out: Shape) -> str:
    """How often a window fits along height and width; one sum where both are alike."""
    first = layer.data_format == "channels_first"
    sides_in, sides_out = (shape[1:] if first else shape[:2] for shape in (shape_in, shape_out))
    if sides_in == sides_out:
        return ""
    steps = pair(layer.strides)
    sums = (
        f"{_fits(sides_in[axis], reach[axis], steps[axis], layer.padding)} = {sides_out[axis]:,}"
        for axis in (0, 1)
    )
    return ", ".join(dict.fromkeys(sums))


def _fits(side: int, reach: int, step: int, padding: str) -> str:
    """Places of a window that reaches over so many values and moves by `step`."""
    if padding == "same":
        return _quotient(side, step, up=True)
    if reach == step:
        return _quotient(side, step)
    if step == 1:
        return f"{side:,} − {reach:,} + 1"
    whole = (side - reach) % step == 0
    quotient = f"({side:,} − {reach:,}) ÷ {step:,}"
    return f"{quotient if whole else f'⌊{quotient}⌋'} + 1"


def _quotient(side: int, step: int, *, up: bool = False) -> str:
    """Rounded down, or `up`, and in the brackets that say so where it is not whole."""
    if step == 1:
        return f"{side:,}"
    left, right = ("⌈", "⌉") if up else ("⌊", "⌋")
    quotient = f"{side:,} ÷ {step:,}"
    return quotient if side % step == 0 else f"{left}{quotient}{right}"


def _pixels(layer: Any, shape_in: Shape, shape_out: Shape) -> str:
    return in_one_row(layer, shape_in, shape_out) if layer.flatten else ""


def _sizes() -> Iterator[tuple[str, Callable[[Any, Shape, Shape], str]]]:
    yield "Hog", hog_features
    yield "Pixels", _pixels
    yield "Flatten", in_one_row
    yield from ((name, _convolved) for name in CONVOLUTIONS)
    yield from ((name, _pooled) for name in POOLINGS)


SIZES: dict[str, Callable[[Any, Shape, Shape], str]] = dict(_sizes())
