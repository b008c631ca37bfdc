"""The sum behind each kind of layer: literal strings, and Keras's count for random layers."""

from __future__ import annotations

import ast
import re
from math import prod
from typing import Any

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadline.models.shape_checks import Shape
from leadline.models.weight_formulas import Derivation, derive, derive_from_variables

L = keras.layers


def derivation_of(layer: Any, shape: Shape) -> Any:
    output = layer(keras.Input(shape))
    return derive(layer, shape, tuple(output.shape[1:]))


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
        (
            lambda: L.LayerNormalization(center=False, scale=False),
            (32,),
            "no weights: neither gamma nor beta",
            0,
        ),
        (
            L.MaxPooling2D,
            (8, 8, 3),
            "no weights: the largest value of each window: 8 ÷ 2 = 4",
            0,
        ),
        (
            lambda: L.AveragePooling2D(2),
            (9, 8, 3),
            "no weights: the mean of each window: ⌊9 ÷ 2⌋ = 4, 8 ÷ 2 = 4",
            0,
        ),
        (L.GlobalMaxPooling2D, (8, 8, 3), "no weights: the largest value of each channel", 0),
        (L.GlobalAveragePooling2D, (8, 8, 3), "no weights: the mean of each channel", 0),
        (L.Flatten, (8, 8, 3), "no weights: the same values in one row: 8 × 8 × 3 = 192", 0),
        (lambda: L.Dropout(0.5), (8,), "no weights: sets values to zero, only while training", 0),
        (lambda: L.Activation("relu"), (8,), "no weights: a function of each value", 0),
    ],
)
def test_the_sum_in_words(layer, shape, text, multiply_adds):
    found = derivation_of(layer(), shape)
    assert (found.text, found.multiply_adds) == (text, multiply_adds)


def test_layers_of_others_are_not_ours_to_derive():
    same_name = type("Dense", (L.Dense,), {"__module__": "theirs"})
    assert derivation_of(same_name(3), (5,)) is None
    assert derivation_of(L.Conv2DTranspose(3, 2), (5, 5, 1)) is None


def test_sizes_that_are_not_known_give_no_sum():
    layer = L.Conv2D(4, 3)
    layer(keras.Input((None, None, 3)))
    assert derive(layer, (None, None, 3), (None, None, 4)) is None
    assert derive(layer, (), ()) is None


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ([(3, 3, 8), (8,)], Derivation(80, "(3 × 3 × 8) + 8 = 80 (sizes of its arrays)")),
        ([(3, 3, 8)], Derivation(72, "3 × 3 × 8 = 72 (sizes of its arrays)")),
        ([(1_000,)], Derivation(1_000, "1,000 (sizes of its arrays)")),
        ([(4,), ()], Derivation(5, "4 + 1 = 5 (sizes of its arrays)")),
        ([], Derivation(0, "no weights")),
    ],
)
def test_unknown_layers_by_the_sizes_of_their_arrays(shapes, expected):
    assert derive_from_variables(shapes) == expected


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
    found = derivation_of(layer, shape)
    assert found.weights == layer.count_params()
    assert value_of(found.text) == layer.count_params()
    assert found.text.endswith(f"= {layer.count_params():,}")
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
    found = derivation_of(layer, (groups * times,) if flat else (2, 3, groups * times))
    assert found.weights == layer.count_params()
    assert found.text.startswith("no weights") or value_of(found.text) == found.weights
