"""Which of two classes is looked for: never the healthy one by the alphabet."""

from __future__ import annotations

import numpy as np
import pytest

from leadline.cli.binary_text import positive_text
from leadline.experiments.training_settings import Decision
from leadline.metrics.decision_rule import Calibration, decide, positive_class
from leadline.metrics.positive_class import ChosenBy, choose_positive


@pytest.mark.parametrize(
    ("negative", "positive"),
    [
        ("normal", "abnormal"), ("NORMAL", "PNEUMONIA"), ("benign", "malignant"),
        ("healthy", "unhealthy"), ("Healthy", "Rust"), ("no_crack", "crack"),
        ("Non-Fire", "Fire"), ("notumor", "glioma"), ("No Tumor", "tumor"), ("0", "1"),
        ("no", "yes"), ("neg", "pos"), ("Negative", "Positive"), ("undamaged", "damaged"),
        ("Uninfected", "Parasitized"), ("NonDemented", "Demented"), ("good", "not good"),
        ("without_mask", "with_mask"), ("Normal", "COVID"), ("ok", "defect"), ("real", "fake"),
        ("sain", "malade"), ("ham", "spam"), ("control", "patient"), ("false", "true"),
    ],
)  # fmt: skip
def test_names_that_say_it(negative, positive):
    pair = tuple(sorted((negative, positive)))
    assert choose_positive(pair) == (pair.index(positive), ChosenBy.NAME)


@pytest.mark.parametrize(
    "pair", [("cat", "dog"), ("class 1", "class 2"), ("1", "2"), ("left", "right"), ("猫", "犬"),
             ("3", "7"), ("norman", "okapi"), ("normal_a", "normal_b")]
)  # fmt: skip
def test_names_that_do_not(pair):
    assert choose_positive(pair) == (1, ChosenBy.ORDER)


def decided(decision: Decision, classes: tuple[str, str]):
    positive = positive_class(decision, classes, "x")
    rows = np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 1])
    return decide(decision, positive, classes, Calibration(1.0), {"test": rows, "validation": rows})


def test_how_it_was_chosen_is_kept():
    pair = ("abnormal", "normal")
    by_name, given = decided(Decision(), pair), decided(Decision(positive="normal"), pair)
    assert (by_name.positive, by_name.chosen_by) == ("abnormal", "name")
    assert (given.positive, given.chosen_by) == ("normal", "given")
    assert decided(Decision(), ("cat", "dog")).chosen_by == "order"


def test_what_the_terminal_says():
    assert positive_text("abnormal", "normal", "name") == (
        "positive class: abnormal (inferred from the class names); to use normal instead: --set "
        "decision.positive=normal"
    )
    assert positive_text("dog", "a cat", "order") == (
        "positive class: dog (by default, the second class); to use a cat instead: --set "
        "'decision.positive=a cat'"
    )
