"""A Keras model to one `.keras` file that says what it is, and opens without running any code.

Such a file is a zip archive. Beside Keras's own members stands `leadline.json`, an object of the
texts that an ONNX file has as metadata; Keras passes it over.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from leadline.errors import LeadlineError, ModelFileError
from leadline.export.model_metadata import Metadata
from leadline.export.parity import check_probabilities
from leadline.models.keras_loading import load_keras
from leadline.models.keras_saving import save_keras
from leadline.models.library_messages import in_one_line
from leadline.system.durable_files import replacing

if TYPE_CHECKING:
    import keras

MEMBER = "leadline.json"
KERAS_SAID = "metadata.json"
"""Keras's own member: its version, and when the file was written."""
FIRST_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip archive can name, so that equal models are equal files."""


def write_keras(
    model: keras.Model,
    path: Path,
    images: NDArray[np.uint8],
    expected: NDArray[np.float32],
    metadata: Metadata,
) -> float:
    """Save the model, open the file again in Keras's safe mode, and compare.

    images: uint8 (n, height, width, channels). expected: float32 (n, classes), what the model
    answers. Returns the largest difference of a probability. Raises ModelFileError, and writes
    nothing, where the file does not open, it is above 1e-4, or any image changes class. The same
    model with the same metadata gives the same bytes.
    """
    with replacing(path, ".keras") as temporary:
        save_keras(model, temporary)
        _complete(temporary, metadata)
        answers = _opened(temporary, path).predict(images, verbose=0)
        return check_probabilities(path, "Keras", answers, expected)


def _opened(temporary: Path, path: Path) -> keras.Model:
    try:
        return load_keras(temporary)
    except LeadlineError as error:
        reason = in_one_line(error).removeprefix(f"{temporary}: ")
        raise ModelFileError(
            f"{path.name}: would not open in Keras's safe mode ({reason}), so nothing was written; "
            "export it as onnx, which contains no code."
        ) from error


def _complete(path: Path, metadata: Metadata) -> None:
    """Add what the file says of itself, and take the time of writing out of it."""
    with zipfile.ZipFile(path) as saved:
        members = {name: saved.read(name) for name in saved.namelist()}
    said = json.loads(members[KERAS_SAID])
    said["date_saved"] = metadata.versions.get("written", "")
    members[KERAS_SAID] = json.dumps(said).encode()
    members[MEMBER] = json.dumps(metadata.as_properties(), indent=1, ensure_ascii=False).encode()
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(zipfile.ZipInfo(name, FIRST_DATE), content)
