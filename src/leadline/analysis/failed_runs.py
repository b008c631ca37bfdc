"""Runs of a study that failed in training while the others went on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from leadline.errors import Diverged, NotFinite


@dataclass(frozen=True)
class FailedRun:
    """One run that has no model.

    code: "diverged" where its loss became infinite or NaN. epoch, batch: in which, from 1. loss:
    "nan", "inf" or "-inf". last_loss: the last finite one, if there was any.
    """

    experiment: str
    seed: int
    code: Literal["diverged"]
    epoch: int
    batch: int
    loss: NotFinite
    last_loss: float | None

    @property
    def message(self) -> str:
        """The error of the training with its fix, in one line, in English."""
        return str(Diverged.at(self.epoch, self.batch, self.loss, self.last_loss))


def failed_of(failed: Sequence[FailedRun], experiment: str) -> tuple[FailedRun, ...]:
    """The failed runs of one experiment."""
    return tuple(failed_run for failed_run in failed if failed_run.experiment == experiment)
