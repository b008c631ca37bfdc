"""A run as a value, and its folder."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leadline.errors import RunError, SpecError
from leadline.explain.explanations import Explanations
from leadline.explain.gallery import Gallery, gallery_from
from leadline.runs.explanations import read_explanations
from leadline.runs.files import dump_json, read_json, reading, storage_errors, write_text
from leadline.runs.metrics import Metrics, history_csv, metrics_table, read_history, read_metrics
from leadline.runs.predictions import Predictions, read_predictions, write_predictions
from leadline.runs.progress import PROGRESS
from leadline.spec import Experiment, parse_experiment, to_toml

if TYPE_CHECKING:
    import keras

RUNS = Path("runs")
"""Where runs go unless told."""
PARTIAL = ".partial"
CHECKPOINT = "checkpoint.npz"
ARTEFACT = "model.onnx"
MODEL = "model.keras"
EXAMPLES = ("pixels", "true", "predicted", "probability", "index")
SPLIT = ("dataset", "source", "warnings", "classes", "validation_is_test", "parts")
"""What examples.npz and split.json hold at least."""
PARTS = ("train", "validation", "test")
ATTEMPT = "attempt-"
"""An empty folder, named by the digest of what the checkpoint beside it is of: made at once, never
half-written."""


@dataclass(frozen=True)
class Run:
    """A finished run, read from its folder."""

    folder: Path
    experiment: Experiment
    metrics: Metrics
    split: dict[str, Any]
    environment: dict[str, str]

    @property
    def name(self) -> str:
        """Experiment and seed: "mlp-3 seed 0"."""
        return f"{self.experiment.name} seed {self.metrics.seed}"

    @property
    def report(self) -> Path:
        return self.folder / "report.html"

    def predictions(self, part: str = "test") -> Predictions:
        """What the model said of each image of "test" or "validation".

        Where the run was validated on the test images the two are the same. RunError for a part
        that no model was asked about, as "train" is.
        """
        if part not in ("test", "validation"):
            raise RunError(f"{self.folder}: no predictions of {part!r}; choose test or validation.")
        stored = "test" if self.split["validation_is_test"] else part
        return read_predictions(self.folder / "predictions.parquet", stored)

    def examples(self) -> dict[str, NDArray[Any]]:
        """Arrays of the images shown beside the confused pairs, as `confused_examples` gave them.

        Raises RunError where the file is missing or damaged, or is of other classes.
        """
        with reading(self.folder / "examples.npz") as path:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in EXAMPLES}
            labels = np.concatenate([arrays["true"], arrays["predicted"]])
            if ((labels < 0) | (labels >= len(self.metrics.classes))).any():
                raise ValueError(f"labels beyond the {len(self.metrics.classes)} classes")
            return arrays

    def gallery(self) -> Gallery | None:
        """The most telling test images; None in runs of versions that kept none.

        Raises RunError as `examples`.
        """
        with reading(self.folder / "examples.npz") as path:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files if name not in EXAMPLES}
            return gallery_from(arrays, len(self.metrics.classes))

    def explanations(self) -> Explanations | None:
        """Where the model looks; None where it has no convolution.

        Raises RunError where the file is damaged, or is of other classes.
        """
        return read_explanations(self.folder, len(self.metrics.classes))

    def model(self, *, trust: bool = False) -> keras.Model:
        """The trained Keras model: uint8 images (n, height, width, channels) to probabilities.

        No code from the file is run, and nothing is imported because the file names it. trust: run
        it, and import the module of the experiment's `model.python` first, so that layers of one's
        own load. Raises RunError where the file is missing, ArtefactError where it brings what
        would have to be trusted, and SpecError where that module cannot be imported.
        """
        from leadline.models.loading import load_keras
        from leadline.models.user_model import user_objects

        with reading(self.folder / MODEL) as path:
            path.stat()
        return load_keras(path, trust=trust, own=user_objects(self.experiment) if trust else None)


@dataclass(frozen=True)
class RunSummary:
    """One line of a list of runs."""

    folder: Path
    experiment: str
    seed: int
    test_accuracy: float
    test_loss: float


def checkpoint_of(folder: Path) -> Path:
    """Return where the checkpoint of an interrupted attempt at a run lies, if there is one."""
    return folder.with_name(folder.name + PARTIAL) / CHECKPOINT


@contextmanager
def writing(folder: Path, attempt: str, *, resume: bool = False) -> Iterator[Path]:
    """A place to write a run: renamed to `folder` if all went well.

    resume: what an interrupted attempt left in the place (a checkpoint) is there to go on with, if
    it was the same attempt: a digest, equal where the run would be. Else the place is empty.
    Raises RunError where it was another attempt, or another process is at work in the place, and
    StorageError when the disk is full or the place cannot be written.
    """
    partial = folder.with_name(folder.name + PARTIAL)
    checkpoint, mark = partial / CHECKPOINT, partial / (ATTEMPT + attempt)
    progress = partial / PROGRESS
    with storage_errors(partial), _alone(partial):
        if not resume:
            _keep_only(partial)
        if checkpoint.exists() and not mark.exists():
            raise RunError(
                f"{checkpoint}: is of another experiment, or of other images; delete {partial} to "
                "start anew, or give another folder with --out."
            )
        mark.mkdir(exist_ok=True)
        # What was killed could not do so itself.
        _keep_only(partial, checkpoint, mark, *[progress] * checkpoint.exists())
        try:
            yield partial
        except BaseException:
            _keep_only(partial, checkpoint, mark, progress)
            if not checkpoint.exists():
                shutil.rmtree(partial)
            raise
        checkpoint.unlink(missing_ok=True)
        progress.unlink(missing_ok=True)
        mark.rmdir()
        partial.rename(folder)


@contextmanager
def _alone(partial: Path) -> Iterator[None]:
    """Make the place and hold it; the system frees it if the process dies."""
    partial.mkdir(parents=True, exist_ok=True)
    if sys.platform == "win32":  # which has no flock
        yield
        return
    import fcntl

    handle = os.open(partial, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(
                f"{partial}: another process is training this run; wait for it, or give another "
                "folder with --out."
            ) from None
        yield
    finally:
        os.close(handle)


def _keep_only(partial: Path, *kept: Path) -> None:
    """Remove what is half-written: an attempt goes on from its checkpoint, or from nothing."""
    for path in partial.iterdir():
        if path in kept:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def write_run(
    place: Path,
    experiment: Experiment,
    metrics: Metrics,
    split: dict[str, Any],
    environment: dict[str, str],
    predictions: Mapping[str, Predictions],
) -> None:
    """Write the records of a run into the place that `writing` gave (models are there already)."""
    write_text(place / "experiment.toml", to_toml(experiment))
    write_text(place / "environment.json", dump_json(environment))
    write_text(place / "split.json", dump_json(split))
    write_text(place / "history.csv", history_csv(metrics.fitted.history))
    write_text(place / "metrics.json", dump_json(metrics_table(metrics)))
    write_predictions(place / "predictions.parquet", predictions, metrics.classes)


def write_examples(place: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Write the arrays that `Run.examples` reads back."""
    np.savez_compressed(place / "examples.npz", **arrays)  # type: ignore[arg-type]  # names are data


