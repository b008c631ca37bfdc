"""Studies of the lab's models with the layers that Keras gives them, on made-up answers."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from tests.report.conftest import sample_run

from leadline.analysis.experiment_results import ExperimentResults
from leadline.analysis.significance.comparison import Comparison
from leadline.experiments import load_experiment
from leadline.models.build import build_model
from leadline.models.built_model import UnusedLayer
from leadline.models.weight_table import LayerRow, layer_table
from leadline.report.page_content import RunPage, StudyPage
from leadline.report.sections.study_view import StudyView


@cache
def built(name: str) -> tuple[tuple[LayerRow, ...], tuple[UnusedLayer, ...]]:
    """The table of layers, and the dead ones, on MNIST's images."""
    found = build_model(load_experiment(name), (28, 28, 1), 10, seed=0)
    return layer_table(found.model), found.unused_layers


def run(name: str, seed: int = 0, **changes: Any) -> RunPage:
    """A run of a built-in experiment; its confusions are those of three other classes."""
    layers, dead = built(name)
    page = sample_run(name, seed, layers=layers, unused_layers=dead)
    return replace(page, **changes)


def view(*pages: RunPage, comparison: Comparison | None = None, **changes: Any) -> StudyView:
    return StudyView(StudyPage("s", "S", "", pages, comparison=comparison, **changes))


def rows(*pages: RunPage) -> tuple[ExperimentResults, ...]:
    return view(*pages).page.rows
