"""The formula of each type of layer: literal strings, and Keras's count for random layers."""

from __future__ import annotations

import ast
import re
from math import prod
from typing import Any

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadline.models.layers import LAYER_TYPES, layer_type_of
from leadline.models.layers.layer_type import Shape, Weights, formula_text
from leadline.models.weight_table import LayerRow, layer_table

L = keras.layers


def row_of(layer: Any, *shape: int | None) -> LayerRow:
    """The layer's row in the table of a model of this layer alone."""
    image = keras.Input(shape)
    return layer_table(keras.Model(image, layer(image)))[1]


def weights_of(layer: Any, shape: Shape) -> Weights:
    output = layer(keras.Input(shape))
    layer_type = layer_type_of(layer)
    assert layer_type is not None
    return layer_type.weights(layer, shape, tuple(output.shape[1:])) or Weights(0, ())


@pytest.mark.parametrize(
    ("layer", "shape", "text", "multiply_adds"),
    [
        (lambda: L.Dense(512), (784,), "(784 × 512) + 512 = 401,920", 784 * 512),
        (lambda: L.Dense(512, use_bias=False), (784,), "784 × 512 = 401,408", 784 * 512),
        (lambda: L.Dense(10), (7, 7, 32), "(32 × 10) + 10 = 330", 7 * 7 * 32 * 10),
        (
            lambda: L.Conv2D(32, 5, padding="same"),
            (28, 28, 1),
            "(5 × 5 × 1 × 32) + 32 = 832",
            28 * 28 * 5 * 5 * 32,
        ),
        (
            lambda: L.Conv2D(32, 5, padding="same"),
            (28, 28, 32),
            "(5 × 5 × 32 × 32) + 32 = 25,632",
            20_070_400,
        ),
        (
            lambda: L.Conv2D(16, (3, 2), strides=2, use_bias=False),
            (9, 10, 4),
            "3 × 2 × 4 × 16 = 384",
            4 * 5 * 3 * 2 * 4 * 16,
        ),
        (
            lambda: L.Conv2D(16, 3, groups=2, dilation_rate=2),
            (9, 9, 8),
            "(3 × 3 × (8 ÷ 2) × 16) + 16 = 592",
            5 * 5 * 3 * 3 * 4 * 16,
        ),
        (
            lambda: L.DepthwiseConv2D(3, padding="same"),
            (8, 8, 32),
            "(3 × 3 × 32) + 32 = 320",
            8 * 8 * 3 * 3 * 32,
        ),
        (
            lambda: L.DepthwiseConv2D(3, depth_multiplier=2),
            (8, 8, 32),
            "(3 × 3 × 32 × 2) + 64 = 640",
            6 * 6 * 3 * 3 * 64,
        ),
        (
            lambda: L.SeparableConv2D(64, 3, padding="same"),
            (8, 8, 32),
            "(3 × 3 × 32) + (32 × 64) + 64 = 2,400",
            8 * 8 * (3 * 3 * 32 + 32 * 64),
        ),
        (
            lambda: L.SeparableConv2D(5, 3, depth_multiplier=3, use_bias=False),
            (4, 4, 2),
            "(3 × 3 × 2 × 3) + (6 × 5) = 84",
            2 * 2 * (3 * 3 * 6 + 6 * 5),
        ),
        (lambda: L.Conv1D(4, 3), (10, 2), "(3 × 2 × 4) + 4 = 28", 8 * 3 * 2 * 4),
        (
            L.BatchNormalization,
            (8, 8, 32),
            "gamma 32 + beta 32 + mean 32 + variance 32 = 128",
            0,
        ),
        (
            lambda: L.BatchNormalization(scale=False),
            (1_500,),
            "beta 1,500 + mean 1,500 + variance 1,500 = 4,500",
            0,
        ),
        (L.LayerNormalization, (8, 8, 32), "gamma 32 + beta 32 = 64", 0),
        (lambda: L.LayerNormalization(axis=[1, 2]), (8, 7, 3), "gamma 56 + beta 56 = 112", 0),
        (lambda: L.GroupNormalization(4, center=False), (8, 8, 32), "gamma 32 = 32", 0),
    ],
)
def test_the_formula_of_a_layer(layer, shape, text, multiply_adds):
    found = weights_of(layer(), shape)
    assert (formula_text(found.formula), found.multiply_adds) == (text, multiply_adds)


