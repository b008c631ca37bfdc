"""What a page shows, as plain values for programs: `report.json`.

| module | holds |
|---|---|
| `run_parts` | the parts of a run's record |
| `of_run` | one run: data, layers, optimizer and loss, history, figures, confusions, checks |
| `of_study` | a study: its experiments over their seeds, the comparison, the audit, every run |
| `of_sections` | trade-offs, the seven questions, galleries, likely wrong labels |
| `plain` | these values as JSON has them |
| `schema` | the JSON Schema of both, with its version; docs/files.md has the rule of versions |

All are frozen dataclasses, made of the very views that the page is made of; numbers are raw.
"""

from leadline.report.record.of_run import RunRecord, run_record
from leadline.report.record.of_study import StudyRecord, study_record
from leadline.report.record.plain import plain
from leadline.report.record.schema import RUN, STUDY, Schema, json_schema

__all__ = [
    "RUN",
    "STUDY",
    "RunRecord",
    "Schema",
    "StudyRecord",
    "json_schema",
    "plain",
    "run_record",
    "study_record",
]
