"""The user's own builder: what it may give, and what is said where it does not."""

from __future__ import annotations

import re
import sys
from itertools import count

import numpy as np
import pytest

from leadline.errors import SpecError
from leadline.models.layers.layer_type import formula_text
from leadline.models.weight_table import layer_table, totals

NUMBER = count()

GOOD = """
import keras

def build(feature_shape, classes, units=3, **rest):
    return keras.Sequential([
        keras.Input(feature_shape),
        keras.layers.Flatten(name="flat"),
        keras.layers.Dense(units, activation="relu", name="hidden"),
        keras.layers.Dropout(0.5, name="drop"),
        keras.layers.Dense(classes, activation="softmax", name="head"),
    ], name="mine")
"""

SUBCLASSED = """
import keras

class Net(keras.Model):
    def __init__(self, classes):
        super().__init__(name="net")
        self.flat = keras.layers.Flatten(name="flat")
        self.head = keras.layers.Dense(classes, activation="softmax", name="head")
        self.norm = Scale(name="scale")

    def build(self, shape):
        self.gain = self.add_weight(shape=(7,), initializer="glorot_uniform", name="gain")

    def call(self, x):
        return self.head(self.norm(self.flat(x)))

class Scale(keras.layers.Layer):
    def build(self, shape):
        self.by = self.add_weight(shape=(shape[-1],), initializer="glorot_uniform")
        self.built = True

    def call(self, x):
        return x * self.by

def build(feature_shape, classes):
    return Net(classes)
"""


@pytest.fixture
def builder(tmp_path, monkeypatch, build):
    """Writes a module into the current folder and builds with its function."""
    monkeypatch.chdir(tmp_path)

    def build_(source, function="build", *, seed=0, arguments=None, **settings):
        module = f"builder_{next(NUMBER)}"
        (tmp_path / f"{module}.py").write_text(source)
        model = {"python": f"{module}:{function}", "arguments": arguments or {}}
        return build(model=model, seed=seed, **settings)

    return build_


def one_liner(expression: str) -> str:
    return f"import keras\ndef build(feature_shape, classes):\n    return {expression}\n"


def test_a_builder_in_the_current_folder(builder):
    before = list(sys.path)
    built = builder(GOOD, arguments={"units": 5, "note": "kept"})
    assert sys.path == before
    assert built.unused_layers == ()
    assert [layer.name for layer in built.model.layers] == ["image", "features", "mine"]
    assert built.model.get_layer("mine") is built.classifier
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
    whole = built.model.predict(images, verbose=0)
    halves = built.classifier.predict(np.asarray(built.features(images)), verbose=0)
    np.testing.assert_allclose(whole, halves, atol=1e-5)
    np.testing.assert_allclose(whole.sum(axis=1), 1, atol=1e-5)


def test_its_layers_stand_in_the_table_by_their_own_names(builder):
    rows = layer_table(builder(GOOD).model)
    assert [(row.name, formula_text(row.formula)) for row in rows if row.weights] == [
        ("mine/hidden", "(192 × 3) + 3 = 579"),
        ("mine/head", "(3 × 4) + 4 = 16"),
    ]
    assert [row.name for row in rows] == [
        "image", "features", "mine/flat", "mine/hidden", "mine/drop", "mine/head",
    ]  # fmt: skip


def test_a_subclassed_model_with_layers_of_its_own(builder):
    built = builder(SUBCLASSED)
    rows = layer_table(built.model)
    assert [(row.name, formula_text(row.formula)) for row in rows if row.weights] == [
        ("net/head", "(192 × 4) + 4 = 772"),
        ("net/scale", "192"),
        ("net/(own)", "7"),
    ]
    assert totals(rows).weights == built.model.count_params() == 971


@pytest.mark.parametrize("source", [GOOD, SUBCLASSED])
def test_the_seed_alone_decides_the_weights(builder, source):
    first = builder(source, seed=3).classifier.get_weights()
    np.random.rand(5)  # noqa: NPY002 - the global generator is what must not matter
    again = builder(source, seed=3).classifier.get_weights()
    other = builder(source, seed=4).classifier.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize(
    ("source", "function", "said"),
    [
        (GOOD, "bild", "has no function 'bild'; it has build."),
        ("x = 1", "build", "has no function 'build'; it has none."),
        ("import nowhere_to_be_found", "build", "imports 'nowhere_to_be_found', which is not"),
        ("1 / 0", "build", "fails with ZeroDivisionError: division by zero."),
        ("def build(:", "build", "fails with SyntaxError: "),
        ("import sys; sys.exit(5)", "build", "fails with SystemExit: 5."),
        (one_liner("exit()"), "build", "it fails with SystemExit"),
        ("def build(): pass", "build", "it fails with TypeError: build() takes 0 positional"),
        (one_liner("{}['units']"), "build", "it fails with KeyError: 'units'."),
        (one_liner("None"), "build", "expected a keras.Model. Received: NoneType"),
        (
            one_liner("keras.Sequential([keras.layers.Dense(classes, 'softmax')])"),
            "build",
            "expected an output of shape (None, 4), one number a class. Received: (None, 8, 8, 4).",
        ),
        (
            GOOD.replace("Dense(classes,", "Dense(classes + 1,"),
            "build",
            "expected an output of shape (None, 4), one number a class. Received: (None, 5).",
        ),
        (
            GOOD.replace('activation="softmax"', 'activation="linear"'),
            "build",
            'end the model with activation="softmax".',
        ),
        (
            GOOD.replace('activation="softmax"', 'activation="sigmoid"'),
            "build",
            "expected probabilities that sum to 1 and are not below 0. Received: (",
        ),
        (
            # Over four classes 100 - 399 p sums to 1, and is negative where p is above 0.2506.
            GOOD.replace('name="head"),', 'name="head"), keras.layers.Rescaling(-399, 100),'),
            "build",
            "expected probabilities that sum to 1 and are not below 0. Received: (",
        ),
        (
            GOOD.replace("Input(feature_shape)", "Input((5,))"),
            "build",
            "the model does not take features of shape (8, 8, 3): ValueError: ",
        ),
        (
            GOOD.replace('name="mine"', 'name="features"'),
            "build",
            "the model is named 'features', which is taken; rename it.",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(builder, source, function, said):
    with pytest.raises(SpecError) as caught:
        builder(source, function)
    message = str(caught.value)
    assert re.match(rf"trial: model.python = 'builder_\d+:{function}': ", message)
    assert said in message
    assert "\n" not in message


def test_a_module_that_is_not_there(build, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SpecError) as caught:
        build(model={"python": "no_such_package.models:build"})
    assert str(caught.value) == (
        "trial: model.python = 'no_such_package.models:build': no module 'no_such_package' in "
        f"{tmp_path} or among the installed packages; run leadline in the folder that holds it, "
        "or install it."
    )
