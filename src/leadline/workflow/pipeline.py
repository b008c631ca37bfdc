"""From an experiment to a finished run, and from a study to its report: the file to read first.

images and split -> features and model -> training -> answers -> measures -> folder -> page
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from leadline import runs
from leadline.analysis.failed_runs import FailedRun
from leadline.analysis.significance.comparison import MARGIN, Comparison, check_margin
from leadline.analysis.significance.guessing import Guessing
from leadline.data.dataset import Dataset
from leadline.errors import Diverged, RunError, SpecError, StorageError
from leadline.experiments import (
    Experiment,
    Study,
    load_experiment,
    load_study,
    quick_name,
)
from leadline.explain.example_images import confused_examples
from leadline.explain.gallery import gallery, gallery_arrays
from leadline.export import Metadata, write_with_score
from leadline.export.parity import CHECKED_IMAGES
from leadline.metrics.classification import evaluate
from leadline.metrics.estimates import Detection
from leadline.models.build import build_model
from leadline.models.built_model import BuiltModel
from leadline.models.keras_saving import save_keras
from leadline.models.keras_setup import with_standard_keras
from leadline.models.library_messages import in_one_line
from leadline.models.weight_table import layer_table
from leadline.report.model_card import model_card, where_from
from leadline.report.page_content import StudyPage
from leadline.report.plots.figure_fonts import FontUse
from leadline.report.plots.installed_fonts import missing_letters_text
from leadline.report.translations.language import SOURCE_LANGUAGE, check_language, speaking
from leadline.runs import Metrics, Run
from leadline.system.durable_files import storage_fault
from leadline.system.threads import torch_threads, training_threads
from leadline.training.history import EpochRow
from leadline.training.loop import Fitted, fit
from leadline.workflow.events import (
    EpochDone,
    Noted,
    RunDone,
    Stage,
    StudyProgress,
    Warned,
    Watcher,
)
from leadline.workflow.events import ignore as nobody
from leadline.workflow.job import Job, environment, with_threads_so_far
from leadline.workflow.label_error_search import write_shared_suspects, write_suspects
from leadline.workflow.model_packaging import Scoped, describe_artefact, scoped
from leadline.workflow.output_files import (
    PAGE,
    write_run_files,
    write_run_page,
    write_study_files,
    write_study_page,
)
from leadline.workflow.preparation import prepare_all
from leadline.workflow.report_data import run_page, study_page
from leadline.workflow.reuse import place_for, reusable
from leadline.workflow.run_comparison import compare_runs, guessing_of
from leadline.workflow.run_diagnosis import diagnosed, guessed
from leadline.workflow.run_evaluation import Judged, check_decision, judge
from leadline.workflow.run_explanation import explained
from leadline.workflow.run_timing import timed, timed_together
from leadline.workflow.study_audit import audit_once

if TYPE_CHECKING:
    import keras
    import numpy as np
    from numpy.typing import NDArray

SCORE_LEFT_OUT_WARNING = (
    "model.onnx was written without the out-of-scope score, because ONNX Runtime and NumPy compute "
    "different scores for these images. The probabilities agree."
)
LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class Plan:
    """What is to be trained and where: a study, its seeds, and a place for each experiment."""

    study: Study
    seeds: int
    folder: Path
    places: tuple[Path, ...]
    margin: float
    language: str


@dataclass(frozen=True, repr=False)
class StudyResult:
    """A finished study: its folder, its page, and its runs in the study's order.

    guessing: each experiment over its seeds against guessing, by its name; empty of quick trials.
    failed: the runs that diverged, which are not among the others.
    """

    study: Study
    folder: Path
    report: Path
    runs: tuple[Run, ...]
    guessing: Mapping[str, Guessing]
    failed: tuple[FailedRun, ...] = ()

    def __repr__(self) -> str:
        names = ", ".join(dict.fromkeys(run.experiment.name for run in self.runs))
        count = f"{len(self.runs)} run{'s' * (len(self.runs) > 1)}"
        failed = f", {len(self.failed)} failed" * bool(self.failed)
        return f"StudyResult({self.study.name!r}, {count} of {names}{failed}, {str(self.report)!r})"


@with_standard_keras
def run(  # noqa: PLR0913 - one call names every option of `leadline train`
    experiment: Experiment | str | Path,
    *,
    seed: int = 0,
    quick: bool = False,
    data: str | Path | Dataset | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    language: str = SOURCE_LANGUAGE,
    on_event: Watcher = nobody,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> Run:
    """Train one experiment with one seed, and write its run folder.

    experiment: a built-in name, a TOML file, or an `Experiment`. quick: few images and epochs, to
    see whether all works; the experiment's name then ends in -quick. data: a folder or file of
    images instead of the experiment's own source. out: the run folder,
    `runs/<experiment>/seed-<seed>` unless given. resume: go on from the checkpoint of an
    interrupted attempt. language: of the page, "en" or "fr". A finished run of the same experiment,
    seed and images is returned as it is. Raises RunError when the folder holds something else.
    """
    check_language(language)
    if not 0 <= seed <= LARGEST_SEED:
        raise SpecError(f"seed = {seed}; give 0 to {LARGEST_SEED:,}.")
    experiment = _named(experiment, quick=quick)
    folder = runs.run_folder(out) if out else runs.RUNS / experiment.name / f"seed-{seed}"
    runs.require_utf8(folder)
    runs.require_free(folder)
    chosen = training_threads()
    [(experiment, prepared)] = prepare_all([experiment], data, on_event, quick=quick)
    job = Job(experiment, seed, folder, prepared, chosen, language)
    return _train(job, on_event, resume, callbacks)


def _named(experiment: Experiment | str | Path, *, quick: bool) -> Experiment:
    """The experiment, under a name that says so where it is to be a quick trial."""
    found = experiment if isinstance(experiment, Experiment) else load_experiment(experiment)
    if not quick:
        return found
    return found.model_copy(update={"name": quick_name(found.name)})


@with_standard_keras
def repeat(
    experiment: Experiment | str | Path,
    *,
    seeds: int,
    quick: bool = False,
    data: str | Path | Dataset | None = None,
    out: str | Path | None = None,
    language: str = SOURCE_LANGUAGE,
    on_event: Watcher = nobody,
) -> StudyResult:
    """Train one experiment with seeds 0 to `seeds` - 1, then write a page on all of them.

    quick: as in `run`. out: the folder of the runs `seed-<n>` and of their page,
    `runs/<experiment>` unless given. Otherwise as `study`, of which this is the one with a single
    experiment.
    """
    experiment = _named(experiment, quick=quick)
    alone = Study(
        name=experiment.name,
        title=experiment.title,
        description=experiment.description,
        experiments=(experiment,),
    )
    folder = Path(out) if out else runs.RUNS / experiment.name
    plan = Plan(alone, _several(seeds), folder, (folder,), MARGIN, check_language(language))
    return _carry_out(plan, data, on_event, quick=quick)


@with_standard_keras
def study(
    study: Study | str | Path,
    *,
    seeds: int | None = None,
    quick: bool = False,
    data: str | Path | Dataset | None = None,
    out: str | Path | None = None,
    margin: float = MARGIN,
    language: str = SOURCE_LANGUAGE,
    on_event: Watcher = nobody,
) -> StudyResult:
    """Train all experiments of a study, with seeds 0 to `seeds` - 1, then write its report.

    study: a built-in name, a TOML file, or a `Study`. quick: few images and epochs, to see whether
    all works. out: the study's folder, `runs/<study>` unless given. margin: a difference smaller
    than this, 0 to 1, is negligible. language: of the pages, "en" or "fr". Runs already there are
    reused, interrupted ones are continued. Raises SpecError for fewer seeds than 1, and for
    experiments that would be tested on different images; DataError for a margin that is none. A run
    that diverges does not stop the others; Diverged is raised where all of them do.
    """
    seeds = None if seeds is None else _several(seeds)
    check_margin(margin)
    study = study if isinstance(study, Study) else load_study(study)
    if quick:
        study = study.model_copy(update={"name": quick_name(study.name), "seeds": 1})
    folder = Path(out) if out else runs.RUNS / study.name
    places = tuple(folder / member.name for member in study.experiments)
    plan = Plan(study, seeds or study.seeds, folder, places, margin, check_language(language))
    return _carry_out(plan, data, on_event, quick=quick)


def _several(seeds: int) -> int:
    if seeds < 1:
        raise SpecError(f"seeds = {seeds}; give 1 or more.")
    return seeds


def _carry_out(
    plan: Plan, data: str | Path | Dataset | None, on_event: Watcher, *, quick: bool
) -> StudyResult:
    """Train a study's experiments, each in its place, and write the page on them."""
    folder = plan.folder
    runs.require_utf8(folder)
    runs.require_same_study(folder, plan.study)
    for place in plan.places:
        for seed in range(plan.seeds):
            runs.require_free(place / f"seed-{seed}")
    members = prepare_all(plan.study.experiments, data, on_event, quick=quick)
    study = plan.study.model_copy(update={"experiments": tuple(one for one, _ in members)})
    images = members[0][1]
    for member, prepared in members:
        check_decision(member, prepared.split)
    threads = training_threads()
    jobs = [
        Job(member, seed, place / f"seed-{seed}", prepared, threads, plan.language)
        for (member, prepared), place in zip(members, plan.places, strict=True)
        for seed in range(plan.seeds)
    ]
    jobs = with_threads_so_far(jobs)  # refuses what it must before anything is written
    runs.write_plan(folder, [job.folder.relative_to(folder).as_posix() for job in jobs])
    audit_once(study, images, folder, on_event)
    trained, failed = _train_each(jobs, on_event)
    done = [one for _, one in trained]
    comparison = _compared(done, plan.margin, on_event)
    timings = timed_together((one, _tested(job)) for job, one in trained)
    write_shared_suspects(folder, done, images.split.test.images)
    audit, labels = runs.read_audit(folder), runs.read_label_errors(folder, done[0].metrics.test.n)
    page = study_page(
        study, done, audit, comparison, timings, labels,
        guessing=guessing_of(done), failed=failed,
    )  # fmt: skip
    runs.write_timings(folder, timings)
    with speaking(plan.language):
        write_study_page(folder, page, done)
    runs.remove_plan(folder)
    return StudyResult(study, folder, folder / PAGE, tuple(done), page.guessing, failed)


