"""File locations of Keras, torch and matplotlib, and Keras's backend, for a command."""

from __future__ import annotations

import atexit
import contextlib
import shutil
import tempfile
from pathlib import Path

from leadline.cli import console
from leadline.errors import SetupError
from leadline.system import dependency_settings, process

NUMPY_BYTES, TORCH_BYTES = 256 * 10**6, 2400 * 10**6
"""Address space below which OpenBLAS, which both bring, ends the process or waits for ever."""


def require_memory(needed_bytes: int) -> None:
    """Raise SetupError where `ulimit -v` allows less address space than libraries need to load."""
    limit = process.memory_limit()
    if limit is not None and limit < needed_bytes:
        raise SetupError(
            f"out of memory: ulimit -v allows {limit / 1e6:,.0f} MB of address space, and this "
            f"command needs at least {needed_bytes / 1e6:,.0f} MB; allow more."
        )


def prepare() -> None:
    """Settle what is global to the process, before any of these libraries is imported.

    They keep their files in leadline's cache folder; where that cannot be written, in a temporary
    folder that is removed at the end. `keras.json` in the user's home is not read.
    """
    require_memory(TORCH_BYTES)
    ignored = dependency_settings.use_torch_backend()
    if ignored is not None:
        console.fail(
            f"warning: KERAS_BACKEND={ignored} is ignored: leadline trains with Keras on torch.",
            console.CAUTION,
        )
    dependency_settings.ignore_matplotlib_configuration()
    folder = _folder()
    if folder is not None:
        dependency_settings.use_folder(folder)


def _folder() -> Path | None:
    from leadline.data.sources.cache_folder import cache_folder

    folder = cache_folder() / "libraries"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # mkdir succeeds for a folder that is there already and cannot be written.
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        pass
    with contextlib.suppress(OSError):  # no temporary folder either
        temporary = tempfile.mkdtemp(prefix="leadline-")
        atexit.register(shutil.rmtree, temporary, ignore_errors=True)
        return Path(temporary)
    return None
