"""What is said of a model's limits: its own words first, then those of its data."""

import pytest

from leadline.experiments import headline, limits_of, load_experiment
from leadline.experiments.intended_use import CHEST_XRAY, LIMITS


def experiment(limits=""):
    return load_experiment("mlp-1").model_copy(update={"limits": limits})


def test_digits_have_no_limits():
    assert limits_of(experiment(), "mnist") == ""


@pytest.mark.parametrize("source", ["chest-xray", "pneumoniamnist"])
def test_known_films_bring_theirs(source):
    assert limits_of(experiment(), source) == CHEST_XRAY


def test_own_words_come_first():
    assert limits_of(experiment(" For dogs only. \n"), "chest-xray") == "For dogs only."


@pytest.mark.parametrize(
    "said",
    ["no medical device", "one to five years", "one hospital", "front view", "no diagnosis"],
)
def test_chest_films_say_for_whom_they_stand(said):
    assert said in CHEST_XRAY


def test_standard_words_are_one_paragraph():
    assert all(text == " ".join(text.split()) for text in LIMITS.values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("", "")),
        ("For dogs only", ("For dogs only", "")),
        ("For dogs only.", ("For dogs only.", "")),
        ("For dogs. Of 1.5 kg. Or so.", ("For dogs.", "Of 1.5 kg. Or so.")),
    ],
)
def test_the_headline_is_the_first_sentence(text, expected):
    assert headline(text) == expected


def test_limits_decide_nothing():
    assert experiment(limits="For dogs.").digest() == experiment().digest()
