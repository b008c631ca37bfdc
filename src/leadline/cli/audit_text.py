"""What `leadline data audit` says to people."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from leadline.cli import console
from leadline.report.wording import integer

if TYPE_CHECKING:
    from rich.console import Console

    from leadline.data.audit import Audit


def print_audit(audit: Audit) -> None:
    """Counts by split and class, what was measured, and each finding with what to do about it."""
    from leadline.data.audit import ADVICE

    screen = console.people()
    _print_counts(screen, audit)
    for note in audit.notes:
        _say(screen, note)
    _print_probe(screen, audit)
    for kind, findings in groupby(audit.findings, lambda finding: finding.kind):
        for finding in findings:
            _say(screen, f"{kind}: {finding.message}", console.CAUTION)
        _say(screen, f"→ {ADVICE[kind]}")
    _say(screen, _summary(audit), console.CAUTION if audit.findings else console.ACCENT)


def _print_counts(screen: Console, audit: Audit) -> None:
    classes = list(next(iter(audit.splits.values())))
    table = console.table(console.one_line(audit.path), "split", *classes, "images")
    for split, counts in audit.splits.items():
        numbers = [*counts.values(), sum(counts.values())]
        table.add_row(split, *map(integer, numbers))
    screen.print(table)


def _print_probe(screen: Console, audit: Audit) -> None:
    if not audit.probe:
        return
    table = console.table("AUC without the subject", "from", "AUC", "95% interval")
    for measured in audit.probe:
        low, high = measured.interval
        table.add_row(measured.features, f"{measured.auc:.3f}", f"{low:.3f} to {high:.3f}")
    screen.print(table)


def _summary(audit: Audit) -> str:
    kinds = len({finding.kind for finding in audit.findings})
    if not kinds:
        return "nothing found"
    findings = len(audit.findings)
    return f"{findings} findings of {kinds} kinds" if findings > 1 else "1 finding"


def _say(screen: Console, text: str, style: str = "") -> None:
    screen.print(console.one_line(text), style=style, soft_wrap=True)