def _train_each(
    jobs: Sequence[Job], on_event: Watcher
) -> tuple[list[tuple[Job, Run]], tuple[FailedRun, ...]]:
    """Train the jobs of a study: those that finished with their runs, and those that diverged.

    Raises Diverged, of the first, where every job diverged.
    """
    trained: list[tuple[Job, Run]] = []
    failed: list[FailedRun] = []
    first: Diverged | None = None
    for position, job in enumerate(jobs, start=1):
        on_event(StudyProgress(position, len(jobs), job.name))
        try:
            trained.append((job, _train(job, on_event, resume=True)))
        except Diverged as error:
            if len(jobs) == 1:
                raise
            first = first or error
            # Its checkpoint leads to the same loss; without it the next attempt starts fresh.
            runs.discard(job.folder)
            failed.append(
                FailedRun(job.experiment.name, job.seed, "diverged", error.epoch, str(error))
            )
            on_event(Warned(f"{job.name}: {error}"))
    if not trained and first is not None:
        raise first
    return trained, tuple(failed)


def _compared(done: Sequence[Run], margin: float, on_event: Watcher) -> Comparison | None:
    """Every pair of a study; where it cannot be, the study stands, and says why there is none."""
    try:
        return compare_runs(done, margin=margin)
    except RunError as error:
        on_event(Warned(f"the experiments are not compared: {error}"))
        return None


