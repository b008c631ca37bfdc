"""Which findings exclude each other, so that a page does not contradict itself.

Of two that do, the one that comes first in `Kind` stays: it is the cause, or the surer of both. The
other is dropped with its advice, which would not help.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from leadline.analysis.diagnosis.training_findings import Finding, Kind

KINDS: tuple[Kind, ...] = get_args(Kind)
ALWAYS: frozenset[Kind] = frozenset({"batch statistics"})
"""A remark on how the model is judged, whatever the training was like."""

EXCLUDED: dict[Kind, frozenset[Kind]] = {
    # After the loss has exploded nothing else about the training means anything.
    "diverged": frozenset(KINDS) - ALWAYS,
    # Losses and accuracies in prediction are of another network than the one that was trained.
    "inference gap": frozenset(KINDS) - ALWAYS,
    # What has not been learned cannot be over-fitted, and its loss only moves around guessing.
    "learned nothing": frozenset(KINDS) - ALWAYS - {"short"},
    # No epoch, and no further one, would be better than guessing.
    "memorized": frozenset(
        {"under-fitting", "generalization gap", "stopped late", "stopped early", "plateaued"}
    ),
    # It fits its training images better and better; so it is neither too small nor too short.
    "over-fitting": frozenset({"under-fitting", "stopped early", "plateaued", "short"}),
    "stopped late": frozenset({"under-fitting", "stopped early", "plateaued", "short"}),
    # Most errors are made on training images too, so the gap is not what to work on.
    "under-fitting": frozenset({"generalization gap"}),
    "stopped early": frozenset({"plateaued", "short"}),
    "unstable": frozenset({"plateaued", "short"}),
    "plateaued": frozenset({"short"}),
}
"""Pairs that contradict each other, by the one that stays."""


def contradict(one: Kind, other: Kind) -> bool:
    """True where two different findings cannot both be shown."""
    first, second = sorted((one, other), key=KINDS.index)
    return first != second and second in EXCLUDED.get(first, frozenset())


def consistent(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, in the order of `Kind`, less those that an earlier one excludes."""
    kept: list[Finding] = []
    for one in sorted(found, key=lambda finding: KINDS.index(finding.kind)):
        if not any(contradict(earlier.kind, one.kind) for earlier in kept):
            kept.append(one)
    return tuple(kept)
