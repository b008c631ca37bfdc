"""A Keras model saved as a `.keras` file, whatever the clock says."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

FIRST_YEAR = 1980
"""Zip archives store no earlier date, and zipfile raises ValueError for one."""


def save_keras(model: keras.Model, path: Path) -> None:
    """Save a model. Computers without a battery start in 1970; the file then says 1980."""
    with _zip_clock():
        model.save(path)


@contextmanager
def _zip_clock() -> Iterator[None]:
    """Let zipfile, which Keras gives no date, see no year before 1980."""
    if time.localtime().tm_year >= FIRST_YEAR:
        yield
        return
    zipfile.time = SimpleNamespace(time=time.time, localtime=_localtime)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        zipfile.time = time  # type: ignore[attr-defined]


def _localtime(seconds: float | None = None) -> time.struct_time:
    found = time.localtime(seconds)
    return (
        found if found.tm_year >= FIRST_YEAR else time.struct_time((1980, 1, 1, 0, 0, 0, 1, 1, 0))
    )
