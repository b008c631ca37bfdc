"""Prediction time: times in, their median and quartiles out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one prediction: one image, decoded already, to its probabilities.

    low_ms, high_ms: the quartiles, between which the middle half of the n times lies. threads: that
    one prediction used. together: models that were timed in turn, this one included; 1 is alone.
    runtime: what ran the model, with its version. processor: its name, as far as it is known.
    """

    median_ms: float
    low_ms: float
    high_ms: float
    n: int
    threads: int
    together: int
    runtime: str
    processor: str


def timing(
    times_s: Sequence[float], *, threads: int, together: int, runtime: str, processor: str
) -> Timing:
    """The summary of at least one time, in seconds each."""
    low, middle, high = 1000 * np.quantile(times_s, (0.25, 0.5, 0.75))
    return Timing(
        float(middle), float(low), float(high), len(times_s), threads, together, runtime, processor
    )
