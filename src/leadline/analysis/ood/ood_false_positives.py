"""How often images that are in scope are flagged all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadline.errors import DataError
from leadline.metrics.estimates import Estimate
from leadline.statistics.intervals import wilson_interval


@dataclass(frozen=True)
class FalseAlarms:
    """Images of one part that the out-of-scope score flags though they belong there.

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
class ScopeRecord:
    """How an out-of-scope score was fitted, and how often it flags what is in scope.

    share_in_scope: of the images that set its limits. limits_from: which images these were, in
    words; limits_n: how many. validation: None where the validation images are the test images.
    """

    share_in_scope: float
    limits_from: str
    limits_n: int
    test: FalseAlarms
    validation: FalseAlarms | None = None


def false_alarms(scores: NDArray[np.floating], groups: Sequence[str] | None = None) -> FalseAlarms:
    """Count the scores above 1, each share with its Wilson interval.

    scores: (n,), what `Scope.score` gave for images that are in scope. groups: whose each image is.
    Images of one patient are alike, so the interval of images is too narrow where patients have
    several; that of patients counts each once. Raises DataError for numbers that do not agree.
    """
    out = scores > 1
    n, flagged = len(out), int(out.sum())
    share = _share(flagged, n, "Wilson")
    if groups is None:
        return FalseAlarms(n, flagged, share)
    if len(groups) != n:
        raise DataError(f"{len(groups)} groups for {n} scores; each image has one.")
    everybody = set(groups)
    alarmed = {group for group, is_out in zip(groups, out, strict=True) if is_out}
    by_patient = _share(len(alarmed), len(everybody), "Wilson, each patient counted once")
    return FalseAlarms(n, flagged, share, len(everybody), len(alarmed), by_patient)


def _share(successes: int, n: int, method: str) -> Estimate:
    return Estimate(successes / n if n else None, *wilson_interval(successes, n), method)
