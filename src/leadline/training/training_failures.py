"""Training failures as one-line errors with the fix."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch

from leadline.errors import Diverged, TrainingError
from leadline.training.session import Pass

SAID_BY_ALLOCATORS = ("allocate memory", "not enough memory", "out of memory")


def check_finite(epoch: int, done: Pass, earlier_losses: Sequence[float]) -> None:
    """Raise Diverged where a loss is not finite: which batch, and the last finite one."""
    if math.isfinite(done.loss):
        return
    batch = next(i for i, loss in enumerate(done.batch_losses, 1) if not math.isfinite(loss))
    finite = [*earlier_losses, *done.batch_losses[: batch - 1]]
    last = f"{finite[-1]:.4g}" if finite else "none"
    raise Diverged(
        f"the loss became {done.batch_losses[batch - 1]} in epoch {epoch}, batch {batch} (last "
        f"finite loss: {last}); lower training.optimizer.learning_rate or set "
        "training.optimizer.clipnorm = 1.0.",
        epoch,
    )


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
