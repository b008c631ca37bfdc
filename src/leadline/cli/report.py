"""`leadline report`: the page of a finished run or study, again, and files for others beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leadline.cli import console, extras
from leadline.cli.options import Language, page_file
from leadline.cli.progress_bars import Lines


def _schema(wanted: bool) -> None:
    if wanted:
        extras.require("train")
        from leadline.report.json_report import json_schema

        console.machine(json_schema())
        raise typer.Exit


def command(
    folder: Annotated[
        Path, typer.Argument(metavar="RUN|STUDY", help="The folder of a run, or of a study.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Output file; by default report.html in the folder.",
        ),
    ] = None,
    language: Language = "en",
    *,
    files: Annotated[
        bool,
        typer.Option(
            "--files",
            help="Also write tables (CSV, LaTeX) and figures (SVG, PNG, PDF) to folders beside it.",
        ),
    ] = False,
    questions: Annotated[
        bool,
        typer.Option(
            "--questions/",
            "--without-answers/",
            help="Write a hand-out instead: the seven questions without answers (questions.html).",
        ),
    ] = False,
    _schema_alone: Annotated[
        bool,
        typer.Option(
            "--schema",
            callback=_schema,
            is_eager=True,
            help="Print the JSON Schema of report.json and exit.",
        ),
    ] = False,
) -> None:
    """Rewrite the report of a run or a study."""
    extras.require("train")
    output = page_file(output)
    if questions:
        if files:
            raise typer.BadParameter("--files cannot be combined with --questions.")
        from leadline.workflow.report_writing import questions as write_questions

        console.where("questions", write_questions(folder, output, language=language))
        return
    from leadline.workflow.report_writing import report

    watch = Lines(console.people())
    written = report(folder, output, language=language, files=files, on_event=watch)
    console.where("report", written)
    if files:
        console.said("tables", written.parent / "tables")
        console.said("figures", written.parent / "figures")
