"""Formulas of sizes: literal strings, and Keras's own output shapes for random layers."""

import re
from math import ceil, floor

import keras
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from leadline.features.hog import Hog
from leadline.features.pixels import Pixels
from leadline.models.layers import layer_type_of
from leadline.models.layers.layer_type import formula_text
from leadline.models.weight_table import layer_table

L = keras.layers


def size_text(layer, shape_in, shape_out):
    layer_type = layer_type_of(layer)
    assert layer_type is not None
    return formula_text(layer_type.size_formula(layer, shape_in, shape_out))


def said(layer, shape):
    output = layer(keras.Input(shape, dtype="uint8" if isinstance(layer, Hog | Pixels) else None))
    return size_text(layer, shape, tuple(output.shape[1:]))


@pytest.mark.parametrize(
    ("layer", "shape", "text"),
    [
        (lambda: Hog(8, 4), (28, 28, 1), "(28 ÷ 4) × (28 ÷ 4) × 8 = 392"),
        (lambda: Hog(16, 4), (28, 28, 1), "(28 ÷ 4) × (28 ÷ 4) × 16 = 784"),
        (lambda: Hog(9, 8), (30, 45, 3), "⌊30 ÷ 8⌋ × ⌊45 ÷ 8⌋ × 9 = 135"),
        (
            lambda: Hog(9, 16, 2),
            (128, 128, 1),
            "(128 ÷ 16 − 2 + 1) × (128 ÷ 16 − 2 + 1) × 2 × 2 × 9 = 1,764",
        ),
        (lambda: Pixels(flatten=True), (28, 28, 1), "28 × 28 × 1 = 784"),
        (Pixels, (28, 28, 1), ""),
        (L.Flatten, (5, 5, 64), "5 × 5 × 64 = 1,600"),
        (L.Flatten, (128,), ""),
        (lambda: L.Conv2D(32, 3), (28, 28, 1), "28 − 3 + 1 = 26"),
        (lambda: L.Conv2D(32, 3, padding="same"), (28, 28, 1), ""),
        (lambda: L.Conv2D(32, 3, strides=2), (28, 28, 1), "⌊(28 − 3) ÷ 2⌋ + 1 = 13"),
        (lambda: L.Conv2D(32, 3, strides=2), (27, 27, 1), "(27 − 3) ÷ 2 + 1 = 13"),
        (lambda: L.Conv2D(32, 3, strides=2, padding="same"), (27, 27, 1), "⌈27 ÷ 2⌉ = 14"),
        (lambda: L.Conv2D(32, 3, dilation_rate=2), (28, 28, 1), "28 − 5 + 1 = 24"),
        (lambda: L.Conv2D(32, (3, 5)), (28, 28, 1), "28 − 3 + 1 = 26, 28 − 5 + 1 = 24"),
        (lambda: L.MaxPooling2D(2), (11, 11, 64), "⌊11 ÷ 2⌋ = 5"),
        (lambda: L.AveragePooling2D(2), (26, 26, 64), "26 ÷ 2 = 13"),
        (lambda: L.MaxPooling2D(3, strides=2), (28, 28, 8), "⌊(28 − 3) ÷ 2⌋ + 1 = 13"),
        (lambda: L.Dense(10), (392,), ""),
    ],
)
def test_the_sum_behind_a_size(layer, shape, text):
    assert said(layer(), shape) == text


def value(text):
    """What a sum comes to, worked out from its signs alone."""
    python = re.sub(r"(?<=\d),(?=\d{3})", "", text).replace("÷", "/").replace("−", "-")
    python = python.replace("×", "*").replace("⌊", "floor(").replace("⌋", ")")
    python = python.replace("⌈", "ceil(").replace("⌉", ")")
    left, right = python.split(" = ")
    names = {"floor": floor, "ceil": ceil, "__builtins__": {}}
    assert eval(left, names) == eval(right, names), text
    return eval(right, names)


SIDES = st.integers(1, 1100)


@settings(deadline=None, max_examples=60)
@given(SIDES, SIDES, st.integers(1, 12), st.integers(1, 12), st.integers(1, 4))
def test_features_of_hog_come_to_the_layer_s_own_number(height, width, orientations, cell, block):
    assume(min(height, width) // cell >= block)
    layer = Hog(orientations, cell, block)
    features = layer.compute_output_shape((None, height, width, 1))[-1]
    assert features is not None
    assert value(size_text(layer, (height, width, 1), (features,))) == features


@settings(deadline=None, max_examples=60)
@given(
    st.tuples(SIDES, SIDES),
    st.integers(1, 7),
    st.integers(1, 5),
    st.integers(1, 3),
    st.sampled_from(["same", "valid"]),
    st.sampled_from([L.Conv2D, L.MaxPooling2D, L.AveragePooling2D]),
)
def test_sides_come_to_those_of_keras(sides, window, stride, dilation, padding, kind):
    convolves = kind is L.Conv2D
    assume(not (convolves and stride > 1 and dilation > 1))
    assume(min(sides) >= (window - 1) * dilation + 1)
    arguments = {"strides": stride, "padding": padding}
    layer = (
        kind(1, window, dilation_rate=dilation, **arguments)
        if convolves
        else kind(window, **arguments)
    )
    shape = (*sides, 1)
    out = layer.compute_output_shape((None, *shape))[1:]
    text = size_text(layer, shape, out)
    if text == "":
        assert tuple(out[:2]) == sides
        return
    found = [value(one) for one in text.split(", ")]
    assert found * (3 - len(found)) == list(out[:2])


def test_a_layer_of_the_user_s_own_has_no_sum():
    class Flatten(keras.layers.Layer):  # type: ignore[misc]  # mypy does not follow keras
        def call(self, inputs):
            return keras.ops.mean(inputs, axis=(1, 2))

    image = keras.Input((5, 5, 3))
    rows = layer_table(keras.Model(image, Flatten()(image)))
    assert rows[1].size_formula == ()
