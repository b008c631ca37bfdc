"""A `.keras` file as a Keras model, without running anything that the file brings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadline.errors import ModelFileError
from leadline.models.keras_allowlist import COMPILED, check_config
from leadline.models.keras_file import MIB, KerasFile, take_apart
from leadline.models.keras_setup import import_keras, standard_keras
from leadline.models.library_messages import in_one_line

if TYPE_CHECKING:
    import keras

BESIDE_WEIGHTS_BYTES = MIB
"""Bytes that a model may have beyond the weights in its file, such as random generator states."""


def load_keras(
    path: str | Path, *, trust: bool = False, own: Mapping[str, Any] | None = None
) -> keras.Model:
    """The model of a `.keras` file, uncompiled.

    The file is taken apart and every class that it names compared with a list before Keras sees it:
    nothing of it is run, and no module imported because it says so. trust: leave out that
    comparison, and let Keras run what the file brings, as only a file whose maker one knows may be
    asked to; its bounds in size stay. own: classes and functions by the names that the file has for
    them; used with trust alone.
    Raises ModelFileError, one line that names the file, the layer and the fix.
    """
    path = Path(path)
    file = take_apart(path, trust=trust)
    keras = import_keras()

    import leadline.features.hog
    import leadline.features.pixels
    import leadline.features.temperature  # noqa: F401  (registers leadline's own layers)

    try:
        if not trust:
            check_config(file.config)
            _check_weights(file)
        scope = keras.saving.custom_object_scope(dict(own or {}) if trust else {})
        with standard_keras(backend=None), scope:
            model = keras.saving.load_model(path, compile=False, safe_mode=not trust)
    except ModelFileError as error:
        raise ModelFileError(f"{path}: {error}") from None
    except Exception as error:
        raise ModelFileError(
            f"{path}: Keras cannot load it ({in_one_line(error)[:300]}); save the model again."
        ) from error
    if not isinstance(model, keras.Model):
        raise ModelFileError(
            f"{path}: holds a {type(model).__name__}, not a model; save the model."
        )
    return model


def _check_weights(file: KerasFile) -> None:
    """Build it without memory for its weights: they must not be more than the file holds."""
    import keras

    if keras.backend.backend() != "torch":
        return  # no other backend has tensors without memory
    config = json.loads(json.dumps({**file.config, COMPILED: None}))  # Keras changes what it reads
    with keras.device("meta"):
        model = keras.saving.deserialize_keras_object(config, safe_mode=True)
    wanted = sum(int(one.value.nbytes) for one in getattr(model, "variables", ()))
    if wanted > file.weight_bytes + BESIDE_WEIGHTS_BYTES:
        raise ModelFileError(
            f"its layers need {wanted:,} bytes of weights, and the file holds "
            f"{file.weight_bytes:,}; save the model again."
        )
