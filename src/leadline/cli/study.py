"""`leadline study`: several experiments on the same images, and the report that compares them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from leadline.cli import built_in_names, console, extras
from leadline.cli.options import Data, Language, Margin, Out, Quick, Set, StudyName, Threads
from leadline.cli.progress_bars import watching
from leadline.cli.seed_text import failed_lines

if TYPE_CHECKING:
    from leadline.runs import Run


def command(
    name: StudyName,
    settings: Set = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            "--seeds", min=1, help="Runs per experiment; by default as the study specifies."
        ),
    ] = None,
    quick: Quick = False,
    data: Data = None,
    out: Out = None,
    *,
    margin: Margin = None,
    _threads: Threads = None,
    language: Language = "en",
) -> None:
    """Train the models of a study and compare them."""
    from leadline.experiments import limits_of, load_study

    built_in_names.check_room(name, "studies")
    study = load_study(name, settings or [])
    extras.require("train")
    with watching() as watch:
        # Inside, for loading Keras and torch takes seconds in which the screen should not be dead.
        from leadline.analysis.significance.comparison import MARGIN
        from leadline.report.words.guessing_words import none_shown
        from leadline.workflow.study_training import study as run_study

        done = run_study(
            study,
            seeds=seeds,
            quick=quick,
            data=data,
            out=out,
            margin=MARGIN if margin is None else margin,
            language=language,
            on_event=watch,
        )
    _say_positive(done.runs[0])
    limits = (limits_of(run.experiment, run.split["dataset"]) for run in done.runs)
    for said in dict.fromkeys(limits):
        console.limits(said)
    for line in failed_lines(done.runs, done.failed):
        console.limits(line)
    if done.study.quick:
        console.limits(
            "Smoke test passed. Its numbers do not describe the models; run the same command "
            "without --quick for results."
        )
    elif none_shown(done.guessing.values()):
        console.limits("None of the experiments is significantly better than guessing.")
    console.where("report", done.report)


def _say_positive(run: Run) -> None:
    """Print the positive class if the study's files do not set it."""
    from leadline.cli.binary_text import positive_text
    from leadline.metrics.estimates import BinaryMetrics
    from leadline.metrics.positive_class import ChosenBy

    decided, found = run.metrics.decided, run.metrics.test_detail
    if (
        isinstance(found, BinaryMetrics)
        and decided is not None
        and decided.chosen_by != ChosenBy.GIVEN
    ):
        text = positive_text(found.positive, found.negative, decided.chosen_by)
        console.people().print(console.one_line(text), soft_wrap=True)
