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

from leadline.report.record.json_values import plain
from leadline.report.record.record_schema import RUN, STUDY, Schema, json_schema
from leadline.report.record.run_record import RunRecord, run_record
from leadline.report.record.study_record import StudyRecord, study_record

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
