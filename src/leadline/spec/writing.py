"""Resolved TOML and JSON Schema out."""

from __future__ import annotations

from typing import Any

import tomli_w

from leadline.spec.experiment import Experiment, Study


def to_toml(experiment: Experiment) -> str:
    """The experiment with every default filled in; `parse_experiment` reads it back equal."""
    return tomli_w.dumps(_without_none(experiment.model_dump(mode="json")))


def json_schema() -> dict[str, Any]:
    """JSON Schema of the two kinds of file, for editors and for other tools."""
    return {"experiment": Experiment.model_json_schema(), "study": Study.model_json_schema()}


def _without_none(value: Any) -> Any:
    """TOML has no null: a key that is not set is left out."""
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_none(item) for item in value]
    return value
