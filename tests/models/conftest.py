"""Experiments made of a few layers, and image models of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from leadline.experiments import Experiment
from leadline.models.build import build_model
from leadline.models.built_model import BuiltModel


def make_experiment(*layers: dict[str, Any], **settings: Any) -> Experiment:
    """An experiment named "trial" on unflattened pixels."""
    table = {"name": "trial", "family": "cnn", "features": {"kind": "pixels"}, "layers": layers}
    return Experiment.model_validate(table | settings)


@pytest.fixture(scope="session")
def experiment_of() -> Callable[..., Experiment]:
    return make_experiment


@pytest.fixture(scope="session")
def build() -> Callable[..., BuiltModel]:
    def build_(
        *layers: dict[str, Any],
        image: tuple[int, int, int] = (8, 8, 3),
        classes: int = 4,
        seed: int = 0,
        **settings: Any,
    ) -> BuiltModel:
        return build_model(make_experiment(*layers, **settings), image, classes, seed=seed)

    return build_
