"""What the page of an audit shows: findings gathered by kind, the gravest first.

Numbers and choices only; the sentences are in the templates and in the findings themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.data.audit import Finding, pictured
from leadline.report.formatting import decimal, integer, percent
from leadline.report.translations.language import gettext as _
from leadline.report.translations.language import mark, ngettext
from leadline.report.words.audit_words import features_name, sentence, shifted, split_name

SEVERITIES = ("serious", "caution", "minor")
TITLES = {
    "unreadable": mark("Files that cannot be read"),
    "left-out": mark("Files that are left out"),
    "shared-group": mark("Patients in two splits"),
    "duplicate": mark("The same image twice"),
    "near-duplicate": mark("Nearly the same image twice"),
    "small-split": mark("Too few images to choose or judge by"),
    "small-class": mark("Classes of too few images"),
    "missing-subgroup": mark("Subtypes missing from a split"),
    "prevalence-shift": mark("Class shares that differ between splits"),
    "shortcut": mark("Classes that differ in simple image properties"),
}

OF_THE_FILE = ("image size", "file size")
"""Properties of a file rather than of its subject. Border and brightness can be the subject's own,
as the brightness of garments is."""

Picture = tuple[str, NDArray[np.uint8] | None]
"""The name of an image, and uint8 (height, width, 1), or None where none is kept."""


@dataclass(frozen=True, eq=False)
class FindingView:
    """One finding: how grave, the figure to be seen first, and examples side by side."""

    severity: str
    finding: Finding
    groups: tuple[tuple[Picture, ...], ...]

    @property
    def figure(self) -> str:
        return _figure(self.finding)

    @property
    def sentence(self) -> str:
        """The message, with a capital, unless it begins with a class as the data spell it."""
        return sentence(self.finding)

    @property
    def splits(self) -> tuple[str, ...]:
        """Which it is of, as a label names them."""
        return tuple(map(split_name, self.finding.splits))


@dataclass(frozen=True, eq=False)
class KindView:
    """All findings of one kind, and what to do about them. severity: that of the gravest."""

    kind: str
    severity: str
    advice: str
    findings: tuple[FindingView, ...]

    @property
    def title(self) -> str:
        return _(TITLES.get(self.kind, self.kind))


@dataclass(frozen=True, eq=False)
class ProbeRow:
    """What some features alone reach: an AUC with its 95% bounds, 0 to 1."""

    features: str
    auc: float
    interval: tuple[float, float]
    flagged: bool

    @property
    def features_name(self) -> str:
        return features_name(self.features)


@dataclass(frozen=True, eq=False)
class AuditView:
    """An audit, arranged. splits: readable images by split and class."""

    path: str
    splits: Mapping[str, Mapping[str, int]]
    kinds: tuple[KindView, ...]
    probe: tuple[ProbeRow, ...]
    notes: tuple[str, ...]
    command: str = ""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.replace("\\", "/").rstrip("/").rpartition("/")[2] or self.path

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(next(iter(self.splits.values()), {}))

    @property
    def count(self) -> int:
        """How many findings there are."""
        return sum(len(kind.findings) for kind in self.kinds)

    @property
    def images(self) -> int:
        return sum(sum(counts.values()) for counts in self.splits.values())

    @cached_property
    def probe_span(self) -> tuple[float, float]:
        """Ends of the probe's scale: whole tenths, with guessing and every interval inside."""
        ends = [0.4, 0.9, *(end for row in self.probe for end in row.interval)]
        return float(np.floor(10 * min(ends)) / 10), float(np.ceil(10 * max(ends)) / 10)


def audit_view(
    table: Mapping[str, Any],
    pictures: Mapping[str, NDArray[np.uint8]] | None = None,
    command: str = "",
) -> AuditView:
    """An audit as `Audit.as_json` gives it, arranged for a page.

    pictures: small grey copies (height, width) by name. command: how to do it again.
    """
    found = [_finding_view(row, pictures or {}) for row in table["findings"]]
    advice = {row["kind"]: row["advice"] for row in table["findings"]}
    kinds = [_kind_view(kind, advice[kind], found) for kind in advice]
    return AuditView(
        path=table["path"],
        splits=table["splits"],
        kinds=tuple(sorted(kinds, key=lambda kind: SEVERITIES.index(kind.severity))),
        probe=tuple(
            ProbeRow(row["features"], row["auc"], (row["interval"][0], row["interval"][1]),
                     row["flagged"])
            for row in table["probe"]
        ),
        notes=tuple(table["notes"]),
        command=command,
    )  # fmt: skip


def _kind_view(kind: str, advice: str, found: list[FindingView]) -> KindView:
    own = sorted(
        (one for one in found if one.finding.kind == kind),
        key=lambda one: SEVERITIES.index(one.severity),
    )
    return KindView(kind, own[0].severity, advice, tuple(own))


def _finding_view(row: Mapping[str, Any], pictures: Mapping[str, NDArray[np.uint8]]) -> FindingView:
    said = {"kind", "splits", "count", "message", "advice"}
    details = {key: value for key, value in row.items() if key not in said}
    finding = Finding(row["kind"], tuple(row["splits"]), row["count"], row["message"], details)
    groups = tuple(
        tuple((name, _upright(pictures.get(name))) for name in group) for group in pictured(finding)
    )
    return FindingView(_severity(finding), finding, groups)


def _upright(picture: NDArray[np.uint8] | None) -> NDArray[np.uint8] | None:
    return None if picture is None else picture[..., None]


def _severity(finding: Finding) -> str:
    """serious: figures on these splits are wrong. caution: they are unsure, or need words."""
    if finding.kind in ("unreadable", "shared-group"):
        return "serious"
    if finding.kind in ("duplicate", "near-duplicate"):
        leaks = len(finding.splits) > 1 or not finding.details.get("same_class", True)
        return "serious" if leaks else "minor"
    if finding.kind == "shortcut" and finding.details.get("features") not in OF_THE_FILE:
        return "minor"
    return "caution"


def _figure(finding: Finding) -> str:
    """The number that a hurried reader takes along."""
    if finding.kind == "shortcut":
        return f"AUC {decimal(finding.details['auc'], 3)}"
    if finding.kind == "prevalence-shift":
        return _shift(finding)
    n = finding.count
    counted = {
        "unreadable": ngettext("{n} file", "{n} files", n),
        "left-out": ngettext("{n} file", "{n} files", n),
        "shared-group": ngettext("{n} patient", "{n} patients", n),
        "duplicate": ngettext("{n} image", "{n} images", n),
        "near-duplicate": ngettext("{n} pair", "{n} pairs", n),
        "small-split": ngettext("{n} image", "{n} images", n),
        "small-class": ngettext("{n} class", "{n} classes", n),
        "missing-subgroup": ngettext("{n} subtype", "{n} subtypes", n),
    }
    return counted.get(finding.kind, "{n}").format(n=integer(n))


def _shift(finding: Finding) -> str:
    """The share of the class that the message is about, in both splits, as "74.3% to 62.5%"."""
    first, second = finding.details["shares"].values()
    name = shifted(finding)
    return _("{low} to {high}").format(low=percent(first[name], 1), high=percent(second[name], 1))