@pytest.mark.parametrize(
    ("layer", "meaning"),
    [
        (lambda: L.LayerNormalization(center=False, scale=False), "neither-gamma-nor-beta"),
        (L.MaxPooling2D, "window-maximum"),
        (lambda: L.AveragePooling2D(2), "window-mean"),
        (L.GlobalMaxPooling2D, "channel-maximum"),
        (L.GlobalAveragePooling2D, "channel-mean"),
        (L.Flatten, "same-values-in-a-row"),
        (lambda: L.Dropout(0.5), "drops-values"),
        (lambda: L.SpatialDropout2D(0.5), "drops-channels"),
        (lambda: L.Activation("relu"), "function-of-each-value"),
        (L.Multiply, ""),
        (lambda: L.Dense(3), ""),
    ],
)
def test_what_a_layer_without_weights_does(layer, meaning):
    made = layer()
    image = keras.Input((9, 8, 3))
    read = [image, image] if isinstance(made, L.Multiply) else image
    row = layer_table(keras.Model(image, made(read)))[1]
    assert (row.meaning, row.from_arrays) == (meaning, False)


def test_every_meaning_has_one_code():
    codes = [code for layer_type in LAYER_TYPES.values() for code in layer_type.meanings]
    shared = {"neither-gamma-nor-beta"}
    assert sorted(set(codes) - shared) == sorted(code for code in codes if code not in shared)


def test_layers_of_others_are_counted_by_their_arrays():
    same_name = type("Dense", (L.Dense,), {"__module__": "theirs"})
    row = row_of(same_name(3), 5)
    assert (formula_text(row.formula), row.from_arrays) == ("(5 × 3) + 3 = 18", True)
    assert row_of(L.Conv2DTranspose(3, 2), 5, 5, 1).from_arrays


def test_sizes_that_are_not_known_give_no_formula_of_the_type():
    row = row_of(L.Conv2D(4, 3), None, None, 3)
    assert (formula_text(row.formula), row.from_arrays) == ("(3 × 3 × 3 × 4) + 4 = 112", True)
    assert row.size_formula == ()


def value_of(text: str) -> Any:
    """What the left side of a derivation comes to, by Python's own arithmetic."""
    expression = text.partition(" = ")[0].replace(",", "").replace("×", "*").replace("÷", "//")
    expression = re.sub(r"\b(gamma|beta|mean|variance) ", "", expression)
    assert re.fullmatch(r"[0-9+*/() ]+", expression)
    return eval(compile(ast.parse(expression, mode="eval"), "derivation", "eval"))


SIDES = st.integers(1, 4) | st.tuples(st.integers(1, 4), st.integers(1, 4))


@st.composite
def convolutions(draw):
    """Any convolution that Keras allows: strides or dilation, groups, bias, padding."""
    kind = draw(st.sampled_from([L.Conv2D, L.DepthwiseConv2D, L.SeparableConv2D]))
    groups = draw(st.integers(1, 3)) if kind is L.Conv2D else 1
    side = st.integers(1, 3) if kind is not L.Conv2D else SIDES
    arguments = {
        "kernel_size": draw(SIDES),
        "padding": draw(st.sampled_from(["valid", "same"])),
        "use_bias": draw(st.booleans()),
        draw(st.sampled_from(["strides", "dilation_rate"])): draw(side),
    }
    if kind is L.Conv2D:
        arguments |= {"groups": groups}
    else:
        arguments |= {"depth_multiplier": draw(st.integers(1, 3))}
    if kind is not L.DepthwiseConv2D:
        arguments |= {"filters": groups * draw(st.integers(1, 40))}
    shape = (
        draw(st.integers(13, 16)),
        draw(st.integers(13, 16)),
        groups * draw(st.integers(1, 40)),
    )
    return kind, arguments, shape


@settings(max_examples=100)
@given(convolutions())
def test_any_convolution_has_keras_count_and_the_work_of_its_kernels(case):
    kind, arguments, shape = case
    layer = kind(**arguments)
    found = weights_of(layer, shape)
    text = formula_text(found.formula)
    assert found.count == layer.count_params()
    assert value_of(text) == layer.count_params()
    assert text.endswith(f"= {layer.count_params():,}")
    # Each weight of a kernel is used once at each place of the output.
    height, width = layer.compute_output_shape((None, *shape))[1:3]
    in_kernels = sum(prod(weight.shape) for weight in layer.weights if "bias" not in weight.name)
    assert found.multiply_adds == height * width * in_kernels


@settings(max_examples=50)
@given(
    kind=st.sampled_from([L.BatchNormalization, L.LayerNormalization, L.GroupNormalization]),
    center=st.booleans(),
    scale=st.booleans(),
    groups=st.integers(1, 3),
    times=st.integers(1, 500),
    flat=st.booleans(),
)
def test_any_normalisation_has_keras_count(kind, center, scale, groups, times, flat):
    arguments = {"groups": groups} if kind is L.GroupNormalization else {}
    layer = kind(center=center, scale=scale, **arguments)
    found = weights_of(layer, (groups * times,) if flat else (2, 3, groups * times))
    assert found.count == layer.count_params()
    assert found.count == 0 or value_of(formula_text(found.formula)) == found.count
