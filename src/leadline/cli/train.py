"""`leadline train`: one experiment, one seed, one run folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadline.cli import catalogue, console, extras
from leadline.cli.options import Data, ExperimentName, Json, Out, Set
from leadline.cli.progress import watching

if TYPE_CHECKING:
    from leadline.runs import Run

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
    *,
    json: Json = False,
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
    console.limits(limits_of(experiment, done.split["dataset"]))
    if json:
        console.machine(_record(done))
    else:
        console.where("report", done.report)


def _record(done: Run) -> dict[str, Any]:
    """What --json prints: where the run lies, its limits, and all that metrics.json holds."""
    from leadline.runs import metrics_record
    from leadline.spec import limits_of

    return {
        "experiment": done.experiment.name,
        "folder": str(done.folder),
        "report": str(done.report),
        "limits": limits_of(done.experiment, done.split["dataset"]),
        **metrics_record(done),
    }
