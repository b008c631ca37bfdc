"""Labels that are likely wrong: what trained models, which never saw these images, don't believe.

By confident learning (Northcutt, Jiang and Chuang, Journal of Artificial Intelligence Research 70,
2021) as cleanlab has it. How the rule was chosen, and what it finds, is in docs/confusions.md.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from leadline.errors import DataError

LEAST_OF_A_CLASS = 10
"""Images of each class, on whose mean confidence the method rests."""
MOST = 24
"""Images shown, the likeliest first."""
SURE = 0.8
"""Smallest probability that an experiment must give another class; below, an image may lie between
two."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Suspect:
    """An image whose label is likely wrong.

    index: its place among the test images. given: its label. suggested: the class that the
    experiments find most probable beside it. p_given, p_suggested: the mean probability, 0 to 1.
    listed_by: how many experiments, each by itself, hold the label for wrong. agreeing: how many
    take the image for the suggested class. likely: whether more than half list it.
    """

    index: int
    name: str
    given: str
    suggested: str
    p_given: float
    p_suggested: float
    listed_by: int
    agreeing: int
    likely: bool


@dataclass(frozen=True)
class LabelErrors:
    """What was found among n test images by so many experiments with so many runs together.

    Of each label that is held for wrong, more than half of the experiments take the image for one
    other class. likely: how many labels more than half of them hold for wrong. possible: how many
    others at least one does. suspects: at most 24, the likely ones first, in either kind those
    first whose label is least believed.
    """

    n: int
    experiments: int
    runs: int
    likely: int
    possible: int
    suspects: tuple[Suspect, ...]

    @property
    def ceiling(self) -> float:
        """The accuracy of a perfect model here, if the likely errors are errors; 0 to 1."""
        return (self.n - self.likely) / self.n


@dataclass(frozen=True)
class NotSearched:
    """Why there was no search among n test images.

    "rare class": `class_name` has fewer images than the search needs. "guessing": no model is shown
    to be better than guessing, so that what it says of a label means nothing.
    """

    n: int
    reason: Literal["rare class", "guessing"]
    class_name: str = ""
    images: int = 0
    needed: int = 0


@dataclass(frozen=True, eq=False)
class LabelRecord:
    """What was found, or why nothing was looked for, with the images of the suspects.

    pixels: uint8 (m, height, width, channels), in the order of the m suspects.
    """

    found: LabelErrors | NotSearched
    pixels: NDArray[np.uint8]

    @property
    def errors(self) -> LabelErrors | None:
        """None where the labels were not searched."""
        return self.found if isinstance(self.found, LabelErrors) else None

    @property
    def not_searched(self) -> NotSearched | None:
        """The reason why the labels were not searched; None where they were."""
        return self.found if isinstance(self.found, NotSearched) else None

    @property
    def reversible(self) -> float:
        """Largest difference of two accuracies that correcting the labels may reverse; 0 to 1.

        A wrong answer counts as right on a wrong label. At worst each of these images is right for
        one model and wrong for the other, and both change.
        """
        return 0.0 if self.errors is None else 2 * self.errors.likely / self.errors.n


def label_errors(
    experiments: Sequence[Sequence[NDArray[Any]]],
    labels: NDArray[Any],
    classes: Sequence[str],
    names: Sequence[str],
    *,
    most: int = MOST,
) -> LabelErrors | NotSearched:
    """Look for wrong labels in n test images.

    experiments: the probabilities (n, classes) that each of its runs gives; these were not trained
    on the images. labels: int (n,). names: n. most: suspects that are kept. Of each experiment the
    mean over its runs is judged by itself, and they vote: a mean over all of them would be as
    unsure as the weakest. Raises DataError for no experiments, and for probabilities of other
    shapes.
    """
    _check(experiments, len(labels), len(classes), len(names))
    sizes = np.bincount(labels, minlength=len(classes))
    rarest = int(sizes.argmin())
    if sizes[rarest] < LEAST_OF_A_CLASS:
        images = int(sizes[rarest])
        return NotSearched(len(labels), "rare class", classes[rarest], images, LEAST_OF_A_CLASS)
    means = np.stack([_mean(runs) for runs in experiments])
    found = _found(means, labels)
    order = np.lexsort((found.believed, ~found.likely))
    chosen = order[(found.likely | found.possible)[order]][:most]
    return LabelErrors(
        n=len(labels),
        experiments=len(means),
        runs=sum(map(len, experiments)),
        likely=int(found.likely.sum()),
        possible=int(found.possible.sum()),
        suspects=tuple(found.suspect(index, classes, names) for index in chosen.tolist()),
    )


