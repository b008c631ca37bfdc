"""Every error that a user can cause, as one tree.

    LeadlineError            something the user can fix: one line, exit status 2
    ├── SpecError            an experiment or study that does not read, or does not fit together
    │   └── UnknownName      no built-in experiment, study or data set of that name
    ├── DataError            images or labels that are missing, damaged or do not fit
    │   ├── UnreadableImages  image files that cannot be read, all of them
    │   └── SourceError      no source of a data set could be reached or verified
    ├── RunError             a run folder that is missing, or holds something else
    │   ├── DamagedRun       a run folder whose files are not what was written
    │   └── OtherFormat      a run folder that another version of leadline has written
    ├── TrainingError        training that cannot go on: loss not finite, out of memory
    │   └── Diverged         a loss that is infinite or NaN
    ├── ModelFileError        an exported file that does not answer as its model does
    │   └── ScoreDiffers     its out-of-distribution score differs; its probabilities do not
    ├── StorageError         the disk is full, or the folder cannot be written
    ├── SetupError           a library is configured in a way that leadline cannot work with
    └── MissingExtra         the command needs an extra that is not installed

A message says what is wrong, where, with the offending value, and how to fix it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

NotFinite = Literal["nan", "inf", "-inf"]


class LeadlineError(Exception):
    """Something the user can fix; shown as one line, exit status 2."""

    def alone(self) -> Self:
        """The error without what led to it: frames hold a file's bytes, or half of an image.

        For errors that are kept until others have come.
        """
        self.__traceback__ = self.__context__ = self.__cause__ = None
        return self


class SpecError(LeadlineError):
    """An experiment or study that does not read, or whose parts do not fit together."""


class UnknownName(SpecError):
    """No built-in experiment, study or data set of that name."""


class DataError(LeadlineError):
    """Images or labels that are missing, damaged, or do not fit."""


class UnreadableImages(DataError):
    """Image files that cannot be read.

    failures : messages, one for each file, in order.
    """

    def __init__(self, message: str, failures: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.failures = tuple(failures)


class SourceError(DataError):
    """No source of a data set could be reached or verified."""


class RunError(LeadlineError):
    """A run folder that is missing, or holds something else."""


class DamagedRun(RunError):
    """A run folder whose files are missing, empty, cut short or otherwise not what was written."""


class OtherFormat(RunError):
    """A run folder that another version of leadline wrote, in a format that this one lacks."""


class TrainingError(LeadlineError):
    """Training that cannot go on: a loss that is not finite, out of memory."""


class Diverged(TrainingError):
    """A loss that became infinite or NaN.

    epoch, batch : counted from 1. loss : "nan", "inf" or "-inf". last_loss : the last finite one.
    """

    def __init__(
        self,
        message: str,
        epoch: int = 1,
        batch: int = 1,
        loss: NotFinite = "nan",
        last_loss: float | None = None,
    ) -> None:
        super().__init__(message)
        self.epoch, self.batch, self.loss, self.last_loss = epoch, batch, loss, last_loss

    @classmethod
    def at(cls, epoch: int, batch: int, loss: NotFinite, last_loss: float | None) -> Self:
        """Return the error with its message."""
        last = "none" if last_loss is None else f"{last_loss:.4g}"
        return cls(
            f"the loss became {loss} in epoch {epoch}, batch {batch} (last finite loss: {last}); "
            "lower training.optimizer.learning_rate or set training.optimizer.clipnorm = 1.0.",
            epoch,
            batch,
            loss,
            last_loss,
        )


class ModelFileError(LeadlineError):
    """An exported file that does not answer as its model does."""


class ScoreDiffers(ModelFileError):
    """An exported file whose OOD score differs from NumPy's; its probabilities agree."""


class StorageError(LeadlineError):
    """The disk is full, or the folder cannot be written."""


class SetupError(LeadlineError):
    """A library is configured, in the environment or a file, in a way leadline cannot work with."""


class MissingExtra(LeadlineError):
    """The command needs an optional extra that is not installed."""


def mark(message: str) -> str:
    """Return the message unchanged; `pybabel extract` collects it for translation.

    It is looked up with `gettext` when it is displayed.
    """
    return message
