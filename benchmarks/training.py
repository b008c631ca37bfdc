"""Milliseconds of a training step: our loop beside stock Keras and beside bare torch.

    python benchmarks/training.py [--tensorflow-python PATH] [--rounds N] [--model NAME]

Result, ratios of medians: mlp-3, 7.2 ms a step, 2.5 x as fast as `Model.fit` on torch (17.9 ms),
1.9 x as on TensorFlow (13.7 ms), 0.79 x as on JAX (5.7 ms); cnn-3, 337 ms a step, 1.3 x as fast as
`Model.fit` on torch (434 ms), 1.2 x as bare torch (409 ms), 1.9 x as on TensorFlow (649 ms) and
8.4 x as on JAX (2,839 ms). Hardware: two shared cores of an AMD EPYC. Versions: Python 3.11.7,
torch 2.13.0+cpu, Keras 3.15.1, TensorFlow 2.21.0. n: 5 rounds of 200 steps (mlp-3) and of 8
(cnn-3).

- mlp-3 and cnn-3, batch 128: the loop, stock `Model.fit` on torch, JAX and TensorFlow
- cnn-3: also a plain torch network (NCHW) with torch.optim

All take turns, one epoch each a round, so that a busy machine slows all alike. The table shows the
fastest and the median round, and ratios of medians: above 1 the loop is faster, below 1 the other
is. Images are random: the time of a step does not depend on them. JAX is measured where this Python
has it (`pip install --group backends`), TensorFlow in the Python given by --tensorflow-python; a
backend that is not measured is named.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from math import inf
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch import nn

from leadline.data.dataset import Images, Part, Split
from leadline.experiments import load_experiment
from leadline.models.build import build_model
from leadline.system.dependency_settings import PASSIVE_WAIT
from leadline.training.session import Session

BATCH = 128
STEPS = {"mlp-3": 200, "cnn-3": 8}
"""Of a round, at most."""
Timing = Callable[[], float]


def main() -> None:
    options = _options()
    counts = ", ".join(f"{min(options.steps, most)} ({name})" for name, most in STEPS.items())
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, {torch.get_num_threads()} torch threads; "
        f"Python {platform.python_version()}, torch {torch.__version__}, Keras "
        f"{version('keras')}; batch {BATCH}, {options.rounds} rounds; steps of each: {counts}"
    )
    backends = {"torch": sys.executable}
    if find_spec("jax"):
        backends["jax"] = sys.executable
    if options.tensorflow_python:
        backends["tensorflow"] = options.tensorflow_python
    for missing in {"torch", "jax", "tensorflow"} - set(backends):
        print(f"{missing} is not measured: not installed, or no --tensorflow-python given")
    for name in options.model or STEPS:
        steps = min(options.steps, STEPS[name])
        timings = {"loop": loop(name, steps)}
        for backend, python in backends.items():
            timings[f"Model.fit, {backend}"] = stock_fit(python, backend, name, steps)
        if name == "cnn-3":
            timings["bare torch, NCHW"] = bare_torch(steps)
        report(name, timings, options.rounds)


def report(name: str, timings: dict[str, Timing], rounds: int) -> None:
    """Let them take turns, then print milliseconds a step and ratios to the first."""
    measured: dict[str, list[float]] = {label: [] for label in timings}
    for _ in range(rounds):
        for label, timing in timings.items():
            measured[label].append(timing())
    reference = median(measured["loop"])
    for label, row in measured.items():
        print(
            f"{name}  {label:24} fastest {min(row):8.2f} ms, median {median(row):8.2f} ms a step, "
            f"ratio {median(row) / reference:5.2f} (fastest {min(row) / min(measured['loop']):.2f})"
        )


def loop(name: str, steps: int) -> Timing:
    """Our training epoch over random images."""
    experiment = load_experiment(name)
    split = _random_split(steps * BATCH)
    built = build_model(experiment, (28, 28, 1), 10, seed=0)
    session = Session(built, split, experiment.training, seed=0)
    session.train_epoch(inf)
    return lambda: session.train_epoch(inf).wall_s / steps * 1e3


def stock_fit(python: str, backend: str, name: str, steps: int) -> Timing:
    """`Model.fit` in a process of its own that answers each line with a timing.

    Its idle threads wait as the library's own default has it, and not as leadline sets it here.
    """
    own = {name: value for name, value in os.environ.items() if name not in PASSIVE_WAIT}
    process = subprocess.Popen(
        [python, Path(__file__).parent / "stock_keras.py", name, str(steps)],
        env={**own, "KERAS_BACKEND": backend},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    asked, answered = process.stdin, process.stdout
    if asked is None or answered is None:
        raise RuntimeError(f"{python}: the process has no pipes")
    print(answered.readline().strip() or f"{python}: no answer for {backend}")

    def timing() -> float:
        asked.write("go\n")
        asked.flush()
        return float(answered.readline())

    return timing


def bare_torch(steps: int) -> Timing:
    """cnn-3 as one would write it in torch alone, data resident, a shuffled epoch."""
    images = torch.rand(steps * BATCH, 1, 28, 28)
    labels = torch.randint(0, 10, (steps * BATCH,))
    network = nn.Sequential(
        nn.Conv2d(1, 32, 5, padding="same"),
        nn.ReLU(),
        nn.Conv2d(32, 32, 5, padding="same"),
        nn.ReLU(),
        nn.Conv2d(32, 32, 5, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(6272, 128),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(128, 10),
    )
    optimizer = torch.optim.RMSprop(network.parameters(), lr=1e-3, alpha=0.9, eps=1e-7)
    objective = nn.CrossEntropyLoss()

    def timing() -> float:
        start = time.perf_counter()
        for chosen in torch.randperm(len(labels)).split(BATCH):
            optimizer.zero_grad()
            objective(network(images[chosen]), labels[chosen]).backward()
            optimizer.step()
        return (time.perf_counter() - start) / steps * 1e3

    timing()
    return timing


def _random_split(count: int) -> Split:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (count, 28, 28, 1), dtype=np.uint8)
    images = Images(pixels, rng.integers(0, 10, count), tuple(map(str, range(count))))
    part = Part(images, "train", np.arange(count))
    few = Part(images.take(np.arange(BATCH)), "test", np.arange(BATCH))
    return Split(tuple("0123456789"), part, few, few, validation_is_test=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tensorflow-python", help="a Python that has Keras and TensorFlow")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument(
        "--steps", type=int, default=max(STEPS.values()), help="at most, of a round"
    )
    parser.add_argument("--model", action="append", choices=STEPS, help="measure this one alone")
    return parser.parse_args()


if __name__ == "__main__":
    main()
