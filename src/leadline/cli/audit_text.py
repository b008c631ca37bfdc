"""Terminal output of `leadline data audit`."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from leadline.cli import console
from leadline.cli.terminal_tables import Column
from leadline.report.formatting import integer

if TYPE_CHECKING:
    from rich.console import Console

    from leadline.data.audit import Audit
    from leadline.data.audit.audit_findings import FileReasons

MOST_AS_COLUMNS = 4
MOST_AS_ROWS = 30
MOST_UNREADABLE = 200
"""Files that cannot be read, of which so many are named; --json names all."""


def print_audit(audit: Audit) -> None:
    """Print counts by split and class, the probe, and each finding with its advice."""
    from leadline.data.audit import check_of

    screen = console.people()
    _print_counts(screen, audit)
    for note in audit.notes:
        _say(screen, str(note))
    _print_probe(screen, audit)
    for check, findings in groupby(audit.findings, check_of):
        for finding in findings:
            _say(screen, f"{check.code}: {check.message(finding)}", console.CAUTION)
            shown = check.exhibit(finding)
            if shown is not None and shown.form == "files":
                _print_files(screen, shown)
        _say(screen, f"→ {check.advice}")
    _say(screen, _summary(audit), console.CAUTION if audit.findings else console.ACCENT)


def _print_counts(screen: Console, audit: Audit) -> None:
    """Images by split and class: a row for each split, or for each class where these are many."""
    classes = list(next(iter(audit.splits.values())))
    title = console.one_line(audit.path)
    totals = {split: sum(counts.values()) for split, counts in audit.splits.items()}
    if len(classes) <= MOST_AS_COLUMNS:
        names = (Column(console.one_line(name), "number") for name in classes)
        table = console.table(title, "split", *names, Column("images", "number"))
        for split, counts in audit.splits.items():
            table.add_row(split, *map(integer, [*counts.values(), totals[split]]))
    else:
        splits = (Column(split, "number") for split in audit.splits)
        table = console.table(title, Column("class", "path"), *splits)
        for name in classes[:MOST_AS_ROWS]:
            found = (integer(counts[name]) for counts in audit.splits.values())
            table.add_row(console.one_line(name), *found)
        rest = classes[MOST_AS_ROWS:]
        if rest:
            sums = (integer(sum(counts[name] for name in rest)) for counts in audit.splits.values())
            table.add_row(f"{integer(len(rest))} more classes", *sums)
        table.add_row("images", *map(integer, totals.values()))
    screen.print(table)


def _print_probe(screen: Console, audit: Audit) -> None:
    if not audit.probe:
        return
    table = console.table(
        "Shortcut probe: AUC without the subject",
        "from",
        Column("AUC", "number"),
        Column("95% interval", "number"),
    )
    for measured in audit.probe:
        low, high = measured.interval
        table.add_row(measured.features, f"{measured.auc:.3f}", f"{low:.3f} to {high:.3f}")
    screen.print(table)


def _print_files(screen: Console, shown: FileReasons) -> None:
    """Print the reason for every file but the first, which the finding's message names."""
    others = shown.files[1:]
    for _, reason in others[:MOST_UNREADABLE]:
        _say(screen, str(reason))
    if len(others) > MOST_UNREADABLE:
        _say(screen, f"and {integer(len(others) - MOST_UNREADABLE)} more; --json names all.")


def _summary(audit: Audit) -> str:
    kinds = len({finding.kind for finding in audit.findings})
    if not kinds:
        return "nothing found"
    findings = len(audit.findings)
    return f"{findings} findings of {kinds} kinds" if findings > 1 else "1 finding"


def _say(screen: Console, text: str, style: str = "") -> None:
    screen.print(console.one_line(text), style=style, soft_wrap=True)
