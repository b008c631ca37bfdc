"""A finished run's model as a file to be handed over, checked on the images it was tested on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from leadline import runs, zoo
from leadline.data.dataset import Split
from leadline.data.sources.source import origin_title
from leadline.errors import (
    DataError,
    LeadlineError,
    ModelFileError,
    RunError,
    SpecError,
    StorageError,
)
from leadline.export import Metadata, Written, write_with_score
from leadline.export.export_paths import SUFFIXES, Form, builder_of, check_place
from leadline.export.keras_export import write_keras
from leadline.export.parity import CHECKED_IMAGES
from leadline.models.keras_setup import with_standard_keras
from leadline.models.library_messages import in_one_line
from leadline.report.model_card import model_card, where_from
from leadline.report.words.guessing_words import with_limits
from leadline.runs import Run
from leadline.runs.staging import PARTIAL
from leadline.system.durable_files import storage_errors, storage_fault
from leadline.workflow.events import Event, Stage, WarningMessage, Watcher
from leadline.workflow.events import ignore as nobody
from leadline.workflow.model_packaging import describe_model_file
from leadline.workflow.preparation import Prepared, prepare

if TYPE_CHECKING:
    import keras

LARGEST_DRIFT = 1e-3
"""Of a probability, between what the run recorded and what its model.keras answers here: another
machine or version of torch rounds otherwise, by far less than this; another model is far beyond."""
SHOWN_RUNS = 4


@dataclass(frozen=True)
class Exported:
    """A file that was written and checked."""

    path: Path
    form: Form
    size_bytes: int
    sha256: str
    images: int
    """Test images on which it was compared with the Keras model."""
    largest_difference: float
    """Largest difference of a probability, 0 to 1; no image changed its class."""
    limits: str = ""
    """Population of its images, and what it may not be used for."""
    builder: Path | None = None
    """The Python file beside it that rebuilds the network; of torch alone."""
    code: str = ""
    """"score-left-out" where an ONNX file lacks the out-of-distribution score, because its runtime
    computes another; else empty."""


@with_standard_keras
def export_run(
    folder: str | Path,
    form: Form = "onnx",
    output: str | Path | None = None,
    *,
    data: str | Path | None = None,
    trust: bool = False,
    on_event: Watcher = nobody,
) -> Exported:
    """Write a run's Keras model as one file, and check its answers on up to 1,000 test images.

    folder: of a finished run. form: "onnx", "keras", or "torch" (safetensors, with a Python file
    that builds the network). output: <experiment>.onnx, .keras or .safetensors in the current
    folder unless given; a file of the same form there is replaced. data: where the run's images lie
    now. trust: run code that model.keras brings.

    Raises RunError for what is no finished run, or whose model.keras is not that of its records;
    DataError where its test images cannot be had; ModelFileError where the file would answer
    otherwise; StorageError where it cannot be written. Then nothing is written.
    """
    if form not in SUFFIXES:
        raise ModelFileError(f"form = {form!r}; choose one of {', '.join(SUFFIXES)}.")
    run = _finished_run(Path(folder), form)
    path = Path(output) if output is not None else Path(run.experiment.name + SUFFIXES[form])
    check_place(path, form)
    if path.parent.resolve() == run.folder.resolve():
        raise ModelFileError(
            f"{path}: is in the run's folder, which must not change; choose another file."
        )
    on_event(Stage(run.name, "loading images"))
    split = _same_images(run, data, on_event)
    on_event(Stage(run.name, "running the Keras model"))
    model = run.model(trust=trust)
    images = split.test.images.pixels[:CHECKED_IMAGES]
    expected = _as_recorded(run, model, images)
    on_event(Stage(run.name, f"writing and checking {path.name}"))
    unscored = _describe(replace(run, metrics=replace(run.metrics, ood=None)), split)
    writer = _Writer(run, model, images, expected, _describe(run, split), unscored)
    written = writer.write(path, form)
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    builder = builder_of(path) if form == "torch" else None
    return Exported(
        path, form, len(content), digest, len(images), written.difference,
        with_limits(unscored.guessing, unscored.limits), builder, written.code,
    )  # fmt: skip


def _finished_run(folder: Path, form: Form) -> Run:
    """The run in the folder; RunError with what to do where there is none."""
    if not folder.exists() and str(folder) in zoo.names():
        raise RunError(
            f"{folder}: is a zoo model, whose ONNX file is {zoo.model_file_path(str(folder))}; "
            f"for another format train it first: leadline train {folder}."
        )
    if folder.is_file():
        kind = "an ONNX file already" if folder.suffix.lower() == SUFFIXES["onnx"] else "a file"
        raise RunError(
            f"{folder}: is {kind}; give the folder of a run, such as "
            "runs/<study>/<experiment>/seed-0."
        )
    if not runs.finished(folder) or folder.name.endswith(PARTIAL):
        _explain_unfinished(folder, form)
    return runs.load_run(folder)


def _explain_unfinished(folder: Path, form: Form) -> None:
    """Raise RunError for a folder of runs, and for a run in progress."""
    done = runs.finished_inside(folder)
    if done:
        lines = [f"leadline export {one} --format {form}" for one in done[:SHOWN_RUNS]]
        more = f" (and {len(done) - SHOWN_RUNS} more)" if len(done) > SHOWN_RUNS else ""
        raise RunError(
            f"{folder}: holds {len(done)} finished runs; export one: {'; '.join(lines)}{more}."
        )
    place = folder.resolve()
    if place.name.endswith(PARTIAL) or Path(f"{place}{PARTIAL}").is_dir():
        raise RunError(
            f"{folder}: its training is not finished; run the same command again (`leadline train` "
            f"needs --resume)."
        )
    if folder.is_dir():
        raise RunError(f"{folder}: holds no finished run; `leadline list` lists the runs here.")


def _same_images(run: Run, data: str | Path | None, on_event: Watcher) -> Split:
    """The run's images, split as they were; DataError where they cannot be had, or are others."""
    given = run.split["data"] if data is None else data
    fix = f"give the folder or file of its images with --data PATH{_own(run)}."
    try:
        prepared = prepare(run.experiment.data, given, _without_warnings(on_event))
    except (DataError, SpecError) as error:
        raise DataError(
            f"{run.folder}: the export is checked on the run's test images, which cannot be read "
            f"({str(error).rstrip('.')}); {fix}"
        ) from error
    if difference := _difference(run, prepared):
        where = (
            f"those in {given}"
            if given is not None
            else f"those from {origin_title(run.split['source'])}"
        )
        raise DataError(
            f"{run.folder}: the export is checked on the run's test images, but {where} differ "
            f"({difference}); {fix}"
        )
    return prepared.split


