"""`leadline report`: the page of a finished run or study, again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leadline.cli import console, extras
from leadline.errors import StorageError


def command(
    folder: Annotated[
        Path, typer.Argument(metavar="RUN|STUDY", help="The folder of a run, or of a study.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Else report.html in the folder."),
    ] = None,
) -> None:
    """Write the report of a run or a study again."""
    extras.require("train")
    if output is not None and output.is_dir():
        raise StorageError(
            f"{output}: is a folder; name a file, as in -o {output / 'report.html'}."
        )
    if output is not None and output.suffix.lower() not in (".html", ".htm"):
        # A page must not take the place of a model.
        raise StorageError(f"{output}: a report is HTML; end its name in .html.")
    from leadline.pipeline import report

    console.where("report", report(folder, output))
