"""`leadline compare`: which difference between finished runs is real."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadline.cli import console, extras
from leadline.cli.options import Json, Margin

NAME_WIDTH = 16

if TYPE_CHECKING:
    from leadline.evaluation.comparison import Ranked


def command(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="RUN...", help="Folders of runs, or of a study: all its runs."),
    ],
    margin: Margin = None,
    *,
    json: Json = False,
) -> None:
    """Compare finished runs on the test images that they share, pair by pair."""
    extras.require("train")
    from leadline.evaluation.comparison import MARGIN
    from leadline.ranking import compare

    found = compare(*folders, margin=MARGIN if margin is None else margin)
    if json:
        console.machine(asdict(found))
    else:
        _show(found)


def _show(found: Ranked) -> None:
    """A table for each measure, with what its columns mean below it."""
    from leadline.report.comparison_words import MEASURES, SCALES, brief, covers, p_value

    screen = console.people()
    patients = "" if found.n_groups is None else f" of {found.n_groups:,} patients"
    for one in found.measures:
        scale = SCALES[one.measure]
        title = f"Differences in {MEASURES[one.measure]} on {found.n:,} test images{patients}"
        headers = ("Ahead", "Of", scale.head, "95% interval", "p", "Could\nshow", "Verdict")
        table = console.table(title, *headers)
        # On a narrow screen the verdict folds, not the names and the figures.
        for column, side in zip(table.columns, ("first", "second"), strict=False):
            column.min_width = min(NAME_WIDTH, max(len(getattr(pair, side)) for pair in one.pairs))
        table.columns[3].no_wrap = True
        for pair in one.pairs:
            table.add_row(
                console.one_line(pair.first),
                console.one_line(pair.second),
                scale.said(pair.difference),
                scale.interval(pair.low, pair.high),
                p_value(pair.p_corrected),
                scale.shown(pair),
                brief(pair),
            )
        screen.print(table)
        many = f" (corrected for {len(one.pairs)} pairs)" if len(one.pairs) > 1 else ""
        screen.print(
            f"Intervals and p{many} cover {covers(one.pairs)}. Could show: the difference that "
            "would show in 80% of studies like this one. Equivalent: within "
            f"{scale.amount(found.margin)}.",
            style="dim",
        )
    screen.print(console.one_line(_ranking(found, MEASURES[found.judged_by])))


def _ranking(found: Ranked, measure: str) -> str:
    """What it comes to, in a line."""
    small = found.smallest_equivalent
    smaller = f" The smallest equivalent to it: {small}." if small else ""
    return f"Best by {measure}, as a study chooses: {found.best}; next: {found.next}.{smaller}"
