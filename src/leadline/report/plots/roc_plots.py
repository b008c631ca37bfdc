"""Curves of a two-class model: ROC, precision against recall, net benefit against threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from leadline.report.formatting import general, percent, percent_short
from leadline.report.plots.svg import COLOURS, new_figure, theme, to_svg
from leadline.report.translations.language import gettext as _

SQUARE_PX = (400.0, 376.0)
WIDE_PX = (400.0, 300.0)
LEFT_PX, BELOW_PX, SIDE_PX = 58.0, 42.0, 324.0
EDGE = 0.02
"""What is drawn beyond 0 and 1, so that lines along the edges are seen whole."""
NONE_BELOW = 0.25
"""Net benefit is shown down to this share of its maximum below zero."""

SOLID, DASHED, DOTTED, DASH_DOT = "-", (0, (5, 2.5)), (0, (1.2, 1.8)), (0, (6, 2, 1.2, 2))
DASHES: tuple[Any, ...] = (SOLID, DASHED, DASH_DOT, DOTTED)


@dataclass(frozen=True, eq=False)
class Curve:
    """x and y, floats (k,); what it is called; the name of its colour; its place in `DASHES`."""

    name: str
    x: NDArray[Any]
    y: NDArray[Any]
    colour: str = "ink"
    dash: int = 0


@dataclass(frozen=True)
class MarkedPoint:
    """An operating point on a curve: shares of 0 to 1, what it is called, what is said on hover."""

    name: str
    x: float
    y: float
    tip: str
    marker: str = "o"
    colour: str = "ink"


def roc_plot(
    curves: Sequence[Curve], places: Sequence[MarkedPoint], *, uid: str, description: str
) -> str:
    """Sensitivity against 1 - specificity; the diagonal is what guessing gives."""
    with theme():
        figure, axes = _unit_square()
        chance = axes.plot((0, 1), (0, 1), color=COLOURS["muted"], linewidth=1, dashes=(3, 3))
        tips = _draw(axes, curves, places)
        _name_axes(axes, _("1 − specificity (false alarms)"), _("sensitivity"))
        _legend(axes, "lower right", {_("guessing"): chance[0]})
        return _finish(figure, uid, _("ROC curve"), description, tips)


def precision_recall_plot(
    curves: Sequence[Curve],
    places: Sequence[MarkedPoint],
    prevalence: float,
    *,
    uid: str,
    description: str,
) -> str:
    """Precision against recall; guessing has a precision of the prevalence, 0 to 1."""
    with theme():
        figure, axes = _unit_square()
        level = axes.axhline(prevalence, color=COLOURS["muted"], linewidth=1, dashes=(3, 3))
        tips = _draw(axes, curves, places)
        _name_axes(axes, _("recall (sensitivity)"), _("precision (PPV)"))
        guessing = _("guessing: {share}").format(share=percent(prevalence, 1))
        _legend(axes, "lower left", {guessing: level})
        return _finish(figure, uid, _("Precision against recall"), description, tips)


def decision_plot(
    thresholds: NDArray[Any],
    model: NDArray[Any],
    everybody: NDArray[Any],
    *,
    uid: str,
    description: str,
) -> str:
    """Net benefit of acting on the model, on all and on none, by threshold; floats (k,) each."""
    names = _("model"), _("treat all"), _("treat none")
    best = float(max(model.max(), everybody.max(), 0.01))
    with theme():
        figure = new_figure(*WIDE_PX)
        axes = figure.add_axes((0.145, 0.16, 0.81, 0.73))
        axes.axhline(0, color=COLOURS["muted"], linewidth=1.5, linestyle=DOTTED, label=names[2])
        lines = (
            (everybody, COLOURS["hog"], DASHED, names[1]),
            (model, COLOURS["ink"], "-", names[0]),
        )
        for values, colour, dash, name in lines:
            axes.plot(thresholds, values, color=colour, linewidth=2, linestyle=dash, label=name)
        axes.set_xlim(0, 1)
        axes.set_ylim(-NONE_BELOW * best, 1.08 * best)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _place: percent_short(share)))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _place: _benefit(value)))
        _name_axes(axes, _("threshold probability"), _("net benefit"))
        handles, said = axes.get_legend_handles_labels()
        axes.legend(
            handles[::-1], said[::-1], loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=3,
            frameon=False, fontsize=12, handlelength=2.2, columnspacing=1.4, borderaxespad=0.3,
        )  # fmt: skip
        return _finish(figure, uid, _("Decision curve"), description, {})


def _benefit(value: float) -> str:
    """A tick without needless zeros: "0", "0.2", "−0.1"."""
    return general(round(value, 2)) if abs(value) >= 0.005 else "0"


def _unit_square() -> tuple[Figure, Axes]:
    figure = new_figure(*SQUARE_PX)
    width, height = SQUARE_PX
    axes = figure.add_axes((LEFT_PX / width, BELOW_PX / height, SIDE_PX / width, SIDE_PX / height))
    axes.set_xlim(-EDGE, 1 + EDGE)
    axes.set_ylim(-EDGE, 1 + EDGE)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=5))
        axis.set_major_formatter(FuncFormatter(lambda share, _place: percent_short(share)))
    return figure, axes


def _draw(axes: Axes, curves: Sequence[Curve], places: Sequence[MarkedPoint]) -> dict[str, str]:
    """Curves, the first on top, and the marks on them. Returns what is said of each mark."""
    for order, curve in enumerate(curves):
        axes.plot(
            curve.x, curve.y, color=COLOURS[curve.colour], linestyle=DASHES[curve.dash],
            linewidth=2 if order == 0 else 1.6, label=curve.name, zorder=4 - 0.1 * order,
        )  # fmt: skip
    tips = {}
    for number, place in enumerate(places):
        key = f"place-{number}"
        axes.plot(
            place.x, place.y, place.marker, color=COLOURS[place.colour], markersize=9, gid=key,
            markerfacecolor=COLOURS["surface"], markeredgewidth=2, linestyle="", label=place.name,
            zorder=5, clip_on=False,
        )  # fmt: skip
        tips[key] = place.tip
    return tips


def _name_axes(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid()
    axes.set_axisbelow(True)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, labelsize=12)


def _legend(axes: Axes, corner: Literal["lower left", "lower right"], last: dict[str, Any]) -> None:
    handles, names = axes.get_legend_handles_labels()
    seen = dict(zip(names, handles, strict=True)) | last
    axes.legend(
        list(seen.values()), list(seen), loc=corner, fontsize=12, frameon=True, fancybox=False,
        facecolor=COLOURS["paper"], edgecolor="none", framealpha=1, handlelength=2,
        borderpad=0.5, borderaxespad=0.9, labelspacing=0.45,
    )  # fmt: skip


def _finish(figure: Figure, uid: str, title: str, description: str, tips: dict[str, str]) -> str:
    return to_svg(figure, uid=uid, title=title, description=description, tips=tips)
