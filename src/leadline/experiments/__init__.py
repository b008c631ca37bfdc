"""Experiments and studies: frozen values, read from TOML and written back resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadline.system.lazy_names import lazy_names

if TYPE_CHECKING:
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

__getattr__ = lazy_names(
    __name__,
    {
        "AnyFeatures": "experiment",
        "Data": "experiment",
        "Experiment": "experiment",
        "Hog": "experiment",
        "NAME_MAX_CHARS": "experiment",
        "Pixels": "experiment",
        "PythonModel": "experiment",
        "Reference": "experiment",
        "Study": "experiment",
        "headline": "intended_use",
        "limits_of": "intended_use",
        "QUICK_SUFFIX": "overrides",
        "quick_name": "overrides",
        "shortened_experiment": "overrides",
        "built_in_name": "toml_reading",
        "experiment_names": "toml_reading",
        "load_experiment": "toml_reading",
        "load_study": "toml_reading",
        "parse_experiment": "toml_reading",
        "study_names": "toml_reading",
        "with_choices": "toml_reading",
        "json_schema": "toml_writing",
        "to_toml": "toml_writing",
        "Augmentation": "training_settings",
        "Decision": "training_settings",
        "Training": "training_settings",
    },
)

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
