"""Formulas, meanings and reasons of layers, in English and in French."""

import pytest
from babel.messages.pofile import read_po

from leadline.models.built_model import UnusedLayer
from leadline.models.layers import LAYER_TYPES
from leadline.models.weight_table import LayerRow
from leadline.report.translations.language import catalogue_file, speaking
from leadline.report.words.layer_words import size_text, unused_text, weights_text


def row(weights=0, trainable=None, formula=(), **more):
    trained = weights if trainable is None else trainable
    return LayerRow("l", "Type", (None, 3), weights, trained, formula, 0, 4 * weights, **more)


DENSE = ("(", 784, "×", 512, ")", "+", 512, "=", 401_920)
BATCH = ("gamma", 24, "+", "beta", 24, "+", "mean", 24, "+", "variance", 24, "=", 96)


@pytest.mark.parametrize(
    ("layer", "english", "french"),
    [
        (
            row(401_920, formula=DENSE),
            "(784 × 512) + 512 = 401,920",
            "(784 × 512) + 512 = 401\u202f920",
        ),
        (
            row(96, 48, BATCH),
            "gamma 24 + beta 24 + mean 24 + variance 24 = 96, 48 of them trained",
            "gamma 24 + beta 24 + moyenne 24 + variance 24 = 96, dont 48 entraînés",
        ),
        (row(7, 0, (7,)), "7, none of them trained", "7, dont aucun n’est entraîné"),
        (
            row(2_048, formula=(1_024, "×", 2, "=", 2_048), from_arrays=True),
            "1,024 × 2 = 2,048 (sizes of its arrays)",
            "1\u202f024 × 2 = 2\u202f048 (tailles de ses tableaux)",
        ),
        (row(), "no weights", "aucun poids"),
        (
            row(meaning="window-maximum", size_formula=("⌊", 11, "÷", 2, "⌋", "=", 5)),
            "the largest value of each window: ⌊11 ÷ 2⌋ = 5",
            "la plus grande valeur de chaque fenêtre\u00a0: ⌊11 ÷ 2⌋ = 5",
        ),
        (
            row(meaning="temperature", values=(("temperature", 1.23456),)),
            "the probabilities at temperature 1.235",
            "les probabilités à la température 1,235",
        ),
    ],
)
def test_weights(layer, english, french):
    assert weights_text(layer) == english
    with speaking("fr"):
        assert weights_text(layer) == french


def test_a_layer_with_weights_has_the_size_of_its_output_apart():
    both = (28, "−", 3, "+", 1, "=", 26, ",", 28, "−", 5, "+", 1, "=", 24)
    assert size_text(row(9, formula=(9,), size_formula=both)) == "28 − 3 + 1 = 26, 28 − 5 + 1 = 24"
    assert size_text(row(meaning="window-mean", size_formula=both)) == ""


@pytest.mark.parametrize(
    ("layer", "english", "french"),
    [
        (
            UnusedLayer("l1_mp", "MaxPooling2D", "not-read", "l2", ("l1",)),
            "nothing reads its output: l2 reads l1",
            "aucune couche ne lit sa sortie\u00a0: l2 lit l1",
        ),
        (
            UnusedLayer("a", "Dense", "read-by-unused", readers=("b",)),
            "it is read only by b, which is unused",
            "elle n’est lue que par b, qui est inutilisée",
        ),
        (
            UnusedLayer("a", "Dense", "read-by-unused", readers=("b", "c")),
            "it is read only by b and c, which are unused",
            "elle n’est lue que par b et c, qui sont inutilisées",
        ),
    ],
)
def test_why_a_layer_is_unused(layer, english, french):
    assert unused_text(layer) == english
    with speaking("fr"):
        assert unused_text(layer) == french


def test_every_meaning_is_translated():
    with catalogue_file("fr").open("rb") as file:
        known = {message.id for message in read_po(file) if message.string}
    texts = {text for of in LAYER_TYPES.values() for text in of.meanings.values()}
    assert len(texts) > 10
    assert texts <= known
