"""`leadline study`: several experiments on the same images, and the report that compares them."""

from __future__ import annotations

from typing import Annotated

import typer

from leadline.cli import console, extras
from leadline.cli.options import Data, Out, Set, StudyName
from leadline.cli.progress import watching


def command(
    name: StudyName,
    settings: Set = None,
    seeds: Annotated[
        int | None,
        typer.Option("--seeds", min=1, help="Runs of each experiment; else as the study says."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Two epochs on few images, to see whether all works.")
    ] = False,
    data: Data = None,
    out: Out = None,
) -> None:
    """Train every model of a study, compare them, and write the report."""
    from leadline.spec import load_study

    study = load_study(name, settings or [])
    extras.require("train")
    from leadline.pipeline import study as run_study

    with watching() as watch:
        done = run_study(study, seeds=seeds, quick=quick, data=data, out=out, on_event=watch)
    console.where("report", done.report)
