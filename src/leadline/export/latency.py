"""Latency of model files for one image, measured in turn so that all meet the same noise.

A machine that is busy meanwhile, or that changes its clock, makes times longer for a while. In turn
it does so for all, and medians are moved little; times of different days are not to be compared.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.prediction_time import Timing, timing
from leadline.export.model_file import open_model_file
from leadline.export.ood_graph import IMAGES, PROBABILITIES
from leadline.system.environment import processor_name

Pixels = NDArray[np.uint8]
Clock = Callable[[], float]

MOST = 200
"""Times taken of each model, at most."""
IN_A_ROW = 6
"""Predictions of one model before the next one's turn; the first of them warms up, uncounted."""
LIMIT_S = 0.5
"""Total time limit of a model."""


def time_model_files(
    models: Sequence[tuple[Path, Pixels]],
    *,
    limit_s: float = LIMIT_S,
    clock: Clock = time.perf_counter,
) -> tuple[Timing, ...]:
    """The time of one prediction of each: one image, one thread, on the processor.

    models: each file with images that it takes, uint8 (n, height, width, channels), n at least 1.
    limit_s: for each model; a slow one is timed less often, at least once. clock: seconds.
    Raises ModelFileError where a file is none of ours, or takes other images.
    """
    import onnxruntime

    stopwatches = [_Stopwatch(path, images, limit_s, clock) for path, images in models]
    while not all(stopwatch.done for stopwatch in stopwatches):
        for one in stopwatches:
            one.take_turn()
    return tuple(
        timing(
            stopwatch.times_s,
            threads=1,
            together=len(models),
            runtime=f"ONNX Runtime {onnxruntime.__version__}",
            processor=processor_name(),
        )
        for stopwatch in stopwatches
    )


class _Stopwatch:
    """One model, and the times that it has taken so far."""

    def __init__(self, path: Path, images: Pixels, limit_s: float, clock: Clock) -> None:
        model_file = open_model_file(path, threads=1)
        model_file.check(images)
        self.session = model_file.session
        self.images = itertools.cycle([images[place : place + 1] for place in range(len(images))])
        self.left_s, self.clock = limit_s, clock
        self.times_s: list[float] = []

    @property
    def done(self) -> bool:
        return len(self.times_s) >= MOST or self.left_s <= 0

    def take_turn(self) -> None:
        """Answer a few images in a row; the first counts only where there is time for no other."""
        turn: list[float] = []
        while not self.done and len(turn) < min(IN_A_ROW, MOST - len(self.times_s) + 1):
            turn.append(self._once())
        self.times_s += turn[1:] if len(turn) > 1 or self.times_s else turn

    def _once(self) -> float:
        started = self.clock()
        self.session.run([PROBABILITIES], {IMAGES: next(self.images)})
        taken = self.clock() - started
        self.left_s -= taken
        return taken
