"""Whether the next model fixes confusions, arranged for a study's page.

The sentences are in `confusion_changes.html.j2`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from leadline.analysis.significance.confusion_change import (
    ConfusedCounts,
    ConfusionChange,
    ConfusionChanges,
    Step,
)
from leadline.report.formatting import decimal, integer, points, signed
from leadline.report.translations.language import gettext as _
from leadline.report.words.estimate_words import method_text


@dataclass(frozen=True, eq=False)
class ConfusionChangeRow:
    """One confusion in words. Counts are of images: a mean over seeds has a decimal."""

    change: ConfusionChange
    step: Step

    @property
    def before(self) -> tuple[str, ...]:
        """How many are confused, and where both ways count, how many each way."""
        return _counts(self.change, self.change.before, self.step.first_runs)

    @property
    def after(self) -> tuple[str, ...]:
        return _counts(self.change, self.change.after, self.step.second_runs)

    @property
    def change_in_images(self) -> str:
        """In images: "−8.3"."""
        whole = self.step.first_runs == self.step.second_runs == 1
        return signed(self.change.after.images - self.change.before.images, 0 if whole else 1)

    @property
    def interval(self) -> str:
        """In images: "−15.9 to −1.6"."""
        low, high = (
            signed(self._images(share), 1) for share in (self.change.high, self.change.low)
        )
        return _("{low} to {high}").format(low=low, high=high)

    @property
    def share(self) -> str:
        """Of the images that might be confused: "−0.46"."""
        return points(-self.change.fewer)

    @property
    def share_interval(self) -> str:
        low, high = (points(-share) for share in (self.change.high, self.change.low))
        return _("{low} to {high}").format(low=low, high=high)

    @property
    def minimum_detectable_difference(self) -> str:
        """In images, and "none" where not even all of them would have shown."""
        share = self.change.minimum_detectable_difference
        return _("none") if share is None else decimal(share * self.change.n, 1)

    @property
    def verdict(self) -> str:
        if self.change.verdict == "fixed":
            return _("fixed")
        if self.change.verdict == "moved":
            return _("moved elsewhere")
        return _("made worse") if self.change.verdict == "made worse" else _("no change shown")

    def _images(self, share: float) -> float:
        """More or fewer, where the share is of what became fewer."""
        return -share * self.change.n


@dataclass(frozen=True, eq=False)
class ConfusionChangesView:
    """All steps. by_family: whether they go from family to family, not to the best of one."""

    found: ConfusionChanges
    by_family: bool

    @cached_property
    def steps(self) -> tuple[tuple[Step, tuple[ConfusionChangeRow, ...]], ...]:
        return tuple(
            (step, tuple(ConfusionChangeRow(change, step) for change in step.changes))
            for step in self.found.steps
        )

    @cached_property
    def rows(self) -> tuple[ConfusionChangeRow, ...]:
        return tuple(row for _step, rows in self.steps for row in rows)

    def of(self, verdict: str) -> tuple[ConfusionChangeRow, ...]:
        """Those with this verdict."""
        return tuple(row for row in self.rows if row.change.verdict == verdict)

    @property
    def hopeless(self) -> int:
        """Of those where no change is shown: how many could not have shown it, if all had gone."""
        return sum(not row.change.could_be_shown for row in self.of("no change shown"))

    @property
    def of_seeds(self) -> bool:
        """Whether every test covers the chance in the seeds too."""
        return all(row.change.of_seeds for row in self.rows)

    @property
    def methods(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(method_text(row.change.method) for row in self.rows))


def _counts(change: ConfusionChange, astray: ConfusedCounts, runs: int) -> tuple[str, ...]:
    counts = [astray.images]
    if change.both_ways:
        counts += [astray.a_as_b, astray.b_as_a]
    return tuple(integer(round(one)) if runs == 1 else decimal(one, 1) for one in counts)
