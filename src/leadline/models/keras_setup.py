"""Keras's process-wide configuration, the same for every run whatever the user's own one is.

Keras takes its backend, float type and image layout from the environment and from `keras.json`.
With `channels_first` there the same experiment is another network, and with `float16` its loss is
soon not finite. So leadline sets what it relies on while it works, and restores it afterwards: a
notebook that configured Keras for other models keeps its configuration.
"""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from leadline.errors import SetupError

if TYPE_CHECKING:
    from types import ModuleType

FLOAT, LAYOUT, EPSILON = "float32", "channels_last", 1e-7
BACKEND = "torch"
HOW_TO_SET = f"set KERAS_BACKEND={BACKEND}, or unset it, before Keras is first imported"
CONFIGURATION_MODULE = "keras.src.backend.config"
"""The module that reads keras.json when Keras is imported."""
READ_ON_IMPORT = ("KERAS_", "TORCH", "PYTORCH_", "CUDA_", "SOURCE_DATE_EPOCH")
"""Beginnings of the names of variables that can prevent the import of Keras on torch."""
NOT_BLAMED = ("KERAS_BACKEND", "KERAS_HOME", "TORCH_HOME", "TORCHINDUCTOR_CACHE_DIR")
"""Their values occur in messages about other faults too."""

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


@contextmanager
def standard_keras(*, backend: str | None = BACKEND) -> Iterator[None]:
    """Run a block under leadline's Keras configuration; may be nested.

    Parameters
    ----------
    backend : str or None
        The backend that the block needs; None where any will do.

    Raises
    ------
    SetupError
        If Keras cannot be imported as it is configured, or runs on another backend.
    """
    keras = import_keras()
    if backend is not None and keras.backend.backend() != backend:
        raise SetupError(
            f"Keras runs on {keras.backend.backend()} in this process, and training and export "
            f"need {backend}; {HOW_TO_SET}."
        )
    config = keras.config
    before = (
        config.floatx(), config.image_data_format(), config.epsilon(), config.dtype_policy()
    )  # fmt: skip
    _configure(keras, FLOAT, LAYOUT, EPSILON, FLOAT)
    try:
        yield
    finally:
        _configure(keras, *before)


def with_standard_keras(
    function: Callable[Parameters, Result],
) -> Callable[Parameters, Result]:
    """Decorate a function that needs Keras on torch: it runs in `standard_keras`."""

    @wraps(function)
    def wrapped(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        with standard_keras():
            return function(*args, **kwargs)

    return wrapped


def import_keras() -> ModuleType:
    """Import Keras.

    Raises
    ------
    SetupError
        Naming the variable or the file to correct, if its configuration prevents the import, or
        if KERAS_TORCH_DEVICE names a device that does not work.
    """
    try:
        keras = import_module("keras")
    except Exception as error:
        if isinstance(error, ImportError) and error.name == "keras":
            raise  # Keras itself is not installed
        fault = _configuration_fault(error)
        if fault is None:
            raise
        raise SetupError(fault) from error
    if keras.backend.backend() == BACKEND:
        _require_usable_device()
    return keras


def _configuration_fault(error: Exception) -> str | None:
    """Return the message for a configuration that prevents the import, None for another cause."""
    backend = os.environ.get("KERAS_BACKEND", "")
    reason = _short_reason(error)
    if backend not in ("", BACKEND):
        return (
            f"KERAS_BACKEND={backend} is set, and Keras cannot be imported with it "
            f"({reason}); {HOW_TO_SET}."
        )
    if (name := _variable_in(str(error))) is not None:
        return (
            f"{name}={os.environ[name]} is set, and Keras on torch cannot be imported with it "
            f"({reason}); correct or unset it."
        )
    if _raised_below(error, CONFIGURATION_MODULE):
        if isinstance(error, AttributeError | TypeError):  # [], null, {"floatx": []}
            reason = "not a JSON object of Keras's settings"
        return f"{configuration_file()}: Keras cannot use it ({reason}); correct or remove it."
    return None


def _variable_in(message: str) -> str | None:
    """Return the variable of a dependency whose value the message contains, if there is one."""
    for name, value in os.environ.items():
        if not name.startswith(READ_ON_IMPORT) or name in NOT_BLAMED:
            continue
        if value in ("", "0", "1"):  # switches, which occur in many messages
            continue
        if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", message):
            return name
    return None


def _raised_below(error: Exception, module: str) -> bool:
    """True if code of this module was running when the error was raised."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_globals.get("__name__") == module for frame, _line in frames)


def _require_usable_device() -> None:
    """Raise SetupError where KERAS_TORCH_DEVICE names a device that torch cannot compute on."""
    device = os.environ.get("KERAS_TORCH_DEVICE")
    if device is None:
        return
    import torch

    try:
        torch.zeros(1, device=device).cpu()  # a "meta" tensor has no values to copy
    except Exception as error:
        raise SetupError(
            f"KERAS_TORCH_DEVICE={device}: torch cannot compute on this device here "
            f"({_short_reason(error)}); set it to cpu, or unset it."
        ) from error


def _short_reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text.partition(". ")[0][:200].rstrip(".")


def configuration_file() -> Path:
    """Return the path of the keras.json that Keras reads."""
    home = os.environ.get("KERAS_HOME") or "~/.keras"
    # Path.expanduser raises RuntimeError for a user without a home, and this is for messages.
    return Path(os.path.expanduser(home)) / "keras.json"  # noqa: PTH111


def _configure(keras: ModuleType, floatx: str, layout: str, epsilon: float, policy: object) -> None:
    keras.config.set_floatx(floatx)
    keras.config.set_image_data_format(layout)
    keras.config.set_epsilon(epsilon)
    keras.config.set_dtype_policy(policy)
