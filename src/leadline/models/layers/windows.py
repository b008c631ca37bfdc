"""Arithmetic of windows that move over images: what convolutions and pooling share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leadline.models.layers.layer_type import Formula, Shape, bracketed, pair


def window_misfit(
    shape: Shape, size: Sequence[int], dilation: Sequence[int], padding: str, key: str
) -> str | None:
    """Say which window is larger than the image that it moves over, and the fix."""
    height, width = ((k - 1) * step + 1 for k, step in zip(size, dilation, strict=True))
    if padding == "same" or (height <= shape[0] and width <= shape[1]):
        return None
    return (
        f"its window of {height} × {width} pixels is larger than that; make {key} smaller, set "
        'padding = "same", or pool less before it'
    )


def moved(
    shape: Shape, window: Sequence[int], dilation: Sequence[int], steps: Sequence[int], padding: str
) -> Shape:
    """Height and width after a window has moved over an image."""
    if padding == "same":
        return tuple(-(-size // step) for size, step in zip(shape[:2], steps, strict=True))
    return tuple(
        (size - (k - 1) * apart - 1) // step + 1
        for size, k, apart, step in zip(shape[:2], window, dilation, steps, strict=True)
    )


def moved_formula(layer: Any, reach: Sequence[int], shape_in: Shape, shape_out: Shape) -> Formula:
    """Equation of how often a window fits along height and width; one where both are alike.

    reach: values that the window spans in each direction, gaps of dilation included.
    """
    first = layer.data_format == "channels_first"
    sides_in, sides_out = (shape[1:] if first else shape[:2] for shape in (shape_in, shape_out))
    if sides_in == sides_out:
        return ()
    steps = pair(layer.strides)
    height, width = (
        (*_fits(sides_in[axis], reach[axis], steps[axis], layer.padding), "=", sides_out[axis])
        for axis in (0, 1)
    )
    return height if height == width else (*height, ",", *width)


def quotient(side: int, step: int, *, up: bool = False) -> Formula:
    """side ÷ step, rounded down or `up`, in the brackets that say so where it is not whole."""
    if step == 1:
        return (side,)
    left, right = ("⌈", "⌉") if up else ("⌊", "⌋")
    whole = side % step == 0
    return (side, "÷", step) if whole else (left, side, "÷", step, right)


def _fits(side: int, reach: int, step: int, padding: str) -> Formula:
    if padding == "same":
        return quotient(side, step, up=True)
    if reach == step:
        return quotient(side, step)
    if step == 1:
        return (side, "−", reach, "+", 1)
    division = (*bracketed((side, "−", reach)), "÷", step)
    whole = (side - reach) % step == 0
    return (*(division if whole else ("⌊", *division, "⌋")), "+", 1)
