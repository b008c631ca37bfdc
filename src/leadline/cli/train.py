"""`leadline train`: one experiment, one seed, one run folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadline.cli import built_in_names, console, extras
from leadline.cli.options import Data, ExperimentName, Json, Language, Out, Quick, Set, Threads
from leadline.cli.progress_bars import watching
from leadline.cli.seed_text import accuracy_variation, failed_lines, guessing_lines, spread_line
from leadline.errors import SpecError

if TYPE_CHECKING:
    from leadline.analysis.failed_runs import FailedRun
    from leadline.analysis.significance.guessing import Guessing
    from leadline.runs import Run

MAX_SEED = 2**63 - 1
"""torch's generators take no larger one."""


def command(
    name: ExperimentName,
    settings: Set = None,
    seed: Annotated[int, typer.Option("--seed", min=0, max=MAX_SEED, help="Random seed.")] = 0,
    seeds: Annotated[
        int | None,
        typer.Option(
            "--seeds", min=1, help="Train with seeds 0 to N - 1 and report the variation."
        ),
    ] = None,
    data: Data = None,
    out: Out = None,
    *,
    quick: Quick = False,
    resume: Annotated[
        bool,
        typer.Option("--resume", metavar="", help="Resume an interrupted run."),
    ] = False,
    _threads: Threads = None,
    json: Json = False,
    language: Language = "en",
) -> None:
    """Train one model and write its run folder and report."""
    from leadline.experiments import limits_of, load_experiment

    built_in_names.check_room(name, "experiments")
    if seeds is not None and (seed or resume):
        raise SpecError(
            f"--seeds {seeds} trains seeds 0 to {seeds - 1} and resumes interrupted runs by "
            f"itself; omit --seed and --resume."
        )
    experiment = load_experiment(name, settings or [])
    extras.require("train")
    place: dict[str, Any] = {"quick": quick, "data": data, "out": out, "language": language}
    with watching() as watch:
        # Inside, for loading Keras and torch takes seconds in which the screen should not be dead.
        from leadline.workflow import run_training, study_training

        if seeds is None:
            one = run_training.run(experiment, seed=seed, resume=resume, on_event=watch, **place)
            done, report, over_seeds = [one], one.report, None
            failed: Sequence[FailedRun] = ()
        else:
            several = study_training.repeat(experiment, seeds=seeds, on_event=watch, **place)
            done, report, failed = list(several.runs), several.report, several.failed
            over_seeds = several.guessing.get(experiment.name)
    console.limits(limits_of(experiment, done[0].split["dataset"]))
    if seeds is not None:
        console.people().print(spread_line(done), soft_wrap=True)
        for line in (*failed_lines(done, failed), *guessing_lines(done, over_seeds)):
            console.limits(line)
    if json:
        one_seed = seeds is None
        console.machine(
            _record(done[0]) if one_seed else _several(done, report, over_seeds, failed)
        )
    else:
        console.where("report", report)


def _record(done: Run) -> dict[str, Any]:
    """Return what --json prints: the folder, the limits, and all of metrics.json."""
    from leadline.experiments import limits_of
    from leadline.runs import metrics_record

    return {
        "experiment": done.experiment.name,
        "folder": str(done.folder),
        "report": str(done.report),
        "limits": limits_of(done.experiment, done.split["dataset"]),
        **metrics_record(done),
    }


def _several(
    done: Sequence[Run], report: Path, over_seeds: Guessing | None, failed: Sequence[FailedRun]
) -> dict[str, Any]:
    """Return what --json prints for several seeds: variation, guessing, and each run."""
    from dataclasses import asdict

    return {
        "experiment": done[0].experiment.name,
        "report": str(report),
        "test_accuracy": asdict(accuracy_variation(done)),
        "guessing": None if over_seeds is None else asdict(over_seeds),
        "runs": [_record(run) for run in done],
        "failed": [{**asdict(one), "message": one.message} for one in failed],
    }
