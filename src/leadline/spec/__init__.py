"""Experiments and studies: frozen values, read from TOML, written back resolved.

| module | holds |
|---|---|
| `layers` | the layers that a TOML file can name |
| `training` | optimizers, schedules, stopping, averaging, augmentation |
| `decision` | calibration, operating points, subgroups |
| `experiment` | `Experiment` and `Study` |
| `quick` | a study cut short |
| `limits` | what a model may not be used for, and standard words for known data |
| `reading` | TOML in; names and files found |
| `overrides` | `[common]` of a study and `--set key=value` |
| `messages` | what is wrong with a file, in its own words |
| `writing` | resolved TOML and JSON Schema out |
"""

from leadline.spec.decision import Decision
from leadline.spec.experiment import (
    NAME_MAX_CHARS,
    AnyFeatures,
    Data,
    Experiment,
    Hog,
    Pixels,
    PythonModel,
    Reference,
    Study,
)
from leadline.spec.limits import headline, limits_of
from leadline.spec.quick import QUICK_SUFFIX, quick_name, shortened_experiment
from leadline.spec.reading import (
    built_in_name,
    experiment_names,
    load_experiment,
    load_study,
    parse_experiment,
    study_names,
    with_choices,
)
from leadline.spec.training import Augmentation, Training
from leadline.spec.writing import json_schema, to_toml

__all__ = [
    "NAME_MAX_CHARS",
    "QUICK_SUFFIX",
    "AnyFeatures",
    "Augmentation",
    "Data",
    "Decision",
    "Experiment",
    "Hog",
    "Pixels",
    "PythonModel",
    "Reference",
    "Study",
    "Training",
    "built_in_name",
    "experiment_names",
    "headline",
    "json_schema",
    "limits_of",
    "load_experiment",
    "load_study",
    "parse_experiment",
    "quick_name",
    "shortened_experiment",
    "study_names",
    "to_toml",
    "with_choices",
]
