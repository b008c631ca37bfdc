"""A study cut short: two epochs, and few images, fewer where these are large."""

import pytest

from leadline.experiments import (
    built_in_name,
    load_experiment,
    load_study,
    parse_experiment,
    quick_name,
    shortened_experiment,
    to_toml,
)


def shortened(name):
    """A built-in study of shortened experiments."""
    study = load_study(name)
    members = tuple(map(shortened_experiment, study.experiments))
    return study.model_copy(update={"experiments": members})


@pytest.mark.parametrize(
    ("name", "quick"),
    [("lab", "lab-quick"), ("s" * 74, "s" * 74 + "-quick"), ("s" * 80, "s" * 74 + "-quick")],
)
def test_the_name_of_a_trial_is_cut_to_80_characters(name, quick):
    assert quick_name(name) == quick


def test_quick_studies_are_short_and_say_so():
    study = shortened("lab")
    assert {one.training.epochs for one in study.experiments} == {2}
    assert {one.data.train_limit for one in study.experiments} == {2000}
    assert {one.data.evaluation_limit for one in study.experiments} == {500}
    assert study.quick
    assert all(one.quick for one in study.experiments)
    assert not load_study("lab").quick


def test_quick_is_a_flag_that_a_file_keeps_and_not_a_name():
    short = shortened("lab").experiments[0]
    again = parse_experiment(to_toml(short), "quick.toml")
    assert again.quick
    assert short.digest() == short.model_copy(update={"quick": False}).digest()


def test_quick_studies_take_fewer_of_larger_images():
    """2,000 × 28² pixels at 64² are 382 images; at 128² they would be 95, and 300 are least."""
    study = shortened("chest")
    limits = {one.name: one.data.train_limit for one in study.experiments}
    assert (limits["chest-pixels"], limits["chest-hog"], limits["chest-lab"]) == (382, 300, 300)


def test_quick_keeps_limits_that_are_lower():
    told = ["data.train_limit=50", "data.evaluation_limit=20", "training.epochs=1"]
    short = shortened_experiment(load_experiment("first-cnn", told))
    assert (short.data.train_limit, short.data.evaluation_limit) == (50, 20)
    assert short.training.epochs == 1


def test_a_quick_trial_of_a_built_in_experiment_is_known_as_one():
    built_in = load_experiment("first-cnn")
    short = shortened_experiment(built_in)
    named = short.model_copy(update={"name": "first-cnn-quick"})
    assert built_in_name(short) == built_in_name(named) == "first-cnn"
    data = short.data.model_copy(update={"size_px": (64, 96), "channels": 3, "fit": "pad"})
    resolved = short.model_copy(update={"data": data})
    assert built_in_name(resolved) == ""
    fewer = shortened_experiment(built_in.model_copy(update={"data": data}))
    assert built_in_name(fewer, ("size_px", "channels", "fit")) == "first-cnn"
