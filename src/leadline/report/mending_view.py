"""Whether the next model mends confusions, arranged for a study's page.

Numbers and choices only; the sentences are in `mending.html.j2`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from leadline.evaluation.mending import Mend, Mending, Step


@dataclass(frozen=True, eq=False)
class MendingView:
    """All steps. by_family: whether they go from family to family, not to the best of one."""

    found: Mending
    by_family: bool

    @cached_property
    def every(self) -> tuple[tuple[Step, Mend], ...]:
        return tuple((step, mend) for step in self.found.steps for mend in step.mends)

    def of(self, verdict: str) -> tuple[tuple[Step, Mend], ...]:
        """Those with this verdict."""
        return tuple(one for one in self.every if one[1].verdict == verdict)

    @cached_property
    def hopeless(self) -> int:
        """Of those where no change is shown: how many could not have shown it, if all had gone."""
        return sum(not mend.could_be_shown for _, mend in self.of("no change shown"))

    @property
    def of_seeds(self) -> bool:
        """Whether every test covers the chance in the seeds too."""
        return all(mend.of_seeds for _, mend in self.every)

    @property
    def methods(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(mend.method for _, mend in self.every))
