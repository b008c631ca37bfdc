"""Means of weights over steps or epochs, and which of them are evaluated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch

from leadline.experiments.training_settings import AnyAveraging, EpochAverage, ExponentialAverage

Tensors = list[torch.Tensor]


class Averager:
    """Follows the weights; `mean()` is what is evaluated instead of them, once there is one.

    Exponential (Polyak and Juditsky, SIAM J. Control Optim. 1992): sums d·sum + (1 - d)·weights at
    each step, divided by 1 - d^steps, so that the start at zero leaves no bias. Epochs (Izmailov
    et al., UAI 2018): the plain mean of the weights at the ends of epochs.
    """

    def __init__(self, averaging: AnyAveraging | None, weights: Sequence[torch.Tensor]) -> None:
        self._averaging = averaging
        self._weights = list(weights)
        self.count = 0
        self.sums: Tensors = [torch.zeros_like(w) for w in weights] if averaging else []

    def after_step(self) -> None:
        """Call when a step has changed the weights."""
        if isinstance(self._averaging, ExponentialAverage):
            with torch.no_grad():
                for total, weight in zip(self.sums, self._weights, strict=True):
                    total.lerp_(weight, 1 - self._averaging.decay)
            self.count += 1

    def after_epoch(self, epoch: int) -> None:
        """Call at the end of each epoch, counted from 1."""
        if isinstance(self._averaging, EpochAverage) and epoch >= self._averaging.from_epoch:
            with torch.no_grad():
                for total, weight in zip(self.sums, self._weights, strict=True):
                    total.add_(weight)
            self.count += 1

    def mean(self) -> Tensors | None:
        """The averaged weights, or None where there is nothing to average yet."""
        if not self.count or self._averaging is None:
            return None
        if isinstance(self._averaging, ExponentialAverage):
            total = 1 - self._averaging.decay**self.count
        else:
            total = self.count
        return [tensor / total for tensor in self.sums]

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The model holds the averaged weights inside the block, and its own again after it."""
        mean = self.mean()
        if mean is None:
            yield
            return
        own = [weight.detach().clone() for weight in self._weights]
        copy_into(self._weights, mean)
        try:
            yield
        finally:
            copy_into(self._weights, own)


def copy_into(weights: Sequence[torch.Tensor], values: Sequence[torch.Tensor]) -> None:
    """Overwrite each tensor with the value at its place."""
    with torch.no_grad():
        for weight, value in zip(weights, values, strict=True):
            weight.copy_(value)
