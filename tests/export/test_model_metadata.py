"""What a model file says of itself: through its properties and back, and what is refused."""

import json
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.export.making import ABOUT

from leadline.errors import ModelFileError
from leadline.experiments.experiment import Family
from leadline.export.model_metadata import MOST_CHARACTERS, Metadata, metadata_from


def test_properties_are_keys_with_text_or_json():
    said = ABOUT.as_properties()
    assert said["leadline.format"] == "2"
    assert said["leadline.title"] == "A small model, für “all”"
    assert json.loads(said["leadline.classes"]) == ["no", "yes"]
    assert json.loads(said["leadline.size_px"]) == [20, 17]
    assert json.loads(said["leadline.seed"]) == 3
    assert said["leadline.family"] == "hog"
    assert json.loads(said["leadline.weights"]) == 4086
    assert json.loads(said["leadline.test_metrics"])[1] == {
        "key": "sensitivity", "value": 1.0, "low": 0.5, "high": 1.0,
        "point": "youden", "threshold": 0.4,
    }  # fmt: skip
    assert said["leadline.card"] == "# small\n\nFor “all”.\n"
    assert said["leadline.features"] == (
        '{"kind": "hog", "orientations": 12, "even": true, "share": 0.5}'
    )
    decision = json.loads(said["leadline.decision"])
    assert decision["temperature"] == 1.25
    assert decision["points"] == [
        {
            "name": "youden", "threshold": 0.4, "reached": 0.8, "largest": 0.81,
            "standard_error": 0.02, "floor": None,
        }
    ]  # fmt: skip
    scope = json.loads(said["leadline.scope"])
    assert (scope["test"]["flagged"], scope["test"]["n"]) == (1, 2)
    assert json.loads(said["leadline.predictive"])[0]["npv"]["value"] is None


def test_every_key_is_documented():
    text = (Path(__file__).parents[2] / "docs" / "model-file.md").read_text(encoding="utf-8")
    for key in ABOUT.as_properties():
        assert f"`{key}`" in text


def test_they_go_there_and_back():
    assert metadata_from(ABOUT.as_properties()) == ABOUT


@given(
    st.lists(st.text(min_size=1, max_size=30), min_size=2, max_size=20, unique=True),
    st.text(max_size=100),
    st.integers(0, 2**63 - 1),
)
def test_any_names_and_words_go_there_and_back(classes, limits, seed):
    about = Metadata(
        name="m", classes=tuple(classes), size_px=(8, 9), channels=1, limits=limits, seed=seed
    )
    assert metadata_from(about.as_properties()) == about


def test_files_of_versions_without_card_and_features_are_read():
    said = ABOUT.as_properties()
    del said["leadline.card"], said["leadline.features"]
    about = metadata_from(said)
    assert (about.card, about.features) == ("", {})


def test_families_are_those_of_experiments():
    families = get_args(Metadata.model_fields["family"].annotation)
    assert families == (*get_args(Family), "")


def test_settings_of_features_keep_their_kinds():
    found = metadata_from(ABOUT.as_properties()).features
    assert {name: type(value) for name, value in found.items()} == {
        "kind": str, "orientations": int, "even": bool, "share": float,
    }  # fmt: skip


def test_what_a_later_version_adds_is_passed_over():
    said = {**ABOUT.as_properties(), "leadline.later": "{", "somebody": "else"}
    assert metadata_from(said) == ABOUT


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"leadline.format": None}, "not a leadline model file: its metadata lack the key"),
        ({"leadline.format": "1"}, "format '1', and this version of leadline reads '2'; export"),
        ({"leadline.family": "svm"}, r"leadline\.family do not read"),
        ({"leadline.weights": "-1"}, r"leadline\.weights do not read"),
        ({"leadline.test_metrics": '[{"key": "auroc"}]'}, r"test_metrics\.0\.value do not read"),
        ({"leadline.classes": None}, r"leadline\.classes do not read \(Field required"),
        ({"leadline.classes": '["a"'}, r"leadline\.classes are not JSON"),
        ({"leadline.classes": '["a"]'}, r"leadline\.classes do not read"),
        ({"leadline.classes": '["no", "yes", 3]'}, r"leadline\.classes\.2 do not read"),
        ({"leadline.classes": '["a", "b"]'}, "positive class 'yes' is not one of the classes"),
        ({"leadline.classes": '["no", "yes", "no"]'}, "two classes have one name"),
        ({"leadline.classes": '["no", "yes", "may"]'}, "positive class of 3 classes, not of two"),
        ({"leadline.size_px": "[0, 17]"}, r"leadline\.size_px\.0 do not read"),
        ({"leadline.size_px": "[1e9, 17]"}, r"leadline\.size_px\.0 do not read"),
        ({"leadline.channels": "2"}, r"leadline\.channels do not read"),
        ({"leadline.seed": "[" * 100_000}, r"leadline\.seed are not JSON"),
        ({"leadline.features": '{"kind": ["hog"]}'}, r"leadline\.features\.kind\S* do not read"),
        ({"leadline.prepare": '"digit"'}, "whose images are grey and 28 x 28 px, and these have"),
        ({"leadline.seed": "NaN"}, r"leadline\.seed are not JSON"),
        ({"leadline.decision": '{"positive": "yes"}'}, r"leadline\.decision\.temperature do not"),
        ({"leadline.limits": "x" * MOST_CHARACTERS}, "and at most 1,000,000 are read"),
    ],
)
def test_what_is_damaged_is_refused_in_one_line(changes, complaint):
    said = {**ABOUT.as_properties(), **changes}
    said = {key: value for key, value in said.items() if value is not None}
    with pytest.raises(ModelFileError, match=complaint) as error:
        metadata_from(said)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    ("key", "value"), [("temperature", 0.0), ("temperature", -1.0), ("threshold", 1.5)]
)
def test_decisions_that_cannot_be_are_refused(key, value):
    decision = json.loads(ABOUT.as_properties()["leadline.decision"])
    (decision if key == "temperature" else decision["points"][0])[key] = value
    said = {**ABOUT.as_properties(), "leadline.decision": json.dumps(decision)}
    with pytest.raises(ModelFileError, match=key):
        metadata_from(said)


def test_a_value_cannot_be_changed():
    with pytest.raises(ValidationError):
        setattr(ABOUT, "name", "other")  # noqa: B010 - mypy refuses the plain way
