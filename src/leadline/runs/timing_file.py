"""Prediction times of a study's experiments, as JSON beside its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from math import inf
from pathlib import Path

from leadline.analysis.prediction_time import Timing
from leadline.runs.folder_files import dump_json, read_json, reading
from leadline.runs.typed_json import typed
from leadline.system.durable_files import write_text

TIMINGS = "timings.json"
FIX = "run the study's command again"


def write_timings(folder: Path, timings: Mapping[str, Timing]) -> None:
    """Write the study's times, by the experiments' names."""
    table = {name: asdict(timing) for name, timing in timings.items()}
    write_text(folder / TIMINGS, dump_json(table))


def read_timings(folder: Path) -> dict[str, Timing]:
    """Read what `write_timings` wrote; nothing if the study has no times.

    Raises RunError where the file is damaged.
    """
    path = folder / TIMINGS
    if not path.is_file():
        return {}
    table = read_json(path, FIX)
    with reading(path, FIX):
        return {name: _checked(typed(Timing, timing)) for name, timing in table.items()}


def _checked(timing: Timing) -> Timing:
    """ValueError for times that no clock gives."""
    if not 0 < timing.low_ms <= timing.median_ms <= timing.high_ms < inf:
        raise ValueError(f"{timing.low_ms}, {timing.median_ms}, {timing.high_ms} ms")
    if min(timing.n, timing.threads, timing.together) < 1:
        raise ValueError(
            f"n = {timing.n}, threads = {timing.threads}, together = {timing.together}"
        )
    return timing
