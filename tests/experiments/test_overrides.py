"""`--set key.path=value` and a study's `[common]`."""

from typing import Any

import pytest

from leadline.errors import SpecError
from leadline.experiments.overrides import apply_override, merge


def table() -> dict[str, Any]:
    return {"name": "x", "training": {"epochs": 3}, "layers": [{"units": 8}, {"units": 9}]}


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("training.epochs=5", {"training": {"epochs": 5}}),
        (" training.epochs = 5 ", {"training": {"epochs": 5}}),
        ("training.batch_size=64", {"training": {"epochs": 3, "batch_size": 64}}),
        ("layers.1.units=64", {"layers": [{"units": 64}, {"units": 9}]}),
        ("layers.2.units=64", {"layers": [{"units": 8}, {"units": 64}]}),
        ("layers.2={type='Flatten'}", {"layers": [{"units": 8}, {"type": "Flatten"}]}),
        ("layers=[]", {"layers": []}),
        ("title=a plain title", {"title": "a plain title"}),
        ("title=a=b", {"title": "a=b"}),
        ('title="1"', {"title": "1"}),
        ('title=""', {"title": ""}),
        ("title=", {}),
        ("training.epochs= ", {"training": {}}),
        ("data.validation=test", {"data": {"validation": "test"}}),
        ("data.size_px=[32, 48]", {"data": {"size_px": [32, 48]}}),
        ("training.optimizer.rho=0.5", {"training": {"epochs": 3, "optimizer": {"rho": 0.5}}}),
        ("features.flatten=true", {"features": {"flatten": True}}),
    ],
)
def test_a_setting_is_laid_over_the_file(override, expected):
    settings = table()
    apply_override(settings, override)
    assert settings == table() | expected


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("epochs", "--set 'epochs': write key=value, as in training.epochs=3."),
        ("=3", "--set '=3': write key=value, as in training.epochs=3."),
        ("training.=3", "--set 'training.=3': write key=value, as in training.epochs=3."),
        ("", "--set '': write key=value, as in training.epochs=3."),
        (
            "layers.0.units=3",
            "--set 'layers.0.units=3': '0' should be a number from 1 to 2; lists count from 1.",
        ),
        (
            "layers.3.units=3",
            "--set 'layers.3.units=3': '3' should be a number from 1 to 2; lists count from 1.",
        ),
        (
            f"layers.{'1' * 5000}.units=3",
            (f"--set 'layers.{'1' * 5000}.units=3': '{'1' * 5000}' should be a number from 1 to 2; "
            "lists count from 1."),
        ),
        ("layers.1=", "--set 'layers.1=': say what layers.1 should be."),
        (
            "layers.-1.units=3",
            "--set 'layers.-1.units=3': '-1' should be a number from 1 to 2; lists count from 1.",
        ),
        (
            "layers.first.units=3",
            ("--set 'layers.first.units=3': 'first' should be a number from 1 to 2; "
            "lists count from 1."),
        ),
        ("layers.9={}", ("--set 'layers.9={}': '9' should be a number from 1 to 2; "
         "lists count from 1.")),
        ("name.x=3", "--set 'name.x=3': 'x' is no setting, for 'x' is no table."),
        (
            "training.epochs.x.y=3",
            "--set 'training.epochs.x.y=3': 'x' is no setting, for 3 is no table.",
        ),
    ],
)  # fmt: skip
def test_there_is_no_such_place(override, message):
    with pytest.raises(SpecError) as raised:
        apply_override(table(), override)
    assert str(raised.value) == message


def test_common_settings_go_table_by_table():
    settings = table()
    merge(settings, {"training": {"batch_size": 64}, "layers": [], "data": {"channels": 3}})
    assert settings == {
        "name": "x",
        "training": {"epochs": 3, "batch_size": 64},
        "layers": [],
        "data": {"channels": 3},
    }


def test_a_table_replaces_what_is_none():
    settings: dict[str, Any] = {"training": 3}
    merge(settings, {"training": {"epochs": 1}})
    assert settings == {"training": {"epochs": 1}}


@pytest.mark.parametrize("name", ["1", "01", "1.50", "true", "2024-01-01", "NA", "[a]", "1e3"])
def test_names_are_text_whatever_they_look_like(name):
    settings: dict[str, object] = {}
    apply_override(settings, f"decision.positive={name}")
    assert settings == {"decision": {"positive": name}}


def test_a_quoted_name_loses_its_quotes():
    settings: dict[str, object] = {}
    apply_override(settings, 'decision.positive="1"')
    assert settings == {"decision": {"positive": "1"}}
