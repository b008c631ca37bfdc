"""Paths of exported files: the right name, and never over something else."""

from __future__ import annotations

import re
from keyword import iskeyword
from pathlib import Path
from typing import Literal

from leadline import zoo
from leadline.errors import ModelFileError, RunError, StorageError

Form = Literal["onnx", "keras", "torch"]
BUILDER_START = b'"""An image classifier that was trained with leadline'
SUFFIXES: dict[Form, str] = {"onnx": ".onnx", "keras": ".keras", "torch": ".safetensors"}


def form_of(path: Path) -> Form | None:
    """The form that a file's name ends in; None where it is none of ours."""
    found = [form for form, suffix in SUFFIXES.items() if path.suffix.lower() == suffix]
    return found[0] if found else None


def builder_of(path: Path) -> Path:
    """The Python file beside `cnn-3.safetensors` that builds its network: `cnn_3.py`.

    Named so that Python can import it.
    """
    name = re.sub(r"\W", "_", path.stem, flags=re.ASCII)
    return path.with_name(f"{'_' * (not name.isidentifier() or iskeyword(name))}{name}.py")


def check_place(path: Path, form: Form) -> None:
    """Raise StorageError unless a file of this form can go there.

    A file of the same form is replaced; of a file of another kind that is said.
    """
    suffix = SUFFIXES[form]
    if path.is_dir():
        raise StorageError(
            f"{path}: is a folder; give a file name, as in -o {path / f'model{suffix}'}."
        )
    if path.suffix != suffix:  # Keras, for one, takes no other spelling
        other = form_of(path) if form_of(path) != form else None
        fix = f", or add --format {other}" if other else ""
        raise StorageError(f"{path}: a {form} file's name ends in {suffix}; rename it{fix}.")
    if not path.parent.is_dir():
        raise StorageError(f"{path}: there is no folder {path.parent}.")
    if path.exists() and not (path.is_file() and _is_of(path, form)):
        raise StorageError(
            f"{path}: already exists and is not a {form} file; choose another with -o, or remove "
            f"it."
        )
    if form == "torch" and not _is_free(builder := builder_of(path)):
        raise StorageError(
            f"{builder}: already exists and would be replaced by the Python file that builds the "
            f"network; choose another file with -o, or remove this one."
        )


def _is_free(builder: Path) -> bool:
    """True if nothing lies there, or a builder of an earlier export."""
    if not builder.exists():
        return True
    if not builder.is_file():
        return False
    with builder.open("rb") as file:
        return file.read(len(BUILDER_START)) == BUILDER_START


def _is_of(path: Path, form: Form) -> bool:
    """True if a file begins as those of this form do, or is empty."""
    with path.open("rb") as file:
        start = file.read(9)
    begins = {
        "onnx": start[:1] == b"\x08",  # the first field of the graph's message
        "keras": start[:4] == b"PK\x03\x04",
        "torch": start[8:] == b"{",  # after the length of the header
    }
    return not start or begins[form]


SUFFIX = ".onnx"
IN_RUN = "model.onnx"


def find_model_file(model: Path) -> Path:
    """The model file of a run's folder, of a file, or of a name in the zoo.

    A file or folder of the user's own goes before a model of the zoo that has its name. Raises
    RunError for a folder without a model file, ModelFileError for what is none of the three.
    """
    if model.is_dir():
        return _of_run(model)
    if model.exists():
        if model.suffix.lower() != SUFFIX:
            raise ModelFileError(
                f"{model}: not a model file ({SUFFIX}); give one, a run's folder, or a zoo model: "
                f"{', '.join(zoo.names())}."
            )
        return model
    if str(model) in zoo.names():
        return zoo.model_file_path(str(model))
    raise ModelFileError(
        f"{model}: no such run, model file ({SUFFIX}) or zoo model; the zoo has: "
        f"{', '.join(zoo.names())}."
    )


def _of_run(folder: Path) -> Path:
    model_file = folder / IN_RUN
    if model_file.is_file():
        return model_file
    if (folder / "metrics.json").is_file():
        raise RunError(
            f"{folder}: this run has no {IN_RUN}; the reason is in its report. Train it again, or "
            f"choose another run."
        )
    raise RunError(
        f"{folder}: holds no finished run; give the folder of one, such as "
        "runs/<study>/<experiment>/seed-0."
    )
