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

from leadline.experiments.experiment import (
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
from leadline.experiments.intended_use import headline, limits_of
from leadline.experiments.overrides import QUICK_SUFFIX, quick_name, shortened_experiment
from leadline.experiments.toml_reading import (
    built_in_name,
    experiment_names,
    load_experiment,
    load_study,
    parse_experiment,
    study_names,
    with_choices,
)
from leadline.experiments.toml_writing import json_schema, to_toml
from leadline.experiments.training_settings import Augmentation, Decision, Training

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
