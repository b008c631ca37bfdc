"""Resolved TOML reads back equal; the JSON Schema says what files may hold."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from leadline.experiments import (
    experiment_names,
    json_schema,
    load_experiment,
    load_study,
    parse_experiment,
    to_toml,
)
from leadline.experiments.toml_reading import CATALOG


@pytest.mark.parametrize("name", experiment_names())
def test_the_catalogue_reads_back_equal(name):
    experiment = load_experiment(name)
    assert parse_experiment(to_toml(experiment), name) == experiment


def test_defaults_are_written_out():
    written = tomllib.loads(to_toml(load_experiment("mlp-1")))
    assert written["training"]["optimizer"] == {
        "name": "RMSprop",
        "learning_rate": 0.001,
        "exclude_from_weight_decay": [],
        "rho": 0.9,
        "momentum": 0.0,
        "epsilon": 1e-7,
        "centered": False,
    }
    assert (
        written["data"].items()
        >= {
            "source": "mnist",
            "validation": "test",
            "validation_fraction": 0.1,
            "test_fraction": 0.2,
        }.items()
    )
    # What is open has no value yet, and TOML has no null.
    assert {"size_px", "channels", "fit"}.isdisjoint(written["data"])
    assert written["layers"] == [
        {"type": "Dense", "units": 512, "activation": "sigmoid", "use_bias": True}
    ]


def references(schema: Any) -> list[str]:
    if isinstance(schema, dict):
        found = [schema["$ref"]] if "$ref" in schema else []
        return found + [ref for inner in schema.values() for ref in references(inner)]
    if isinstance(schema, list):
        return [ref for inner in schema for ref in references(inner)]
    return []


@pytest.mark.parametrize("kind", ["experiment", "study"])
def test_every_reference_of_the_schema_leads_somewhere(kind):
    schema = json_schema()[kind]
    targets = {f"#/$defs/{name}" for name in schema.get("$defs", {})}
    assert set(references(schema)) <= targets


@pytest.mark.parametrize(("kind", "room"), [("experiment", "experiments"), ("study", "studies")])
def test_the_schema_describes_files_as_they_are_written(kind, room):
    schema = json_schema()[kind]
    for path in sorted((CATALOG / room).glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        assert set(schema["required"]) <= set(table), path
        assert set(table) <= set(schema["properties"]), path


def test_a_study_names_its_experiments():
    study = json_schema()["study"]
    assert study["required"] == ["experiments"]
    assert study["properties"]["experiments"]["items"] == {"type": "string"}
    assert study["properties"]["common"]["type"] == "object"
    assert study["additionalProperties"] is False


def keys(schema: Any) -> set[str]:
    """Every setting that a schema knows, at any depth."""
    if isinstance(schema, dict):
        here = set(schema.get("properties", {}))
        return here.union(*(keys(inner) for inner in schema.values()))
    if isinstance(schema, list):
        return set[str]().union(*map(keys, schema))
    return set()


def options(schema: Any) -> set[str]:
    """Every word that a setting may be: activations, kinds, types."""
    if isinstance(schema, dict):
        values = [*schema.get("enum", []), schema.get("const")]
        here = {value for value in values if isinstance(value, str)}
        return here.union(*(options(inner) for inner in schema.values()))
    if isinstance(schema, list):
        return set[str]().union(*map(options, schema))
    return set()


PAGE = Path(__file__).parents[2] / "docs" / "experiments.md"


def test_the_page_on_experiments_mentions_every_key_and_option():
    page = PAGE.read_text(encoding="utf-8")
    known = keys(json_schema()) | options(json_schema())
    assert {word for word in known if f"`{word}`" not in page} == set()


def test_the_examples_of_the_page_load(tmp_path):
    page = PAGE.read_text(encoding="utf-8")
    mine, blocks, study = re.findall(r"```toml\n(.+?)```", page, re.DOTALL)
    (tmp_path / "mine.toml").write_text(mine, encoding="utf-8")
    (tmp_path / "study.toml").write_text(study, encoding="utf-8")
    shown = load_experiment(tmp_path / "mine.toml", ["training.epochs=8", "layers.1.filters=32"])
    assert shown.training.epochs == 8
    names = [experiment.name for experiment in load_study(tmp_path / "study.toml").experiments]
    assert names == ["mlp-1", "mine"]
    (tmp_path / "blocks.toml").write_text('family = "cnn"\nfeatures.kind = "pixels"\n' + blocks)
    layers = load_experiment(tmp_path / "blocks.toml").layers
    assert [layer.name for layer in layers if layer.type == "Conv2D"] == ["conv1", "conv2", "conv3"]
