"""How well scores rank images: the area under the ROC curve, as training monitors it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from leadline.data.dataset import Int64Array
from leadline.errors import TrainingError
from leadline.statistics.delong import placements


def auroc(probabilities: NDArray[np.float32], labels: Int64Array) -> float:
    """Area under the ROC curve, 0 to 1, higher is better; 0.5 where scores tell nothing.

    probabilities: (n, classes). labels: (n,), every class among them. Of two classes, that of the
    second; of more, the mean over classes of each against all others. Ties count half: the
    Mann-Whitney statistic (Hanley and McNeil, Radiology 1982).
    """
    classes = probabilities.shape[1]
    found = range(1, classes) if classes == 2 else range(classes)
    return float(np.mean([_one_class(probabilities[:, c], labels == c) for c in found]))


def check_ranked(labels: Int64Array, classes: Sequence[str]) -> None:
    """Raise TrainingError where a class has no validation image, for then there is no area."""
    counts = np.bincount(labels, minlength=len(classes))
    missing = [name for name, count in zip(classes, counts, strict=True) if not count]
    if missing:
        raise TrainingError(
            "training.monitor = 'validation_auroc' needs validation images of every class, and "
            f"there are none of {', '.join(missing)}; set training.monitor = 'validation_loss', or "
            "give more validation images."
        )


def _one_class(scores: NDArray[np.float32], positive: NDArray[np.bool_]) -> float:
    return float(placements(scores.astype(np.float64), positive)[positive].mean())
