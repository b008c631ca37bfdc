"""From an experiment to a finished run: the file to read first.

images and split -> features and model -> training -> predictions -> metrics -> folder -> page
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from leadline import runs
from leadline.data.dataset import Dataset
from leadline.errors import SpecError, StorageError
from leadline.experiments import (
    Experiment,
    load_experiment,
    quick_name,
)
from leadline.explain.example_images import confused_examples
from leadline.explain.gallery import gallery, gallery_arrays
from leadline.export import Metadata, write_with_score
from leadline.export.parity import CHECKED_IMAGES
from leadline.metrics.classification import evaluate
from leadline.metrics.estimates import BinaryMetrics
from leadline.models.build import build_model
from leadline.models.built_model import BuiltModel
from leadline.models.keras_saving import save_keras
from leadline.models.keras_setup import with_standard_keras
from leadline.models.library_messages import in_one_line
from leadline.models.weight_table import layer_table
from leadline.report.model_card import model_card, where_from
from leadline.report.translations.language import SOURCE_LANGUAGE, check_language, speaking
from leadline.runs import Metrics, Run
from leadline.system.durable_files import storage_fault
from leadline.system.threads import torch_threads, training_threads
from leadline.training.history import EpochRow
from leadline.training.loop import Fitted, fit
from leadline.workflow.events import (
    EpochDone,
    RunDone,
    Stage,
    WarningMessage,
    Watcher,
)
from leadline.workflow.events import ignore as nobody
from leadline.workflow.job import Job, environment, with_threads_so_far
from leadline.workflow.model_packaging import OODResult, describe_model_file, fit_and_score
from leadline.workflow.output_files import (
    write_run_page,
)
from leadline.workflow.preparation import prepare_all
from leadline.workflow.report_data import run_page
from leadline.workflow.reuse import place_for, reusable
from leadline.workflow.run_comparison import (
    write_suspects,
)
from leadline.workflow.run_evaluation import (
    EvaluatedModel,
    check_decision,
    diagnosed,
    explained,
    guessed,
    judge,
    timed,
)

if TYPE_CHECKING:
    import keras
    import numpy as np
    from numpy.typing import NDArray

SCORE_LEFT_OUT_WARNING = (
    "model.onnx was written without the out-of-distribution score, because ONNX Runtime and NumPy "
    "compute "
    "different scores for these images. The probabilities agree."
)
LARGEST_SEED = 2**63 - 1


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
    experiment = named_experiment(experiment, quick=quick)
    folder = runs.run_folder(out) if out else runs.RUNS / experiment.name / f"seed-{seed}"
    runs.require_utf8(folder)
    runs.require_free(folder)
    chosen = training_threads()
    [(experiment, prepared)] = prepare_all([experiment], data, on_event, quick=quick)
    job = Job(experiment, seed, folder, prepared, chosen, language)
    return train_job(job, on_event, resume, callbacks)


def named_experiment(experiment: Experiment | str | Path, *, quick: bool) -> Experiment:
    """Return the experiment, renamed if it is a quick trial."""
    found = experiment if isinstance(experiment, Experiment) else load_experiment(experiment)
    if not quick:
        return found
    return found.model_copy(update={"name": quick_name(found.name)})


def train_job(
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
        on_event(Stage(job.name, "evaluating on the test images"))
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
    ood, record = fit_and_score(split), job.prepared.record
    versions, guessing = environment(job), guessed(split, found)
    measured = Metrics(
        seed=job.seed,
        fitted=fitted,
        classes=split.classes,
        layers=layer_table(built.model),
        unused_layers=built.unused_layers,
        test=judged["test"],
        validation=judged.get("validation"),
        model_file="",
        total_s=fitted.wall_s,
        decided=found.decided,
        test_detail=found.details["test"],
        validation_detail=found.details.get("validation"),
        ood=ood.record,
        guessing=guessing,
        diagnosis=diagnosed(job.experiment, split, found, fitted, guessing),
    )

    def described(metrics: Metrics) -> Metadata:
        return describe_model_file(
            job.experiment,
            split,
            metrics,
            dataset=record["dataset"],
            source=where_from(job.experiment, record),
            versions=versions,
            card=model_card(job.experiment, metrics, record),
        )

    abouts = described(measured), described(replace(measured, ood=None))
    model_file, code = _model_file(place, job, found, ood, abouts, on_event)
    save_keras(built.model, place / "model.keras")
    # A quick trial shows that everything works; maps of a hardly trained model would mislead.
    quick = job.experiment.quick
    explanations = None if quick else explained(found, split, job.name, on_event)
    if explanations is not None:
        runs.write_explanations(place, explanations)
    metrics = replace(
        measured,
        model_file=model_file,
        model_file_code=code,
        # What was trained before an interruption is in fitted.wall_s alone.
        total_s=max(time.perf_counter() - started, fitted.wall_s),
        timing=timed(place, model_file, test_pixels(job)),
    )
    predictions = {
        part: replace(said, ood_scores=ood.scores[part]) for part, said in found.predictions.items()
    }
    runs.write_run(place, job.experiment, metrics, record, versions, predictions)
    runs.write_ood_score(place, ood.score, ood.examples)
    examples = confused_examples(judged["test"], split.test.images, test.probabilities)
    telling = gallery_arrays(gallery(test.probabilities, split.test.images))
    runs.write_examples(place, {**examples, **telling})
    write_suspects(place, test, split.classes, split.test.images, guessing)
    runs.write_text(place / "card.md", model_card(job.experiment, measured, record))


def _model_file(
    place: Path,
    job: Job,
    judged: EvaluatedModel,
    ood: OODResult,
    abouts: tuple[Metadata, Metadata],
    on_event: Watcher,
) -> tuple[str, str]:
    """Write the ONNX file: its name, or why there is none, and the code of what it lacks.

    abouts: metadata with the out-of-distribution score, and without.
    """
    test = judged.predictions["test"]
    some = slice(0, CHECKED_IMAGES)
    images = test_pixels(job)[some]
    expected, path = test.probabilities[some], place / runs.MODEL_FILE
    try:
        written = write_with_score(
            judged.built.model, path, images, expected, abouts[0],
            ood_score=ood.score, unscored=abouts[1],
        )  # fmt: skip
    except Exception as error:  # a user's own layers may fail to export in any way
        if isinstance(error, StorageError) or storage_fault(error) is not None:
            raise  # disk full: else the run would be finished without its ONNX file
        reason = f"no ONNX file: {type(error).__name__}: {in_one_line(error)}"
        on_event(WarningMessage(f"{job.name}: {reason}"))
        return reason, ""
    if written.code:
        on_event(WarningMessage(f"{job.name}: {SCORE_LEFT_OUT_WARNING}"))
    return runs.MODEL_FILE, written.code


def test_pixels(job: Job) -> NDArray[np.uint8]:
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
        detail if isinstance(detail, BinaryMetrics) else None,
        "given" if metrics.decided is None else metrics.decided.chosen_by,
        None if job.experiment.quick else metrics.diagnosis,
        None if job.experiment.quick else metrics.guessing,
    )