@dataclass(frozen=True, eq=False)
class _Found:
    """Of each image: int, float or bool (n,), as in `Suspect`."""

    given: NDArray[np.int64]
    suggested: NDArray[np.int64]
    believed: Floats
    instead: Floats
    listed_by: NDArray[np.int64]
    agreeing: NDArray[np.int64]
    likely: NDArray[np.bool_]
    possible: NDArray[np.bool_]

    def suspect(self, index: int, classes: Sequence[str], names: Sequence[str]) -> Suspect:
        return Suspect(
            index=index,
            name=names[index],
            given=classes[self.given[index]],
            suggested=classes[self.suggested[index]],
            p_given=float(self.believed[index]),
            p_suggested=float(self.instead[index]),
            listed_by=int(self.listed_by[index]),
            agreeing=int(self.agreeing[index]),
            likely=bool(self.likely[index]),
        )


def _found(means: Floats, labels: NDArray[Any]) -> _Found:
    """means: (experiments, n, classes)."""
    every, together = np.arange(len(labels)), means.mean(axis=0)
    believed = together[every, labels]
    together[every, labels] = -1
    suggested = together.argmax(axis=1)
    listed_by = np.sum([_listed(mean, labels) for mean in means], axis=0)
    agreeing = (means.argmax(axis=2) == suggested).sum(axis=0)
    shared = (2 * agreeing > len(means)) & (listed_by > 0)
    likely = shared & (2 * listed_by > len(means))
    return _Found(
        given=labels,
        suggested=suggested,
        believed=believed,
        instead=together[every, suggested],
        listed_by=listed_by,
        agreeing=agreeing,
        likely=likely,
        possible=shared & ~likely,
    )


def _mean(runs: Sequence[NDArray[Any]]) -> Floats:
    mean: Floats = np.mean([run.astype(np.float64) for run in runs], axis=0)
    mean /= mean.sum(axis=1, keepdims=True)
    return mean


def _listed(probabilities: Floats, labels: NDArray[Any]) -> NDArray[np.bool_]:
    """bool (n,): as many labels as confident learning counts errors, the least believed ones.

    Only where the model is sure of another class: a weak one counts many errors, which are its own.
    """
    output = StringIO()
    with warnings.catch_warnings(), redirect_stdout(output), redirect_stderr(output):
        warnings.simplefilter("ignore")
        from cleanlab.filter import find_label_issues

        found = find_label_issues(
            labels, probabilities, filter_by="low_self_confidence", n_jobs=1, verbose=False
        )
    otherwise = probabilities.copy()
    otherwise[np.arange(len(labels)), labels] = 0
    sure: NDArray[np.bool_] = otherwise.max(axis=1) >= SURE
    return np.asarray(found, dtype=bool) & sure


def _check(experiments: Sequence[Sequence[NDArray[Any]]], n: int, classes: int, names: int) -> None:
    shapes = {run.shape for runs in experiments for run in runs}
    if shapes != {(n, classes)} or not all(experiments) or names != n:
        raise DataError(
            f"expected a run or more of each experiment, of probabilities ({n}, {classes}), and "
            f"{n} names. Received: {', '.join(map(str, sorted(shapes))) or 'none'}, {names} names."
        )
