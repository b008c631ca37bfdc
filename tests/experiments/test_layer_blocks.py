"""Blocks expand to the layers that would otherwise be written out."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.errors import SpecError
from leadline.experiments import load_experiment
from leadline.experiments.layer_blocks import MOST_COPIES, MOST_LAYERS, expand_blocks

DIGESTS = {
    "chest-cnn": "d54dafd4dad0a7bd",
    "chest-lab": "2616ad15ba1dd38b",
    "cnn-1-pooled": "0d8a3e47285362fd",
    "cnn-2-pooled": "aa36aca6d38bff58",
    "cnn-3-pooled": "5f3847e28012988d",
    "digits-cnn": "32c3c147234bdc5c",
}
"""Taken when every layer of these files was written out."""


def expanded(text):
    return expand_blocks(tomllib.loads(text), "mine.toml")


def refusal(text):
    with pytest.raises(SpecError) as error:
        expanded(text)
    message = str(error.value)
    assert message.startswith("mine.toml: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize(("name", "digest"), DIGESTS.items())
def test_the_built_in_experiments_are_what_they_were(name, digest):
    assert load_experiment(name).digest().startswith(digest)


def test_the_residual_network_has_its_names_and_wiring():
    layers: Any = load_experiment("chest-cnn").layers
    assert len(layers) == 56
    names = [layer.name for layer in layers if layer.name]
    stages = [
        f"s{n}{part}" for n in (1, 2, 3) for part in ("a-path", "a-short", "a", "b-path", "b")
    ]
    assert names == ["stem", *stages]
    reads = [layer.input for layer in layers if layer.input]
    assert reads[:5] == ["stem", "stem", ("s1a-path", "s1a-short"), "s1a", ("s1b-path", "s1a")]
    assert reads[5:7] == ["s1b", "s1b"], "the second stage reads the first"
    assert [layer.filters for layer in layers if layer.type == "Conv2D"] == [
        24, *[48] * 5, *[96] * 5, *[128] * 5,
    ]  # fmt: skip


def test_values_keep_their_types_and_are_put_into_longer_strings():
    found = expanded("""
        layers = [{ block = "conv", filters = 8, padding = "same", size = [3, 5] }]
        [[blocks]]
        name = "conv"
        [[blocks.layers]]
        type = "Conv2D"
        name = "c{filters}-{n}"
        filters = "{filters}"
        kernel_size = "{size}"
        padding = "{padding}"
    """)
    assert found == {
        "layers": [
            {"type": "Conv2D", "name": "c8-1", "filters": 8, "kernel_size": [3, 5],
             "padding": "same"}
        ]
    }  # fmt: skip


def test_a_block_uses_the_blocks_before_it():
    found = expanded("""
        layers = [{ block = "outer", repeat = 2 }]
        [[blocks]]
        name = "inner"
        layers = [{ type = "Dense", units = "{units}" }]
        [[blocks]]
        name = "outer"
        layers = [{ block = "inner", units = 4, repeat = 2 }, { type = "Dropout", rate = 0.5 }]
    """)
    once = [{"type": "Dense", "units": 4}] * 2 + [{"type": "Dropout", "rate": 0.5}]
    assert found["layers"] == once * 2


def test_input_is_the_layer_before_the_first_one_given_or_the_features():
    block = """
        [[blocks]]
        name = "skip"
        layers = [{ type = "Add", name = "sum{n}", input = ["{input}", "features"] }]
    """
    repeated = expanded('layers = [{ block = "skip", repeat = 2 }]' + block)["layers"]
    assert [layer["input"] for layer in repeated] == [["features"] * 2, ["sum1", "features"]]
    named = expanded('layers = [{ block = "skip", input = "stem", repeat = 2 }]' + block)["layers"]
    assert [layer["input"][0] for layer in named] == ["stem", "sum1"]


def test_the_first_layer_of_a_block_reads_the_given_input():
    found = expanded("""
        layers = [{ block = "row", input = "stem" }]
        [[blocks]]
        name = "row"
        layers = [{ type = "Flatten" }, { type = "Dense", units = 3 }]
    """)
    assert found["layers"] == [{"type": "Flatten", "input": "stem"}, {"type": "Dense", "units": 3}]


def test_a_table_without_blocks_is_returned_as_it_is():
    table = {"layers": [{"type": "Flatten"}], "family": "cnn"}
    assert expand_blocks(table, "mine.toml") is table
    assert expand_blocks({"layers": 3}, "mine.toml") == {"layers": 3}


@given(counts=st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_nested_repeats_multiply(counts):
    blocks = [{"name": "b0", "layers": [{"type": "Flatten"}]}]
    for level, count in enumerate(counts):
        use = {"block": f"b{level}", "repeat": count}
        blocks.append({"name": f"b{level + 1}", "layers": [use]})
    table = {"blocks": blocks, "layers": [{"block": f"b{len(counts)}"}]}
    product = 1
    for count in counts:
        product *= count
    assert expand_blocks(table, "mine.toml")["layers"] == [{"type": "Flatten"}] * product


BLOCK = '\n[[blocks]]\nname = "conv"\nlayers = [{ type = "Conv2D", filters = "{filters}" }]'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('layers = [{ block = "conv" }]', ("layer 1: block = 'conv' is not defined before it; "
         "define it with [[blocks]].")),
        ('layers = [{ block = "cnov", filters = 1 }]' + BLOCK, "nearest: conv."),
        ('layers = [{ block = "conv" }]' + BLOCK, ("layer 1: block 'conv' needs filters; write "
         "filters = ..., or a list of values in each = { filters = [...] }.")),
        ('layers = [{ block = "conv", filter = 3, filters = 3 }]' + BLOCK,
         "layer 1: filter is not used by block 'conv'; it takes filters."),
        ('layers = [{ block = "conv", filters = 3, repeat = 0 }]' + BLOCK,
         "layer 1: repeat = 0 should be a whole number from 1 to 100."),
        ('layers = [{ block = "conv", filters = 3, repeat = 1000000000 }]' + BLOCK,
         "repeat = 1000000000 should be a whole number from 1 to 100."),
        ('layers = [{ block = "conv", filters = 3, repeat = true }]' + BLOCK, "repeat = True"),
        ('layers = [{ block = "conv", repeat = 2, each = { filters = [1] } }]' + BLOCK,
         "both repeat and each"),
        ('layers = [{ block = "conv", each = { filters = [] } }]' + BLOCK,
         "each.filters has 0 values"),
        ('layers = [{ block = "conv", each = { filters = [1, 2], padding = ["same"] } }]' + BLOCK,
         "should be equally long; filters has 2, padding has 1."),
        ('layers = [{ block = "conv", each = 3 }]' + BLOCK, "each = 3 should be a table of lists"),
        ('layers = [{ block = "conv", filters = [[1]] }]' + BLOCK, "filters should be a number"),
        ("blocks = 3", "blocks should be a list of tables; write [[blocks]]."),
        ("[[blocks]]\nlayers = []", "block 1 needs a name"),
        ('[[blocks]]\nname = "b"', "block 1 (b) needs layers"),
        ('[[blocks]]\nname = "b"\nrepeats = 3', "block 1 (b): repeats is not a setting"),
        (BLOCK + BLOCK, "two blocks are named 'conv'"),
        ('[[blocks]]\nname = "b"\nlayers = [{ block = "b" }]', "block 1 (b): block = 'b' is not"),
        (('layers = [{ type = "Flatten" }, { block = "b" }]\n[[blocks]]\nname = "b"\n'
         'layers = [{ type = "Add", input = ["{input}", "features"] }]'),
         ("layer 2: block 'b' reads {input}, and the layer before it (Flatten) has no name; give "
         'that layer a name, or write input = "...".')),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_the_fix(text, message):
    assert message in refusal(text)


def test_nested_repeats_are_bounded():
    blocks = '[[blocks]]\nname = "b0"\nlayers = [{ type = "Flatten" }]\n'
    for level in range(1, 9):
        blocks += (
            f'[[blocks]]\nname = "b{level}"\n'
            f'layers = [{{ block = "b{level - 1}", repeat = {MOST_COPIES} }}]\n'
        )
    message = refusal('layers = [{ block = "b8" }]\n' + blocks)
    assert message == f"mine.toml: blocks give more than {MOST_LAYERS:,} layers; repeat less."


def test_values_that_double_at_each_level_are_bounded():
    blocks = '[[blocks]]\nname = "b0"\nlayers = [{ type = "Flatten", name = "{x}" }]\n'
    for level in range(1, 60):
        blocks += (
            f'[[blocks]]\nname = "b{level}"\n'
            f'layers = [{{ block = "b{level - 1}", x = "{{x}}{{x}}" }}]\n'
        )
    assert "characters long" in refusal('layers = [{ block = "b59", x = "a" }]\n' + blocks)


def test_overrides_count_the_layers_that_blocks_give():
    changed: Any = load_experiment("chest-cnn", ["layers.56.rate=0.5"])
    before: Any = load_experiment("chest-cnn")
    assert (changed.layers[-1].rate, before.layers[-1].rate) == (0.5, 0.3)
