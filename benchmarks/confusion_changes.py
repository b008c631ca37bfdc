"""How often like experiments are said to change a confusion, and how often a fixed one is found.

    python benchmarks/confusion_changes.py [--studies N]

Simulated studies of two experiments, six classes of 150 images each, in which some images of three
classes are easily taken for another. `sway`: the standard deviation, on a log scale, of how prone a
run is to each confusion, so that the seeds of one experiment differ. First both experiments are
alike: printed is the share of studies in which anything is called fixed or made worse; and by how
many images the second seems to confuse fewer, where the confusions are chosen by both
experiments' answers (ours), and by the first's alone. Then the second makes one confusion less
often: printed is how often that is called fixed where it is tested.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.significance.comparison import ExperimentPredictions
from leadline.analysis.significance.confusion_change import ConfusionChange, confusion_changes

CLASSES = tuple("abcdef")
EACH = 150
HOT = ((0, 1, 0.12), (2, 3, 0.10), (4, 0, 0.08))
"""True class, predicted class, and the share of images that are easily confused so."""
SEEDS, SWAYS, LEFT = (1, 2, 3, 5), (0.0, 0.4), (0.5, 0.25, 0.1)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--studies", type=int, default=500)
    studies = parser.parse_args().studies
    for seeds in SEEDS:
        for sway in SWAYS:
            alike(seeds, sway, studies)
    for seeds in SEEDS:
        for left in LEFT:
            fixed(seeds, left, studies)


def alike(seeds: int, sway: float, studies: int) -> None:
    told = {"fixed": 0, "made worse": 0, "either": 0}
    both: list[float] = []
    alone: list[float] = []
    for number in range(studies):
        labels, first, second = study(number, seeds, sway)
        tested = confusions(labels, first, second)
        verdicts = told.keys() & {one.verdict for one in tested}
        for verdict in verdicts:
            told[verdict] += 1
        told["either"] += bool(verdicts)
        both += [fewer(one) for one in tested]
        # Against itself, what is chosen is chosen by the first alone.
        chosen = {frozenset((one.a, one.b)) for one in confusions(labels, first, first)}
        alone += [astray(labels, first, pair) - astray(labels, second, pair) for pair in chosen]
    print(
        f"alike, seeds {seeds}, sway {sway}: fixed {told['fixed'] / studies:.3f}, "
        f"made worse {told['made worse'] / studies:.3f}, either {told['either'] / studies:.3f}; "
        f"images fewer in the second: {np.mean(both):+.2f} chosen by both, "
        f"{np.mean(alone):+.2f} by the first alone",
        flush=True,
    )


def fixed(seeds: int, left: float, studies: int) -> None:
    tested = shown = 0
    for number in range(studies):
        labels, first, second = study(number, seeds, 0.2, left)
        for one in confusions(labels, first, second):
            if {one.a, one.b} == {"a", "b"}:
                tested += 1
                shown += one.verdict == "fixed"
    print(
        f"{left:.0%} of a confusion left, seeds {seeds}: tested in {tested / studies:.2f} of "
        f"studies, there called fixed in {shown / max(1, tested):.2f}",
        flush=True,
    )


def confusions(
    labels: Ints, first: ExperimentPredictions, second: ExperimentPredictions
) -> tuple[ConfusionChange, ...]:
    found = confusion_changes([first, second], labels, CLASSES, np.random.default_rng(0))
    return found.steps[0].changes


def fewer(one: ConfusionChange) -> float:
    return one.before.images - one.after.images


def astray(labels: Ints, experiment: ExperimentPredictions, pair: frozenset[str]) -> float:
    """How many images of either class are taken for the other, the mean over runs."""
    a, b = (CLASSES.index(name) for name in pair)
    counts = []
    for run in experiment.runs:
        said = run.argmax(axis=1)
        there, back = (labels == a) & (said == b), (labels == b) & (said == a)
        counts.append(int((there | back).sum()))
    return float(np.mean(counts))


def study(
    number: int, seeds: int, sway: float, left: float = 1.0
) -> tuple[Ints, ExperimentPredictions, ExperimentPredictions]:
    """left: of images of a taken for b, or of b for a, the share that the second still confuses."""
    rng = np.random.default_rng(number)
    k = len(CLASSES)
    labels = np.repeat(np.arange(k), EACH)
    hard = np.zeros((len(labels), k))
    for a, b, share in [*((None, b, 0.02) for b in range(k)), *HOT]:
        own = (labels != b) if a is None else (labels == a)
        own &= rng.random(len(labels)) < share
        hard[own, b] += rng.beta(1, 1.5, int(own.sum()))
    less = np.ones((k, k))
    less[[0, 1], [1, 0]] = left
    first = tuple(_run(rng, hard, labels, sway) for _ in range(seeds))
    second = tuple(_run(rng, hard * less[labels], labels, sway) for _ in range(seeds))
    return labels, ExperimentPredictions("first", first), ExperimentPredictions("second", second)


def _run(rng: np.random.Generator, hard: Floats, labels: Ints, sway: float) -> Floats:
    k = hard.shape[1]
    chance = hard * np.exp(rng.normal(0, sway, (k, k)))[labels]
    chance /= np.maximum(1, chance.sum(axis=1, keepdims=True))
    chance[np.arange(len(labels)), labels] = 1 - chance.sum(axis=1)
    said = (chance.cumsum(axis=1) < rng.random((len(labels), 1))).sum(axis=1).clip(max=k - 1)
    answers: Floats = np.eye(k)[said]
    return answers


if __name__ == "__main__":
    main()
