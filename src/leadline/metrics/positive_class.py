"""Which of two classes is looked for, where the experiment does not say.

A sensitivity is the share of the positive class that is found. With "abnormal" and "normal" the
second by the alphabet would be "normal", and the threshold for a sensitivity of 95% would keep the
healthy and miss the ill. So names are recognised where one of the two plainly means absence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum


class ChosenBy(StrEnum):
    """Reason for the choice of the positive class."""

    GIVEN = "given"
    """`decision.positive` names it."""
    NAME = "name"
    """The other class's name means absence, or this one's means presence."""
    ORDER = "order"
    """It is the second in natural order; nothing else says so."""


ABSENCE = frozenset(
    {
        "absence", "absent", "background", "benign", "clean", "control", "controls", "correct",
        "empty", "false", "fine", "genuine", "gesund", "good", "ham", "harmless", "healthy",
        "intact", "intakt", "legit", "legitimate", "neg", "negatif", "negative", "no",
        "noncancer", "none", "nonfire", "normal", "normale", "normals", "null", "ok", "okay",
        "other", "others", "pass", "passed", "regular", "rest", "safe", "sain", "sane", "sano",
        "unaffected", "uncracked", "undamaged", "uninfected", "well", "without",
    }
)  # fmt: skip
PRESENCE = frozenset(
    {
        "abnormal", "abnormality", "anomalous", "anomaly", "bad", "cancer", "carcinoma", "case",
        "cases", "corrosion", "crack", "cracked", "damage", "damaged", "defect", "defective",
        "defekt", "disease", "diseased", "fail", "failed", "fake", "faulty", "fire", "found",
        "fraud", "ill", "infected", "infection", "krank", "lesion", "malade", "malicious",
        "malignant", "melanoma", "ng", "parasitized", "patient", "patients", "pneumonia", "pos",
        "positif", "positive", "presence", "present", "sick", "spam", "target", "true", "tumor",
        "tumour", "unhealthy", "unsafe", "with", "yes",
    }
)  # fmt: skip
NEGATIONS = frozenset(
    {
        "kein", "no", "non", "not", "ohne", "sans", "sin", "without",
    }
)  # fmt: skip
"""Before another class's name: "no_crack" beside "crack"."""
WORD = re.compile(r"[^\W\d_]+|\d+")


def choose_positive(classes: Sequence[str]) -> tuple[int, ChosenBy]:
    """Choose the positive one of two classes by their names.

    Parameters
    ----------
    classes : two names, in natural order

    Returns
    -------
    (int, ChosenBy)
        Its index, and whether names decided or only the order did, which then is the second.
    """
    first, second = map(_words, classes)
    absent = _is_absence(first, second), _is_absence(second, first)
    if absent[0] != absent[1]:
        return (1 if absent[0] else 0), ChosenBy.NAME
    present = _means_presence(first), _means_presence(second)
    if present[0] != present[1]:
        return (0 if present[0] else 1), ChosenBy.NAME
    return 1, ChosenBy.ORDER


def _words(name: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFC", name)
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain)
    return tuple(word.casefold() for word in WORD.findall(spaced))


def _negates(words: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """ "no_crack" beside "crack", "non-smoker" beside "smoker", "undamaged" beside "damaged"."""
    if not words or not other:
        return False
    joined, beside = "".join(words), "".join(other)
    if words[0] in NEGATIONS and set(words[1:]) <= set(other) and len(words) > 1:
        return True
    return joined in {f"{prefix}{beside}" for prefix in ("no", "non", "not", "un", "in", "without")}


def _is_absence(words: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Absence by this name, read beside the other: "not good" beside "good" is none."""
    return not _means_absence(other) if _negates(words, other) else _means_absence(words)


def _means_absence(words: tuple[str, ...]) -> bool:
    """A word of absence, "0", or a negation: "no_tumor" and "notumor" beside "glioma"."""
    joined = "".join(words)
    negated = any(joined == f"{prefix}{word}" for prefix in ("no", "non") for word in PRESENCE)
    absent = any(word in ABSENCE for word in words) or words[:1] in {(one,) for one in NEGATIONS}
    return absent or negated or joined == "0"


def _means_presence(words: tuple[str, ...]) -> bool:
    return any(word in PRESENCE for word in words)
