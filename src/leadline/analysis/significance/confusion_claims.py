"""Claims about confusions, tested on finished runs: confirmed, contradicted, open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.significance.comparison import ALPHA, MARGIN, ExperimentPredictions
from leadline.analysis.significance.confusion_change import share_change
from leadline.analysis.significance.confusion_significance import LEVEL, by_chance, p_values
from leadline.analysis.significance.paired_tests import Terms, Tested
from leadline.statistics.holm import holm

Pair = tuple[str, str]
Says = Literal["confused", "not confused", "fewer", "more"]
Verdict = Literal["confirmed", "contradicted", "not shown"]


@dataclass(frozen=True)
class Claim:
    """One statement about confusions.

    key: names it. model: of which it is. than: another model that it is compared with; None where
    nothing is compared. pairs: classes taken for each other, in either direction. says: "confused"
    is more often than chance would have it; "fewer" and "more" are than in the other model.
    together: the pairs are counted as one, not each alone.
    """

    key: str
    model: str
    pairs: tuple[Pair, ...]
    says: Says
    than: str | None = None
    together: bool = False

    @property
    def tests(self) -> tuple[tuple[Pair, ...], ...]:
        """The pairs of each test."""
        return (self.pairs,) if self.together else tuple((pair,) for pair in self.pairs)


@dataclass(frozen=True)
class ClaimTest:
    """One test of a claim.

    n: images of these classes. count: of them, confused by the model; other: by the one it is
    compared with, or else, as `expected`, by chance; means over the runs. change: images fewer (+)
    or more (-) than in the other model, and its 95% bounds. p: corrected, by Holm: of a comparison
    for all comparisons, of a confusion for all cells of its matrix (the median of the runs).
    of_seeds: the test covers the chance in the seeds.
    """

    claim: Claim
    pairs: tuple[Pair, ...]
    n: int
    count: float
    other: float | None
    expected: float | None
    change: tuple[float, float, float] | None
    p: float
    of_seeds: bool
    verdict: Verdict


def check_claims(
    claims: Sequence[Claim],
    models: Mapping[str, ExperimentPredictions],
    labels: NDArray[Any],
    classes: Sequence[str],
    rng: np.random.Generator,
    *,
    groups: Sequence[str] | None = None,
) -> tuple[ClaimTest, ...]:
    """Test every claim whose models are there and whose classes are known, in their order.

    Parameters
    ----------
    claims : sequence of Claim
    models : mapping of str to ExperimentPredictions
        Probabilities of each run, by the experiment's name.
    labels : int array (n,)
        True classes.
    classes : sequence of str
    rng : numpy.random.Generator
        For the bootstrap of patients.
    groups : sequence of str, optional
        Whose image each is.

    Returns
    -------
    tuple of ClaimTest
        Comparisons are McNemar's exact test on the images of the pair's classes, both models on
        the same images (with several seeds, a t-test over images and seeds). A single model's
        confusion is Fisher's exact test of `attraction`.
    """
    place = {name: at for at, name in enumerate(classes)}
    asked = [
        (claim, pairs)
        for claim in claims
        if claim.model in models and (claim.than is None or claim.than in models)
        if all(name in place for pair in claim.pairs for name in pair)
        for pairs in claim.tests
    ]
    comparing = [one for one in asked if one[0].than is not None]
    terms = Terms(MARGIN, ALPHA / max(1, len(comparing)))
    predicted = {
        name: np.stack([run.argmax(axis=1) for run in one.runs]) for name, one in models.items()
    }
    images = _Images(labels, predicted, place, groups)
    tested = [images.compared(claim, pairs, terms, rng) for claim, pairs in comparing]
    corrected = iter(holm([found.p for found, *_rest in tested]))
    results = iter(tested)
    tests = []
    for claim, pairs in asked:
        if claim.than is None:
            tests.append(images.alone(claim, pairs))
        else:
            tests.append(_comparison(claim, pairs, next(results), next(corrected)))
    return tuple(tests)


_Compared = tuple[Tested, int, float, float]
"""The test, the images of the classes, those confused by the model and by the other."""


@dataclass(frozen=True, eq=False)
class _Images:
    """labels: int (n,). predicted: int (runs, n), by experiment. place: of each class."""

    labels: NDArray[Any]
    predicted: Mapping[str, NDArray[np.int64]]
    place: Mapping[str, int]
    groups: Sequence[str] | None

    def compared(
        self, claim: Claim, pairs: Sequence[Pair], terms: Terms, rng: np.random.Generator
    ) -> _Compared:
        """The share that the other model confuses, less the share of the claim's model."""
        first, second = self.predicted[str(claim.than)], self.predicted[claim.model]
        among = np.isin(self.labels, [self.place[name] for pair in pairs for name in pair])
        cells = self._cells(pairs)
        confused = cells[self.labels[among], np.concatenate([first, second])[:, among]]
        groups = None if self.groups is None else np.asarray(self.groups)[among].tolist()
        tested = share_change(confused, (len(first), len(second)), groups, terms, rng)
        counts = confused.sum(axis=1)
        other, count = counts[: len(first)].mean(), counts[len(first) :].mean()
        return tested, int(among.sum()), float(count), float(other)

    def alone(self, claim: Claim, pairs: Sequence[Pair]) -> ClaimTest:
        """True if a model confuses a pair more than by chance in most of its runs."""
        k, cells = len(self.place), self._cells(pairs)
        matrices = [self._confusion(run, k) for run in self.predicted[claim.model]]
        ps = [float(p_values(matrix)[cells].min()) for matrix in matrices]
        beyond = 2 * sum(p < LEVEL for p in ps) > len(ps)
        among = np.isin(self.labels, [self.place[name] for pair in pairs for name in pair])
        verdict: Verdict = "not shown"
        if beyond:
            verdict = "confirmed" if claim.says == "confused" else "contradicted"
        return ClaimTest(
            claim=claim,
            pairs=tuple(pairs),
            n=int(among.sum()),
            count=fmean(float(matrix[cells].sum()) for matrix in matrices),
            other=None,
            expected=fmean(float(by_chance(matrix)[cells].sum()) for matrix in matrices),
            change=None,
            p=median(ps),
            of_seeds=False,
            verdict=verdict,
        )

    def _cells(self, pairs: Sequence[Pair]) -> NDArray[np.bool_]:
        """Cells of the confusion matrix, rows true: either class taken for the other."""
        cells = np.zeros((len(self.place), len(self.place)), dtype=bool)
        for a, b in pairs:
            cells[self.place[a], self.place[b]] = cells[self.place[b], self.place[a]] = True
        return cells

    def _confusion(self, predicted: NDArray[np.int64], k: int) -> NDArray[np.int64]:
        return np.bincount(self.labels * k + predicted, minlength=k * k).reshape(k, k)


