"""Training failures as one-line errors with the fix."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch

from leadline.errors import Diverged, NotFinite, TrainingError
from leadline.training.session import Pass

SAID_BY_ALLOCATORS = ("allocate memory", "not enough memory", "out of memory")


def check_finite(epoch: int, done: Pass, earlier_losses: Sequence[float]) -> None:
    """Raise Diverged where a loss is not finite: which batch, and the last finite one."""
    if math.isfinite(done.loss):
        return
    batch = next(i for i, loss in enumerate(done.batch_losses, 1) if not math.isfinite(loss))
    finite = [*earlier_losses, *done.batch_losses[: batch - 1]]
    value = done.batch_losses[batch - 1]
    loss: NotFinite = "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    raise Diverged.at(epoch, batch, loss, float(finite[-1]) if finite else None)


@contextmanager
def explain_memory(batch_size: int) -> Iterator[None]:
    """Want of memory inside the block becomes a TrainingError."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError | torch.OutOfMemoryError) and not any(
            words in str(error) for words in SAID_BY_ALLOCATORS
        ):
            raise
        raise TrainingError(
            f"out of memory with training.batch_size = {batch_size}; make it smaller, or the "
            "images (data.size_px)."
        ) from error
