"""Which models a server has, and under which names."""

from pathlib import Path
from typing import Any

import pytest
from tests.serving.making import brightness

from leadline import zoo
from leadline.errors import ModelFileError
from leadline.export.model_metadata import TestMetric
from leadline.serving.model_registry import open_models
from leadline.serving.predictor import Predictor
from leadline.serving.problems import Refused
from leadline.serving.serializers import model_said


def test_names_are_each_one_of_their_own(two, three, ten):
    models = open_models([two, three, ten])
    assert list(models.by_name) == ["brightness", "brightness-2", "brightness-3"]
    assert [one.takes_digits for one in models.all] == [False, False, True]
    assert [one.about.family for one in models.all] == ["", "", ""]


def test_who_answers_when_none_is_named(two, three, ten):
    assert [one.name for one in open_models([two, ten]).usual] == ["brightness-2"]
    assert [one.name for one in open_models([two, three]).usual] == ["brightness"]


def test_what_takes_digits_is_what_its_metadata_say(tmp_path, ten):
    """As `predict` has it: ten classes on 28 × 28 px may be digits of another kind."""
    plain = brightness(tmp_path / "m.onnx", tuple("0123456789"), size_px=(28, 28))
    said = open_models([ten, plain])
    assert [one.takes_digits for one in said.all] == [True, False]
    assert [one.fits_digits for one in said.all] == [True, True]
    assert [one.name for one in said.usual] == ["brightness"]


def test_chosen_by_name(two, three):
    models = open_models([two, three])
    assert [one.name for one in models.chosen(["brightness-2"])] == ["brightness-2"]
    assert models.chosen([]) == models.usual
    with pytest.raises(
        Refused, match="No model 'x' here; available: brightness, brightness-2"
    ) as no:
        models.chosen(["brightness", "x"])
    assert no.value.status == 404


def test_the_zoo_unless_told(monkeypatch, tmp_path):
    assert {one.name for one in open_models([]).all} == set(zoo.names())
    monkeypatch.setattr(zoo, "names", lambda: ())
    with pytest.raises(ModelFileError, match="the zoo is empty"):
        open_models([])


def test_digits_stand_from_shallow_to_deep(monkeypatch, two):
    names = ("a-model", "digits-cnn", "digits-hog", "digits-pixels")
    monkeypatch.setattr(zoo, "names", lambda: names)
    monkeypatch.setattr(zoo, "model_file_path", lambda _name: two)
    asked: list[str] = []
    opened = Predictor.open

    def remembered(path: Path, **how: Any) -> Predictor:
        asked.append(str(path))
        return opened(path, **how)

    monkeypatch.setattr(Predictor, "open", remembered)
    open_models([])
    assert asked == ["digits-pixels", "digits-hog", "digits-cnn", "a-model"]


def test_a_model_file_brings_its_facts(tmp_path):
    auroc = TestMetric(key="auroc", value=0.9, low=0.8, high=0.95)
    path = brightness(tmp_path / "x.onnx", family="hog", weights=1234, test_metrics=(auroc,))
    (tmp_path / "card.md").write_text("Family: cnn.\n\n- **Weights**: 5.\n", encoding="utf-8")
    said = model_said(open_models([path]).all[0], usual=True)
    assert (said.family, said.weights, said.test_metrics) == ("hog", 1234, (auroc,))


def test_a_model_without_facts_is_served(tmp_path):
    said = model_said(open_models([brightness(tmp_path / "x.onnx")]).all[0], usual=True)
    assert (said.family, said.weights, said.test_metrics) == ("", None, ())


def test_every_model_of_the_zoo_has_its_facts():
    for served in open_models([]).all:
        about = served.about
        assert (about.weights or 0) > 10_000
        assert about.family in ("pixels", "hog", "cnn")
        assert "accuracy" in {one.key for one in about.test_metrics}
        assert all(one.low <= one.value <= one.high for one in about.test_metrics)
