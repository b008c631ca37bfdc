"""Merit against several costs, a small panel each, with the front that no model beats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, dist, log10

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from leadline.report.plots.label_placement import CHARACTER_PX, MARKERS, Box, label_boxes
from leadline.report.plots.svg import COLOURS, new_figure, theme, to_svg
from leadline.report.translations.language import gettext as _

PANEL_PX = 330.0
KEY_PX = 34.0
LEFT_PX, RIGHT_PX, TOP_PX, BOTTOM_PX = 66.0, 18.0, 12.0, 62.0
ROOM = 0.09
"""Above the highest and below the lowest bar, as a share of what is between."""
BESIDE = 0.25
"""Left of the first and right of the last mark there is room for a name, as a share at most."""
FAR_PX = 15.0
"""A name further from its mark than this is tied to it by a line."""
DASHES = (0, (4, 2))
MARKER_PX, BAR_PX = 7.0, 2.0
MOST_NAMES = 12
"""Of more points than these only those on the front are named, for names would cover each other."""


@dataclass(frozen=True)
class Point:
    """One experiment. cost: above 0 on a log axis. merit: 0 to 1, with its 95% bounds."""

    name: str
    family: str
    cost: float
    merit: float
    interval: tuple[float, float]
    tip: str


@dataclass(frozen=True)
class Panel:
    """One cost. front: places of its points, the cheapest first. say: a tick in words."""

    name: str
    points: tuple[Point, ...]
    front: tuple[int, ...]
    say: Callable[[float], str]

    @property
    def decades(self) -> float:
        """Powers of ten from the lowest to the highest cost; 0 where one is nothing."""
        costs = [point.cost for point in self.points]
        return log10(max(costs) / min(costs)) if min(costs) > 0 else 0.0

    @property
    def named(self) -> tuple[Point, ...]:
        """Whose name stands beside the mark."""
        some = len(self.points) > MOST_NAMES
        return tuple(self.points[place] for place in self.front) if some else self.points

    @property
    def label(self) -> str:
        """The name of its axis."""
        return _("{cost} (log scale)").format(cost=self.name) if self.decades > 1 else self.name


@dataclass(frozen=True)
class Layout:
    """In how many columns, how wide in all, and under which class of CSS."""

    columns: int
    width_px: float
    css_class: str = ""


def tradeoff_plot(
    panels: Sequence[Panel],
    *,
    uid: str,
    title: str,
    description: str,
    merit: str,
    say: Callable[[float], str],
    families: dict[str, str],
    layout: Layout,
) -> str:
    """The panels, all with the same scale of merit.

    merit: its name. say: one of its ticks in words. families: to their names, in the key's order.
    """
    columns, width_px = layout.columns, layout.width_px
    height_px = KEY_PX + ceil(len(panels) / columns) * PANEL_PX
    tips: dict[str, str] = {}
    with theme():
        figure = new_figure(width_px, height_px)
        for number, panel in enumerate(panels):
            row, column = divmod(number, columns)
            axes = figure.add_axes(_frame(row, column, columns, width_px, height_px))
            _scales(axes, panel, _span(panels), say)
            if column == 0:
                axes.set_ylabel(merit, fontsize=12)
            tips |= _marks(axes, panel, number)
            _label(axes, panel)
        _key(axes, panels, families, 8 / width_px)
        return to_svg(
            figure, uid=uid, title=title, description=description, tips=tips,
            css_class=layout.css_class,
        )  # fmt: skip


def _frame(row: int, column: int, columns: int, width_px: float, height_px: float) -> Box:
    """Left, bottom, width and height of a panel, as shares of the figure."""
    each = width_px / columns
    bottom = height_px - KEY_PX - (row + 1) * PANEL_PX + BOTTOM_PX
    width, height = each - LEFT_PX - RIGHT_PX, PANEL_PX - TOP_PX - BOTTOM_PX
    left = column * each + LEFT_PX
    return left / width_px, bottom / height_px, width / width_px, height / height_px


def _span(panels: Sequence[Panel]) -> tuple[float, float]:
    ends = [end for panel in panels for point in panel.points for end in point.interval]
    room = ROOM * (max(ends) - min(ends)) or 0.01
    return min(ends) - room, max(ends) + room


def _scales(
    axes: Axes, panel: Panel, span: tuple[float, float], say: Callable[[float], str]
) -> None:
    costs = [point.cost for point in panel.points]
    name = max(len(point.name) for point in panel.points) * CHARACTER_PX + 2 * MARKER_PX
    beside = min(name / axes.bbox.width, BESIDE)
    room_share = beside / (1 - 2 * beside)
    if panel.decades > 1:
        room = 10 ** (room_share * panel.decades)
        axes.set_xscale("log")
        axes.set_xlim(min(costs) / room, max(costs) * room)
        axes.xaxis.set_major_locator(LogLocator(base=10, subs=_between(panel), numticks=12))
    else:
        axes.set_xlim(0.0, (1 + room_share) * max(costs) or 1.0)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: panel.say(value)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_ylim(span)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _place: say(value)))
    axes.set_xlabel(panel.label, fontsize=12)
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.tick_params(length=0, labelsize=11, pad=6)


def _between(panel: Panel) -> tuple[float, ...]:
    """Where ticks stand within a power of ten, so that their words have room."""
    if panel.decades < 1.4:
        return (1.0, 2.0, 5.0)
    return (1.0, 3.0) if panel.decades < 2.6 else (1.0,)


def _marks(axes: Axes, panel: Panel, number: int) -> dict[str, str]:
    """The front as steps, then the bars and the marks: filled on the front, else hollow."""
    tips = {}
    axes.plot(
        *zip(*_corners(axes, panel), strict=True), color=COLOURS["muted"], linewidth=1.4,
        linestyle=DASHES, zorder=2,
    )  # fmt: skip
    for place, point in enumerate(panel.points):
        colour = COLOURS[point.family]
        axes.plot([point.cost] * 2, point.interval, color=colour, linewidth=1.2, zorder=3)
        key = f"panel-{number}-{place}"
        filled = colour if place in panel.front else COLOURS["paper"]
        axes.plot(
            point.cost, point.merit, MARKERS[point.family], markersize=8.5, markerfacecolor=filled,
            markeredgecolor=colour, markeredgewidth=1.5, zorder=4, gid=key,
        )  # fmt: skip
        tips[key] = point.tip
    return tips


def _corners(axes: Axes, panel: Panel) -> list[tuple[float, float]]:
    """The front: as good as the last mark until the next one's cost, and on to the edge."""
    chosen = [panel.points[place] for place in panel.front]
    corners = [(chosen[0].cost, chosen[0].merit)]
    for point in chosen[1:]:
        corners += [(point.cost, corners[-1][1]), (point.cost, point.merit)]
    return [*corners, (axes.get_xlim()[1], chosen[-1].merit)]


