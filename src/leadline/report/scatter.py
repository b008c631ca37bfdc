"""Accuracy against weights: which family buys accuracy with how many weights."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from leadline.report.language import gettext as _
from leadline.report.language import ngettext
from leadline.report.svg import COLOURS, new_figure, theme, to_svg
from leadline.report.wording import count_short, integer, percent, percent_range, percent_short

MARKERS = {"pixels": "s", "hog": "^", "cnn": "o"}
CHARACTER_PX = 7.2
LABEL_HEIGHT_PX = 15.0

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Dot:
    """One experiment: accuracy 0 to 1 with its interval; `reference`: somebody else's accuracy.

    weights: a model without any is drawn as if it had one, since the axis is logarithmic.
    """

    name: str
    family: str
    weights: int
    accuracy: float
    interval: tuple[float, float]
    reference: float | None = None

    @property
    def x(self) -> int:
        return max(self.weights, 1)


def scatter_plot(
    dots: Sequence[Dot],
    *,
    uid: str,
    families: dict[str, str],
    reference_name: str = "",
    size_px: tuple[float, float] = (900, 420),
    css_class: str = "",
) -> str:
    """Test accuracy with its 95% interval against weights, on a log axis.

    families: family to its name on the page. Families differ in colour and in marker; hollow
    markers are reference figures.
    """
    width_px, height_px = size_px
    with theme():
        figure = new_figure(width_px, height_px)
        axes = figure.add_axes(_frame(width_px, height_px))
        tips = _draw(axes, dots)
        _axes(axes, dots)
        _label(axes, dots)
        _key(axes, dots, families, reference_name)
        return to_svg(
            figure,
            uid=uid,
            title=_("Test accuracy against number of weights"),
            description=_in_words(dots),
            tips=tips,
            css_class=css_class,
        )


def _in_words(dots: Sequence[Dot]) -> str:
    best = max(dots, key=lambda dot: dot.accuracy)
    return ngettext(
        "{n} experiment. The most accurate is {name}: {accuracy} with {weights} weights. The table "
        "above holds every value.",
        "{n} experiments. The most accurate is {name}: {accuracy} with {weights} weights. The "
        "table above holds every value.",
        len(dots),
    ).format(
        n=len(dots),
        name=best.name,
        accuracy=percent(best.accuracy),
        weights=integer(best.weights),
    )


def _frame(width_px: float, height_px: float) -> Box:
    """Left, bottom, width and height of the axes, as shares of the figure."""
    left, right, bottom, top = 58, 16, 48, 36
    width, height = width_px - left - right, height_px - bottom - top
    return left / width_px, bottom / height_px, width / width_px, height / height_px


def _draw(axes: Axes, dots: Sequence[Dot]) -> dict[str, str]:
    tips = {}
    for number, dot in enumerate(dots):
        colour, marker = COLOURS[dot.family], MARKERS[dot.family]
        axes.plot([dot.x] * 2, dot.interval, color=colour, linewidth=1.6, zorder=2)
        if dot.reference is not None:
            axes.plot(
                dot.x, dot.reference, marker, markersize=8.5, markerfacecolor="none",
                markeredgecolor=colour, markeredgewidth=1.3, zorder=3,
            )  # fmt: skip
        key = f"dot-{number}"
        axes.plot(
            dot.x, dot.accuracy, marker, markersize=9, color=colour,
            markeredgecolor=COLOURS["surface"], markeredgewidth=1.2, zorder=4, gid=key,
        )  # fmt: skip
        tips[key] = _("{name}: {accuracy} ({range}), {weights} weights").format(
            name=dot.name,
            accuracy=percent(dot.accuracy),
            range=percent_range(dot.interval),
            weights=integer(dot.weights),
        )
    return tips


def _axes(axes: Axes, dots: Sequence[Dot]) -> None:
    weights = [dot.x for dot in dots]
    axes.set_xscale("log")
    axes.set_xlim(min(weights) / 1.9, max(weights) * 1.9)
    axes.xaxis.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 5.0), numticks=12))
    axes.xaxis.set_major_formatter(FuncFormatter(_round_count))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _place: percent_short(share, 4)))
    axes.set_xlabel(_("weights (log scale)"))
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.minorticks_off()
    axes.tick_params(length=0, labelsize=12, pad=6)


def _round_count(value: float, _place: int | None) -> str:
    """A tick's value without needless zeros: "20 k"."""
    return re.sub(r"[.,]0+(?=\s)", "", count_short(round(value)))


