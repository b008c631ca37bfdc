"""Do probabilities mean what they say? Predicted against observed shares, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from leadline.report.formatting import integer, percent, percent_range, percent_short
from leadline.report.plots.svg import COLOURS, new_figure, theme, to_svg
from leadline.report.translations.language import gettext as _
from leadline.report.translations.language import ngettext

if TYPE_CHECKING:
    from leadline.metrics.calibration import Bin

SIZE_PX = (400.0, 442.0)
LEFT_PX, SIDE_PX, COUNTS_PX, BELOW_PX, GAP_PX = 58.0, 324.0, 56.0, 44.0, 12.0
EDGE = 0.02


def reliability_plot(bins: Sequence[Bin], *, uid: str, positive: str, description: str) -> str:
    """Observed share against predicted probability, and below it how many images lie where.

    Bins without images are left out.
    """
    width, height = SIZE_PX
    with theme():
        figure = new_figure(width, height)
        counts = figure.add_axes(
            (LEFT_PX / width, BELOW_PX / height, SIDE_PX / width, COUNTS_PX / height)
        )
        above = BELOW_PX + COUNTS_PX + GAP_PX
        axes = figure.add_axes((LEFT_PX / width, above / height, SIDE_PX / width, SIDE_PX / height))
        axes.plot((0, 1), (0, 1), color=COLOURS["muted"], linewidth=1, dashes=(3, 3))
        tips = _observed(axes, [one for one in bins if one.n])
        axes.set_ylim(-EDGE, 1 + EDGE)
        axes.set_ylabel(_short(_("share that is {name}").format(name=positive)))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _place: percent_short(share)))
        tips |= _counts(counts, [one for one in bins if one.n])
        for one in (axes, counts):
            _plain(one)
        axes.tick_params(labelbottom=False)
        counts.set_xlabel(_short(_("predicted probability of {name}").format(name=positive)))
        return to_svg(
            figure, uid=uid, title=_("Reliability of the probabilities"),
            description=description, tips=tips,
        )  # fmt: skip


def _observed(axes: Axes, bins: Sequence[Bin]) -> dict[str, str]:
    tips = {}
    for number, one in enumerate(bins):
        predicted, share = one.mean_probability or 0.0, one.share or 0.0
        low, high = one.interval
        axes.plot(
            (predicted, predicted), (low, high), color=COLOURS["validation"], linewidth=2,
            zorder=2,
        )  # fmt: skip
        key = f"bin-{number}"
        axes.plot(
            predicted, share, "o", color=COLOURS["validation"], markersize=8, gid=key,
            clip_on=False, zorder=3,
        )  # fmt: skip
        said = ngettext(
            "predicted {predicted}, observed {share} ({range}), {n} image",
            "predicted {predicted}, observed {share} ({range}), {n} images",
            one.n,
        )
        tips[key] = said.format(
            predicted=percent(predicted, 1),
            share=percent(share, 1),
            range=percent_range(one.interval, 1),
            n=integer(one.n),
        )
    return tips


def _counts(axes: Axes, bins: Sequence[Bin]) -> dict[str, str]:
    tips = {}
    for number, one in enumerate(bins):
        key = f"count-{number}"
        width = one.high - one.low
        (bar,) = axes.bar(
            one.low + 0.1 * width, one.n, 0.8 * width, align="edge", color=COLOURS["muted"]
        )
        bar.set_gid(key)
        said = ngettext("{low} to {high}: {n} image", "{low} to {high}: {n} images", one.n)
        tips[key] = said.format(
            low=percent(one.low, 1), high=percent(one.high, 1), n=integer(one.n)
        )
    axes.set_ylim(0, 1.1 * max(one.n for one in bins))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=2, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda count, _place: integer(round(count))))
    axes.set_ylabel(_("images"))
    return tips


def _plain(axes: Axes) -> None:
    axes.set_xlim(-EDGE, 1 + EDGE)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _place: percent_short(share)))
    axes.grid()
    axes.set_axisbelow(True)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, labelsize=12)


def _short(text: str) -> str:
    return text if len(text) <= 46 else text[:45] + "…"
