"""How far two ways to Youden's threshold scatter, and what they are worth on other images.

    python benchmarks/youden.py RUN... [--rounds N]

RUN: folders of finished two-class runs. Only their validation images are looked at. Each round
halves them at random, fits both thresholds on one half, and takes Youden's index on the other.
Printed are, over the rounds, the standard deviation of the threshold in log odds and the mean
index: first for the threshold of the largest index, then for ours, the middle of those within one
standard error of it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leadline import runs
from leadline.metrics.thresholds import youden

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def main() -> None:
    options = _options()
    for folder in options.folders:
        scores, positive = validation_scores(folder)
        rng = np.random.default_rng(0)
        rounds = [one_round(scores, positive, rng) for _ in range(options.rounds)]
        found = np.array(rounds)  # (rounds, way, log odds and index)
        scatter, worth = found[:, :, 0].std(axis=0), found[:, :, 1].mean(axis=0)
        print(f"{folder}  {len(scores)} validation images, {options.rounds} rounds")
        for way, name in enumerate(("largest index", "ours")):
            print(
                f"  {name:14} threshold's sd {scatter[way]:.2f}  index elsewhere {worth[way]:.4f}"
            )


def one_round(scores: Floats, positive: Bools, rng: np.random.Generator) -> list[list[float]]:
    """[log odds of the threshold, index on the other half] for either way."""
    half = rng.random(len(scores)) < 0.5
    found = []
    for way in (largest_index, ours):
        threshold = way(scores[half], positive[half])
        found.append(
            [np.log(threshold / (1 - threshold)), index(scores[~half], positive[~half], threshold)]
        )
    return found


def largest_index(scores: Floats, positive: Bools) -> float:
    """Halfway between the two scores between which the index is largest."""
    distinct = np.unique(scores)
    gaps = (distinct[1:] + distinct[:-1]) / 2
    return float(max(gaps, key=lambda threshold: index(scores, positive, threshold)))


def ours(scores: Floats, positive: Bools) -> float:
    return youden(scores, positive).threshold


def index(scores: Floats, positive: Bools, threshold: float) -> float:
    """Sensitivity + specificity - 1."""
    called = scores >= threshold
    return float(called[positive].mean() - called[~positive].mean())


def validation_scores(folder: Path) -> tuple[Floats, Bools]:
    """The positive class's probability of each validation image, and whether it is one."""
    run = runs.load_run(folder)
    said = run.predictions("validation")
    second = said.labels == 1
    return said.probabilities[:, 1].astype(np.float64), second


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare two ways to Youden's threshold.")
    parser.add_argument("folders", nargs="+", type=Path, metavar="RUN")
    parser.add_argument("--rounds", type=int, default=200)
    return parser.parse_args()


if __name__ == "__main__":
    main()
