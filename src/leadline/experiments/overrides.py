"""Settings laid over those of a file: `[common]` of a study, `--set key.path=value`."""

from __future__ import annotations

import tomllib
from math import prod
from typing import Any

from leadline.errors import SpecError
from leadline.experiments.citations import TINY_GREY
from leadline.experiments.experiment import NAME_MAX_CHARS, Experiment

MOST_DIGITS = 9
"""Most digits in the number of a layer."""
TEXTS = frozenset(
    {"name", "title", "description", "data.source", "data.group_pattern", "decision.positive",
     "decision.subgroup_pattern"}
)  # fmt: skip
"""Settings that are text: a class may be called 1, 01, true or 2024-01-01."""


def merge(table: dict[str, Any], extra: dict[str, Any]) -> None:
    """Lay `extra` over `table`, table by table; a list or a value replaces what was there."""
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(table.get(key), dict):
            merge(table[key], value)
        else:
            table[key] = value


def apply_override(table: dict[str, Any], override: str) -> None:
    """Set `training.epochs=3`, or `layers.1.units=64`; the value is TOML, or else a string.

    Without a value, as in `data.group_pattern=`, the setting is left out, for its default to hold.
    Lists count from 1. Names and patterns are text, whatever they look like. Raises SpecError where
    there is no such place.
    """
    key, equals, text = override.partition("=")
    *parents, last = (step.strip() for step in key.split("."))
    if not equals or not all([*parents, last]):
        raise SpecError(f"--set {override!r}: write key=value, as in training.epochs=3.")
    place: Any = table
    for step in parents:
        place = _inside(place, step, override)
    where = _step(place, last, override)
    if text.strip():
        value = _value(text.strip())
        is_text = ".".join([*parents, last]) in TEXTS
        place[where] = text.strip() if is_text and not isinstance(value, str) else value
    elif isinstance(place, dict):
        place.pop(where, None)
    else:
        raise SpecError(f"--set {override!r}: say what {key.strip()} should be.")


def _inside(place: Any, step: str, override: str) -> Any:
    key = _step(place, step, override)
    return place.setdefault(key, {}) if isinstance(place, dict) else place[key]


def _step(place: Any, step: str, override: str) -> str | int:
    """The key or the index that `step` means in this table or list."""
    if isinstance(place, dict):
        return step
    if not isinstance(place, list):
        raise SpecError(f"--set {override!r}: {step!r} is no setting, for {place!r} is no table.")
    short = step.isdecimal() and len(step) <= MOST_DIGITS  # int() refuses 4,301 digits
    if not short or not 1 <= int(step) <= len(place):
        raise SpecError(
            f"--set {override!r}: {step!r} should be a number from 1 to {len(place)}; "
            "lists count from 1."
        )
    return int(step) - 1


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except ValueError:
        return text


QUICK_SUFFIX = "-quick"
QUICK_EPOCHS = 2
QUICK_TRAIN_IMAGES = 2000
QUICK_TRAIN_PIXELS = QUICK_TRAIN_IMAGES * prod(TINY_GREY.size_px)
QUICK_LEAST_IMAGES = 300
QUICK_EVALUATION_IMAGES = 500
"""Number of validation and of test images of a quick trial: accuracy to about 4 percentage points.

"""


def quick_name(name: str) -> str:
    """The name of a quick trial: ends in -quick, and is cut to the length that names may have."""
    return name[: NAME_MAX_CHARS - len(QUICK_SUFFIX)] + QUICK_SUFFIX


def shortened_experiment(experiment: Experiment) -> Experiment:
    """The same experiment with `quick = true`, at most two epochs, and few images.

    Few: 2,000 digits are trained on, fewer of larger images, but 300; 500 are validated on, and 500
    tested on. The parts from which these are drawn are those of the whole experiment. Images whose
    size is still open are taken to be as small as digits.
    """
    training, data = experiment.training, experiment.data
    few = QUICK_TRAIN_PIXELS // prod(data.size_px or TINY_GREY.size_px)
    most = min(max(few, QUICK_LEAST_IMAGES), QUICK_TRAIN_IMAGES)
    limits = {
        "train_limit": min(data.train_limit or most, most),
        "evaluation_limit": min(
            data.evaluation_limit or QUICK_EVALUATION_IMAGES, QUICK_EVALUATION_IMAGES
        ),
    }
    epochs = min(training.epochs, QUICK_EPOCHS)
    return experiment.model_copy(
        update={
            "quick": True,
            "training": training.model_copy(update={"epochs": epochs}),
            "data": data.model_copy(update=limits),
        }
    )
