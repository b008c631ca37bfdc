"""`leadline report`: the page of a finished run or study, again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leadline.cli import console, extras
from leadline.cli.options import Language, page_file


def command(
    folder: Annotated[
        Path, typer.Argument(metavar="RUN|STUDY", help="The folder of a run, or of a study.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Else report.html in the folder."),
    ] = None,
    language: Language = "en",
) -> None:
    """Write the report of a run or a study again."""
    extras.require("train")
    output = page_file(output)
    from leadline.pipeline import report

    console.where("report", report(folder, output, language=language))
