"""Seconds to read a folder of images the first time, and from what was kept of it.

    python benchmarks/reading.py FOLDER [--size-px N] [--rounds N]

Each round empties a cache of its own, reads the folder into it, and reads it again. Printed are the
medians. The files themselves are warm from a round that is not counted.

Result on the 5,856 chest X-rays (224 px JPEG, read at 224 px), two cores of an Intel Xeon, Python
3.11.7, Pillow 13.0.0, n = 3 rounds: 2.7 s the first time, 0.33 s after.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from statistics import median

from leadline.data.sources.source_list import load_dataset
from leadline.experiments import Data


def main() -> None:
    options = _options()
    data = Data(size_px=(options.size_px, options.size_px))
    rounds = [one_round(options.folder, data) for _ in range(options.rounds + 1)][1:]
    first_s, again_s = zip(*rounds, strict=True)
    print(f"{os.cpu_count()} cores, {options.rounds} rounds, {options.size_px} px")
    print(f"first time  {median(first_s):6.2f} s")
    print(f"after       {median(again_s):6.2f} s")


def one_round(folder: Path, data: Data) -> tuple[float, float]:
    """Seconds of a first reading into an empty cache, and of a second one."""
    with tempfile.TemporaryDirectory() as cache:
        os.environ["LEADLINE_CACHE"] = cache
        return reading_s(folder, data), reading_s(folder, data)


def reading_s(folder: Path, data: Data) -> float:
    """Seconds of one reading."""
    started_s = time.perf_counter()
    load_dataset(data, path=folder)
    return time.perf_counter() - started_s


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Time the reading of a folder of images.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size-px", type=int, default=224)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