def report(
    folder: Path,
    output: Path | None = None,
    *,
    language: str = SOURCE_LANGUAGE,
    files: bool = False,
    on_event: Watcher = nobody,
) -> Path:
    """Write the page of a run folder, or of a study's folder, again; returns where it lies.

    output: report.html in the folder unless given; then report.json beside it is written as well.
    language: "en" or "fr". files: tables and figures too, in `tables` and `figures` beside it.
    on_event: gets the fonts used for letters that DejaVu Sans lacks, and a warning about letters
    that no font of this machine has.
    """
    beside = output.parent if output else folder
    with speaking(language):
        if runs.finished(folder):
            alone = run_page(runs.load_run(folder))
            if files:
                _report_fonts(write_run_files(beside, alone), on_event)
            return write_run_page(folder, alone, output)
        page, done = study_content(folder)
        if files:
            _report_fonts(write_study_files(beside, page), on_event)
        return write_study_page(folder, page, done, output)


def _report_fonts(fonts: FontUse, on_event: Watcher) -> None:
    """Say which fonts of this machine figures have, and which letters they lack."""
    if fonts.families:
        names = ", ".join(sorted(fonts.families))
        on_event(
            Noted(
                "PNG and PDF figures use another installed font for characters missing from "
                f"DejaVu Sans: {names}."
            )
        )
    if fonts.lacking:
        characters = missing_letters_text(fonts.lacking)
        on_event(
            Warned(
                "Characters shown as boxes in PNG and PDF figures, because no installed font has "
                f"them: {characters}"
            )
        )


