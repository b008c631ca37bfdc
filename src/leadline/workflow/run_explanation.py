"""Where a judged model looks, for its run folder; a run stands even where that cannot be told."""

from __future__ import annotations

import numpy as np

from leadline.data.dataset import Split
from leadline.explain.example_images import explained_point
from leadline.explain.explanations import Explanations, explain_model
from leadline.models.library_messages import in_one_line
from leadline.workflow.events import Warned, Watcher
from leadline.workflow.run_evaluation import Judged

REDRAWING_SEED = 0
"""The same redrawn weights for every run of an architecture, so that runs can be compared."""


def explained(judged: Judged, split: Split, name: str, on_event: Watcher) -> Explanations | None:
    """Maps of test images, None where the model has no convolution, or its maps fail.

    Of two classes with fitted thresholds the decision at Youden's is explained, else the most
    probable class.
    """
    positive, threshold = explained_point(judged.decided, split.classes)
    try:
        return explain_model(
            judged.built.model,
            split.test.images,
            judged.predictions["test"].probabilities,
            np.random.default_rng(REDRAWING_SEED),
            positive=positive,
            threshold=threshold,
        )
    except Exception as error:  # noqa: BLE001 - a user's own layers may fail in any way
        said = f"{type(error).__name__}: {in_one_line(error)}"
        on_event(Warned(f"{name}: no explanations: {said}"))
        return None
