"""What the rooms below say in English has a form each, and is said again with its numbers."""

import pytest
from babel.messages.pofile import read_po

from leadline.experiments import load_experiment
from leadline.models.topology import split_dead, wire
from leadline.models.weight_formulas import PIXELS, WEIGHTLESS, derive_from_variables
from leadline.report.translations.language import catalogue_file, speaking
from leadline.report.translations.retelling import built_in, retold, retold_sum
from leadline.report.translations.retold_forms import FORMS


def french(text):
    with speaking("fr"):
        return retold(text)


class Temperature:
    temperature = 1.234


def dead(name):
    return split_dead(wire(load_experiment(name)))[1][0].reason


SAID = {
    **{
        f"layer, {name}": f"no weights: {said}"
        for name, said in WEIGHTLESS.items()
        if isinstance(said, str)
    },
    **{f"pixels, {name}": f"no weights: {said}" for name, said in PIXELS.items()},
    "temperature": f"no weights: {WEIGHTLESS['Temperature'](Temperature())}",  # type: ignore[operator]
    "no arrays": derive_from_variables([]).text,
    "arrays": derive_from_variables([(784, 512), (512,)]).text,
    "dead": dead("cnn-1"),
}


@pytest.mark.parametrize("text", SAID.values(), ids=SAID)
def test_the_rooms_below_say_nothing_that_has_no_form(text):
    reason = text.removeprefix("no weights: ")
    assert french(text) != text
    assert french(reason) != reason
    assert retold(text) == text, "English stays as it is"


def test_every_form_is_translated():
    with catalogue_file("fr").open("rb") as file:
        known = {message.id for message in read_po(file)}
    assert [form for form in FORMS if form not in known] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no weights: every pixel divided by 255", "aucun poids : chaque pixel divisé par 255"),
        ("nothing reads its output: l2 reads l1", "rien ne lit sa sortie : l2 lit l1"),
    ],
)
def test_values_are_put_in_as_the_language_writes_them(text, said):
    assert " ".join(french(text).split()) == said


@pytest.mark.parametrize("text", ["", "My own warning: 3.5 things.", "cnn-1", "1,234", "Not read."])
def test_what_a_user_wrote_stays(text):
    assert french(text) == text


def test_sums_have_the_groups_of_the_language():
    with speaking("fr"):
        assert retold_sum("(784 × 512) + 512 = 401,920") == "(784 × 512) + 512 = 401\u202f920"
        assert retold_sum("gamma 32 + beta 32 = 64") == "gamma 32 + beta 32 = 64"
        assert retold_sum(
            "gamma 24 + beta 24 + mean 24 + variance 24 = 96, 48 of them trained"
        ) == ("gamma 24 + beta 24 + moyenne 24 + variance 24 = 96, dont 48 à apprendre")
        assert retold_sum("1,024 × 2 = 2,048 (sizes of its arrays)") == (
            "1\u202f024 × 2 = 2\u202f048 (tailles de ses tableaux)"
        )
    assert retold_sum("(784 × 512) + 512 = 401,920") == "(784 × 512) + 512 = 401,920"


def test_only_the_built_in_experiments_are_translated():
    with speaking("fr"):
        assert built_in("Two convolutions, pooled") == "Deux convolutions, avec pooling"
        assert built_in("Weights") == "Weights", "though the word stands in the catalogue"
        assert built_in("") == ""
