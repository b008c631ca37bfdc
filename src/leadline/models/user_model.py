"""The user's own builder: `model = { python = "module:function", arguments = { ... } }`.

This imports the module and calls the function: it runs the user's code, with the user's rights.
It happens only for an experiment that names one; none of the built-in experiments does. Do not
build an experiment that somebody else wrote without reading what it names.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module, invalidate_caches
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from leadline.errors import SpecError
from leadline.experiments.experiment import Experiment, PythonModel
from leadline.models.library_messages import in_one_line
from leadline.models.seeds import global_seed
from leadline.models.topology import FEATURES, IMAGE

if TYPE_CHECKING:
    import keras

SIGNATURE = "function(feature_shape, classes, **arguments) -> keras.Model"


def build_user_model(
    experiment: Experiment, feature_shape: tuple[int, ...], classes: int, *, seed: int
) -> keras.Model:
    """Call the user's function for features of that shape (without the batch axis).

    The function finds every global generator freshly seeded. Its module may lie in the current
    folder. Raises SpecError where it cannot be imported, fails, or returns something else than a
    Keras model from features to one probability a class.
    """
    spec = experiment.model
    if spec is None:
        raise SpecError(f"{experiment.name}: the experiment names no model.python.")
    where = _where(experiment, spec)
    with _current_folder_importable():
        function = _function(_module(spec, where), spec, where)
        with global_seed(seed):
            model = _call(function, where, (feature_shape, classes), spec.arguments)
            # Inside the block: a model may draw its weights only when it is first called.
            _check(model, where, feature_shape, classes)
    # How it was compiled counts for nothing here, and would be code to load with its file.
    model.compiled = False
    return model


def user_objects(experiment: Experiment) -> dict[str, Any]:
    """The classes and functions of the user's module, by name; empty where none is named.

    Imports the module, which runs it: only for experiments from a trusted source.
    Raises SpecError where that fails.
    """
    spec = experiment.model
    if spec is None:
        return {}
    with _current_folder_importable():
        return _own_objects(_module(spec, _where(experiment, spec)))


def user_code_digest(experiment: Experiment) -> str:
    """SHA-256 (64 hex digits) of the file of the user's module, "" where there is none to read.

    Tells that the code behind a finished run has changed. What the module imports is not in it.
    """
    if experiment.model is None:
        return ""
    with _current_folder_importable(), suppress(ImportError, ValueError, OSError):
        found = find_spec(experiment.model.python.partition(":")[0])
        if found is not None and found.origin:
            return hashlib.sha256(Path(found.origin).read_bytes()).hexdigest()
    return ""


@contextmanager
def _current_folder_importable() -> Iterator[None]:
    """As `python -m` has it; an installed command does not look in the current folder."""
    before = list(sys.path)
    sys.path.insert(0, str(Path.cwd()))
    invalidate_caches()
    try:
        yield
    finally:
        sys.path[:] = before


def _where(experiment: Experiment, spec: PythonModel) -> str:
    return f"{experiment.name}: model.python = {spec.python!r}"


def _module(spec: PythonModel, where: str) -> ModuleType:
    module_name = spec.python.partition(":")[0]
    try:
        return import_module(module_name)
    except ModuleNotFoundError as error:
        missing = error.name or module_name
        if module_name != missing and not module_name.startswith(f"{missing}."):
            raise SpecError(
                f"{where}: it imports {missing!r}, which is not installed here."
            ) from None
        raise SpecError(
            f"{where}: no module {missing!r} in {Path.cwd()} or among the installed packages; "
            "run leadline in the folder that holds it, or install it."
        ) from None
    except (Exception, SystemExit) as error:
        raise SpecError(f"{where}: importing {module_name} fails with {_said(error)}.") from error


def _function(module: ModuleType, spec: PythonModel, where: str) -> Any:
    module_name, _, name = spec.python.partition(":")
    function = getattr(module, name, None)
    if not callable(function):
        known = ", ".join(sorted(_own_objects(module)))
        raise SpecError(
            f"{where}: {module_name} has no function {name!r}; it has {known or 'none'}."
        )
    return function


def _own_objects(module: ModuleType) -> dict[str, Any]:
    """Callables that are defined in the module, not imported."""
    return {
        name: value
        for name, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", None) == module.__name__
    }


def _call(
    function: Callable[..., Any], where: str, given: tuple[object, ...], arguments: dict[str, Any]
) -> Any:
    try:
        return function(*given, **arguments)
    except (Exception, SystemExit) as error:
        raise SpecError(f"{where}: called as {SIGNATURE}, it fails with {_said(error)}.") from error


def _check(model: Any, where: str, feature_shape: tuple[int, ...], classes: int) -> None:
    """A Keras model, of the right shape, whose answers are probabilities."""
    import keras

    if not isinstance(model, keras.Model):
        raise SpecError(
            f"{where}: expected a keras.Model. Received: {type(model).__name__}; return the model."
        )
    if model.name in (IMAGE, FEATURES):
        raise SpecError(f"{where}: the model is named {model.name!r}, which is taken; rename it.")
    size = int(np.prod(feature_shape))
    # Not constant, so that logits or independent sigmoids cannot sum to 1 by chance.
    probe = np.linspace(0, 1, 2 * size, dtype=np.float32).reshape(2, *feature_shape)
    try:
        answer = keras.ops.convert_to_numpy(model(probe, training=False))
    except Exception as error:
        raise SpecError(
            f"{where}: the model does not take features of shape {feature_shape}: {_said(error)}."
        ) from error
    if answer.shape != (2, classes):
        raise SpecError(
            f"{where}: expected an output of shape (None, {classes}), one number a class. "
            f"Received: {(None, *answer.shape[1:])}."
        )
    if (answer < 0).any() or not np.allclose(answer.sum(axis=1), 1, atol=1e-3):
        raise SpecError(
            f"{where}: expected probabilities that sum to 1 and are not below 0. "
            f"Received: {_shown(answer[0])}; "
            'end the model with activation="softmax".'
        )


def _shown(row: Any) -> str:
    numbers = ", ".join(f"{value:.3g}" for value in row[:3])
    return f"({numbers}{', ...' if len(row) > 3 else ''})"


def _said(error: BaseException) -> str:
    said, kind = in_one_line(error), type(error).__name__
    return kind if said == kind else f"{kind}: {said}"
