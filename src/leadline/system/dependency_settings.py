"""Settings that leadline's dependencies read from the environment when they are first imported.

Importing leadline applies them, so every import of a dependency inside the package, and every child
process, comes after them. Setting them later has no effect: ONNX Runtime, for example, writes its
device id before its own `disable_telemetry_events()` can be called.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path

NO_TELEMETRY = {
    "ORT_DISABLE_TELEMETRY": "1",  # ONNX Runtime, from 1.32 on
    "DO_NOT_TRACK": "1",  # the convention of consoledonottrack.com
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "RAY_USAGE_STATS_ENABLED": "0",
}
"""No dependency may report anything: these replace what the environment holds."""

PASSIVE_WAIT = {
    "OMP_WAIT_POLICY": "PASSIVE",  # libgomp, which torch ships on Linux, and LLVM's libomp
    "KMP_BLOCKTIME": "0",  # libomp and Intel's libiomp5, in milliseconds
}
"""Idle OpenMP threads sleep. By default they spin, which takes the processor from other programs
and, where two spin on one core, from each other."""

WAIT_VARIABLES = (*PASSIVE_WAIT, "GOMP_SPINCOUNT")
"""A user who sets any of these has chosen how threads wait."""


def apply(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set what must be set before a dependency is imported.

    Telemetry is always switched off. Keras's backend and the way OpenMP threads wait are defaults:
    what the user has set stays.
    """
    environment.update(NO_TELEMETRY)
    if not environment.get("KERAS_BACKEND"):  # empty means unset, and keras.json would choose
        environment["KERAS_BACKEND"] = "torch"
    if not any(name in environment for name in WAIT_VARIABLES):
        environment.update(PASSIVE_WAIT)


FOLDERS = {
    "MPLCONFIGDIR": "matplotlib",
    "KERAS_HOME": "keras",
    "TORCHINDUCTOR_CACHE_DIR": "torchinductor",
    "TRITON_CACHE_DIR": "triton",
    "KAGGLEHUB_CACHE": "kagglehub",
}
"""Variables for the file locations of dependencies, and the folder names we use."""

KERAS_ONLY_FOR_FIT = ("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH", "KERAS_NNX_ENABLED")
"""They concern `Model.fit` and JAX, which leadline does not use, and can prevent the import."""


MAY_PREVENT_IMPORT = (*KERAS_ONLY_FOR_FIT, "SOURCE_DATE_EPOCH")
"""Variables that leadline does not need and with which imports can fail: numpy.f2py, which Keras
loads, and PDF files need SOURCE_DATE_EPOCH to be a number."""


def use_folder(folder: Path, environment: MutableMapping[str, str] = os.environ) -> None:
    """Have dependencies keep their files in a folder; what the user has set for one stays."""
    for variable, name in FOLDERS.items():
        environment.setdefault(variable, str(folder / name))


def use_torch_backend(environment: MutableMapping[str, str] = os.environ) -> str | None:
    """Have Keras run on torch; return the other backend that the environment named, if any.

    For the command line, where leadline alone uses Keras.
    """
    for variable in MAY_PREVENT_IMPORT:
        environment.pop(variable, None)
    if not environment.get("KERAS_TORCH_DEVICE"):  # Keras takes an empty one for a device's name
        environment.pop("KERAS_TORCH_DEVICE", None)
    other = environment.get("KERAS_BACKEND") or "torch"
    environment["KERAS_BACKEND"] = "torch"
    return None if other == "torch" else other


def ignore_matplotlib_configuration(environment: MutableMapping[str, str] = os.environ) -> None:
    """Have matplotlib read no MPLBACKEND and no matplotlibrc except one in the current folder.

    For the command line. A notebook sets MPLBACKEND for every command that it starts, to a backend
    that the command's own environment may lack.
    """
    environment["MPLBACKEND"] = "agg"
    environment["MATPLOTLIBRC"] = os.devnull  # read before $MPLCONFIGDIR/matplotlibrc
