"""Resolved TOML reads back equal: any setting, any value, drawn from the JSON Schema."""

import re
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadline.experiments import Experiment, parse_experiment, to_toml

SCHEMA: dict[str, Any] = Experiment.model_json_schema()
MOST_ITEMS = 4

# What TOML holds: integers of 64 bits, finite floats, text, dates, lists, tables.
toml_values = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.dates(min_value=date(1, 1, 1)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def tables() -> st.SearchStrategy[dict[str, Any]]:
    """Tables as TOML gives them; parts may still contradict one another."""
    return from_schema(SCHEMA).map(_reconciled)


def from_schema(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema of Pydantic's allows, TOML's way: what is null is left out."""
    if "$ref" in schema:
        return from_schema(SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[-1]])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            kinds = [option for option in schema[key] if option.get("type") != "null"]
            return st.one_of([from_schema(option) for option in kinds])
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    return TYPES[schema["type"]](schema)


def _object(schema: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    if "properties" not in schema:
        return st.dictionaries(st.text(max_size=5), toml_values, max_size=3)
    settings = {key: from_schema(inner) for key, inner in schema["properties"].items()}
    needed = {key: settings.pop(key) for key in schema.get("required", [])}
    return st.fixed_dictionaries(needed, optional=settings)


def _array(schema: dict[str, Any]) -> st.SearchStrategy[list[Any]]:
    if "prefixItems" in schema:
        items = [from_schema(item) for item in schema["prefixItems"]]
        return st.tuples(*items).map(list)
    most = min(schema.get("maxItems", MOST_ITEMS), MOST_ITEMS)
    return st.lists(from_schema(schema["items"]), min_size=schema.get("minItems", 0), max_size=most)


def _integer(schema: dict[str, Any]) -> st.SearchStrategy[int]:
    return st.integers(schema["minimum"], schema.get("maximum", 2**31))


def _number(schema: dict[str, Any]) -> st.SearchStrategy[float]:
    return st.floats(
        min_value=schema.get("minimum", schema.get("exclusiveMinimum")),
        max_value=schema.get("maximum", schema.get("exclusiveMaximum")),
        exclude_min="exclusiveMinimum" in schema,
        exclude_max="exclusiveMaximum" in schema,
        allow_nan=False,
        allow_infinity=False,
    )


def _string(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    if "pattern" not in schema:
        return st.text(min_size=schema.get("minLength", 0), max_size=20)
    pattern = re.compile(schema["pattern"].removesuffix("$"), re.ASCII)
    return st.from_regex(pattern, fullmatch=True).filter(lambda text: len(text) <= 80)


TYPES = {
    "array": _array,
    "boolean": lambda _schema: st.booleans(),
    "integer": _integer,
    "number": _number,
    "object": _object,
    "string": _string,
}


def _reconciled(table: dict[str, Any]) -> dict[str, Any]:
    """The same without what `Experiment` refuses as a contradiction, or as no expression."""
    training = table.get("training", {})
    table["family"] = "hog" if table["features"]["kind"] == "hog" else "cnn"
    if "layers" in table:
        table.pop("model", None)
    if table.get("data", {}).get("validation") == "test":
        training.pop("early_stopping", None)
        training.pop("keep_epoch", None)
    for part, key in (("data", "group_pattern"), ("decision", "subgroup_pattern")):
        if key in table.get(part, {}):
            table[part][key] = re.escape(table[part][key])
    for extra in ("clipvalue", "global_clipnorm"):
        training.get("optimizer", {}).pop(extra, None)
    if "exclude_from_weight_decay" in training.get("optimizer", {}):
        words = training["optimizer"]["exclude_from_weight_decay"]
        training["optimizer"]["exclude_from_weight_decay"] = [re.escape(word) for word in words]
        training["optimizer"].setdefault("weight_decay", 0.5)
    if "from_epoch" in training.get("averaging", {}):
        training["averaging"]["from_epoch"] = 1
    return table


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(tables())
def test_resolved_toml_reads_back_equal(table):
    experiment = Experiment.model_validate(table)
    back = parse_experiment(to_toml(experiment), "resolved.toml")
    assert back == experiment
    assert back.digest() == experiment.digest()
    assert to_toml(back) == to_toml(experiment)
