"""Milliseconds of a training step alone and beside a busy process, by how OpenMP threads wait.

    python benchmarks/contention.py [--rounds N] [--threads N]

"passive" is what leadline sets (OMP_WAIT_POLICY=PASSIVE: idle threads sleep), "spinning" is
libgomp's default. Each is a process of its own with the same number of threads, for libgomp reads
the environment once. They take turns, so that a busy machine slows all alike. Printed are medians,
and the ratios: how much a busy process on one core slows each down, and passive beside spinning.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from statistics import median
from typing import IO

BATCH = 128
STEPS = {"mlp-3": 60, "cnn-1": 6}
WAITS = {"passive": "PASSIVE", "spinning": None}
SITUATIONS = ("alone", "beside a busy process")


def main() -> None:
    options = _options()
    if options.serve:
        serve()
        return
    processors = len(os.sched_getaffinity(0))
    threads = options.threads or processors
    workers = {name: _Worker(policy, threads) for name, policy in WAITS.items()}
    print(
        f"{platform.machine()}, {processors} processors, {threads} threads, load "
        f"{os.getloadavg()[0]:.1f}, batch {BATCH}, {options.rounds} rounds"
    )
    for model in STEPS:
        times: dict[tuple[str, str], list[float]] = {}
        for _ in range(options.rounds):
            for situation in SITUATIONS:
                for wait, worker in workers.items():
                    with _busy(situation != "alone"):
                        taken = worker.step_ms(model)
                    times.setdefault((wait, situation), []).append(taken)
        _report(model, {key: median(row) for key, row in times.items()})


def _report(model: str, ms: dict[tuple[str, str], float]) -> None:
    alone, beside = SITUATIONS
    for wait in WAITS:
        slower = ms[wait, beside] / ms[wait, alone]
        print(f"{model}  {wait:9} {ms[wait, alone]:8.2f} ms alone, "
              f"{ms[wait, beside]:8.2f} ms beside one, {slower:5.2f} x as long")  # fmt: skip
    ratios = [ms["passive", one] / ms["spinning", one] for one in SITUATIONS]
    print(f"{model}  passive / spinning: {ratios[0]:.2f} alone, {ratios[1]:.2f} beside one")


class _Worker:
    """A process with its own wait policy that answers each model's name with a time."""

    def __init__(self, policy: str | None, threads: int) -> None:
        names = ("OMP_WAIT_POLICY", "KMP_BLOCKTIME", "GOMP_SPINCOUNT")
        environment = {name: value for name, value in os.environ.items() if name not in names}
        environment["OMP_NUM_THREADS"] = str(threads)
        if policy:
            environment["OMP_WAIT_POLICY"] = policy
        else:
            environment["GOMP_SPINCOUNT"] = "300000"  # libgomp's own default
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--serve"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def step_ms(self, model: str) -> float:
        asked, answered = _pipes(self._process)
        asked.write(f"{model}\n")
        asked.flush()
        return float(answered.readline())


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the process has no pipes")
    return process.stdin, process.stdout


@contextmanager
def _busy(wanted: bool) -> Iterator[None]:
    """One process that computes all the time."""
    if not wanted:
        yield
        return
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def serve() -> None:
    """Answer model names on standard input with milliseconds a step."""
    import numpy as np

    from leadline.data.dataset import Images, Part, Split
    from leadline.experiments import load_experiment
    from leadline.models.build import build_model
    from leadline.training.session import Session

    sessions = {}
    for name, steps in STEPS.items():
        generator = np.random.default_rng(0)
        count = steps * BATCH
        pixels = generator.integers(0, 256, (count, 28, 28, 1), dtype=np.uint8)
        labels = generator.integers(0, 10, count)
        part = Part(Images(pixels, labels, ("",) * count), "train", np.arange(count))
        split = Split(tuple("0123456789"), part, part, part, validation_is_test=True)
        experiment = load_experiment(name)
        built = build_model(experiment, (28, 28, 1), 10, seed=0)
        sessions[name] = Session(built, split, experiment.training, seed=0)
        sessions[name].train_epoch(inf)
    for line in sys.stdin:
        name = line.strip()
        print(sessions[name].train_epoch(inf).wall_s / STEPS[name] * 1e3, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
