"""What the page of an audit shows: findings gathered by check, the most serious first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from leadline.data.audit import Audit, Check, Finding, check_of
from leadline.data.audit.audit_findings import Exhibit, Measured, Severity
from leadline.data.audit.checks.shortcuts import FEATURES
from leadline.report.formatting import capital, sentence
from leadline.report.translations.language import gettext as _
from leadline.report.translations.language import mark

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
SPLIT_LABELS = {"train": mark("train"), "validation": mark("validation"), "test": mark("test")}

Picture = tuple[str, NDArray[np.uint8] | None]
"""The name of an image, and uint8 (height, width, 1), or None where none is kept."""


@dataclass(frozen=True, eq=False)
class FindingView:
    """One finding, with examples side by side."""

    finding: Finding
    check: Check
    groups: tuple[tuple[Picture, ...], ...]

    @property
    def severity(self) -> Severity:
        return self.check.severity(self.finding)

    @property
    def figure(self) -> str:
        """The most important number."""
        return sentence(self.check.figure(self.finding))

    @property
    def sentence(self) -> str:
        """The message, with a capital."""
        return capital(sentence(self.check.message(self.finding)))

    @property
    def exhibit(self) -> Exhibit | None:
        """What is shown below the message."""
        return self.check.exhibit(self.finding)

    @property
    def splits(self) -> tuple[str, ...]:
        """Its splits, as labels."""
        return tuple(_(SPLIT_LABELS.get(split, split)) for split in self.finding.splits)


@dataclass(frozen=True, eq=False)
class KindView:
    """All findings of one check, the most serious first."""

    check: Check
    findings: tuple[FindingView, ...]

    @property
    def kind(self) -> str:
        return self.check.code

    @property
    def severity(self) -> Severity:
        """The severity of the most serious finding."""
        return self.findings[0].severity

    @property
    def title(self) -> str:
        return sentence(self.check.title)

    @property
    def advice(self) -> str:
        return sentence(self.check.advice)


@dataclass(frozen=True, eq=False)
class AuditView:
    """An audit, arranged for a page. command: how to repeat it."""

    audit: Audit
    kinds: tuple[KindView, ...]
    command: str = ""

    @property
    def path(self) -> str:
        return self.audit.path

    @property
    def splits(self) -> Mapping[str, Mapping[str, int]]:
        """Readable images by split and class."""
        return self.audit.splits

    @property
    def probe(self) -> tuple[Measured, ...]:
        return self.audit.probe

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(sentence(note.message) for note in self.audit.notes)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.replace("\\", "/").rstrip("/").rpartition("/")[2] or self.path

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(next(iter(self.splits.values()), {}))

    @property
    def count(self) -> int:
        """The number of findings."""
        return len(self.audit.findings)

    @property
    def images(self) -> int:
        return sum(sum(counts.values()) for counts in self.splits.values())

    @cached_property
    def probe_span(self) -> tuple[float, float]:
        """Ends of the probe's scale: whole tenths, with guessing and every interval inside."""
        ends = [0.4, 0.9, *(end for measured in self.probe for end in measured.interval)]
        return float(np.floor(10 * min(ends)) / 10), float(np.ceil(10 * max(ends)) / 10)


def audit_view(audit: Audit, command: str = "") -> AuditView:
    """Arrange an audit for a page. command: how to repeat it."""
    views = [_finding_view(finding, audit.pictures) for finding in audit.findings]
    kinds = [
        _kind_view(check, findings) for check, findings in groupby(views, lambda view: view.check)
    ]
    kinds.sort(key=lambda kind: SEVERITIES.index(kind.severity))
    return AuditView(audit, tuple(kinds), command)


def features_name(features: str) -> str:
    """The name of a group of features of the probe."""
    return sentence(FEATURES[features]) if features in FEATURES else features


def _kind_view(check: Check, findings: Iterable[FindingView]) -> KindView:
    ordered = sorted(findings, key=lambda view: SEVERITIES.index(view.severity))
    return KindView(check, tuple(ordered))


def _finding_view(finding: Finding, pictures: Mapping[str, NDArray[np.uint8]]) -> FindingView:
    check = check_of(finding)
    groups = tuple(
        tuple((name, _upright(pictures.get(name))) for name in group)
        for group in check.pictures(finding)
    )
    return FindingView(finding, check, groups)


def _upright(picture: NDArray[np.uint8] | None) -> NDArray[np.uint8] | None:
    return None if picture is None else picture[..., None]
