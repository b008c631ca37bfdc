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
from leadline.report.plots.figure_export import SavedFigure, collect_figures
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


def write_study_page(
    folder: Path,
    page: StudyPage,
    done: Sequence[Run],
    output: Path | None = None,
    *,
    files: bool = False,
) -> tuple[Path, FontUse]:
    """Write a study's page, in the current language.

    Parameters
    ----------
    folder : Path
        Of the study.
    page : StudyPage
    done : sequence of Run
        The runs of the page, in its order.
    output : Path, optional
        Where the page is written; report.html in the folder unless given. Only there report.json is
        written too, and first, since it marks the folder as a study's.
    files : bool
        Write tables and figures too, into `tables` and `figures` beside the page. Tables are of all
        runs; figures, and LaTeX of single runs, of each experiment's first seed.

    Returns
    -------
    Path
        Of the page.
    FontUse
        Installed fonts that PNG and PDF use, and letters that none of them has.
    """
    if output is None:
        runs.write_study(folder, study_table(folder, page, done))
    output = output or folder / PAGE
    if not files:
        return _written(output, render_study(page)), FontUse()
    with speaking(SOURCE_LANGUAGE):
        tables = study_tables(study_summary(page, [""] * len(page.runs)))
    _write_tables(output.parent / TABLES, tables, study_latex(StudyView(page)))
    others = tuple(f"{run.uid}-" for row in page.rows for run in row.runs[1:])
    html, fonts = _with_figures(output.parent / FIGURES, lambda: render_study(page), others)
    return _written(output, html), fonts


def write_run_page(
    folder: Path, page: RunPage, output: Path | None = None, *, files: bool = False
) -> tuple[Path, FontUse]:
    """Write a run's page, as `write_study_page` does that of a study."""
    if output is None:
        runs.write_text(folder / runs.STUDY_RECORD, runs.dump_json(run_json(page)))
    output = output or folder / PAGE
    if not files:
        return _written(output, render_run(page)), FontUse()
    tables = run_tables([run_summary(page)])
    _write_tables(output.parent / TABLES, tables, run_latex(RunView(page)))
    html, fonts = _with_figures(output.parent / FIGURES, lambda: render_run(page), ())
    return _written(output, html), fonts


def write_questions(folder: Path, page: StudyPage, output: Path | None = None) -> Path:
    """Write the questions without their answers: questions.html in the folder unless given."""
    return _written(output or folder / QUESTIONS, render_questions(page))


def _write_tables(place: Path, tables: Iterable[Table], papers: Iterable[PaperTable]) -> None:
    runs.make_folder(place)
    for table in tables:
        runs.write_text(place / f"{table.name}.csv", marked(table.csv()))
    for paper in papers:
        runs.write_text(place / f"{paper.name}.tex", paper.latex())


def _with_figures(
    place: Path, render: Callable[[], str], others: tuple[str, ...]
) -> tuple[str, FontUse]:
    """Render a page and save its figures, except those for phones and those of other seeds."""
    runs.make_folder(place)
    drawn: list[SavedFigure] = []
    with collect_figures(drawn.append):
        html = render()
    fonts = FontUse()
    for figure in drawn:
        if not figure.uid.endswith(NARROW) and not figure.uid.startswith(others):
            for ending, content in figure.files().items():
                runs.write_bytes(place / f"{figure.uid}.{ending}", content)
            fonts = fonts.with_others(figure.fonts)
    return html, fonts


def _written(output: Path, page: str) -> Path:
    runs.make_folder(output.parent)
    runs.write_text(output, page)
    return output
