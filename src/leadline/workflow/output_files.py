"""Files that a run or study writes beside its page: record, tables, figures."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from leadline import runs
from leadline.report.csv_tables import Table, run_tables, study_tables
from leadline.report.html_pages import render_questions, render_run, render_study
from leadline.report.json_report import run_json, run_summary, study_json, study_summary
from leadline.report.latex import PaperTable, run_latex, study_latex
from leadline.report.page_content import RunPage, StudyPage
from leadline.report.plots.figure_export import Drawn, on_paper
from leadline.report.plots.installed_fonts import FontUse
from leadline.report.sections.run_view import RunView
from leadline.report.sections.study_view import StudyView
from leadline.report.translations.language import SOURCE_LANGUAGE, speaking
from leadline.runs import Run
from leadline.system.spreadsheet_csv import marked

PAGE, QUESTIONS = "report.html", "questions.html"
TABLES, FIGURES = "tables", "figures"
"""Folders beside the page."""
NARROW = "-narrow"
"""Suffix of figures that are drawn a second time for phones."""


def study_table(folder: Path, page: StudyPage, done: Sequence[Run]) -> dict[str, Any]:
    """What a study's report.json holds: all that its page shows. done: its runs, as on the page."""
    places = [os.path.relpath(run.folder, folder) for run in done]
    with speaking(SOURCE_LANGUAGE):  # a program reads the same whatever the page speaks
        return study_json(page, places)


def run_table(page: RunPage) -> dict[str, Any]:
    """What a run's report.json holds: all that its page shows."""
    with speaking(SOURCE_LANGUAGE):
        return run_json(page)


def write_study_page(
    folder: Path, page: StudyPage, done: Sequence[Run], output: Path | None = None
) -> Path:
    """Write a study's page, in the language that is spoken; returns where it lies.

    done: its runs, as on the page. output: elsewhere than report.html in the folder; only else
    report.json is written too, and first, for by it a folder is known to be a study's.
    """
    if output is None:
        runs.write_study(folder, study_table(folder, page, done))
    return _written(output or folder / PAGE, render_study(page))


def write_questions(folder: Path, page: StudyPage, output: Path | None = None) -> Path:
    """Write the questions without their answers: questions.html in the folder unless given."""
    return _written(output or folder / QUESTIONS, render_questions(page))


def write_run_page(folder: Path, page: RunPage, output: Path | None = None) -> Path:
    """Write a run's page, as `write_study_page` does that of a study."""
    if output is None:
        runs.write_text(folder / runs.STUDY_RECORD, runs.dump_json(run_table(page)))
    return _written(output or folder / PAGE, render_run(page))


def write_study_files(place: Path, page: StudyPage) -> FontUse:
    """Write a study's tables and figures into folders of a place, in the language spoken.

    Returns the fonts of this machine that PNG and PDF use, and the letters that none of them has.
    Tables are of all runs; figures, and LaTeX of single runs, of each experiment's first seed.
    """
    view = StudyView(page)
    with speaking(SOURCE_LANGUAGE):
        tables = study_tables(study_summary(page, [""] * len(page.runs)))
    _write_tables(place / TABLES, tables, study_latex(view))
    others = tuple(f"{run.uid}-" for row in page.rows for run in row.runs[1:])
    return _write_figures(place / FIGURES, lambda: render_study(page), others)


def write_run_files(place: Path, page: RunPage) -> FontUse:
    """Write a run's tables and figures, as `write_study_files` does those of a study."""
    view = RunView(page)
    _write_tables(place / TABLES, run_tables([run_summary(page)]), run_latex(view))
    return _write_figures(place / FIGURES, lambda: render_run(page), ())


def _write_tables(place: Path, tables: Iterable[Table], papers: Iterable[PaperTable]) -> None:
    runs.make_folder(place)
    for table in tables:
        runs.write_text(place / f"{table.name}.csv", marked(table.csv()))
    for paper in papers:
        runs.write_text(place / f"{paper.name}.tex", paper.latex())


def _write_figures(place: Path, draw: Callable[[], str], others: tuple[str, ...]) -> FontUse:
    """Write all figures of the page, except those for phones and those with these prefixes."""
    runs.make_folder(place)
    fonts = FontUse()

    def keep(drawn: Drawn) -> None:
        nonlocal fonts
        if not drawn.uid.endswith(NARROW) and not drawn.uid.startswith(others):
            for ending, content in drawn.files().items():
                runs.write_bytes(place / f"{drawn.uid}.{ending}", content)
            fonts = fonts.with_others(drawn.fonts)

    with on_paper(keep):
        draw()
    return fonts


def _written(output: Path, page: str) -> Path:
    runs.make_folder(output.parent)
    runs.write_text(output, page)
    return output
