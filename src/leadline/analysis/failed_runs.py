"""Runs of a study that failed in training while the others went on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class FailedRun:
    """One run that has no model.

    code: "diverged" where its loss became infinite or NaN. epoch: in which epoch, from 1.
    message: the error of the training with its fix, in one line.
    """

    experiment: str
    seed: int
    code: Literal["diverged"]
    epoch: int
    message: str


def failed_of(failed: Sequence[FailedRun], experiment: str) -> tuple[FailedRun, ...]:
    """The failed runs of one experiment."""
    return tuple(one for one in failed if one.experiment == experiment)
