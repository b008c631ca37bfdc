"""Trained models that ship with the package: a model file NAME.onnx and a card NAME.md for each.

The scripts that build them are in the repository's `zoo` folder.
"""

from __future__ import annotations

from pathlib import Path

from leadline.errors import UnknownName

_FOLDER = Path(__file__).parent
LARGEST_BYTES = 4_000_000
"""Of one model file in the zoo."""


def names() -> tuple[str, ...]:
    """The models that there are, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.onnx")))


def model_file_path(name: str) -> Path:
    """Where the model's ONNX file lies. Raises UnknownName for one that is not there."""
    if name not in names():
        raise UnknownName(f"no model {name!r} in the zoo; there are: {', '.join(names())}.")
    return _FOLDER / f"{name}.onnx"


def card_path(name: str) -> Path:
    """Where the model's card (Markdown) lies. Raises UnknownName for a model that is not there."""
    return model_file_path(name).with_suffix(".md")
