"""`leadline compare`: which difference between finished runs is real."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadline.cli import console, extras
from leadline.cli.options import Json, Language, Margin
from leadline.cli.terminal_tables import Column
from leadline.report.translations.language import gettext as _
from leadline.report.translations.language import pgettext, speaking

if TYPE_CHECKING:
    from leadline.analysis.significance.comparison import MetricComparison, RankedComparison


def command(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="RUN...", help="Folders of runs, or of a study: all its runs."),
    ],
    margin: Margin = None,
    *,
    json: Json = False,
    language: Language = "en",
) -> None:
    """Compare finished runs pair by pair, on the same test images."""
    extras.require("train")
    from leadline.analysis.significance.comparison import MARGIN
    from leadline.workflow.run_ranking import compare

    with speaking(language):
        found = compare(*folders, margin=MARGIN if margin is None else margin)
        if json:
            console.machine(asdict(found))
        else:
            _show(found)


def _show(found: RankedComparison) -> None:
    """A table for each measure, with what its columns mean below it."""
    from leadline.report.words.comparison_words import MEASURES, SCALES, brief, p_value

    screen = console.people()
    for one in found.measures:
        scale = SCALES[one.measure]
        interval = pgettext("narrow", "95% interval")
        table = console.table(
            _title(found, one),
            Column(_("Ahead"), "path"),
            Column(_("Of"), "path"),
            Column(scale.head, "number"),
            Column(interval, "number", secondary=True),
            Column(_("p"), "number", secondary=True),
            Column(_("Could\nshow"), "number", secondary=True),
            Column(_("Verdict")),
        )
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
        screen.print(_legend(found, one), style="dim")
    screen.print(console.one_line(_ranking(found, _(MEASURES[found.judged_by]))))
    console.limits(_guessing(found))
    console.limits(" ".join(_failed(found)))


def _title(found: RankedComparison, one: MetricComparison) -> str:
    from leadline.report.formatting import integer
    from leadline.report.words.comparison_words import MEASURES

    message = (
        _("Differences in {measure} on {n} test images")
        if found.n_groups is None
        else _("Differences in {measure} on {n} test images of {patients} patients")
    )
    return message.format(
        measure=_(MEASURES[one.measure]), n=integer(found.n), patients=integer(found.n_groups or 0)
    )


def _legend(found: RankedComparison, one: MetricComparison) -> str:
    """Return the legend of the columns."""
    from leadline.report.words.comparison_words import SCALES, covers

    message = (
        _("Intervals and p (corrected for {pairs} pairs) cover {chances}.")
        if len(one.pairs) > 1
        else _("Intervals and p cover {chances}.")
    )
    columns = _(
        "Detectable: the smallest true difference that 80% of such studies would detect. "
        "Equivalent: within {margin}."
    )
    chances = message.format(pairs=len(one.pairs), chances=covers(one.pairs))
    return f"{chances} {columns.format(margin=SCALES[one.measure].amount(found.margin))}"


def _ranking(found: RankedComparison, measure: str) -> str:
    """Return the ranking as one line."""
    said = _("Best by {measure}: {best}; next: {next}.").format(
        measure=measure, best=found.best, next=found.next
    )
    if not found.smallest_equivalent:
        return said
    small = _("Smallest equivalent model: {name}.").format(name=found.smallest_equivalent)
    return f"{said} {small}"


def _failed(found: RankedComparison) -> Iterator[str]:
    """A sentence on each experiment with seeds that failed."""
    from leadline.analysis.failed_runs import failed_of
    from leadline.report.words.failed_words import sentence

    finished: dict[str, int] = {}
    for pair in found.measures[0].pairs:
        finished |= {pair.first: pair.first_runs, pair.second: pair.second_runs}
    for name in dict.fromkeys(one.experiment for one in found.failed):
        yield sentence(name, failed_of(found.failed, name), finished.get(name, 0))


def _guessing(found: RankedComparison) -> str:
    """Return a warning if the best experiment, or all, may be guessing, else ""."""
    from leadline.report.words.guessing_words import none_shown, stated

    if none_shown(found.guessing.values()):
        return _("None of the experiments is significantly better than guessing.")
    best = stated(found.guessing.get(found.best))
    return f"{found.best}: {best}" if best else ""
