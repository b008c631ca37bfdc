"""The printed equations, against Keras's own optimizers and losses."""

import math
import re
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from leadline.experiments.training_settings import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Lion,
    Nadam,
    RMSprop,
    Training,
)
from leadline.report.words import equations
from leadline.report.words.equations import loss_formula, mathml, optimizer_formula, symbol

TABLE = tomllib.loads(Path(equations.__file__).with_suffix(".toml").read_text(encoding="utf-8"))

OPTIMIZERS = [
    RMSprop(name="RMSprop"),
    RMSprop(name="RMSprop", momentum=0.8, centered=True, epsilon=1e-2),
    RMSprop(name="RMSprop", weight_decay=0.3, clipvalue=0.5),
    SGD(name="SGD"),
    SGD(name="SGD", momentum=0.9, clipnorm=0.7),
    SGD(name="SGD", momentum=0.9, nesterov=True),
    Adam(name="Adam", epsilon=1e-2),
    Adam(name="Adam", amsgrad=True, global_clipnorm=0.6),
    AdamW(name="AdamW", weight_decay=0.4),
    Nadam(name="Nadam", epsilon=1e-2),
    Adamax(name="Adamax", epsilon=1e-2),
    Adagrad(name="Adagrad", epsilon=1e-2),
    Adadelta(name="Adadelta", learning_rate=1.0, epsilon=1e-2),
    Lion(name="Lion"),
]
MATHML_CORE = {
    "math", "mrow", "mi", "mo", "mn", "mtext", "mfrac", "msqrt", "msub", "msup", "msubsup",
    "mover", "munderover",
}  # fmt: skip


class Quantity:
    """v(t) of an equation: what was stored for a step, what its equation gives, or the start."""

    def __init__(self, start=0.0):
        self.values = {}
        self.start = start
        self.rule = None

    def __call__(self, step):
        if step not in self.values and step > 0 and self.rule is not None:
            self.values[step] = self.rule(step)
        return self.values.get(step, self.start)


class Printed:
    """Computes the lines of a formula as they are printed, as a reader would by hand."""

    def __init__(self, formula, optimizer, weights):
        self.lines = formula.text
        self.names: dict[str, Any] = {
            "sqrt": np.sqrt, "max": np.maximum, "min": np.minimum, "sign": np.sign, "abs": abs,
            "norm": lambda value: np.sqrt(np.sum(np.square(value))),
        }  # fmt: skip
        for letter in ("w", "v", "u", "m", "d", "α", "π", "v\u0302", "m\u0302"):
            self.names[letter] = Quantity()
        self.names["w"].values[0] = weights
        self.names["v"].start = getattr(optimizer, "initial_accumulator_value", 0.0)
        for key, value in optimizer.model_dump().items():
            if value is not None and symbol(key).isidentifier():
                self.names[symbol(key)] = value

    def step(self, step, gradient):
        self.names["t"] = step
        self.gradient = gradient
        for line in self.lines:
            left, sign, right = re.split(r" (=|←) ", line, maxsplit=1)
            if left == "g":
                self.gradient = self.value(right, step)
                continue
            name, _, index = left.partition("(")
            at = self.value(index[:-1], step)
            if sign == "=" and name != "w":
                self.names[name].rule = lambda at, right=right: self.value(right, at)
                self.names[name].values[at] = self.names[name].rule(at)
            else:
                self.names[name].values[at] = self.value(right, step)
        return self.names["w"](step)

    def value(self, text, step):
        names = self.names | {"t": step, "g": Gradient(self.gradient), "all": None}
        if product := re.fullmatch(r"∏\(i = 1\.\.t\) (.)\(i\)", text):
            return math.prod(self.names[product[1]](at) for at in range(1, step + 1))
        python = re.sub(r"‖g(?:\(all\))?‖", "norm(g())", text)
        python = re.sub(r"\|([^|]+)\|", r"abs(\1)", python)
        python = re.sub(r"(?<![\w])g(?!\()", "g()", python)
        python = python.replace("−", "-").replace("^", "**").replace(" · ", " * ")
        python = re.sub(r"(?<=[\w)\u0302]) (?=[\w(])", " * ", python)
        return eval(python, {"__builtins__": {}}, names)


class Gradient:
    def __init__(self, value):
        self.value = value

    def __call__(self, _step=None):
        return self.value


