"""Keras's process-wide configuration, the same for every run whatever the user's own one is.

Keras takes its backend, float type and image layout from the environment and from `keras.json`.
With `channels_first` there the same experiment is another network, and with `float16` its loss is
soon not finite. So leadline sets what it relies on while it works, and restores it afterwards: a
notebook that configured Keras for other models keeps its configuration.
"""

from __future__ import annotations

import os
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
        Naming the variable or the file to correct, if its configuration prevents the import.
    """
    try:
        keras = import_module("keras")
    except Exception as error:
        if isinstance(error, ImportError) and error.name == "keras":
            raise  # Keras itself is not installed
        backend = os.environ.get("KERAS_BACKEND", "")
        reason = " ".join(str(error).split())[:200].rstrip(".")
        if backend not in ("", BACKEND):
            raise SetupError(
                f"KERAS_BACKEND={backend} is set, and Keras cannot be imported with it "
                f"({reason}); {HOW_TO_SET}."
            ) from error
        if isinstance(error, ValueError):
            raise SetupError(
                f"{configuration_file()}: Keras cannot use it ({reason}); correct or remove it."
            ) from error
        raise
    return keras


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
