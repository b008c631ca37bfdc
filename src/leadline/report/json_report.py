"""What a page shows, for programs: `report.json`, and its JSON Schema.

The file holds `analysis.summary` as it is; docs/files.md has the rule of versions.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, cast

from leadline.analysis.run_summary import RunSummary
from leadline.analysis.summarize import summarize_run, summarize_study
from leadline.analysis.summary import AuditFacts, AuditFinding, StudySummary
from leadline.explain.explanations import explanation_summary
from leadline.explain.gallery import gallery_summary
from leadline.report.page_content import RunPage, StudyPage
from leadline.report.words.equations import loss_formula, optimizer_formula

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic.json_schema import JsonSchemaValue

    from leadline.report.sections.audit_view import AuditView

VERSION = "2.0"
"""The second number grows where keys are added, the first where a reader has to be changed."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAYBE_INFINITE = ("EpochRow", "Number", "EvaluationRecord", "SeedVariation", "CurvePoints")
"""Values whose numbers may be infinite or NaN: null in JSON."""


@dataclass(frozen=True)
class Schema:
    """The schema that a file follows: docs/report.schema.json of that version."""

    name: Literal["study", "run"]
    version: str = VERSION


@dataclass(frozen=True, kw_only=True)
class StudyFile(StudySummary):
    """`report.json` in a study's folder: everything that the study's page shows."""

    schema: Schema


@dataclass(frozen=True, kw_only=True)
class RunFile(RunSummary):
    """`report.json` in a run's folder: everything that the run's page shows."""

    schema: Schema


def run_summary(page: RunPage) -> RunSummary:
    """Summarize everything that a run's page shows."""
    training = page.experiment.training
    equations = optimizer_formula(training.optimizer).text, loss_formula(training).text
    explanations, gallery, ood = page.explanations, page.gallery, page.ood
    return summarize_run(
        page,
        equations=equations,
        explanation=None
        if explanations is None
        else explanation_summary(explanations, page.classes),
        gallery=None if gallery is None else gallery_summary(gallery, page.classes),
        ood=None if ood is None else ood.record,
    )


def study_summary(page: StudyPage, folders: Sequence[str]) -> StudySummary:
    """Summarize everything that a study's page shows.

    folders: of its runs, in their order, below the folder of the study.
    """
    return summarize_study(
        page,
        [run_summary(run) for run in page.runs],
        folders,
        audit=None if page.audit is None else _audit(page.audit),
    )


def run_json(page: RunPage) -> dict[str, Any]:
    """The content of a run's `report.json`."""
    return {"schema": plain(Schema("run")), **plain(run_summary(page))}


def study_json(page: StudyPage, folders: Sequence[str]) -> dict[str, Any]:
    """The content of a study's `report.json`; folders as `study_summary` takes them."""
    return {"schema": plain(Schema("study")), **plain(study_summary(page, folders))}


def plain(value: Any) -> dict[str, Any]:
    """A dataclass as JSON has it: what is not finite becomes null."""
    adapter = _adapter(cast("Hashable", type(value)))
    table: dict[str, Any] = json.loads(adapter.dump_json(value, warnings="none"))
    return table


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(cast("type[Any]", kind))


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
    for name in ("study", "run"):
        own = made["$defs"][f"{name.capitalize()}File"]["properties"]
        own["schema"] = {"properties": {"name": {"const": name}}, "$ref": "#/$defs/Schema"}
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
            for item in inner:
                if isinstance(item, dict):
                    _tidy(item, may_be_infinite=may_be_infinite)
    if may_be_infinite and shape.get("type") == "number":
        shape["type"] = ["number", "null"]


def _audit(audit: AuditView) -> AuditFacts:
    return AuditFacts(
        images={split: dict(counts) for split, counts in audit.splits.items()},
        findings=tuple(
            AuditFinding(
                kind=kind.kind,
                severity=one.severity,
                splits=one.finding.splits,
                count=one.finding.count,
                details=dict(one.finding.details),
            )
            for kind in audit.kinds
            for one in kind.findings
        ),
        probe=audit.probe,
        notes=audit.audit.notes,
    )