def _label(axes: Axes, panel: Panel) -> None:
    """Each name beside its mark, where it covers least."""
    taken = _steps(axes.transData.transform(_corners(axes, panel)).tolist())
    spots = []
    for point in panel.points:
        x, y = axes.transData.transform((point.cost, point.merit))
        low, high = (axes.transData.transform((point.cost, end))[1] for end in point.interval)
        taken.append((x - MARKER_PX, y - MARKER_PX, x + MARKER_PX, y + MARKER_PX))
        taken.append((x - BAR_PX, low, x + BAR_PX, high))
        if point in panel.named:
            spots.append((point.name, x, y))
    left, bottom, right, top = axes.bbox.extents
    boxes = label_boxes(spots, taken, (left, bottom, right, top))
    named = [point for point in panel.points if point in panel.named]
    for point, (_name, x, y), box in zip(named, spots, boxes, strict=True):
        _tie(axes, (x, y), box, COLOURS[point.family])
        axes.annotate(
            point.name, (box[0] + 1, (box[1] + box[3]) / 2), xycoords="figure points",
            va="center_baseline", fontsize=12, color=COLOURS[point.family], zorder=5,
            annotation_clip=False,
        )  # fmt: skip


def _tie(axes: Axes, spot: tuple[float, float], box: Box, colour: str) -> None:
    """A thin line from a mark to the nearest place of its name, where that is far."""
    left, low, right, high = box
    end = min(max(spot[0], left), right), min(max(spot[1], low), high)
    if dist(spot, end) > FAR_PX:
        axes.annotate(
            "", spot, end, xycoords="figure pixels", textcoords="figure pixels", zorder=4,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.8, "shrinkB": MARKER_PX},
        )  # fmt: skip


def _steps(corners: list[list[float]]) -> list[Box]:
    """The box that each part of the line fills."""
    return [
        (min(x, end_x) - 1, min(y, end_y) - BAR_PX, max(x, end_x) + 1, max(y, end_y) + BAR_PX)
        for (x, y), (end_x, end_y) in pairwise(corners)
    ]


def _key(axes: Axes, panels: Sequence[Panel], families: dict[str, str], left: float) -> None:
    there = {point.family for panel in panels for point in panel.points}
    handles = [
        Line2D([], [], marker=MARKERS[family], color=COLOURS[family], linestyle="", label=name)
        for family, name in families.items()
        if family in there
    ]
    front = Line2D(
        [], [], color=COLOURS["muted"], linewidth=1.4, linestyle=DASHES, label=_("front")
    )
    figure = axes.figure
    figure.legend(
        handles=[*handles, front], loc="upper left", bbox_to_anchor=(left, 1.0),
        ncols=len(handles) + 1, frameon=False, handletextpad=0.4, columnspacing=1.4, fontsize=12,
        borderaxespad=0.0,
    )  # fmt: skip
