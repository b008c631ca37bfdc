"""A study cut short: two epochs, and few images, fewer where these are large."""

from leadline.spec import load_study, parse_experiment, shortened, to_toml


def test_quick_studies_are_short_and_say_so():
    study = shortened(load_study("lab"))
    assert study.name == "lab-quick"
    assert {one.training.epochs for one in study.experiments} == {2}
    assert {one.data.train_limit for one in study.experiments} == {6000}
    assert study.quick
    assert all(one.quick for one in study.experiments)
    assert not load_study("lab").quick


def test_quick_is_a_flag_that_a_file_keeps_and_not_a_name():
    short = shortened(load_study("lab")).experiments[0]
    again = parse_experiment(to_toml(short), "quick.toml")
    assert again.quick
    assert short.digest() == short.model_copy(update={"quick": False}).digest()


def test_quick_studies_take_fewer_of_larger_images():
    """6,000 × 28² pixels at 64² are 1,148 images; at 128² they would be 287, and 300 are least."""
    study = shortened(load_study("chest"))
    limits = {one.name: one.data.train_limit for one in study.experiments}
    assert (limits["chest-pixels"], limits["chest-hog"], limits["chest-lab"]) == (1148, 300, 300)
