"""A run as a value, and its folder."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leadline.data.preprocessing import Preprocessing
from leadline.data.remarks import Remark
from leadline.errors import DamagedRun, RunError, StorageError
from leadline.experiments import Experiment, parse_experiment, to_toml
from leadline.explain.example_images import IMAGES_A_DIRECTION, PAIRS
from leadline.explain.explanations import Explanations
from leadline.explain.gallery import EACH, Gallery, gallery_from
from leadline.runs.checksums import CHECKSUMS, FIX, check_sizes, check_sum, read_checked
from leadline.runs.explanation_file import read_explanations
from leadline.runs.folder_files import (
    MOST_ARRAY_BYTES,
    dump_json,
    is_file,
    read_json,
    read_npz,
    reading,
)
from leadline.runs.metrics_file import (
    Metrics,
    history_csv,
    metrics_from,
    metrics_table,
    read_history,
    read_metrics_table,
)
from leadline.runs.predictions_file import Predictions, read_predictions, write_predictions
from leadline.runs.typed_json import typed
from leadline.system.durable_files import SURROGATE, spelt, write_text

if TYPE_CHECKING:
    import keras

    from leadline.explain.explained_image import Explained
    from leadline.runs.new_images import ImagePredictions, NewImages
    from leadline.training.history import EpochRow

RUNS = Path("runs")
"""Default folder of runs."""
MODEL_FILE = "model.onnx"
MODEL = "model.keras"
EXAMPLES = ("pixels", "true", "predicted", "probability", "index")
SPLIT = ("dataset", "source", "warnings", "classes", "validation_is_test", "parts")
"""Keys that examples.npz and split.json must have."""
PARTS = ("train", "validation", "test")
MOST_IMAGES = 2 * PAIRS * IMAGES_A_DIRECTION + 2 * EACH
"""In examples.npz: of the confused pairs, in both directions, and of both kinds of the gallery."""


@dataclass(frozen=True, repr=False)
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

    def __repr__(self) -> str:
        test = self.metrics.test
        low, high = test.accuracy_interval
        return (
            f"Run({self.name!r}, test accuracy {test.accuracy:.4f} (95% interval {low:.4f} to "
            f"{high:.4f}, n = {test.n:,}), {str(self.folder)!r})"
        )

    @property
    def report(self) -> Path:
        """The run's page."""
        return self.folder / "report.html"

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """Remarks on the data set."""
        with reading(self.folder / "split.json"):
            return tuple(Remark(**kept) for kept in self.split["warnings"])

    @property
    def preprocessing(self) -> Preprocessing | None:
        """Preprocessing of the images; None if unknown."""
        table = self.split.get("preprocessing")
        with reading(self.folder / "split.json"):
            return None if table is None else typed(Preprocessing, table)

    @property
    def history(self) -> tuple[EpochRow, ...]:
        """One row for each epoch: losses, accuracies, seconds, learning rate."""
        return self.metrics.fitted.history

    def predict(self, images: NewImages, *, trust: bool = False) -> ImagePredictions:
        """Predict new images with the run's Keras model.

        Parameters
        ----------
        images : array, path, or list of paths
            Pixels (n, height, width) or (n, height, width, 1 or 3), whose grey levels are scaled
            as those of a data set are (`data.arrays`), or image files. They are resized as the
            training images were.
        trust : bool
            Run the code that model.keras brings, as for a model of one's own.

        Returns
        -------
        ImagePredictions
            Probabilities of the classes, the class decided for, and the out-of-distribution score.

        Raises
        ------
        DataError
            For images that cannot be read, and for arrays of another shape.
        RunError
            For a model that is missing or damaged.
        ModelFileError
            For a model that brings code, unless `trust` is set.
        MissingExtra
            For a DICOM file if `leadline[dicom]` is not installed.
        """
        from leadline.runs.new_images import explainer_of, predict_images

        return predict_images(explainer_of(self, trust=trust), images, self._white)

    def explain(
        self, images: NewImages, class_name: str | None = None, *, trust: bool = False
    ) -> Explained:
        """Explain new images by Grad-CAM or occlusion.

        Parameters
        ----------
        images : array, path, or list of paths
            As for `predict`.
        class_name : str, optional
            Explain this class instead of the class that the model decides for.
        trust : bool
            As for `predict`.

        Returns
        -------
        Explained
            For each image its prediction and heat maps; `leadline.draw_explanation` draws them.

        Raises
        ------
        DataError
            As for `predict`, and for a class that the run does not have.
        RunError, ModelFileError, MissingExtra
            As for `predict`.
        """
        from leadline.runs.new_images import explain_new, explainer_of

        return explain_new(explainer_of(self, trust=trust), images, class_name, self._white)

    @property
    def _white(self) -> float:
        """The number that is white in arrays of whole numbers, as in the training images."""
        return float(self.split.get("white", 255))

    def predictions(self, part: str = "test") -> Predictions:
        """Return the model's predictions for the images of "test" or "validation".

        Where the run was validated on the test images the two are the same. RunError for a part
        that no model was asked about, as "train" is.
        """
        if part not in ("test", "validation"):
            raise RunError(f"{self.folder}: no predictions of {part!r}; choose test or validation.")
        stored = "test" if self.split["validation_is_test"] else part
        classes = len(self.metrics.classes)
        return read_predictions(self.folder / "predictions.parquet", stored, classes)

    def examples(self) -> dict[str, NDArray[Any]]:
        """Arrays of the images shown beside the confused pairs, as `confused_examples` gave them.

        Raises RunError where the file is missing or damaged, or is of other classes.
        """
        with reading(self.folder / "examples.npz") as path:
            held = read_npz(path, self._most_array_bytes)
            arrays = {name: held[name] for name in EXAMPLES}
            _check_examples(arrays, len(self.metrics.classes))
            return arrays

    def gallery(self) -> Gallery | None:
        """The most telling test images; None in runs of versions that kept none.

        Raises RunError as `examples`.
        """
        with reading(self.folder / "examples.npz") as path:
            held = read_npz(path, self._most_array_bytes)
            arrays = {name: held[name] for name in held if name not in EXAMPLES}
            return gallery_from(arrays, len(self.metrics.classes))

    @property
    def _most_array_bytes(self) -> int:
        """Read limit for examples.npz: all images, whatever their size."""
        return MOST_ARRAY_BYTES + MOST_IMAGES * math.prod(self.experiment.data.form.shape)

    def explanations(self) -> Explanations | None:
        """Return heat maps and their checks; None without a convolution.

        Raises RunError where the file is damaged, or is of other classes.
        """
        return read_explanations(self.folder, len(self.metrics.classes))

    def model(self, *, trust: bool = False) -> keras.Model:
        """The trained Keras model: uint8 images (n, height, width, channels) to probabilities.

        No code from the file is run, and nothing is imported because the file names it. trust: run
        it, and import the module of the experiment's `model.python` first, so that layers of one's
        own load. Raises RunError where the file is missing, ModelFileError where it brings what
        would have to be trusted, and SpecError where that module cannot be imported.
        """
        from leadline.models.keras_loading import load_keras
        from leadline.models.user_model import user_objects

        path = self.folder / MODEL
        if not is_file(path):
            raise DamagedRun(f"{path}: missing; {FIX}.")
        check_sum(path)
        return load_keras(path, trust=trust, own=user_objects(self.experiment) if trust else None)


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

    Raises RunError when there is none, DamagedRun, naming the file, when one of its files is
    missing, has another size than was written, or does not read, and OtherFormat when another
    version of leadline wrote it.
    """
    folder = Path(folder)
    if not os.path.isdir(folder):  # noqa: PTH112 - False, not an error, for impossible names
        raise RunError(f"{folder}: no such run folder; `leadline list` lists the runs here.")
    if not finished(folder):
        raise RunError(f"{folder}: holds no finished run; `leadline list` lists the runs here.")
    check_sizes(folder)
    return load_unchecked(folder)


def load_unchecked(folder: Path) -> Run:
    """Load a run that is being written and has no checksums yet."""
    # First, so that a run of another version is not taken for a damaged one.
    table = read_metrics_table(folder / "metrics.json")
    with reading(folder / "experiment.toml") as path:
        text = read_checked(path).decode("utf-8")
        experiment = parse_experiment(text, str(path))
        if unset := experiment.data.open_settings:
            raise KeyError(f"data.{unset[0]}")
    history = read_history(folder / "history.csv")
    metrics = metrics_from(folder / "metrics.json", table, history)
    split = read_json(folder / "split.json")
    with reading(folder / "split.json"):
        _check_split(split)
    environment = read_json(folder / "environment.json")
    with reading(folder / "environment.json"):
        _check_texts(environment)
    return Run(folder, experiment, metrics, split, environment)


def _check_texts(table: dict[str, Any]) -> None:
    for key, value in table.items():
        if not isinstance(value, str):
            raise TypeError(f"{key} = {value!r:.80}")


def _check_examples(arrays: dict[str, NDArray[Any]], classes: int) -> None:
    """Raise ValueError unless there is one image, and one number of each kind, for each row."""
    pixels, rows = arrays["pixels"], len(arrays["true"])
    if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[3] not in (1, 3):
        raise ValueError(f"pixels {pixels.dtype} {pixels.shape}")
    if rows and min(pixels.shape[1:3]) < 1:
        raise ValueError(f"images of {pixels.shape[1:]}")
    for name in EXAMPLES:
        kind = {"pixels": "u", "probability": "f"}.get(name, "i")
        if arrays[name].dtype.kind != kind or len(arrays[name]) != rows:
            raise ValueError(f"{name} {arrays[name].dtype} {arrays[name].shape}")
        if name != "pixels" and arrays[name].ndim != 1:
            raise ValueError(f"{name} {arrays[name].shape}")
    labels = np.concatenate([arrays["true"], arrays["predicted"]])
    if ((labels < 0) | (labels >= classes)).any():
        raise ValueError(f"labels beyond the {classes} classes")
    if not np.isfinite(arrays["probability"]).all():
        raise ValueError("probabilities that are not numbers")


def _check_split(split: dict[str, Any]) -> None:
    """Raise ValueError unless what a page shows of split.json is there, and of its kind."""
    if missing := [key for key in SPLIT if key not in split]:
        raise ValueError(f"no {', '.join(missing)}")
    data = split.get("data")
    if not isinstance(split["dataset"], str) or not (data is None or isinstance(data, str)):
        raise TypeError(f"dataset = {split['dataset']!r}, data = {data!r}")
    for kept in split["warnings"]:
        Remark(**kept)
    if (done := split.get("preprocessing")) is not None:
        typed(Preprocessing, done)
    for name in PARTS:
        part = split["parts"][name]
        if not isinstance(part["count"], int) or not isinstance(part["sha256"], str):
            raise TypeError(f"parts.{name} = {part!r:.80}")


def metrics_record(run: Run) -> dict[str, Any]:
    """All that metrics.json of a run holds; RunError where it is missing or damaged."""
    return read_metrics_table(run.folder / "metrics.json")


def finished(folder: Path) -> bool:
    """True where a run was finished in this folder; `load_run` finds out if it is still whole.

    False for a folder that may not be opened.
    """
    return any(is_file(folder / name) for name in (CHECKSUMS, "metrics.json")) or all(
        is_file(folder / name) for name in ("experiment.toml", "split.json", "history.csv")
    )


def require_utf8(folder: Path) -> None:
    """Raise StorageError if the folder's path is not UTF-8.

    ONNX Runtime and Keras save to no other paths, so this is checked before images are read.
    """
    if SURROGATE.search(str(folder)):
        raise StorageError(
            f"{spelt(str(folder))}: its name is not UTF-8, so no model can be saved there; give "
            f"another folder with --out."
        )


def run_folder(out: str | Path) -> Path:
    """The run folder that a user gives, under a name of its own: "." and ".." are resolved.

    Raises RunError for the root of the file system, beside which no folder can be made.
    """
    folder = Path(out)
    if folder.name in ("", ".."):
        folder = folder.resolve()
    if not folder.name:
        raise RunError(f"{folder}: cannot be a run folder; give another one with --out.")
    return folder


def require_free(folder: Path) -> None:
    """Raise RunError unless a run can be written here.

    That is so where there is no such folder yet, an empty one, or a run (which is damaged, or it
    would have been reused).
    """
    if folder.is_dir() and finished(folder):
        return
    if folder.is_dir() and not any(folder.iterdir()):
        if folder.samefile("."):  # a shell in it would see nothing of the run that replaces it
            raise RunError(f"{folder}: is the current folder; give another folder with --out.")
        return
    if folder.exists():
        raise RunError(f"{folder}: exists and is not a run; give another folder with --out.")
