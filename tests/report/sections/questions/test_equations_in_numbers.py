"""Equations with numbers for symbols: nothing with a value keeps its symbol."""

import re
from xml.etree import ElementTree as ET

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
from leadline.report.sections.questions.settings_answer import in_numbers, number
from leadline.report.translations.language import speaking
from leadline.report.words.equations import loss_formula, optimizer_formula

SETTINGS = [
    (SGD, {}), (SGD, {"momentum": 0.9, "nesterov": True}), (SGD, {"clipvalue": 0.5}),
    (SGD, {"global_clipnorm": 2.0}), (RMSprop, {}), (RMSprop, {"centered": True, "momentum": 0.5}),
    (Adam, {}), (Adam, {"amsgrad": True, "clipnorm": 1.5}), (AdamW, {"weight_decay": 5e-4}),
    (Nadam, {}), (Adamax, {}), (Adagrad, {}), (Adadelta, {}), (Lion, {}),
]  # fmt: skip


def plain(mathml: str) -> str:
    """What a reader sees, in one line."""
    return "".join(ET.fromstring(mathml.replace("&#x2062;", "").replace("&#x2061;", "")).itertext())


def test_rmsprop_as_it_is_by_default():
    first, second = in_numbers(optimizer_formula(RMSprop(name="RMSprop")))
    assert plain(first) == "vt=0.9vt−1+(1−0.9)gt2"
    assert plain(second) == "wt=wt−1−0.001gtvt+10−7"
    assert "<msup><mn>10</mn><mrow><mo>−</mo><mn>7</mn></mrow></msup>" in second


def test_powers_of_beta_are_powers_of_its_value():
    lines = in_numbers(optimizer_formula(Adam(name="Adam")))
    assert plain(lines[2]) == "αt=0.0011−0.999t1−0.9t"
    assert "<msup><mrow><mn>0.999</mn></mrow><mrow><mi>t</mi></mrow></msup>" in lines[2]


def test_numbers_are_kept_apart():
    decayed = in_numbers(optimizer_formula(AdamW(name="AdamW", weight_decay=0.02)))[0]
    assert plain(decayed) == "wt−1←wt−1−0.001⋅0.02wt−1"


@pytest.mark.parametrize(("kind", "settings"), SETTINGS)
def test_no_symbol_with_a_value_is_left(kind, settings):
    formula = optimizer_formula(kind(name=kind.__name__, **settings))
    lines = in_numbers(formula)
    assert lines
    for line in lines:
        ET.fromstring(line)
        assert not re.search(r"<mn>[\d.]+</mn><mo>&#x2062;</mo><mn>", line)
    values = {one.symbol: one.value for one in formula.arguments if one.symbol}
    for symbol, value in values.items():
        inner = symbol.removeprefix("<math><mrow>").removesuffix("</mrow></math>")
        if any(letter.isdigit() for letter in value):
            assert not any(inner in line for line in lines)


def test_a_loss_without_smoothing_has_no_numbers():
    assert in_numbers(loss_formula(Training())) == ()
    [smoothed] = in_numbers(loss_formula(Training(label_smoothing=0.1)))
    assert plain(smoothed) == "y^k=(1−0.1)yk+0.1K"


@pytest.mark.parametrize(
    ("value", "said"),
    [("0.001", "0.001"), ("1e-7", "10−7"), ("2.5e-5", "2.5⋅10−5"), ("1e6", "106")],
)
def test_numbers(value, said):
    assert plain(f"<math><mrow>{number(value)}</mrow></math>") == said


def test_numbers_are_written_as_the_language_does():
    with speaking("fr"):
        [first, _second] = in_numbers(optimizer_formula(RMSprop(name="RMSprop")))
    assert plain(first) == "vt=0,9vt−1+(1−0,9)gt2"