@pytest.mark.parametrize(
    "optimizer", OPTIMIZERS, ids=lambda one: f"{one.name}-{len(one.model_fields_set)}"
)
def test_the_printed_equations_give_what_keras_gives(optimizer):
    import keras

    rng = np.random.default_rng(7)
    start = rng.normal(size=5)
    arguments = optimizer.model_dump(exclude={"exclude_from_weight_decay"})
    theirs = getattr(keras.optimizers, arguments.pop("name"))(**arguments)
    variable = keras.Variable(start, dtype="float32")
    printed = Printed(optimizer_formula(optimizer), optimizer, start)
    for step in range(1, 7):
        gradient = rng.normal(size=5)
        theirs.apply([keras.ops.convert_to_tensor(gradient, "float32")], [variable])
        ours = printed.step(step, gradient)
        expected = np.array(variable.value.tolist())
        assert ours == pytest.approx(expected, abs=2e-5), f"step {step}"
    assert np.abs(expected - start).max() > 1e-4, "nothing moved"


def test_rmsprop_reads_as_the_lab_has_it():
    assert optimizer_formula(RMSprop(name="RMSprop")).text == (
        "v(t) = ρ v(t − 1) + (1 − ρ) g(t)^2",
        "w(t) = w(t − 1) − η g(t) / sqrt(v(t) + ε)",
    )


def test_every_argument_is_listed_with_its_value():
    formula = optimizer_formula(RMSprop(name="RMSprop", learning_rate=0.02, centered=True))
    assert {one.name: one.value for one in formula.arguments} == {
        "learning_rate": "0.02", "rho": "0.9", "momentum": "0", "epsilon": "1e-7",
        "centered": "yes", "weight_decay": "off", "clipnorm": "off", "clipvalue": "off",
        "global_clipnorm": "off", "use_ema": "no", "ema_momentum": "0.99",
        "ema_overwrite_frequency": "off", "loss_scale_factor": "off",
        "gradient_accumulation_steps": "off", "name": "off",
    }  # fmt: skip


def test_cross_entropy_says_what_is_on():
    assert loss_formula(Training()).text == (
        "ℓ = −∑(k = 1..K) y(k) log(p(k))",
        "L = 1 / b ∑(i = 1..b) ℓ(i)",
    )
    assert loss_formula(Training(label_smoothing=0.1)).text[:2] == (
        "y\u0302(k) = (1 − s) y(k) + s / K",
        "ℓ = −∑(k = 1..K) y\u0302(k) log(p(k))",
    )
    assert loss_formula(Training(class_weights="balanced")).text[1:] == (
        "a(k) = n / (K n(k))",
        "L = 1 / b ∑(i = 1..b) a(k(i)) ℓ(i)",
    )


def test_label_smoothing_is_keras_s():
    import keras

    smoothing, classes = 0.1, 4
    probabilities = np.array([[0.1, 0.6, 0.2, 0.1]], dtype=np.float32)
    target = np.array([[0.0, 1.0, 0.0, 0.0]], dtype=np.float32)
    smoothed = (1 - smoothing) * target + smoothing / classes
    theirs = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
    expected = float(theirs(target, probabilities))
    assert -np.sum(smoothed * np.log(probabilities)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda one: one.name)
def test_mathml_is_well_formed_and_core(optimizer):
    formula = optimizer_formula(optimizer)
    symbols = [one.symbol for one in formula.arguments if one.symbol]
    for line in (*formula.mathml, *symbols, *loss_formula(Training()).mathml):
        elements = list(ET.fromstring(line).iter())
        assert {element.tag for element in elements} <= MATHML_CORE
        for element in elements:
            expected = {"mfrac": 2, "msub": 2, "msup": 2, "msubsup": 3, "mover": 2, "munderover": 3}
            assert len(element) == expected.get(element.tag, len(element))


def characters(text: str) -> str:
    """The letters, numbers and signs of an equation in their order, without layout."""
    text = text.replace("sqrt", "").replace("exp", "e").replace("·", "⋅")
    return re.sub(r"[\s()^/.\u0302\u2061\u2062]", "", text)


@pytest.mark.parametrize("line", TABLE["equations"])
def test_mathml_shows_the_characters_of_the_text(line):
    shown = "".join(ET.fromstring(mathml([line])[0]).itertext())
    assert characters(shown) == characters(line)


@pytest.mark.parametrize("entry", TABLE["symbols"].values(), ids=lambda entry: entry["text"])
def test_symbols_show_the_characters_of_their_text(entry):
    shown = "".join(ET.fromstring(f"<math>{entry['mathml']}</math>").itertext())
    assert characters(shown) == characters(entry["text"])
