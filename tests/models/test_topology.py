"""Names, wiring and dead layers, without Keras."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.errors import SpecError
from leadline.experiments import Experiment, load_experiment
from leadline.models.built_model import UnusedLayer
from leadline.models.topology import split_unused, wire

FLAT = {"type": "Flatten"}


def dense(**settings: Any) -> dict[str, Any]:
    return {"type": "Dense", "units": 2} | settings


def test_names_are_given_or_made_readable_and_unique(experiment_of):
    experiment = experiment_of(
        {"type": "MaxPooling2D"},
        {"type": "GlobalAveragePooling2D"},
        dense(),
        dense(name="dense_2"),
        dense(),
        dense(name="mine"),
    )
    assert [node.name for node in wire(experiment)] == [
        "max_pooling2d_1",
        "global_average_pooling2d_1",
        "dense_1",
        "dense_2",
        "dense_3",
        "mine",
    ]


def test_each_layer_reads_the_one_before_it_unless_it_says_otherwise(experiment_of):
    experiment = experiment_of(
        dense(name="a"),
        dense(name="b"),
        dense(name="c", input="a"),
        {"type": "Add", "name": "d", "input": ["b", "c", "features"]},
        dense(name="e", input=["d"]),
    )
    reads = {node.name: node.reads for node in wire(experiment)}
    assert reads == {
        "a": ("features",),
        "b": ("a",),
        "c": ("a",),
        "d": ("b", "c", "features"),
        "e": ("d",),
    }


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (
            [dense(name="a"), dense(name="b", input="stem")],
            (
                "trial: layer 2 (b, Dense) reads 'stem', which does not exist; "
                "it can read features, a."
            ),
        ),
        (
            [dense(name="a", input="b"), dense(name="b")],
            "trial: layer 1 (a, Dense) reads 'b', which is not before it; it can read features.",
        ),
        (
            [dense(name="a", input="a")],
            "trial: layer 1 (a, Dense) reads 'a', which is not before it; it can read features.",
        ),
        (
            [dense(name="a"), FLAT, dense(name="a")],
            "trial: layers 1 and 3 are both named 'a'; names must differ.",
        ),
        (
            [dense(name="features")],
            (
                "trial: a layer is named 'features', which is the name of the model's own layer; "
                "choose another name."
            ),
        ),
        (
            [dense(name="a"), {"type": "Add", "name": "sum", "input": ["a"]}],
            "trial: layer 2 (sum, Add) has input = ['a']; it needs two layers or more.",
        ),
        (
            [dense(name="a"), dense(name="b", input=["a", "features"])],
            (
                "trial: layer 2 (b, Dense) has input = ['a', 'features']; it reads exactly one "
                "layer. Join several with Add or Concatenate first."
            ),
        ),
    ],
)
def test_wiring_that_cannot_be_is_named(experiment_of, layers, message):
    with pytest.raises(SpecError, match=f"^{re.escape(message)}$"):
        wire(experiment_of(*layers))


@pytest.mark.parametrize("name", ["cnn-1", "cnn-2", "cnn-3"])
def test_two_poolings_of_the_lab_are_unused(name):
    used, unused = split_unused(wire(load_experiment(name)))
    assert unused == (
        UnusedLayer("l1_mp", "MaxPooling2D", "not-read", "l2", ("l1",)),
        UnusedLayer("l2_mp", "MaxPooling2D", "not-read", "l3", ("l2",)),
    )
    assert [node.name for node in used][:4] == ["l1", "l2", "l3", "l3_mp"]


@pytest.mark.parametrize("name", ["cnn-1-pooled", "cnn-2-pooled", "cnn-3-pooled", "mlp-3", "hog-1"])
def test_nothing_is_unused_in_a_plain_chain(name):
    experiment = load_experiment(name)
    used, unused = split_unused(wire(experiment))
    assert unused == ()
    assert len(used) == len(experiment.layers)


def test_a_layer_read_only_by_unused_layers_is_unused_too(experiment_of):
    experiment = experiment_of(
        dense(name="a"), dense(name="b"), dense(name="c"), dense(name="d", input="features")
    )
    used, unused = split_unused(wire(experiment))
    assert [node.name for node in used] == ["d"]
    assert unused == (
        UnusedLayer("a", "Dense", "read-by-unused", readers=("b",)),
        UnusedLayer("b", "Dense", "read-by-unused", readers=("c",)),
        UnusedLayer("c", "Dense", "not-read", "d", ("features",)),
    )


def test_an_experiment_without_layers_has_nothing_unused(experiment_of):
    assert split_unused(wire(experiment_of())) == ((), ())


@given(st.lists(st.integers(min_value=0, max_value=8), min_size=1, max_size=8))
def test_used_is_what_a_walk_back_from_the_head_reaches(steps):
    """Layer i reads the layer that many places back; reachability by a plain recursion."""
    targets = [max(position - 1 - step, -1) for position, step in enumerate(steps)]
    layers = [
        dense(name=f"n{position}", input="features" if target < 0 else f"n{target}")
        for position, target in enumerate(targets)
    ]
    experiment = Experiment.model_validate(
        {"name": "trial", "family": "pixels", "features": {"kind": "pixels"}, "layers": layers}
    )
    reached, position = set(), len(steps) - 1
    while position >= 0:
        reached.add(f"n{position}")
        position = targets[position]
    used, unused = split_unused(wire(experiment))
    assert {node.name for node in used} == reached
    assert {layer.name for layer in unused} == {f"n{i}" for i in range(len(steps))} - reached


def test_neither_keras_nor_torch_is_loaded_by_importing_the_room():
    code = (
        "import sys, leadline.models.build, leadline.models.weight_table;"
        "print(sorted({'keras', 'torch', 'tensorflow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
