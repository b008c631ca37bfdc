"""docs/files.md names every key at the top of a record, and every file of tables."""

from pathlib import Path

import pytest
from tests.report.test_json_complete import of_areas, whole_study
from tests.report.two_classes import two_class_run

from leadline.report.csv_tables import run_tables, study_tables
from leadline.report.csv_tables.csv_run import TABLES
from leadline.report.json_report import VERSION, json_schema, run_summary, study_summary
from leadline.report.latex import study_latex
from leadline.report.sections.study_view import StudyView

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "files.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("shape", ["StudyFile", "RunFile"])
def test_every_key_is_documented(shape):
    keys = json_schema()["$defs"][shape]["properties"]
    assert [key for key in keys if f"`{key}`" not in PAGE] == []


def test_every_table_is_documented():
    found = set(TABLES)
    for page in (whole_study(), of_areas()):
        record = study_summary(page, ["r"] * len(page.runs))
        found |= {table.name for table in study_tables(record)}
    found |= {table.name for table in run_tables([run_summary(two_class_run())])}
    assert [name for name in sorted(found) if f"`{name}.csv`" not in PAGE] == []


def test_every_latex_table_is_documented():
    names = {
        one.name for page in (whole_study(), of_areas()) for one in study_latex(StudyView(page))
    }
    shown = {"classes-…" if name.startswith("classes-") else name for name in names}
    shown = {"layers-…" if name.startswith("layers-") else name for name in shown}
    assert [name for name in shown if f"`{name}`" not in PAGE] == []


def test_the_version_has_two_numbers():
    first, second = VERSION.split(".")
    assert int(first) >= 1
    assert int(second) >= 0