def _own(run: Run) -> str:
    own = run.folder / runs.MODEL_FILE
    if run.metrics.model_file != runs.MODEL_FILE or not own.is_file():
        return ""
    return f"; or take the run's own {own}, which was checked when it was written"


def _without_warnings(on_event: Watcher) -> Watcher:
    """Ignore the warnings about the images, which were given at training time."""

    def watch(event: Event) -> None:
        if not isinstance(event, WarningMessage):
            on_event(event)

    return watch


def _difference(run: Run, prepared: Prepared) -> str:
    """Return how these images differ from those of the run, or ""."""
    there, here = run.split, prepared.record
    if here["classes"] != there["classes"]:
        return f"other classes: {', '.join(here['classes'])[:200]}"
    for name in ("test", "train", "validation"):
        was, found = there["parts"][name], here["parts"][name]
        if found["sha256"] != was["sha256"]:
            return f"{name}: {found['count']:,} images here, {was['count']:,} there, other content"
    return ""


def _describe(run: Run, split: Split) -> Metadata:
    """Return the metadata of the run's own model file, from its records."""
    return describe_model_file(
        run.experiment,
        split,
        run.metrics,
        dataset=run.split["dataset"],
        source=where_from(run.experiment, run.split),
        versions=run.environment,
        card=model_card(run.experiment, run.metrics, run.split),
    )


def _as_recorded(run: Run, model: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the model's predictions. Raises RunError if they do not match the run's records."""
    recorded = run.predictions().probabilities[: len(images)]
    path = run.folder / "model.keras"
    fix = "put the run's own back, or train it again"
    try:
        answers: NDArray[np.float32] = model.predict(images, verbose=0)
        drift = float(np.abs(answers - recorded).max())
    except (ValueError, TypeError, RuntimeError) as error:
        raise RunError(
            f"{path}: does not answer the run's images ({in_one_line(error)}); {fix}."
        ) from error
    if not drift <= LARGEST_DRIFT:
        raise RunError(
            f"{path}: is not the model of this run's records: its probabilities differ by "
            f"{drift:.2g} from predictions.parquet (at most {LARGEST_DRIFT:g} is allowed); {fix}."
        )
    return answers


@dataclass(frozen=True, eq=False)
class _Writer:
    """A model with all that its files need."""

    run: Run
    model: keras.Model
    images: NDArray[np.uint8]
    expected: NDArray[np.float32]
    metadata: Metadata
    unscored: Metadata
    """Metadata of a file without out-of-distribution score, which only the ONNX graph contains."""

    def write(self, path: Path, form: Form) -> Written:
        """Write the file, or nothing."""
        writers: dict[Form, Callable[[Path], Written]] = {
            "onnx": self._onnx, "keras": self._keras, "torch": self._torch
        }  # fmt: skip
        try:
            with storage_errors(path):
                return writers[form](path)
        except (LeadlineError, MemoryError):
            raise
        except Exception as error:
            raise _failed(path, form, error) from error

    def _onnx(self, path: Path) -> Written:
        scored = self.run.metrics.ood is not None
        ood_score = runs.read_ood_score(self.run.folder)[0] if scored else None
        return write_with_score(
            self.model, path, self.images, self.expected, self.metadata,
            ood_score=ood_score, unscored=self.unscored,
        )  # fmt: skip

    def _keras(self, path: Path) -> Written:
        return Written(write_keras(self.model, path, self.images, self.expected, self.unscored))

    def _torch(self, path: Path) -> Written:
        from leadline.export.torch_export import write_torch

        return Written(write_torch(self.model, path, self.images, self.expected, self.unscored))


def _failed(path: Path, form: Form, error: Exception) -> LeadlineError:
    """Return why a library could not write the file: no space, or an unsupported model."""
    said = in_one_line(error)
    if (fault := storage_fault(error)) is not None:
        return StorageError(f"{path}: {fault}, or write elsewhere.")
    other = "onnx" if form == "keras" else "keras"
    return ModelFileError(
        f"{path}: this model cannot be written as {form} ({type(error).__name__}: {said}); "
        f"try --format {other}."
    )
