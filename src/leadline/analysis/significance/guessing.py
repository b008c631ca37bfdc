"""Is a model shown to be better than guessing?

A guess takes no account of the image. The best one always names the class that is most frequent
among the training images. A model is held against that constant answer on the same test images,
one-sided. Its accuracy can stay below that of the constant answer although it has learned to tell
the classes apart, above all where one class is rare; so its AUROC is held against 0.5 as well.

Each of the two tests has half of the level of 5%. Several experiments of a study are corrected by
Holm, so that among many guessers none is called better by chance. docs/guessing.md argues it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import comb, sqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.significance.mcnemar import exact_by_group, exact_mcnemar
from leadline.analysis.significance.paired_tests import (
    CorrectPredictions,
    Terms,
    Tested,
    by_contrast,
)
from leadline.metrics.array_checks import check_labels
from leadline.metrics.bootstrap import Units, units_of
from leadline.metrics.bootstrap_estimates import area
from leadline.metrics.estimates import Estimate
from leadline.statistics.delong import Areas, macro_areas
from leadline.statistics.holm import holm
from leadline.statistics.multi_reader import contrast, mean_covariance

LEVEL = 0.025
"""One-sided, of each of the two tests: together they are wrong in at most 5% of guessers."""
CHANCE_AUROC = 0.5
LEAST_OF_A_CLASS = 2
"""Images, or patients, that an area under a curve needs of each class to have a variance."""
UNUSED = Terms(margin=0.005, alpha=0.05)
"""Equivalence is not asked for here."""

Verdict = Literal["better", "ranking only", "not shown"]


@dataclass(frozen=True)
class Guessing:
    """A model, or the runs of one experiment, against guessing on the same test images.

    verdict: "better" if the accuracy is shown to be above constant_accuracy, that of always
    predicting the class `constant`; "ranking only" if only the AUROC is, above 0.5; else "not
    shown". accuracy, balanced_accuracy and auroc are means over `runs` runs, 0 to 1.
    difference: accuracy less constant_accuracy with its 95% interval; its method names the test.
    p: one-sided, that the model is no better than the constant answer; p_auroc: that its AUROC
    is 0.5, None where a class is missing. Both are corrected for `experiments` experiments.
    balanced_accuracy: mean recall of the classes that occur; guessing has balanced_chance, whatever
    it names. classes_named: how many classes the runs ever predict; named: the one predicted most.
    """

    verdict: Verdict
    n: int
    n_groups: int | None
    runs: int
    constant: str
    constant_accuracy: float
    accuracy: float
    difference: Estimate
    p: float
    balanced_accuracy: float
    balanced_chance: float
    auroc: Estimate | None
    p_auroc: float | None
    classes_named: int
    named: str
    experiments: int = 1

    @property
    def shown(self) -> bool:
        """True where accuracy or AUROC is shown to be better than guessing."""
        return self.verdict != "not shown"


@dataclass(frozen=True)
class _Area:
    """Mean AUROC over the runs, and its one-sided p-value against 0.5."""

    auroc: Estimate
    p: float


def against_guessing(
    runs: Sequence[NDArray[Any]],
    labels: NDArray[np.int64],
    classes: Sequence[str],
    train_counts: Sequence[int],
    rng: np.random.Generator,
    *,
    groups: Sequence[str] | None = None,
) -> Guessing:
    """Hold the runs of one experiment against the constant answer.

    Parameters
    ----------
    runs : sequence of float arrays (n, classes)
        Probabilities of each seed for the same test images.
    labels : int array (n,)
    classes : names
    train_counts : ints
        Training images of each class. Among equally frequent ones the class that is most frequent
        in the test images is taken, which is the harder to beat.
    rng : numpy.random.Generator
        For the bootstrap of patients.
    groups : names of patients, one for each image, or None where they are unknown

    Raises
    ------
    DataError
        For labels that do not fit, and for no images.
    """
    true = check_labels(labels, len(classes))
    units = units_of(len(true), groups)
    constant = _majority(train_counts, true)
    answers = np.stack([run.argmax(axis=1) for run in runs])
    right = np.vstack([answers == true, np.full((1, len(true)), constant) == true])
    tested, p = _accuracy(right, units, rng)
    area = _auroc(runs, true, units)
    present = np.unique(true)
    recalls = [(answers[:, true == one] == one).mean() for one in present]
    named = np.bincount(answers.ravel(), minlength=len(classes))
    guessing = Guessing(
        verdict="not shown",
        n=len(true),
        n_groups=None if groups is None else units.count,
        runs=len(runs),
        constant=classes[constant],
        constant_accuracy=float(right[-1].mean()),
        accuracy=float(right[:-1].mean()),
        difference=Estimate(tested.difference, tested.low, tested.high, tested.method),
        p=p,
        balanced_accuracy=float(np.mean(recalls)),
        balanced_chance=1 / len(present),
        auroc=None if area is None else area.auroc,
        p_auroc=None if area is None else area.p,
        classes_named=int((named > 0).sum()),
        named=classes[int(named.argmax())],
    )
    return replace(guessing, verdict=_verdict(guessing.p, guessing.p_auroc))


def corrected(found: Mapping[str, Guessing]) -> dict[str, Guessing]:
    """The same with p-values corrected for the number of experiments, and verdicts by these."""
    names = list(found)
    p = dict(zip(names, holm([found[name].p for name in names]), strict=True))
    known = [(name, area) for name in names if (area := found[name].p_auroc) is not None]
    areas = dict(zip((name for name, _ in known), holm([one for _, one in known]), strict=True))
    return {
        name: replace(
            found[name],
            p=p[name],
            p_auroc=areas.get(name),
            experiments=len(names),
            verdict=_verdict(p[name], areas.get(name)),
        )
        for name in names
    }


def _verdict(p: float, p_auroc: float | None) -> Verdict:
    if p < LEVEL:
        return "better"
    return "ranking only" if p_auroc is not None and p_auroc < LEVEL else "not shown"


def _majority(train_counts: Sequence[int], labels: NDArray[np.int64]) -> int:
    counts = np.asarray(train_counts)
    tested = np.bincount(labels, minlength=len(counts))
    most = np.flatnonzero(counts == counts.max())
    return int(most[tested[most].argmax()])


def _accuracy(
    right: NDArray[np.bool_], units: Units, rng: np.random.Generator
) -> tuple[Tested, float]:
    """The runs, and in the last row the constant answer: the difference, and its one-sided p."""
    if len(right) == 2:
        tested = CorrectPredictions(right, units, rng).tested(0, 1, UNUSED)
        return tested, _exact(right, units)
    # The constant answer has no seed: as two equal runs its variation over seeds is 0.
    rows = np.vstack([right, right[-1:]])
    members = units.members if units.kind == "patient" else None
    values, covariance = mean_covariance(rows, members)
    seeds, constant = list(range(len(rows) - 2)), [len(rows) - 2, len(rows) - 1]
    found = contrast(values, covariance, seeds, constant, units.count)
    tested = by_contrast(found, UNUSED, units.count, units.kind, "t_test")
    return tested, _one_sided(tested)


def _exact(right: NDArray[np.bool_], units: Units) -> float:
    change = right[0].astype(np.int64) - right[1]
    if units.kind == "image":
        return exact_mcnemar(int((change > 0).sum()), int((change < 0).sum()), greater=True)
    margins = np.zeros(units.count, np.int64)
    np.add.at(margins, units.members, change)
    return exact_by_group(margins, greater=True)


def _one_sided(tested: Tested) -> float:
    return tested.p / 2 if tested.difference > 0 else 1 - tested.p / 2


def _auroc(runs: Sequence[NDArray[Any]], labels: NDArray[np.int64], units: Units) -> _Area | None:
    """The mean over the runs, of more than two classes each against the rest.

    Its p-value is by Student's t, with one degree of freedom less than the rarest class has images
    or patients: DeLong's variance of a few is unsure. None where a class is too rare for one.
    """
    present = np.unique(labels)
    holding = min(units.holding(labels == one) for one in present)
    if len(present) < 2 or holding < LEAST_OF_A_CLASS:
        return None
    rows = [run.astype(np.float64) for run in runs]
    members = units.members if units.kind == "patient" else None
    areas = macro_areas(rows, labels, members)
    auc, variance = float(areas.auc.mean()), float(areas.covariance[0, 0])
    if len(runs) > 1:
        auc, variance = _over_seeds(areas, units.count)
    estimate = area(auc, variance, holding, units.kind)
    if variance <= 0:
        # Nothing varies: all scores are equal, or every pair is in the right order, or the wrong.
        certain = 1 / comb(2 * holding, holding)
        return _Area(estimate, certain if auc > CHANCE_AUROC else 1.0)
    from scipy.stats import t

    return _Area(estimate, float(t.sf((auc - CHANCE_AUROC) / sqrt(variance), holding - 1)))


def _over_seeds(areas: Areas, units: int) -> tuple[float, float]:
    """Mean AUROC, and its variance over images and seeds: a contrast with a constant."""
    m = len(areas.auc)
    values, covariance = np.append(areas.auc, [0.0, 0.0]), np.zeros((m + 2, m + 2))
    covariance[:m, :m] = areas.covariance
    mean = contrast(values, covariance, list(range(m)), [m, m + 1], units)
    return mean.difference, mean.variance
