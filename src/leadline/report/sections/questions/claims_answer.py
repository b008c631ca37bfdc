"""What the lab's report claims about confusions, sentence by sentence, with the tests of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from leadline.analysis.significance.confusion_claims import ClaimTest, Verdict
from leadline.errors import mark
from leadline.report.formatting import decimal, integer, listed, signed
from leadline.report.translations.language import gettext as _

SENTENCES = {
    "mlp-1 confuses": mark("mlp-1 confuses 7 and 2, 9 and 4, 3 and 5 in particular."),
    "mlp-2 still confuses": mark("mlp-2 still has trouble with 7 and 2, 9 and 4, 3 and 5."),
    "mlp-2 confuses fewer": mark("mlp-2 makes slightly fewer such errors than mlp-1."),
    "mlp-2 tells 3 and 5": mark("mlp-2 separates 3 and 5 better than mlp-1."),
    "mlp-3 still confuses": mark("mlp-3 still has trouble with 4 and 9."),
    "mlp-3 confuses fewer": mark(
        "mlp-3 confuses 2 and 7, and 3 and 5, clearly less than the other models."
    ),
    "hog-1 confuses": mark("hog-1 often confuses 5 and 3, 4 and 9, 7 and 9, 3 and 8."),
    "hog-1 confuses more": mark("7 and 9, and 3 and 8, were no particular problem on pixels."),
    "hog-1 tells 2 and 7": mark(
        "With HOG, 2 and 7 are no longer hard to separate as they were on pixels."
    ),
    "hog-2 confuses": mark("For hog-2 the same classes are hard as for hog-1."),
    "hog-2 confuses fewer": mark("hog-2 makes very slightly fewer such errors than hog-1."),
    "hog-3 confuses": mark("Hardest for hog-3 remain 3 and 8, 3 and 5, 4 and 9, 7 and 9."),
    "hog-3 confuses fewer": mark("hog-3 makes slightly fewer such errors than hog-2."),
}
"""The report's sentences, by the key of a claim."""
WHOLE = 1e-6
"""A number of images this close to a whole one is whole."""
VERDICTS = {
    "confirmed": mark("confirmed"),
    "contradicted": mark("contradicted"),
    "not shown": mark("not shown"),
}


@dataclass(frozen=True, eq=False)
class ClaimRow:
    """One test in words."""

    test: ClaimTest

    @property
    def tested(self) -> str:
        """Which classes, in which models: "3 and 5: mlp-1, then mlp-2"."""
        claim = self.test.claim
        message = _("{first} and {second}")
        pairs = listed(message.format(first=a, second=b) for a, b in self.test.pairs)
        if claim.than is None:
            return _("{pair}: {name}").format(pair=pairs, name=claim.model)
        return _("{pair}: {first}, then {second}").format(
            pair=pairs, first=claim.than, second=claim.model
        )

    @property
    def counts(self) -> str:
        """ "40 → 33", or "31, by chance 9.8"."""
        count, other, expected = self.test.count, self.test.other, self.test.expected
        if other is not None:
            return f"{_count(other)} → {_count(count)}"
        if expected is None:
            return _count(count)
        return _("{n}, by chance {expected}").format(n=_count(count), expected=decimal(expected, 1))

    @property
    def interval(self) -> str:
        """The change in images, with its 95% bounds: "−7 (−20.1 to +6.0)"; empty without one."""
        if self.test.change is None:
            return ""
        change, low, high = (-value for value in self.test.change)
        low, high = min(low, high), max(low, high)
        return _("{change} ({low} to {high})").format(
            change=signed(change, 0 if abs(change - round(change)) < WHOLE else 1),
            low=signed(low, 1),
            high=signed(high, 1),
        )

    @property
    def verdict(self) -> str:
        return _(VERDICTS[self.test.verdict])


@dataclass(frozen=True, eq=False)
class ClaimsView:
    """All tests, in the order of the report."""

    tests: tuple[ClaimTest, ...]

    @cached_property
    def sentences(self) -> tuple[tuple[str, tuple[ClaimRow, ...]], ...]:
        """Each sentence of the report, and its tests."""
        groups = groupby(self.tests, key=lambda test: test.claim.key)
        return tuple((_(SENTENCES[key]), tuple(map(ClaimRow, tests))) for key, tests in groups)

    def count(self, verdict: Verdict) -> int:
        """Tests with this verdict."""
        return Counter(test.verdict for test in self.tests)[verdict]

    @property
    def of_seeds(self) -> bool:
        """True where every comparison covers the chance in the seeds."""
        return all(test.of_seeds for test in self.tests if test.claim.than is not None)


def claims_view(tests: Sequence[ClaimTest]) -> ClaimsView | None:
    """None where nothing was tested."""
    return ClaimsView(tuple(tests)) if tests else None


def _count(count: float) -> str:
    """A number of images; a mean over seeds has a decimal."""
    return integer(round(count)) if abs(count - round(count)) < WHOLE else decimal(count, 1)
