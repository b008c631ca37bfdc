"""`leadline train`: one experiment, one seed, one run folder."""

from __future__ import annotations

from typing import Annotated

import typer

from leadline.cli import catalogue, console, extras
from leadline.cli.options import Data, ExperimentName, Out, Set
from leadline.cli.progress import watching

MAX_SEED = 2**63 - 1
"""torch's generators take no larger one."""


def command(
    name: ExperimentName,
    settings: Set = None,
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=MAX_SEED, help="Decides everything random.")
    ] = 0,
    data: Data = None,
    out: Out = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", metavar="", help="Go on from where an interrupted run stopped."),
    ] = False,
) -> None:
    """Train one model, judge it, write its run folder and its report."""
    from leadline.spec import limits_of, load_experiment

    catalogue.check_room(name, "experiments")
    experiment = load_experiment(name, settings or [])
    extras.require("train")
    with watching() as watch:
        # Inside, for loading Keras and torch takes seconds in which the screen should not be dead.
        from leadline.pipeline import run

        done = run(experiment, seed=seed, data=data, out=out, resume=resume, on_event=watch)
    console.limits(limits_of(experiment))
    console.where("report", done.report)
