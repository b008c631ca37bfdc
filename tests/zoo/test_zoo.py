"""The models that ship: they are what their cards say, on the real images where those are there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from sklearn.metrics import roc_auc_score

from leadline import zoo
from leadline.data.sources.source_list import load_dataset
from leadline.errors import UnknownName
from leadline.experiments import Data, load_experiment
from leadline.experiments.intended_use import LIMITS
from leadline.export import open_model_file, read_metadata
from leadline.report.words.estimate_words import rule_text

SHIPPED = zoo.names()
LARGEST_TOGETHER_BYTES = 12_000_000


def test_there_is_a_model_for_films():
    assert "chest-cnn" in SHIPPED


def test_a_model_that_is_not_there_names_those_that_are():
    with pytest.raises(UnknownName, match=r"no model 'cat' in the zoo; there are: .*chest-cnn"):
        zoo.model_file_path("cat")
    with pytest.raises(UnknownName):
        zoo.model_file_path("../zoo/chest-cnn")


@pytest.mark.parametrize("name", SHIPPED)
def test_each_fits_and_has_a_card(name):
    assert zoo.model_file_path(name).stat().st_size <= zoo.LARGEST_BYTES
    card = zoo.card_path(name).read_text(encoding="utf-8")
    metadata, _, body = card.removeprefix("---\n").partition("\n---\n")
    assert yaml.safe_load(metadata)["license"] == "apache-2.0"
    assert yaml.safe_load(metadata)["model-index"][0]["name"] == name
    assert body.startswith(f"\n# {name}\n")
    for said in ("95%", "**Data**: CC BY", "doi:", "## Limits", f"python zoo/build.py {name}"):
        assert said in card


@pytest.mark.parametrize("name", SHIPPED)
def test_each_file_brings_its_card_and_the_settings_of_its_features(name):
    about = read_metadata(zoo.model_file_path(name))
    assert about.card == zoo.card_path(name).read_text(encoding="utf-8")
    experiment = load_experiment(name)
    assert about.digest == experiment.digest()
    assert about.features == experiment.features.model_dump(mode="json")


def test_all_together_are_small_enough_to_ship():
    together = sum(zoo.model_file_path(name).stat().st_size for name in SHIPPED)
    assert together <= LARGEST_TOGETHER_BYTES


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_names_the_machine_that_trained_it(name):
    said = zoo.model_file_path(name).read_bytes() + zoo.card_path(name).read_bytes()
    for trace in (b"/home/", b"/tmp/", b"/root/", b"/Users/"):
        assert trace not in said


@pytest.fixture(scope="module")
def films(chest_folder):
    test = load_dataset(Data(source="chest-xray", size_px=(96, 96)), path=chest_folder).test
    assert test is not None
    return test


@pytest.fixture(scope="module")
def chest_cnn():
    return open_model_file(zoo.model_file_path("chest-cnn"))


def test_it_is_for_films_and_says_so(chest_cnn):
    about = chest_cnn.metadata
    assert (about.classes, about.decision.positive) == (("NORMAL", "PNEUMONIA"), "PNEUMONIA")
    assert about.limits == LIMITS["chest-xray"]
    assert about.counts["test"] == (234, 390)
    assert [point.name for point in about.decision.points] == ["youden", "sensitivity"]


@pytest.mark.slow
def test_it_reaches_on_the_official_test_films_what_was_asked(chest_cnn, films):
    probabilities, scope = chest_cnn.answer(films.pixels)
    sick, said = films.labels == 1, probabilities[:, 1]
    assert roc_auc_score(sick, said) >= 0.975
    youden, sensitive = (point.threshold for point in chest_cnn.metadata.decision.points)
    balanced = ((said >= youden)[sick].mean() + (said < youden)[~sick].mean()) / 2
    assert balanced >= 0.88
    assert (said >= sensitive)[sick].mean() >= 0.95
    assert (said < sensitive)[~sick].mean() >= 0.82
    assert (scope > 1).mean() <= 0.05


@pytest.mark.slow
def test_what_is_no_film_is_flagged(chest_cnn, films, mnist):
    rng = np.random.default_rng(0)
    digits = resized(mnist.test.pixels[:100, ..., 0])
    noise = rng.integers(0, 256, (100, 96, 96, 1), dtype=np.uint8)
    inverted = 255 - films.pixels[:100]
    for name, images in {"digits": digits, "noise": noise, "inverted": inverted}.items():
        flagged = chest_cnn.answer(images)[1] > 1
        assert flagged.mean() >= 0.95, name


def resized(images):
    """Grey images (n, height, width) as the model takes them: uint8 (n, 96, 96, 1)."""
    sized = [Image.fromarray(image).resize((96, 96), Image.Resampling.LANCZOS) for image in images]
    return np.stack([np.asarray(image) for image in sized])[..., None]


def test_the_card_tells_the_figures_that_the_file_tells(chest_cnn):
    card = Path(zoo.card_path("chest-cnn")).read_text(encoding="utf-8")
    for point in chest_cnn.metadata.decision.points:
        assert f"{point.threshold:.4f} ({rule_text(point)})" in card
