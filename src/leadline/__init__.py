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

from leadline import dependency_settings

if TYPE_CHECKING:
    from leadline.errors import LeadlineError
    from leadline.evaluation.metrics import Evaluation, evaluate
    from leadline.exporting import export_run
    from leadline.interactive import audit, draw_explanation, run, show, silent, study
    from leadline.models.loading import load_keras
    from leadline.pipeline import StudyResult
    from leadline.ranking import compare
    from leadline.runs import Run, list_runs, load_run
    from leadline.spec import Experiment, Study, load_experiment, load_study

dependency_settings.apply()

__version__ = "0.1.0"

_HOMES = {
    "Evaluation": "leadline.evaluation.metrics",
    "Experiment": "leadline.spec",
    "LeadlineError": "leadline.errors",
    "Run": "leadline.runs",
    "Study": "leadline.spec",
    "StudyResult": "leadline.pipeline",
    "compare": "leadline.ranking",
    "audit": "leadline.interactive",
    "draw_explanation": "leadline.interactive",
    "evaluate": "leadline.evaluation.metrics",
    "export_run": "leadline.exporting",
    "list_runs": "leadline.runs",
    "load_experiment": "leadline.spec",
    "load_keras": "leadline.models.loading",
    "load_run": "leadline.runs",
    "load_study": "leadline.spec",
    "run": "leadline.interactive",
    "show": "leadline.interactive",
    "silent": "leadline.interactive",
    "study": "leadline.interactive",
}

_IMPORTS_KERAS = ("leadline.pipeline", "leadline.interactive", "leadline.exporting")

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
    if home in _IMPORTS_KERAS:
        # These modules import Keras at their top, where it would raise whatever it raises.
        importlib.import_module("leadline.keras_setup").import_keras()
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