def _comparison(claim: Claim, pairs: Sequence[Pair], found: _Compared, p: float) -> ClaimTest:
    tested, n, count, other = found
    verdict: Verdict = "not shown"
    if p < ALPHA:
        fewer = tested.difference > 0
        verdict = "confirmed" if fewer == (claim.says == "fewer") else "contradicted"
    return ClaimTest(
        claim=claim,
        pairs=tuple(pairs),
        n=n,
        count=count,
        other=other,
        expected=None,
        change=(tested.difference * n, tested.low * n, tested.high * n),
        p=p,
        of_seeds=tested.of_seeds,
        verdict=verdict,
    )


TWO_SEVEN, FOUR_NINE, THREE_FIVE = ("2", "7"), ("4", "9"), ("3", "5")
SEVEN_NINE, THREE_EIGHT = ("7", "9"), ("3", "8")
OF_PIXELS = (TWO_SEVEN, FOUR_NINE, THREE_FIVE)
OF_HOG = (THREE_FIVE, FOUR_NINE, SEVEN_NINE, THREE_EIGHT)

LAB_CLAIMS = (
    Claim("mlp-1 confuses", "mlp-1", OF_PIXELS, "confused"),
    Claim("mlp-2 still confuses", "mlp-2", OF_PIXELS, "confused"),
    Claim("mlp-2 confuses fewer", "mlp-2", OF_PIXELS, "fewer", "mlp-1", together=True),
    Claim("mlp-2 tells 3 and 5", "mlp-2", (THREE_FIVE,), "fewer", "mlp-1"),
    Claim("mlp-3 still confuses", "mlp-3", (FOUR_NINE,), "confused"),
    Claim("mlp-3 confuses fewer", "mlp-3", (TWO_SEVEN, THREE_FIVE), "fewer", "mlp-1"),
    Claim("mlp-3 confuses fewer", "mlp-3", (TWO_SEVEN, THREE_FIVE), "fewer", "mlp-2"),
    Claim("hog-1 confuses", "hog-1", OF_HOG, "confused"),
    Claim("hog-1 confuses more", "hog-1", (SEVEN_NINE, THREE_EIGHT), "more", "mlp-1"),
    Claim("hog-1 confuses more", "hog-1", (SEVEN_NINE, THREE_EIGHT), "more", "mlp-3"),
    Claim("hog-1 tells 2 and 7", "hog-1", (TWO_SEVEN,), "not confused"),
    Claim("hog-1 tells 2 and 7", "hog-1", (TWO_SEVEN,), "fewer", "mlp-1"),
    Claim("hog-1 tells 2 and 7", "hog-1", (TWO_SEVEN,), "fewer", "mlp-2"),
    Claim("hog-1 tells 2 and 7", "hog-1", (TWO_SEVEN,), "fewer", "mlp-3"),
    Claim("hog-2 confuses", "hog-2", OF_HOG, "confused"),
    Claim("hog-2 confuses fewer", "hog-2", OF_HOG, "fewer", "hog-1", together=True),
    Claim("hog-3 confuses", "hog-3", OF_HOG, "confused"),
    Claim("hog-3 confuses fewer", "hog-3", OF_HOG, "fewer", "hog-2", together=True),
)
"""In the order of the report. Claims of one key are one sentence of it, tested several times."""
