"""Diagnosis and learning curves of an experiment, over its seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from leadline.analysis.diagnosis.training_findings import RULES, Diagnosis, rule_of
from leadline.analysis.experiment_results import ExperimentResults


@dataclass(frozen=True)
class FindingCount:
    """A kind of finding, and in how many of the seeds it is made."""

    kind: str
    seeds: int


@dataclass(frozen=True, eq=False)
class CourseRow:
    """One experiment: what was found in its seeds. diagnoses: of those that have one."""

    row: ExperimentResults
    diagnoses: tuple[Diagnosis, ...]

    @property
    def name(self) -> str:
        return self.row.name

    @cached_property
    def found(self) -> tuple[FindingCount, ...]:
        """The most frequent kind first."""
        counts = Counter(
            kind
            for diagnosis in self.diagnoses
            for kind in {finding.kind for finding in diagnosis.findings}
        )
        order = sorted(counts, key=lambda kind: (-counts[kind], kind))
        return tuple(FindingCount(kind, counts[kind]) for kind in order)

    @property
    def loud(self) -> bool:
        """True if any seed has a finding that calls for action."""
        return any(rule_of(one.kind).loud for one in self.found)

    def mostly(self, kind: str) -> bool:
        """True if more than half of the seeds show it."""
        return any(one.kind == kind and 2 * one.seeds > len(self.diagnoses) for one in self.found)

    @property
    def epochs(self) -> tuple[int, int]:
        """Fewest and most epochs trained."""
        return _ends(len(run.history) for run in self.row.runs)

    @property
    def best_epochs(self) -> tuple[int, int]:
        """Earliest and latest of the seeds' best epochs, by the loss where it was judged."""
        judged = [diagnosis.best_epoch for diagnosis in self.diagnoses]
        return _ends(judged or [run.best_epoch for run in self.row.runs])

    @cached_property
    def gap(self) -> tuple[float, float, float] | None:
        """Training accuracy less that on new images, with its 95% bounds.

        Means over the seeds, so that several don't make the interval look narrower.
        """
        gaps = [diagnosis.gap.accuracy for diagnosis in self.diagnoses if diagnosis.gap is not None]
        known = [(one.value, one.low, one.high) for one in gaps if one.value is not None]
        if not known:
            return None
        values, lows, highs = zip(*known, strict=True)
        return fmean(values), fmean(lows), fmean(highs)


def course_row(row: ExperimentResults) -> CourseRow:
    found = (run.diagnosis for run in row.runs)
    return CourseRow(row, tuple(one for one in found if one is not None))


def by_kind(rows: Iterable[CourseRow]) -> dict[str, tuple[str, ...]]:
    """Kinds that ask for something, and the experiments that show them in most of their seeds."""
    rows = tuple(rows)
    loud = [rule.code for rule in RULES if rule.loud]
    found = {kind: tuple(row.name for row in rows if row.mostly(kind)) for kind in loud}
    return {kind: names for kind, names in found.items() if names}


def _ends(values: Iterable[int]) -> tuple[int, int]:
    values = tuple(values)
    return min(values), max(values)
