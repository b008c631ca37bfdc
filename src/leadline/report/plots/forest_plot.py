"""Values with their intervals, one below the other, on one scale: a forest plot.

In the narrow layout a row's name and figures stand above its bar, so that the plot fits a phone; in
the wide one they stand beside it. No line of the scale crosses a name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from leadline.report.formatting import general
from leadline.report.plots.label_placement import MARKERS
from leadline.report.plots.svg import COLOURS, new_figure, theme, to_svg

WIDTH_PX = 420.0
ROW_PX, TEXT_PX, BAR_PX = 52.0, 16.0, 32.0
LINE_PX = 22.0
APART_PX = 9.0
MARGIN_PX = 18.0
CHARACTERS = 52
"""As many fit on the line above a bar."""
WIDE_PX, WIDE_ROW_PX = 900.0, 30.0
CHARACTER_PX, GAP_PX = 7.6, 18.0
MOST_NAME = 44


@dataclass(frozen=True)
class Layout:
    """Where the parts of a row stand, in pixels.

    left, right: beside the scale. beside: name and figures stand there, not above the bar. bar:
    from the top of a row. lines: from where to where the lines of the scale are drawn in a row.
    """

    width_px: float
    row_px: float
    left_px: float
    right_px: float
    beside: bool
    bar_px: float
    lines_px: tuple[float, float]
    characters: int
    css_class: str = ""


NARROW = Layout(WIDTH_PX, ROW_PX, MARGIN_PX, MARGIN_PX, False, BAR_PX, (21.0, 45.0), CHARACTERS)


def wide(rows: Sequence[ForestRow]) -> Layout:
    """Names on the left and figures on the right, each column as wide as its longest text."""
    name = min(max((len(row.name) for row in rows), default=0), MOST_NAME)
    said = max((len(row.said) for row in rows), default=0)
    return Layout(
        width_px=WIDE_PX,
        row_px=WIDE_ROW_PX,
        left_px=name * CHARACTER_PX + GAP_PX,
        right_px=said * CHARACTER_PX + GAP_PX,
        beside=True,
        bar_px=WIDE_ROW_PX / 2,
        lines_px=(0.0, WIDE_ROW_PX),
        characters=name,
        css_class="plot-wide",
    )


@dataclass(frozen=True)
class Style:
    """How marks of one kind look: they differ in shape and filling, not in colour alone."""

    colour: str
    marker: str
    filled: bool = True
    size: float = 8.0


STYLES = {
    "test": Style("ink", "o"),
    "validation": Style("validation", "s", filled=False),
    "seed": Style("muted", "o", filled=False, size=5.0),
    "plain": Style("muted", "o", filled=False),
    "flagged": Style("caution", "D"),
    "equivalent": Style("ink", "s", filled=False),
    **{family: Style(family, marker) for family, marker in MARKERS.items()},
}


@dataclass(frozen=True)
class Mark:
    """A value, its 95% bounds if it has any, the key of its style, and what is said on hover."""

    value: float
    interval: tuple[float, float] | None
    kind: str
    tip: str


@dataclass(frozen=True)
class Reference:
    """A value where a line is drawn across, its name, and how far about it the ground is shaded."""

    value: float
    name: str
    band: float = 0.0


@dataclass(frozen=True)
class ForestRow:
    """A name, the figures in words, and the marks. sentence: how names in it are put together."""

    name: str
    said: str
    marks: tuple[Mark, ...]
    parts: tuple[str, ...] = ()
    sentence: str = "{0}"

    def fitting(self, room: int) -> str:
        """The name in at most so many characters: what is long in it loses its middle."""
        if len(self.name) <= room:
            return self.name
        parts = self.parts or (self.name,)
        left = room - len(self.sentence.format(*([""] * len(parts))))
        for taken, part in enumerate(sorted(parts, key=len)):
            each = max(left // (len(parts) - taken), 2)
            if len(part) > each:
                break
            left -= len(part)
        return self.sentence.format(*(shortened(part, each) for part in parts))


def shortened(text: str, most: int) -> str:
    """The text in at most so many characters, its middle left out: names differ at their ends."""
    if len(text) <= most:
        return text
    end = (most - 1) // 2
    return f"{text[: most - 1 - end]}…{text[len(text) - end :]}"


def forest_plot(  # noqa: PLR0913 (a figure has so many parts)
    rows: Sequence[ForestRow],
    *,
    uid: str,
    title: str,
    description: str,
    say: Callable[[float], str] = general,
    reference: Reference | None = None,
    legend: dict[str, str] | None = None,
    span: tuple[float, float] | None = None,
    layout: Layout = NARROW,
) -> str:
    """Rows of marks on one linear scale.

    say: a tick's value in words. legend: kind of mark to its name. span: ends of the scale; holds
    all marks and the line unless given.
    """
    above = 8 + LINE_PX * (reference is not None) + LINE_PX * bool(legend)
    height = above + len(rows) * layout.row_px + 30
    with theme():
        figure = new_figure(layout.width_px, height)
        frame = (
            layout.left_px / layout.width_px,
            30 / height,
            1 - (layout.left_px + layout.right_px) / layout.width_px,
            len(rows) * layout.row_px / height,
        )
        axes = figure.add_axes(frame)
        axes.set_xlim(span or span_of(rows, reference))
        axes.set_ylim(len(rows) * layout.row_px, 0)
        _scale(axes, say)
        _lines(axes, rows, reference, layout)
        tips: dict[str, str] = {}
        for number, row in enumerate(rows):
            _words(axes, row, number * layout.row_px, layout)
            tips |= _marks(axes, row.marks, number * layout.row_px + layout.bar_px, number)
        if legend:
            _legend(axes, legend, 8 + LINE_PX * (reference is not None))
        return to_svg(
            figure, uid=uid, title=title, description=description, tips=tips,
            css_class=layout.css_class,
        )  # fmt: skip


def forest_plots(rows: Sequence[ForestRow], *, uid: str, **figure: Any) -> str:
    """The same rows twice, for a wide screen and for a narrow one; the page shows one of them."""
    broad = forest_plot(rows, uid=uid, layout=wide(rows), **figure)
    narrow = replace(NARROW, css_class="plot-narrow")
    return broad + forest_plot(rows, uid=f"{uid}-narrow", layout=narrow, **figure)


def span_of(rows: Sequence[ForestRow], reference: Reference | None = None) -> tuple[float, float]:
    """Ends of a scale on which all of it lies, with a little room."""
    ends = [
        end for row in rows for mark in row.marks for end in (mark.value, *(mark.interval or ()))
    ] + ([reference.value] if reference else [])
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    room = 0.03 * (high - low) or 0.01
    return low - room, high + room


def _scale(axes: Axes, say: Callable[[float], str]) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: say(value)))
    axes.set_yticks([])
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, labelsize=12)


def _lines(
    axes: Axes, rows: Sequence[ForestRow], reference: Reference | None, layout: Layout
) -> None:
    """The lines of the scale, and the line across: row by row, so that they leave names alone."""
    low, high = axes.get_xlim()
    ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
    first, last = layout.lines_px
    tops = [number * layout.row_px for number in range(len(rows))]
    starts, ends = [top + first for top in tops], [top + last for top in tops]
    for tick in ticks:
        axes.vlines(
            [tick] * len(rows), starts, ends, color=COLOURS["grid"], linewidth=0.8, zorder=0.5
        )
    if reference is None:
        return
    value, band = reference.value, reference.band
    if band:
        ground = COLOURS["grid"]
        left, right = max(value - band, low), min(value + band, high)
        for start, end in zip(starts, ends, strict=True):
            piece = Rectangle((left, start), right - left, end - start)
            piece.set(color=ground, alpha=0.5, linewidth=0, zorder=0)
            axes.add_patch(piece)
    dashes = (0, (3, 3))
    muted = COLOURS["muted"]
    axes.vlines(
        [value] * len(rows), starts, ends, color=muted, linewidth=1, linestyle=dashes, zorder=1
    )
    share = (value - low) / (high - low)
    axes.annotate(
        reference.name, (value, 1), xycoords=("data", "axes fraction"), xytext=(0, 5),
        textcoords="offset points", va="bottom", fontsize=12, color=COLOURS["muted"],
        ha="left" if share < 0.2 else "right" if share > 0.8 else "center",
    )  # fmt: skip


def _words(axes: Axes, row: ForestRow, top: float, layout: Layout) -> None:
    """The name on the left and the figures on the right, above the bar or beside it."""
    if layout.beside:
        name, y, align = row.fitting(layout.characters), top + layout.bar_px, "center_baseline"
        places = (-(layout.left_px) / _inner_px(layout), 1 + layout.right_px / _inner_px(layout))
    else:
        name, y, align = row.fitting(layout.characters - len(row.said)), top + TEXT_PX, "baseline"
        places = (0.0, 1.0)
    texts = ((places[0], name, "left", "bold"), (places[1], row.said, "right", "normal"))
    for place, text, side, weight in texts:
        axes.text(
            place, y, text, transform=axes.get_yaxis_transform(), ha=side,
            va=align, fontsize=12, fontweight=weight, color=COLOURS["ink"],
        )  # fmt: skip


def _inner_px(layout: Layout) -> float:
    """Width of the scale."""
    return layout.width_px - layout.left_px - layout.right_px


def _marks(axes: Axes, marks: Sequence[Mark], middle: float, number: int) -> dict[str, str]:
    """Draw them; those with intervals one below the other. Returns the tip of each by its key."""
    bars = [mark for mark in marks if mark.interval is not None]
    tips = {}
    for place, mark in enumerate(marks):
        step = bars.index(mark) - (len(bars) - 1) / 2 if mark in bars else 0
        y = middle + step * APART_PX
        style = STYLES[mark.kind]
        colour = COLOURS[style.colour]
        if mark.interval is not None:
            axes.plot(mark.interval, (y, y), color=colour, linewidth=2, zorder=2, clip_on=False)
        key = f"mark-{number}-{place}"
        axes.plot(
            mark.value, y, style.marker, color=colour, markersize=style.size, gid=key, zorder=3,
            markerfacecolor=colour if style.filled else COLOURS["surface"], clip_on=False,
            markeredgewidth=1.5,
        )  # fmt: skip
        tips[key] = mark.tip
    return tips


def _legend(axes: Axes, names: dict[str, str], above_px: float) -> None:
    handles = [
        Line2D(
            [], [], linestyle="", marker=STYLES[kind].marker, color=COLOURS[STYLES[kind].colour],
            markersize=STYLES[kind].size, label=name,
            markerfacecolor=COLOURS[STYLES[kind].colour if STYLES[kind].filled else "surface"],
        )
        for kind, name in names.items()
    ]  # fmt: skip
    height_px = axes.get_window_extent().height
    axes.legend(
        handles=handles, loc="lower left", ncols=len(handles), frameon=False, fontsize=12,
        bbox_to_anchor=(-0.02, 1 + (above_px - 8) / height_px), borderaxespad=0.2,
        handletextpad=0.2, columnspacing=1.4,
    )  # fmt: skip