def study_content(folder: Path) -> tuple[StudyPage, tuple[Run, ...]]:
    """The content of a study's page, and its runs; RunError where the folder is damaged."""
    study, done = runs.load_study(folder)
    comparison = _compared(done, runs.study_margin(folder), nobody)
    audit, timings = runs.read_audit(folder), runs.read_timings(folder)
    labels = runs.read_label_errors(folder, done[0].metrics.test.n)
    guessing = guessing_of(done)
    page = study_page(
        study, done, audit, comparison, timings, labels,
        guessing=guessing, failed=runs.study_failures(folder),
    )  # fmt: skip
    return page, done


def _train(
    job: Job,
    on_event: Watcher,
    resume: bool,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> Run:
    """Train a job and write its folder, unless that is done already."""
    if (there := reusable(job, on_event)) is not None:
        on_event(_run_done(job, there, reused=True))
        return there
    runs.require_free(job.folder)
    (job,) = with_threads_so_far([job]) if resume else [job]
    with torch_threads(job.threads.count):
        return _train_free(job, on_event, resume, callbacks)


def _train_free(
    job: Job,
    on_event: Watcher,
    resume: bool,
    callbacks: Sequence[keras.callbacks.Callback],
) -> Run:
    """Train a job whose folder is free."""
    started = time.perf_counter()
    split, training = job.prepared.split, job.experiment.training
    on_event(Stage(job.name, "building the model"))
    image_shape = split.train.images.pixels.shape[1:]
    check_decision(job.experiment, split)
    built = build_model(job.experiment, image_shape, len(split.classes), seed=job.seed)
    with (
        place_for(job, resume, on_event) as place,
        runs.followed(place, job.experiment.name, job.seed, training.epochs) as follower,
    ):
        on_event(Stage(job.name, "training"))

        def epoch_done(row: EpochRow) -> None:
            follower.epoch_done(row.epoch, row.validation_accuracy)
            on_event(EpochDone(job.name, row, training.epochs))

        fitted = fit(
            built,
            split,
            training,
            seed=job.seed,
            on_epoch=epoch_done,
            callbacks=callbacks,
            checkpoint=place / runs.CHECKPOINT,
            resume=resume,
        )
        follower.step("judging")
        on_event(Stage(job.name, "judging it on the test images"))
        _write(place, job, built, fitted, started, on_event)
        with speaking(job.language):
            write_run_page(place, run_page(runs.load_unchecked(place)))
    done = runs.load_run(job.folder)
    on_event(_run_done(job, done, reused=False))
    return done


def _write(
    place: Path, job: Job, trained: BuiltModel, fitted: Fitted, started: float, on_event: Watcher
) -> None:
    """Judge the trained model and write everything about it."""
    split = job.prepared.split
    found = judge(job.experiment, split, trained)
    built, test = found.built, found.predictions["test"]
    judged = {
        part: evaluate(said.probabilities, said.labels, split.classes)
        for part, said in found.predictions.items()
    }
    scope, record = scoped(split), job.prepared.record
    versions, guessing = environment(job), guessed(split, found)
    measured = Metrics(
        seed=job.seed,
        fitted=fitted,
        classes=split.classes,
        layers=layer_table(built.model),
        dead_layers=built.dead_layers,
        test=judged["test"],
        validation=judged.get("validation"),
        artefact="",
        total_s=fitted.wall_s,
        decided=found.decided,
        test_detail=found.details["test"],
        validation_detail=found.details.get("validation"),
        scope=scope.record,
        guessing=guessing,
        diagnosis=diagnosed(job.experiment, split, found, fitted, guessing),
    )

    def described(metrics: Metrics) -> Metadata:
        return describe_artefact(
            job.experiment,
            split,
            metrics,
            dataset=record["dataset"],
            source=where_from(job.experiment, record),
            versions=versions,
            card=model_card(job.experiment, metrics, record),
        )

    abouts = described(measured), described(replace(measured, scope=None))
    artefact, code = _artefact(place, job, found, scope, abouts, on_event)
    save_keras(built.model, place / "model.keras")
    # A quick trial shows that everything works; maps of a hardly trained model would mislead.
    quick = job.experiment.quick
    explanations = None if quick else explained(found, split, job.name, on_event)
    if explanations is not None:
        runs.write_explanations(place, explanations)
    metrics = replace(
        measured,
        artefact=artefact,
        artefact_code=code,
        # What was trained before an interruption is in fitted.wall_s alone.
        total_s=max(time.perf_counter() - started, fitted.wall_s),
        timing=timed(place, artefact, _tested(job)),
    )
    predictions = {
        part: replace(said, scope=scope.scores[part]) for part, said in found.predictions.items()
    }
    runs.write_run(place, job.experiment, metrics, record, versions, predictions)
    runs.write_scope(place, scope.scope, scope.examples)
    examples = confused_examples(judged["test"], split.test.images, test.probabilities)
    telling = gallery_arrays(gallery(test.probabilities, split.test.images))
    runs.write_examples(place, {**examples, **telling})
    write_suspects(place, test, split.classes, split.test.images, guessing)
    runs.write_text(place / "card.md", model_card(job.experiment, measured, record))


def _artefact(
    place: Path,
    job: Job,
    judged: Judged,
    scope: Scoped,
    abouts: tuple[Metadata, Metadata],
    on_event: Watcher,
) -> tuple[str, str]:
    """Write the ONNX file: its name, or why there is none, and the code of what it lacks.

    abouts: metadata with the out-of-scope score, and without.
    """
    test = judged.predictions["test"]
    some = slice(0, CHECKED_IMAGES)
    images = _tested(job)[some]
    expected, path = test.probabilities[some], place / runs.ARTEFACT
    try:
        written = write_with_score(
            judged.built.model, path, images, expected, abouts[0],
            scope=scope.scope, unscored=abouts[1],
        )  # fmt: skip
    except Exception as error:  # a user's own layers may fail to export in any way
        if isinstance(error, StorageError) or storage_fault(error) is not None:
            raise  # a full disk is no fault of the model's, which would lack its file for good
        reason = f"no ONNX file: {type(error).__name__}: {in_one_line(error)}"
        on_event(Warned(f"{job.name}: {reason}"))
        return reason, ""
    if written.code:
        on_event(Warned(f"{job.name}: {SCORE_LEFT_OUT_WARNING}"))
    return runs.ARTEFACT, written.code


def _tested(job: Job) -> NDArray[np.uint8]:
    """The test images, uint8 (n, height, width, channels)."""
    return job.prepared.split.test.images.pixels


def _run_done(job: Job, done: Run, *, reused: bool) -> RunDone:
    metrics = done.metrics
    detail = metrics.test_detail
    return RunDone(
        job.name,
        done.folder,
        metrics.test.accuracy,
        metrics.test.loss,
        reused,
        detail if isinstance(detail, Detection) else None,
        "given" if metrics.decided is None else metrics.decided.chosen_by,
        None if job.experiment.quick else metrics.diagnosis,
        None if job.experiment.quick else metrics.guessing,
    )
