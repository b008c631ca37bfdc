"""The images behind the most confused pairs, as arrays that a run folder keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.data.dataset import Images
from leadline.evaluation.metrics import Evaluation, confused_indices

PAIRS = 8
IMAGES_A_DIRECTION = 5


def confused_examples(
    evaluation: Evaluation, images: Images, probabilities: NDArray[np.float32]
) -> dict[str, NDArray[Any]]:
    """Images of each confused pair, five in each direction, the most confidently wrong first.

    probabilities: float32 (n, classes) for `images`. Returns arrays of one length m: pixels uint8
    (m, height, width, channels), true and predicted int64 (m,), probability float32 (m,) of the
    predicted class, and index int64 (m,) in `images`.
    """
    predicted = probabilities.argmax(axis=1)
    chosen = [np.empty(0, dtype=np.int64)]
    for pair in evaluation.confused_pairs[:PAIRS]:
        a, b = evaluation.classes.index(pair.a), evaluation.classes.index(pair.b)
        both = confused_indices(images.labels, predicted, a, b, probabilities)
        chosen += [both[images.labels[both] == true][:IMAGES_A_DIRECTION] for true in (a, b)]
    indices = np.concatenate(chosen)
    return {
        "pixels": images.pixels[indices],
        "true": images.labels[indices],
        "predicted": predicted[indices].astype(np.int64),
        "probability": probabilities[indices, predicted[indices]],
        "index": indices,
    }
