"""Resolved TOML and JSON Schema out."""

from __future__ import annotations

from typing import Any

import tomli_w

from leadline.experiments.experiment import Experiment, Study
from leadline.experiments.layer_blocks import MOST_BLOCKS, MOST_COPIES


def to_toml(experiment: Experiment) -> str:
    """The experiment with every default filled in; `parse_experiment` reads it back equal."""
    return tomli_w.dumps(_without_none(experiment.model_dump()))


def json_schema() -> dict[str, Any]:
    """JSON Schemas "experiment" and "study" of the two kinds of file, for editors and tools.

    They describe files as people write them: `name` may be left out, and a study names its
    experiments and what they have in common.
    """
    experiment = _with_blocks(_name_optional(Experiment.model_json_schema()))
    study = _name_optional(Study.model_json_schema())
    del study["$defs"]
    study["properties"]["experiments"] = {
        "description": "Names of built-in experiments, or TOML files relative to this one.",
        "items": {"type": "string"},
        "minItems": 1,
        "type": "array",
    }
    study["properties"]["common"] = {
        "description": "Settings laid over those of each experiment.",
        "type": "object",
    }
    return {"experiment": experiment, "study": study}


def _name_optional(schema: dict[str, Any]) -> dict[str, Any]:
    """Make `name` optional: it defaults to the file's own name."""
    return schema | {"required": [key for key in schema["required"] if key != "name"]}


def _with_blocks(schema: dict[str, Any]) -> dict[str, Any]:
    """Blocks of layers, which files may have and experiments do not: see `layer_blocks`."""
    use = {
        "description": "A block in place of a layer; further keys are values for the block.",
        "properties": {
            "block": {"description": "Name of a block.", "type": "string"},
            "repeat": {"default": 1, "maximum": MOST_COPIES, "minimum": 1, "type": "integer"},
            "each": {
                "additionalProperties": {"type": "array"},
                "description": "A copy for each value in these equally long lists.",
                "type": "object",
            },
        },
        "required": ["block"],
        "type": "object",
    }
    layers = schema["properties"]["layers"]
    blocks = {
        "description": "Layers that are written once and used by name.",
        "items": {
            "additionalProperties": False,
            "properties": {
                "name": {"type": "string"},
                "layers": {"items": {"type": "object"}, "minItems": 1, "type": "array"},
            },
            "required": ["name", "layers"],
            "type": "object",
        },
        "maxItems": MOST_BLOCKS,
        "type": "array",
    }
    layers = layers | {"items": {"anyOf": [layers["items"], use]}}
    return schema | {"properties": schema["properties"] | {"layers": layers, "blocks": blocks}}


def _without_none(value: Any) -> Any:
    """TOML has no null: a key that is not set is left out."""
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value]
    return value
