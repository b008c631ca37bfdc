"""The rules by which a training is judged, one class each, registered on import.

`register` adds a rule of your own; it then appears on the page, in the terminal and in JSON. The
thresholds are argued in docs/diagnosis.md.
"""

from __future__ import annotations

from leadline.analysis.diagnosis.rules.fit_rules import (
    BatchStatistics,
    GeneralizationGap,
    InferenceGap,
    LearnedNothing,
    Memorized,
    UnderFitting,
)
from leadline.analysis.diagnosis.rules.loss_rules import (
    Diverged,
    OverFitting,
    Plateaued,
    StoppedEarly,
    StoppedLate,
    TooShort,
    Unstable,
)
from leadline.analysis.diagnosis.training_findings import RULES, Rule, register, rule_of

__all__ = ["EXCLUDED", "contradict"]

BUILT_IN = (
    Diverged(),
    InferenceGap(),
    LearnedNothing(),
    Memorized(),
    OverFitting(),
    StoppedLate(),
    UnderFitting(),
    GeneralizationGap(),
    StoppedEarly(),
    Unstable(),
    Plateaued(),
    TooShort(),
    BatchStatistics(),
)
"""Causes before what follows from them."""

EVERYTHING = (Rule,)
EXCLUDED: dict[type[Rule], tuple[type[Rule], ...]] = {
    # After the loss has exploded nothing else about the training means anything.
    Diverged: EVERYTHING,
    # Losses and accuracies in prediction are of another network than the one that was trained.
    InferenceGap: EVERYTHING,
    # What has not been learned cannot be over-fitted, and its loss only moves around guessing.
    LearnedNothing: (
        Memorized, OverFitting, StoppedLate, UnderFitting, GeneralizationGap, StoppedEarly,
        Unstable, Plateaued,
    ),
    # No epoch, and no further one, would be better than guessing.
    Memorized: (UnderFitting, GeneralizationGap, StoppedLate, StoppedEarly, Plateaued),
    # It fits its training images better and better; so it is neither too small nor too short.
    OverFitting: (UnderFitting, StoppedEarly, Plateaued, TooShort),
    StoppedLate: (UnderFitting, StoppedEarly, Plateaued, TooShort),
    # Most errors are made on training images too, so the gap is not what to work on.
    UnderFitting: (GeneralizationGap,),
    StoppedEarly: (Plateaued, TooShort),
    Unstable: (Plateaued, TooShort),
    Plateaued: (TooShort,),
}  # fmt: skip
"""Rules that contradict each other, by the one that stays. A rule that is `always` stays too."""


def contradict(one: str, other: str) -> bool:
    """Return True if findings of these two kinds cannot both be shown."""
    first, second = sorted((rule_of(one), rule_of(other)), key=RULES.index)
    excluded = EXCLUDED.get(type(first), ())
    return first is not second and not second.always and isinstance(second, excluded)


for rule in BUILT_IN:
    register(rule)
