"""How quickly `leadline predict` answers: against ONNX Runtime alone, and beside Keras's predict.

    leadline train mlp-3 --set training.epochs=1 --set data.train_limit=2000 --out runs/quick
    python benchmarks/predict.py runs/quick [--rounds N]

1. From the start of a process to the end of one that answers one file.
2. 10,000 digits in memory, in batches as `leadline predict` makes them: ONNX Runtime alone, our
   predictor (probabilities checked, classes, decisions and scope), and Keras's Model.predict (needs
   the training extra), turn by turn.
3. 10,000 PNG digits in a folder: read, answered and written as CSV, by the command.

Result: docs/predict.md has it, with versions and n.

Printed are medians and ranges; the aims are 0.5 s, at most 1.1 times the time of ONNX Runtime, and
5,000 digits a second from files. Exit status 1 where one is missed.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

from leadline.data.sources.source_list import load_dataset
from leadline.experiments import Data
from leadline.export.ood_graph import IMAGES
from leadline.runs import load_run
from leadline.serving import Predictor
from leadline.serving.answering import batch_images

COMMAND = (sys.executable, "-c", "from leadline.cli import main; main()", "predict")
MOST_FIRST_S, MOST_RATIO, LEAST_DIGITS_A_S = 0.5, 1.1, 5_000
PACKAGES = ("numpy", "onnxruntime", "pillow", "keras", "torch")


def main() -> int:
    options = _options()
    print(_machine(options.rounds))
    test = load_dataset(Data()).test
    if test is None:
        raise SystemExit("These digits have no test images.")
    digits = test.pixels
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for number, digit in enumerate(digits):
            Image.fromarray(digit[..., 0]).save(folder / f"{number}.png")
        first_s = tell("one file", timed(options.rounds, command_s(options.run, folder / "0.png")))
        ratio = in_memory(options.run, digits, options.rounds)
        files_s = timed(options.rounds, command_s(options.run, folder))
    a_second = len(digits) / tell("10,000 files", files_s)
    print(f"one file: {first_s:.2f} s (at most {MOST_FIRST_S} s)")
    print(f"predictor / ONNX Runtime: {ratio:.2f} (at most {MOST_RATIO})")
    print(f"from files: {a_second:,.0f} digits a second (at least {LEAST_DIGITS_A_S:,})")
    met = first_s <= MOST_FIRST_S and ratio <= MOST_RATIO and a_second >= LEAST_DIGITS_A_S
    return 0 if met else 1


def in_memory(run: Path, digits: np.ndarray, rounds: int) -> float:
    """The median over the rounds of our time over ONNX Runtime's; one thread each."""
    predictor = Predictor.open(run, threads=1)
    session = predictor.model_file.session
    size = batch_images(digits.shape[1:])
    batches = [digits[start : start + size] for start in range(0, len(digits), size)]
    ways: dict[str, Callable[[], object]] = {
        "ONNX Runtime": lambda: [session.run(None, {IMAGES: batch}) for batch in batches],
        "our predictor": lambda: [predictor.answer(batch) for batch in batches],
    }
    if importlib.util.find_spec("keras"):
        model = load_run(run).model()
        ways["Keras predict"] = lambda: model.predict(digits, batch_size=size, verbose=0)
    for way in ways.values():
        way()
    turns = [[once(way) for way in ways.values()] for _ in range(rounds)]
    for name, seconds in zip(ways, zip(*turns, strict=True), strict=True):
        tell(f"{name}, {size} at a time", list(seconds))
    return median(turn[1] / turn[0] for turn in turns)


def command_s(run: Path, path: Path) -> Callable[[], object]:
    line = (*COMMAND, str(run), str(path))
    # An installed package has its bytecode; the round that is not counted writes it.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    return lambda: subprocess.run(line, check=True, capture_output=True, env=environment)


def timed(rounds: int, work: Callable[[], object]) -> list[float]:
    """Seconds of each round, after one that is not counted."""
    return [once(work) for _ in range(rounds + 1)][1:]


def once(work: Callable[[], object]) -> float:
    started_s = time.perf_counter()
    work()
    return time.perf_counter() - started_s


def tell(name: str, seconds: list[float]) -> float:
    """Print the median and the range; the median."""
    middle = median(seconds)
    print(f"{name:32} {middle:7.3f} s  ({min(seconds):.3f} to {max(seconds):.3f})")
    return middle


def _machine(rounds: int) -> str:
    known = [name for name in PACKAGES if importlib.util.find_spec(name.replace("pillow", "PIL"))]
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in known)
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"n = {rounds}, {os.cpu_count()} cores {load}, Python {sys.version.split()[0]}, {versions}"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Time the answers of a run's model file.")
    parser.add_argument("run", type=Path, help="the folder of a run on digits")
    parser.add_argument("--rounds", type=int, default=7)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
