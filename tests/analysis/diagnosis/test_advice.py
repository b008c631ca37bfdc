"""Advice is in keys that an experiment has, with values that it takes, and never by test images."""

import pytest
from pydantic import BaseModel

from leadline.analysis.diagnosis.advice import Setting
from leadline.analysis.diagnosis.learning_curve import Span
from leadline.analysis.diagnosis.training_findings import RULES, rule_of
from leadline.experiments import (
    Data,
    Experiment,
    PythonModel,
    Training,
    experiment_names,
    load_experiment,
)

TABLES: dict[str, type[BaseModel]] = {"training": Training, "data": Data, "model": PythonModel}


def setting(*sets, name="mlp-1", **changes):
    values = {"stopped": "finished", "epochs": 10, "classes": 10, "validation_is_test": False}
    return Setting(load_experiment(name, list(sets)), **{**values, **changes})


KINDS = [rule.code for rule in RULES]


def advise(kind, span, some, *, early=False):
    return list(rule_of(kind).advice(span, some, improving=early))


def said(kind, some, *, early=False):
    return [(one.key, one.how, one.value) for one in advise(kind, Span(8, 10), some, early=early)]


@pytest.mark.parametrize("name", experiment_names())
@pytest.mark.parametrize("kind", KINDS)
def test_values_can_be_set_as_they_are(kind, name):
    """Each line, given to --set, makes an experiment that differs."""
    some = setting(name=name)
    for one in advise(kind, Span(8, 10), some):
        if not one.value or one.key == "layers":
            continue
        changed = load_experiment(name, ["data.validation=carve", f"{one.key}={one.value}"])
        assert changed.digest() != some.experiment.digest(), one


@pytest.mark.parametrize("stopped", ["time limit", "early stopping"])
@pytest.mark.parametrize("kind", KINDS)
def test_keys_without_a_value_are_keys_too(kind, stopped):
    for one in advise(kind, Span(2, 10), setting(stopped=stopped)):
        room, *names = one.key.split(".")
        assert room in Experiment.model_fields
        if names:
            assert names[0] in TABLES[room].model_fields


def test_longer_is_half_as_much_again_and_ten_at_least():
    assert said("stopped early", setting(epochs=10)) == [("training.epochs", "set", "15")]
    assert said("short", setting("training.epochs=3", epochs=3)) == [
        ("training.epochs", "set", "10")
    ]


def test_what_stopped_it_is_what_is_raised():
    limited = setting(epochs=4, stopped="time limit")
    assert said("stopped early", limited) == [("training.time_limit_s", "raise", "")]
    patience = setting(epochs=4, stopped="early stopping")
    assert said("stopped early", patience) == [("training.early_stopping.patience", "raise", "")]


def test_an_epoch_is_not_chosen_by_test_images():
    keys = [key for key, _, _ in said("stopped late", setting(validation_is_test=True))]
    assert keys == [
        "data.validation", "training.keep_epoch", "training.early_stopping.patience",
    ]  # fmt: skip
    assert keys[1:] == [key for key, _, _ in said("stopped late", setting())]


def test_what_is_set_already_is_not_advised():
    tuned = setting("training.optimizer.clipnorm=1.0")
    assert [key for key, _, _ in said("diverged", tuned)] == ["training.optimizer.learning_rate"]
    dropped = [key for key, _, _ in said("over-fitting", setting(name="mlp-2"))]
    assert dropped == ["training.augmentation"]


def test_rates_go_down_but_where_steps_are_tiny():
    assert said("diverged", setting())[0] == ("training.optimizer.learning_rate", "lower", "0.0001")
    tiny = setting("training.optimizer.learning_rate=0.00001")
    assert said("learned nothing", tiny)[0][1:] == ("raise", "0.0001")


def test_who_under_fits_and_stopped_early_first_trains_longer():
    assert said("under-fitting", setting(), early=True) == [("training.epochs", "set", "15")]
    assert said("under-fitting", setting())[0] == ("layers", "enlarge", "")


def test_a_plateau_of_most_epochs_asks_for_fewer():
    long = [one.key for one in advise("plateaued", Span(3, 10), setting())]
    assert "training.epochs" in long
    assert "training.epochs" not in [key for key, _, _ in said("plateaued", setting())]