def load_run(folder: str | Path) -> Run:
    """Read a finished run.

    Raises RunError naming the file when the folder is missing, unfinished or damaged.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise RunError(f"{folder}: no such run folder; `leadline list` shows the runs there are.")
    with reading(folder / "experiment.toml") as path:
        experiment = parse_experiment(path.read_text(encoding="utf-8"), str(path))
    history = read_history(folder / "history.csv")
    metrics = read_metrics(folder / "metrics.json", history)
    split = read_json(folder / "split.json")
    with reading(folder / "split.json"):
        _check_split(split)
    return Run(folder, experiment, metrics, split, read_json(folder / "environment.json"))


def _check_split(split: dict[str, Any]) -> None:
    """Raise ValueError unless what a page shows of split.json is there, and of its kind."""
    if missing := [key for key in SPLIT if key not in split]:
        raise ValueError(f"no {', '.join(missing)}")
    data = split.get("data")
    if not isinstance(split["dataset"], str) or not (data is None or isinstance(data, str)):
        raise TypeError(f"dataset = {split['dataset']!r}, data = {data!r}")
    if not isinstance(split["warnings"], list):
        raise TypeError(f"warnings = {split['warnings']!r}")
    for name in PARTS:
        part = split["parts"][name]
        if not isinstance(part["count"], int) or not isinstance(part["sha256"], str):
            raise TypeError(f"parts.{name} = {part!r:.80}")


def metrics_record(run: Run) -> dict[str, Any]:
    """All that metrics.json of a run holds; RunError where it is missing or damaged."""
    return read_json(run.folder / "metrics.json")


def finished(folder: Path) -> bool:
    """Is there a finished run in this folder?"""
    return (folder / "metrics.json").is_file()


def list_runs(folder: Path = RUNS) -> list[RunSummary]:
    """The finished runs below a folder, sorted by path; damaged ones are left out."""
    found = []
    for path in sorted(folder.rglob("metrics.json")):
        if path.parent.name.endswith(PARTIAL):
            continue
        try:
            run = load_run(path.parent)
        except (RunError, SpecError):
            continue
        test = run.metrics.test
        found.append(
            RunSummary(path.parent, run.experiment.name, run.metrics.seed, test.accuracy, test.loss)
        )
    return found


def require_free(folder: Path) -> None:
    """Raise RunError unless a run can be written here: no such folder yet, or an empty one."""
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists():
        raise RunError(
            f"{folder}: exists and holds something else than a run; give another folder with --out."
        )
