"""The JSON Schema of `report.json`, and its version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from leadline.report.record.run_record import RunRecord
from leadline.report.record.study_record import StudyRecord

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue

VERSION = "2.0"
"""The second number grows where keys are added, the first where a reader has to be changed."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAYBE_INFINITE = ("EpochRow", "Number", "Judged", "Spread", "CurvePoints")
"""Values whose numbers may be infinite, or none: null in JSON."""


@dataclass(frozen=True)
class Schema:
    """By which schema a file is written: docs/report.schema.json of that version."""

    name: Literal["study", "run"]
    version: str = VERSION


STUDY, RUN = Schema("study"), Schema("run")


@dataclass(frozen=True, kw_only=True)
class StudyFile(StudyRecord):
    """What `report.json` in a study's folder holds: everything that the study's page shows."""

    schema: Schema


@dataclass(frozen=True, kw_only=True)
class RunFile(RunRecord):
    """What `report.json` in a run's folder holds: everything that the run's page shows."""

    schema: Schema


def json_schema() -> dict[str, Any]:
    """The schema of both files, as JSON Schema 2020-12; every key is always there."""
    from pydantic import TypeAdapter
    from pydantic.json_schema import GenerateJsonSchema

    class AllThere(GenerateJsonSchema):
        def field_is_required(self, *_: Any, **__: Any) -> bool:
            return True

        def get_title_from_name(self, name: str) -> str:
            return name

    both: TypeAdapter[StudyFile | RunFile] = TypeAdapter(StudyFile | RunFile)
    made = both.json_schema(mode="serialization", schema_generator=AllThere)
    for name, shape in made["$defs"].items():
        _tidy(shape, may_be_infinite=name in MAYBE_INFINITE)
    for kind in (STUDY, RUN):
        own = made["$defs"][f"{kind.name.capitalize()}File"]["properties"]
        own["schema"] = {"properties": {"name": {"const": kind.name}}, "$ref": "#/$defs/Schema"}
    return {
        "$schema": DIALECT,
        "$id": f"urn:leadline:report:{VERSION}",
        "title": "report.json of a leadline study or run",
        **made,
    }


def _tidy(shape: JsonSchemaValue, *, may_be_infinite: bool) -> None:
    """Drop titles that repeat the key; numbers that may be infinite may be null."""
    for key, inner in list(shape.items()):
        if key == "title" and isinstance(inner, str):
            del shape[key]
        elif isinstance(inner, dict):
            _tidy(inner, may_be_infinite=may_be_infinite)
        elif isinstance(inner, list):
            for one in inner:
                if isinstance(one, dict):
                    _tidy(one, may_be_infinite=may_be_infinite)
    if may_be_infinite and shape.get("type") == "number":
        shape["type"] = ["number", "null"]
