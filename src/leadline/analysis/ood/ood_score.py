"""Is this an image such as the model was trained on? A score fitted on the training images.

Two questions are put to a thumbnail of the image (`thumbnail`). How far is it from the training
images: as a Gaussian has it, along the directions in which these differ and across them (Moghaddam
and Pentland, IEEE PAMI 19, 1997)? And is it much nearer to them when turned by 180 degrees? Each
answer is divided by a limit; the larger is the score. The limits let 99% of images that were not
fitted on stay in scope.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import ceil
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.ood.ood_features import Floats, Thumbnails
from leadline.errors import DataError
from leadline.metrics.estimates import Estimate, Method
from leadline.statistics.intervals import wilson_interval

DIRECTIONS = 32
IN_SCOPE = 0.99
"""Share of the validation images that stay within both limits."""
LEAST_VARIANCE = 1e-4
"""Floor of the variances, about the square of what rounding in float32 moves a thumbnail's number
by. Training images that hardly differ have variances below it, and dividing by those would make
rounding errors large: runtimes would disagree about the score."""
LEAST_DISTANCE = 1e-3
"""Added to the denominator, because training images that are all the same have no distance."""
LEAST_LIMIT = 1e-2
"""Floor of the limits, for the same reason; where training images differ, both are about 1."""


@dataclass(frozen=True, eq=False)
class OODScore:
    """Distance of an image from the training images.

    mean: float32 (size,), of the training thumbnails. directions: float32 (size, k), orthonormal,
    along which these differ most. variances: float32 (k,), along each. rest: the mean variance
    across them. farthest, turned_limit: what the distance, and its quotient by the distance of the
    image turned by 180 degrees, may be.
    """

    image_shape: tuple[int, int, int]
    mean: Floats
    directions: Floats
    variances: Floats
    rest: float
    farthest: float
    turned_limit: float

    @property
    def thumbnails(self) -> Thumbnails:
        return Thumbnails(self.image_shape)

    def score(self, pixels: NDArray[np.uint8]) -> Floats:
        """Score of each image: float32 (n,), 0 or more, above 1 if unlike the training images.

        pixels: uint8 (n, *image_shape). Raises DataError for another shape or type.
        """
        distance, quotient = self.answers(self.thumbnails(pixels))
        scores: Floats = np.maximum(
            distance / np.float32(self.farthest), quotient / np.float32(self.turned_limit)
        )
        return scores

    def answers(self, thumbnails: Floats) -> tuple[Floats, Floats]:
        """The distance, and its quotient by the turned image's: float32 (n,) each."""
        distance = self._distance(thumbnails)
        turned = self._distance(thumbnails[:, self.thumbnails.turned])
        return distance, distance / (turned + np.float32(LEAST_DISTANCE))

    def _distance(self, thumbnails: Floats) -> Floats:
        """Squared, and divided by the thumbnail's size: about 1 for a training image."""
        centred = thumbnails - self.mean
        along = centred @ self.directions
        across = centred - along @ self.directions.T
        squared: Floats = (along**2 / self.variances).sum(axis=1) + (across**2).sum(
            axis=1
        ) / np.float32(self.rest)
        return squared / np.float32(self.mean.size)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Every field as an array, for an NPZ file; `ood_score_from` takes them back."""
        return {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}


def fit_ood_score(
    train_pixels: NDArray[np.uint8], validation_pixels: NDArray[np.uint8]
) -> OODScore:
    """Fit the score on training images, and its two limits on images that are none of them.

    train_pixels, validation_pixels: uint8 (n, height, width, channels); 2 or more to train on, 1 or
    more to validate. A limit is the ceil(0.99 (n + 1))-th smallest of n validation images' answers
    (the largest, below 99 images); then both are moved by one factor, so that the same holds of the
    larger answer. Of images drawn as these were 1% is expected outside (1 of n + 1, below 99
    images). Nothing is drawn at random. Raises DataError for too few images.
    """
    if len(train_pixels) < 2 or len(validation_pixels) < 1:
        raise DataError(
            "the out-of-distribution score needs 2 training images and 1 to validate it. Received: "
            f"{len(train_pixels)} and {len(validation_pixels)}."
        )
    thumbnails = Thumbnails(train_pixels.shape[1:])
    mean, directions, variances, rest = _gaussian(thumbnails(train_pixels))
    ood_score = OODScore(thumbnails.image_shape, mean, directions, variances, rest, 1.0, 1.0)
    distance, quotient = ood_score.answers(thumbnails(validation_pixels))
    farthest, turned_limit = _limit(distance), _limit(quotient)
    both = _limit(np.maximum(distance / farthest, quotient / turned_limit))
    return replace(
        ood_score,
        farthest=max(farthest * both, LEAST_LIMIT),
        turned_limit=max(turned_limit * both, LEAST_LIMIT),
    )


def ood_score_from(arrays: Mapping[str, NDArray[Any]]) -> OODScore:
    """The score whose `arrays` these are. Raises DataError where they do not fit together."""
    try:
        mean, directions, variances = (
            np.asarray(arrays[name], np.float32) for name in ("mean", "directions", "variances")
        )
        rest, farthest, turned_limit = (
            float(arrays[name]) for name in ("rest", "farthest", "turned_limit")
        )
        height_px, width_px, channels = (int(length) for length in arrays["image_shape"])
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"the out-of-distribution score is damaged ({error}); fit it again."
        ) from None
    shape = (height_px, width_px, channels)
    ood_score = OODScore(shape, mean, directions, variances, rest, farthest, turned_limit)
    _check(ood_score)
    return ood_score


def _check(ood_score: OODScore) -> None:
    size = ood_score.thumbnails.size
    shapes = ood_score.mean.shape, ood_score.directions.shape
    if shapes != ((size,), (size, *ood_score.variances.shape)):
        raise DataError(
            f"the out-of-distribution score is damaged: a mean {shapes[0]} and directions "
            f"{shapes[1]} for images {ood_score.image_shape}, whose thumbnails have {size} "
            "numbers; fit it again."
        )
    positive = np.append(
        ood_score.variances, [ood_score.rest, ood_score.farthest, ood_score.turned_limit]
    )
    everything = np.concatenate([ood_score.mean, ood_score.directions.ravel(), positive])
    if not np.isfinite(everything).all() or (positive <= 0).any():
        raise DataError(
            "the out-of-distribution score is damaged: it holds numbers that are not finite, or "
            "variances or limits that are not above 0; fit it again."
        )


def _gaussian(thumbnails: Floats) -> tuple[Floats, Floats, Floats, float]:
    """Mean, directions, variances along them, and the mean variance across them."""
    n, size = thumbnails.shape
    values = thumbnails.astype(np.float64)
    mean = values.mean(axis=0)
    values -= mean
    variances, directions = np.linalg.eigh(values.T @ values / (n - 1))
    # At most half as many directions as images, or the images themselves would lie in them.
    k = min(DIRECTIONS, n // 2, size - 1)
    kept = slice(size - k, size)
    return (
        mean.astype(np.float32),
        directions[:, kept].astype(np.float32),
        np.maximum(variances[kept], LEAST_VARIANCE).astype(np.float32),
        max(float(variances[: size - k].mean()), LEAST_VARIANCE),
    )


def _limit(answers: Floats) -> float:
    n = len(answers)
    rank = min(n, ceil(IN_SCOPE * (n + 1)))
    return max(float(np.sort(answers)[rank - 1]), LEAST_LIMIT)


@dataclass(frozen=True)
class FalseAlarms:
    """Images of one part that the out-of-distribution score flags though they belong there.

    share: of n images. by_patient: the share of n_groups patients who have an image that is
    flagged; None where it is not known whose the images are.
    """

    n: int
    flagged: int
    share: Estimate
    n_groups: int | None = None
    groups_flagged: int | None = None
    by_patient: Estimate | None = None


@dataclass(frozen=True)
class OODRecord:
    """Fit of an out-of-distribution score, and how often it flags in-distribution images.

    share_in_scope: of the images that set its limits. limits_from: which images these were, the
    validation images or a fifth of the training images; limits_n: how many. validation: None where
    the validation images are the test images.
    """

    share_in_scope: float
    limits_from: Literal["validation", "train"]
    limits_n: int
    test: FalseAlarms
    validation: FalseAlarms | None = None


def false_alarms(scores: NDArray[np.floating], groups: Sequence[str] | None = None) -> FalseAlarms:
    """Count the scores above 1, each share with its Wilson interval.

    scores: (n,), what `OODScore.score` gave for in-distribution images. groups: of each image.
    Images of one patient are alike, so the interval of images is too narrow where patients have
    several; that of patients counts each once. Raises DataError for numbers that do not agree.
    """
    out = scores > 1
    n, flagged = len(out), int(out.sum())
    share = _share(flagged, n, "wilson")
    if groups is None:
        return FalseAlarms(n, flagged, share)
    if len(groups) != n:
        raise DataError(f"{len(groups)} groups for {n} scores; each image has one.")
    everybody = set(groups)
    alarmed = {group for group, is_out in zip(groups, out, strict=True) if is_out}
    by_patient = _share(len(alarmed), len(everybody), "wilson_by_patient")
    return FalseAlarms(n, flagged, share, len(everybody), len(alarmed), by_patient)


def _share(successes: int, n: int, method: Method) -> Estimate:
    return Estimate(successes / n if n else None, *wilson_interval(successes, n), method)
