"""leadline: shallow, feature-based and deep image classifiers under one protocol.

    import leadline

    leadline.show("mlp-1")                     # layers, weights and their formulas
    leadline.audit("my-images/")               # leaks, duplicates, shortcuts
    result = leadline.study("first-look")      # trains three models, writes a report
    run = leadline.run("mlp-1", data=(images, labels))   # trains one
    run = leadline.load_run("runs/mlp-1/seed-0")
    run.metrics.test.accuracy, run.metrics.test.accuracy_interval
    run.history, run.predict("digit.png"), run.explain("digit.png")
    leadline.compare("runs/first-look").best   # and which differences are significant
    leadline.export_run("runs/mlp-1/seed-0", "keras")    # writes mlp-1.keras, checked
    model = leadline.load_keras("mlp-1.keras")           # runs no code from the file

Names are loaded when they are first used: importing leadline imports nothing heavy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from leadline.system import dependency_settings

if TYPE_CHECKING:
    from leadline.cli.python_api import audit, draw_explanation, run, show, silent, study
    from leadline.errors import LeadlineError
    from leadline.experiments import Experiment, Study, load_experiment, load_study
    from leadline.metrics.classification import Evaluation, evaluate
    from leadline.models.keras_loading import load_keras
    from leadline.runs import Run, list_runs, load_run
    from leadline.workflow.run_export import export_run
    from leadline.workflow.run_ranking import compare
    from leadline.workflow.study_training import StudyResult

dependency_settings.apply()

__version__ = "0.1.0"

_HOMES = {
    "Evaluation": "leadline.metrics.classification",
    "Experiment": "leadline.experiments",
    "LeadlineError": "leadline.errors",
    "Run": "leadline.runs",
    "Study": "leadline.experiments",
    "StudyResult": "leadline.workflow.study_training",
    "compare": "leadline.workflow.run_ranking",
    "audit": "leadline.cli.python_api",
    "draw_explanation": "leadline.cli.python_api",
    "evaluate": "leadline.metrics.classification",
    "export_run": "leadline.workflow.run_export",
    "list_runs": "leadline.runs",
    "load_experiment": "leadline.experiments",
    "load_keras": "leadline.models.keras_loading",
    "load_run": "leadline.runs",
    "load_study": "leadline.experiments",
    "run": "leadline.cli.python_api",
    "show": "leadline.cli.python_api",
    "silent": "leadline.cli.python_api",
    "study": "leadline.cli.python_api",
}

_IMPORTS_KERAS = (
    "leadline.workflow.study_training",
    "leadline.cli.python_api",
    "leadline.workflow.run_export",
)
_IMPORTS_MATPLOTLIB = (
    "leadline.workflow.study_training",
    "leadline.cli.python_api",
)

__all__ = [
    "Evaluation",
    "Experiment",
    "LeadlineError",
    "Run",
    "Study",
    "StudyResult",
    "__version__",
    "audit",
    "compare",
    "draw_explanation",
    "evaluate",
    "export_run",
    "list_runs",
    "load_experiment",
    "load_keras",
    "load_run",
    "load_study",
    "run",
    "show",
    "silent",
    "study",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'leadline' has no attribute {name!r}")
    # These modules import Keras or matplotlib at their top, where a user's configuration of either
    # could raise any exception.
    if home in _IMPORTS_KERAS:
        importlib.import_module("leadline.models.keras_setup").import_keras()
    if home in _IMPORTS_MATPLOTLIB:
        importlib.import_module("leadline.report.plots.matplotlib_setup").import_matplotlib()
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