def _label(axes: Axes, dots: Sequence[Dot]) -> None:
    """Each name beside its marker, where it covers least."""
    places = axes.transData.transform([(dot.x, dot.accuracy) for dot in dots])
    taken: list[Box] = [_around(x, y, 7) for x, y in places]
    for dot, (x, _y) in zip(dots, places, strict=True):
        ends = axes.transData.transform([(dot.x, end) for end in dot.interval])
        taken.append((x - 2, ends[0][1], x + 2, ends[1][1]))
        if dot.reference is not None:
            taken.append(_around(x, axes.transData.transform((dot.x, dot.reference))[1], 6))
    left, bottom, right, top = axes.bbox.extents
    boxes = label_boxes(
        [(dot.name, x, y) for dot, (x, y) in zip(dots, places, strict=True)],
        taken,
        (left, bottom, right, top),
    )
    for dot, box in zip(dots, boxes, strict=True):
        axes.annotate(
            dot.name,
            (box[0] + 1, (box[1] + box[3]) / 2),
            xycoords="figure points",
            va="center_baseline",
            fontsize=12,
            color=COLOURS[dot.family],
            zorder=5,
            annotation_clip=False,
        )


def label_boxes(
    labels: Sequence[tuple[str, float, float]], taken: list[Box], frame: Box
) -> list[Box]:
    """A box for each label (text, x, y of its marker), where it covers least, in pixels.

    taken: boxes that markers and bars hold already. frame: the box that labels should stay in.
    """
    held, boxes = list(taken), []
    for text, x, y in labels:
        box = min(
            _candidates(x, y, len(text) * CHARACTER_PX),
            key=lambda box: sum(_shared(box, other) for other in held) + 4 * _outside(box, frame),
        )
        held.append(box)
        boxes.append(box)
    return boxes


def _candidates(x: float, y: float, width: float) -> list[Box]:
    """Boxes around a marker: right and left first, then above and below, then further away."""
    reaches, drops = (10, 16, 24), (0, 12, -12, 22, -22, 34, -34)
    corners = [
        (left, y + drop - LABEL_HEIGHT_PX / 2)
        for reach, drop in itertools.product(reaches, drops)
        for left in (x + reach, x - reach - width)
    ]
    return [(left, low, left + width, low + LABEL_HEIGHT_PX) for left, low in corners]


def _around(x: float, y: float, reach: float) -> Box:
    return x - reach, y - reach, x + reach, y + reach


def _shared(one: Box, other: Box) -> float:
    """Area that two boxes have in common, in square pixels."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0) * max(height, 0)


def _outside(box: Box, frame: Box) -> float:
    whole = (box[2] - box[0]) * (box[3] - box[1])
    return whole - _shared(box, frame)


def _key(axes: Axes, dots: Sequence[Dot], families: dict[str, str], reference_name: str) -> None:
    handles = [
        Line2D([], [], marker=MARKERS[family], color=COLOURS[family], linestyle="", label=name)
        for family, name in families.items()
        if any(dot.family == family for dot in dots)
    ]
    if any(dot.reference is not None for dot in dots):
        hollow = Line2D(
            [], [], marker="o", linestyle="", markerfacecolor="none", label=reference_name,
            markeredgecolor=COLOURS["muted"],
        )  # fmt: skip
        handles.append(hollow)
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=len(handles),
        frameon=False, handletextpad=0.2, columnspacing=1.4, fontsize=12, borderaxespad=0.3,
    )  # fmt: skip
