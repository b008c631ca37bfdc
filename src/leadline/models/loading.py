"""A `.keras` file as a Keras model, without running anything that the file brings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def load_keras(path: Path, *, trust: bool = False) -> keras.Model:
    """The model of a `.keras` file, uncompiled.

    trust: run the code that the file brings (Lambda layers), as only a file whose maker one knows
    may be asked to.
    """
    import keras

    import leadline.features.hog
    import leadline.features.pixels
    import leadline.features.temperature  # noqa: F401  (registers leadline's own layers)

    return keras.saving.load_model(path, compile=False, safe_mode=not trust)
