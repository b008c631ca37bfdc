"""The table of layers: literal rows, invariants over random networks, units of memory."""

from __future__ import annotations

from typing import Any

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.utils.summary_utils import readable_memory_size

from leadline.experiments import load_experiment
from leadline.models.build import build_model
from leadline.models.layers.layer_type import formula_text
from leadline.models.weight_table import LayerRow, ModelSize, format_bytes, layer_table, totals

L = keras.layers


def table_of(name: str) -> tuple[LayerRow, ...]:
    return layer_table(build_model(load_experiment(name), (28, 28, 1), 10, seed=0).model)


def test_the_table_of_mlp_1():
    row = (28, "×", 28, "×", 1, "=", 784)
    hidden = ("(", 784, "×", 512, ")", "+", 512, "=", 401_920)
    head = ("(", 512, "×", 10, ")", "+", 10, "=", 5_130)
    shown = (None, 28, 28, 1)
    assert table_of("mlp-1") == (
        LayerRow("image", "InputLayer", shown, 0, 0, (), 0, 0, meaning="image"),
        LayerRow("features", "Pixels", (None, 784), 0, 0, (), 0, 0, row, "pixels-scaled"),
        LayerRow("dense_1", "Dense", (None, 512), 401_920, 401_920, hidden, 401_408, 1_607_680),
        LayerRow("probabilities", "Dense", (None, 10), 5_130, 5_130, head, 5_120, 20_520),
    )


def test_the_sums_of_cnn_3():
    rows = table_of("cnn-3")
    assert {
        row.name: (formula_text(row.formula), row.multiply_adds) for row in rows if row.weights
    } == {
        "l1": ("(5 × 5 × 1 × 32) + 32 = 832", 627_200),
        "l2": ("(5 × 5 × 32 × 32) + 32 = 25,632", 20_070_400),
        "l3": ("(5 × 5 × 32 × 32) + 32 = 25,632", 20_070_400),
        "l4": ("(6,272 × 128) + 128 = 802,944", 802_816),
        "probabilities": ("(128 × 10) + 10 = 1,290", 1_280),
    }
    assert totals(rows) == ModelSize(
        weights=856_330, trainable=856_330, multiply_adds=41_572_096, memory_bytes=3_425_320
    )


def test_hog_has_nothing_to_learn():
    rows = {row.name: row for row in table_of("hog-3")}
    assert rows["features"].meaning == "cells-of-orientations"
    assert formula_text(rows["features"].size_formula) == "(28 ÷ 4) × (28 ÷ 4) × 16 = 784"
    assert formula_text(rows["dense_1"].formula) == "(784 × 128) + 128 = 100,480"


def test_what_is_not_trained_is_said(build):
    built = build(
        {"type": "BatchNormalization", "name": "norm"},
        {"type": "Flatten"},
        {"type": "Dense", "units": 2, "name": "frozen"},
        image=(2, 2, 3),
    )
    built.model.get_layer("frozen").trainable = False
    rows = {row.name: row for row in layer_table(built.model)}
    assert formula_text(rows["norm"].formula) == "gamma 3 + beta 3 + mean 3 + variance 3 = 12"
    assert (rows["norm"].weights, rows["norm"].trainable) == (12, 6)
    assert (rows["frozen"].weights, rows["frozen"].trainable) == (26, 0)
    assert totals(rows.values()).trainable == 6 + 2 * 4 + 4


def test_totals_of_nothing():
    assert totals([]) == ModelSize(0, 0, 0, 0)


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (407_050 * 4, "1.55 MB"),
        (856_330 * 4, "3.27 MB"),
        (0, "0.00 B"),
        (1_023, "1023.00 B"),
        (1_024, "1.00 KB"),
        (5 * 1_024**4, "5.00 TB"),
        (3_000 * 1_024**5, "3000.00 PB"),
    ],
)
def test_memory_in_units(size_bytes, text):
    assert format_bytes(size_bytes) == text


@given(st.integers(0, 2**50 - 1))
def test_memory_is_written_as_keras_writes_it(size_bytes):
    assert format_bytes(size_bytes) == readable_memory_size(size_bytes)


def test_inner_models_are_shown_by_their_layers():
    inner = keras.Sequential(
        [keras.Input((6,)), L.Dense(5, name="a"), L.Dense(4, name="b")], name="inner"
    )
    deep = keras.Sequential([keras.Input((6,)), inner, L.Dense(3, name="c")], name="deep")
    image = keras.Input((6,), name="image")
    model = keras.Model(image, L.Dense(2, name="head")(deep(image)))
    rows = layer_table(model)
    assert [(row.name, formula_text(row.formula)) for row in rows[1:]] == [
        ("deep/inner/a", "(6 × 5) + 5 = 35"),
        ("deep/inner/b", "(5 × 4) + 4 = 24"),
        ("deep/c", "(4 × 3) + 3 = 15"),
        ("head", "(3 × 2) + 2 = 8"),
    ]
    assert rows[0].name == "image"
    assert totals(rows).weights == model.count_params()


def test_a_layer_used_twice_weighs_once():
    image = keras.Input((4,), name="image")
    shared = L.Dense(4, name="shared")
    inner = keras.Sequential([keras.Input((4,)), shared], name="inner")
    model = keras.Model(image, inner(shared(shared(image))))
    assert [row.name for row in layer_table(model)] == ["image", "shared"]
    assert totals(layer_table(model)).weights == model.count_params() == 20


