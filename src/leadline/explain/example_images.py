"""Choice of example images for a report: confused pairs, and images to be explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from leadline.data.dataset import Images
from leadline.metrics.classification import Evaluation, confused_indices
from leadline.metrics.decision_rule import score
from leadline.metrics.estimates import DecisionRule

PAIRS = 8
IMAGES_A_DIRECTION = 5
EACH_KIND = 4
EXPLAINED_POINT = "youden"

Kind = Literal["right", "wrong", "uncertain"]
KINDS: tuple[Kind, ...] = ("right", "wrong", "uncertain")


@dataclass(frozen=True)
class ChosenImage:
    """An image to be explained, and why it: the surest right, the surest wrong, the least sure."""

    index: int
    kind: Kind


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


def telling_examples(
    probabilities: NDArray[np.float32],
    labels: NDArray[np.int64],
    *,
    positive: int | None = None,
    threshold: float = 0.5,
    each: int = EACH_KIND,
) -> tuple[ChosenImage, ...]:
    """Images worth explaining: `each` of the three kinds, spread evenly over the true classes.

    probabilities: float32 (n, classes). positive: of two classes, the one that is decided for from
    `threshold` on; the least sure images are those next to it. Without it the most probable class
    is decided for, and the least sure are those whose two best are closest. The same arrays give
    the same images: what is equal keeps its order. No image is chosen twice.
    """
    decided = decisions(probabilities, positive, threshold)
    sureness = probabilities[np.arange(len(labels)), decided]
    if positive is None:
        best = np.sort(probabilities, axis=1)[:, -2:]
        doubt = best[:, 0] - best[:, -1]
    else:
        doubt = -np.abs(probabilities[:, positive] - np.float32(threshold))
    right = decided == labels
    chosen: list[ChosenImage] = []
    candidates = {"right": right, "wrong": ~right, "uncertain": np.ones_like(right)}
    for kind in KINDS:
        score = doubt if kind == "uncertain" else sureness
        free = np.setdiff1d(np.flatnonzero(candidates[kind]), [one.index for one in chosen])
        chosen += [ChosenImage(index, kind) for index in _spread(free, score, labels, each)]
    return tuple(chosen)


def decisions(
    probabilities: NDArray[np.float32], positive: int | None = None, threshold: float = 0.5
) -> NDArray[np.int64]:
    """int64 (n,): the class decided for, as `telling_examples` says."""
    if positive is None:
        likeliest: NDArray[np.int64] = probabilities.argmax(axis=1).astype(np.int64)
        return likeliest
    return np.where(score(probabilities, positive) >= threshold, positive, 1 - positive)


def explained_point(
    decided: DecisionRule | None, classes: Sequence[str]
) -> tuple[int | None, float]:
    """Return the positive class and the threshold of the explained decisions; (None, 0.5) without.

    Of the thresholds it is Youden's, which favours neither class.
    """
    if decided is not None and decided.positive is not None:
        for point in decided.points:
            if point.name == EXPLAINED_POINT:
                return list(classes).index(decided.positive), point.threshold
    return None, 0.5


def _spread(
    candidates: NDArray[np.int64],
    score: NDArray[np.float32],
    labels: NDArray[np.int64],
    most: int,
) -> list[int]:
    """The highest scores, taking turns between the classes; sorted by class, then by score."""
    ordered = candidates[np.argsort(-score[candidates], kind="stable")]
    turns = np.empty(len(ordered), np.int64)
    for label in np.unique(labels[ordered]):
        own = labels[ordered] == label
        turns[own] = np.arange(own.sum())
    first = ordered[np.argsort(turns, kind="stable")][:most]
    # Back to one class after the other, each by its score.
    position = {int(index): place for place, index in enumerate(ordered)}
    return sorted(map(int, first), key=lambda index: (labels[index], position[index]))
