"""Input of a metric: predictions and labels, as they are or resampled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from leadline.metrics.estimates import Task, Unknown
from leadline.metrics.roc import Bools, Floats


@dataclass(frozen=True, eq=False)
class Sample:
    """The images of one part with a model's predictions, and d resamples of them.

    Parameters
    ----------
    classes : names
        Of two classes the negative one first.
    labels : int array (n,)
        Numbers of `classes`.
    probabilities : float array (n, classes)
    task : {"binary", "multiclass"}
    threshold : float, optional
        Of two classes: an image is predicted positive from this probability on. Without it the
        most probable class is predicted.
    groups : int array (n,), optional
        The patient of each image, where patients are known.
    resampled : float array (d, n), optional
        How often each image is in each resample; None for the images as they are, d = 1.
    """

    classes: tuple[str, ...]
    labels: NDArray[np.int64]
    probabilities: Floats
    task: Task
    threshold: float | None = None
    groups: NDArray[np.int64] | None = None
    resampled: Floats | None = None

    def at(self, threshold: float) -> Sample:
        return replace(self, threshold=threshold)

    def resample(self, weights: Floats) -> Sample:
        return replace(self, resampled=weights)

    @property
    def n(self) -> int:
        return len(self.labels)

    @property
    def is_binary(self) -> bool:
        return self.task == "binary"

    @property
    def weights(self) -> Floats:
        """Count of each image in each resample: (d, n)."""
        return np.ones((1, self.n)) if self.resampled is None else self.resampled

    @cached_property
    def scores(self) -> Floats:
        """Of two classes: the probability of the positive one, (n,)."""
        column: Floats = self.probabilities[:, 1]
        return column

    @cached_property
    def positive(self) -> Bools:
        """Of two classes: True for images of the positive one, (n,)."""
        positive: Bools = self.labels == 1
        return positive

    @cached_property
    def called(self) -> Bools:
        """Of two classes: True for images predicted positive, (n,)."""
        called: Bools = self.predicted == 1
        return called

    @cached_property
    def predicted(self) -> NDArray[np.int64]:
        """The predicted class of each image, (n,)."""
        predicted: NDArray[np.int64] = (
            self.probabilities.argmax(axis=1)
            if self.threshold is None
            else (self.scores >= self.threshold).astype(np.int64)
        )
        return predicted

    @cached_property
    def confusion(self) -> Floats:
        """Confusion matrices (d, classes, classes); rows are true classes, columns predicted."""
        k = len(self.classes)
        cells, cell_of = np.unique(self.labels * k + self.predicted, return_inverse=True)
        member = np.eye(len(cells))[cell_of]
        counts = np.zeros((len(self.weights), k * k))
        counts[:, cells] = self.weights @ member
        return counts.reshape(-1, k, k)

    @cached_property
    def judged(self) -> tuple[Floats, Bools]:
        """Probabilities (n,), and whether what they predict is true (n,), for calibration.

        Of two classes that of the positive one; of more that of the most probable class.
        """
        if self.is_binary:
            return self.scores, self.positive
        from leadline.metrics.calibration import top_label

        return top_label(self.probabilities, self.labels)

    @cached_property
    def squared_errors(self) -> Floats:
        """Squared error of each image (n,): of p(positive), or summed over more classes."""
        if self.is_binary:
            errors: Floats = (self.scores - self.positive.astype(np.float64)) ** 2
            return errors
        from leadline.metrics.calibration import squared_errors

        return squared_errors(self.probabilities, self.labels)

    @property
    def one_class(self) -> Unknown | None:
        """The reason for metrics that need two classes, where all images are of one."""
        present = np.unique(self.labels)
        return Unknown("one_class", self.classes[present[0]]) if len(present) < 2 else None


@dataclass(frozen=True, eq=False)
class Ratio:
    """One sum over images divided by another; top, bottom: (n,).

    undefined: the reason where `bottom` sums to 0.
    """

    top: NDArray[np.generic]
    bottom: NDArray[np.generic]
    undefined: Unknown | None = None

    @property
    def value(self) -> float | None:
        """None where there is nothing to divide by."""
        below = float(self.bottom.sum())
        return float(self.top.sum()) / below if below else None


@dataclass(frozen=True, eq=False)
class Combination:
    """A metric that rises with two ratios, as balanced accuracy with sensitivity and specificity.

    undefined: the reason where both ratios have a value and the combination has none.
    """

    function: Callable[[Floats, Floats], Floats]
    first: Ratio
    second: Ratio
    undefined: Unknown | None = None


@dataclass(frozen=True)
class Area:
    """An area under a ROC curve with its variance. images: bool (k, n), those of each class."""

    value: float
    variance: float
    images: tuple[Bools, ...]


Computed = Floats | Ratio | Combination | Area
"""What `Metric.compute` returns: the metric of each resample (d,), NaN where it is undefined, or
one of the forms above, which need no resamples or share them."""
