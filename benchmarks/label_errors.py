"""Which way of looking for label errors finds those that were planted, and those that are known.

    python benchmarks/label_errors.py STUDY... [--rounds N]

STUDY: a folder that holds `<experiment>/seed-<n>/` runs, or a single run. Each round draws some
test images, gives them another label, and looks for wrong labels in all. The other label is drawn
at random, or is the class that the models find likeliest beside the true one, a mistake that a
person might make. Printed for each way: how many of the planted errors were listed (recall), and
how many of the listed were planted (precision). Where the images are MNIST's test set, its 15 known
errors are left out of these rounds, and it is printed how many of them are listed, nothing planted.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leadline import runs
from leadline.analysis.label_errors import LabelErrors, label_errors

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# Labels of MNIST's test set that at most two of five people gave the image too: Northcutt, Athalye
# and Mueller, NeurIPS 2021 (labelerrors.com; their file mturk/mnist_mturk.json).
KNOWN = np.array(
    [947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729]
)
COUNTS = (15, 100)
FILTERS = (
    "low_self_confidence",
    "low_normalized_margin",
    "both",
    "confident_learning",
    "predicted_neq_given",
)
Way = Callable[[list[Floats], Ints], Bools]


def main() -> None:
    options = _options()
    for folder in options.folders:
        means, labels, is_mnist = answers(folder)
        known = KNOWN if is_mnist else np.empty(0, np.int64)
        print(f"{folder}: {len(means)} experiments, {len(labels)} images, {options.rounds} rounds")
        for name, way in ways().items():
            listed = way(means, labels)
            print(f"  {name:34}{int(listed.sum()):4} listed", end="")
            if len(known):
                print(f", {int(listed[known].sum()):2} of the {len(known)} known", end="")
            print(f" |{planted(way, means, labels, known, options.rounds)}", flush=True)


def answers(folder: Path) -> tuple[list[Floats], Ints, bool]:
    """The mean probabilities of each experiment, the labels, and whether they are MNIST's."""
    places = [folder] if runs.finished(folder) else sorted(folder.glob("*/seed-*[0-9]"))
    done = [runs.load_run(place) for place in places]
    said = [run.predictions() for run in done]
    names = [run.experiment.name for run in done]
    means = [
        np.mean([one.probabilities for one, own in zip(said, names, strict=True) if own == name], 0)
        for name in dict.fromkeys(names)
    ]
    is_mnist = done[0].split["dataset"] == "mnist" and len(said[0].labels) == 10_000
    return [mean.astype(np.float64) for mean in means], said[0].labels, is_mnist


def ways() -> dict[str, Way]:
    found: dict[str, Way] = {"the experiments' vote (ours)": ours}
    for name in FILTERS:
        found[f"one mean, {name}"] = partial(of_the_mean, name)
    return found


def ours(means: list[Floats], labels: Ints) -> Bools:
    classes = [str(k) for k in range(means[0].shape[1])]
    names = [""] * len(labels)
    found = label_errors([[mean] for mean in means], labels, classes, names, most=len(labels))
    if not isinstance(found, LabelErrors):
        raise SystemExit(f"class {found.class_name} has {found.images} images.")
    listed = np.zeros(len(labels), bool)
    listed[[one.index for one in found.suspects if one.likely]] = True
    return listed


def of_the_mean(name: str, means: list[Floats], labels: Ints) -> Bools:
    from cleanlab.filter import find_label_issues

    mean = np.mean(means, axis=0)
    mean /= mean.sum(axis=1, keepdims=True)
    return np.asarray(find_label_issues(labels, mean, filter_by=name, n_jobs=1), bool)


def planted(way: Way, means: list[Floats], labels: Ints, known: Ints, rounds: int) -> str:
    """Recall and precision for each kind and number of errors, in words."""
    left = np.setdiff1d(np.arange(len(labels)), known)
    means, labels = [mean[left] for mean in means], labels[left]
    told = []
    for kind in ("random", "likely"):
        for count in COUNTS:
            hits = listed = 0
            for changed, chosen in changes(np.mean(means, axis=0), labels, kind, count, rounds):
                found = way(means, changed)
                hits, listed = hits + int(found[chosen].sum()), listed + int(found.sum())
            told.append(
                f" {kind} {count}: {hits / rounds / count:.2f}, {hits / max(1, listed):.2f}"
            )
    return ";".join(told)


def changes(
    mean: Floats, labels: Ints, kind: str, count: int, rounds: int
) -> Iterator[tuple[Ints, Ints]]:
    """Labels of which `count` are wrong, and which these are."""
    k = mean.shape[1]
    for round_ in range(rounds):
        rng = np.random.default_rng(round_)
        chosen = rng.choice(len(labels), count, replace=False)
        changed = labels.copy()
        if kind == "random":
            changed[chosen] = (changed[chosen] + rng.integers(1, k, count)) % k
        else:
            others = mean[chosen].copy()
            others[np.arange(count), labels[chosen]] = -1
            changed[chosen] = others.argmax(axis=1)
        yield changed, chosen


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="STUDY")
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