def test_a_changed_layer_is_counted_by_its_arrays():
    dense = L.Dense(8, name="dense")
    model = keras.Sequential([keras.Input((8,)), dense])
    dense.enable_lora(2)
    (row,) = [row for row in layer_table(model) if row.name == "dense"]
    assert row.weights == 8 * 8 + 8 + 8 * 2 + 2 * 8 == model.count_params()
    assert (row.from_arrays, row.trainable, row.formula[-2:]) == (True, 40, ("=", 104))


def test_a_layer_with_several_inputs_or_unknown_sizes():
    image = keras.Input((None, None, 3), name="image")
    out = L.Add(name="sum")([L.Conv2D(3, 1, name="conv")(image), image])
    rows = {row.name: row for row in layer_table(keras.Model(image, out))}
    assert rows["sum"].output_shape == (None, None, None, 3)
    assert formula_text(rows["conv"].formula) == "(1 × 1 × 3 × 3) + 3 = 12"
    assert rows["conv"].from_arrays
    assert rows["conv"].multiply_adds == 0


@st.composite
def networks(draw):
    """(image shape, layers, shape before the head): what fits, by a reckoning of its own."""
    height, width, channels = (
        draw(st.integers(6, 10)),
        draw(st.integers(6, 10)),
        draw(st.integers(1, 3)),
    )
    image = (height, width, channels)
    layers: list[dict[str, Any]] = []
    shapes: list[tuple[int, ...]] = []
    for number in range(draw(st.integers(0, 4))):
        layer, (height, width, channels) = draw(image_layers((height, width, channels)))
        layers.append(layer | {"name": f"n{number}"})
        shapes.append((height, width, channels))
    if layers and draw(st.booleans()):
        kind = draw(st.sampled_from(["Add", "Concatenate"]))
        last = layers[-1]["name"]
        branch = {"type": "Conv2D", "filters": channels, "kernel_size": 1, "name": "branch"}
        layers += [branch, {"type": kind, "input": [last, "branch"], "name": "joined"}]
        channels *= 1 if kind == "Add" else 2
        shapes += [shapes[-1], (height, width, channels)]
    layers.append(
        {"type": draw(st.sampled_from(["Flatten", "GlobalMaxPooling2D"])), "name": "flat"}
    )
    flat = height * width * channels if layers[-1]["type"] == "Flatten" else channels
    shapes.append((flat,))
    for number in range(draw(st.integers(0, 2))):
        units = draw(st.integers(1, 30))
        layers.append({"type": "Dense", "units": units, "use_bias": draw(st.booleans())})
        layers[-1]["name"] = f"d{number}"
        shapes.append((units,))
    return image, layers, shapes


@st.composite
def image_layers(draw, shape):
    """A layer that fits an image of that shape, and the shape that it gives."""
    height, width, channels = shape
    kind = draw(st.sampled_from(["Conv2D", "DepthwiseConv2D", "SeparableConv2D", "MaxPooling2D",
                                 "AveragePooling2D", "BatchNormalization", "LayerNormalization",
                                 "GroupNormalization", "Dropout", "SpatialDropout2D"]))  # fmt: skip
    if "Dropout" in kind:
        return {"type": kind, "rate": 0.5}, shape
    if "Normalization" in kind:
        more = {"groups": channels} if kind == "GroupNormalization" else {}
        return {"type": kind, "center": draw(st.booleans())} | more, shape
    padding = draw(st.sampled_from(["valid", "same"]))
    most = 3 if padding == "same" else min(3, height, width)
    size, stride = draw(st.integers(1, most)), draw(st.integers(1, 2))
    layer = {"type": kind, "padding": padding, "strides": stride}
    layer["pool_size" if "Pooling" in kind else "kernel_size"] = size
    if kind == "DepthwiseConv2D":
        layer["depth_multiplier"] = draw(st.integers(1, 2))
        channels *= layer["depth_multiplier"]
    elif "Conv" in kind:
        layer["filters"] = channels * draw(st.integers(1, 3))
        if kind == "Conv2D":
            layer["groups"] = draw(st.sampled_from([1, channels]))
        channels = layer["filters"]
    cut = 0 if padding == "same" else size - 1
    return layer, (-(-(height - cut) // stride), -(-(width - cut) // stride), channels)


@settings(max_examples=60)
@given(networks())
def test_the_table_of_any_network_agrees_with_keras(build, network):
    image, layers, shapes = network
    built = build(*layers, image=image, classes=3)
    rows = {row.name: row for row in layer_table(built.model)}
    assert list(rows) == [layer.name for layer in built.model.layers]
    for layer in built.model.layers:
        assert rows[layer.name].weights == layer.count_params()
        assert not rows[layer.name].from_arrays
    assert [rows[layer["name"]].output_shape[1:] for layer in layers] == shapes
    total = totals(rows.values())
    assert total.weights == built.model.count_params()
    assert total.trainable == sum(w.numpy().size for w in built.model.trainable_weights)
    assert total.memory_bytes == 4 * total.weights
    assert built.model(keras.ops.zeros((1, *image), dtype="uint8")).shape == (1, 3)
