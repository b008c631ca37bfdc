"""Values with their intervals, one below the other, on one scale: a forest plot.

A row's name and its figures stand above its bar, so that the plot can be as narrow as a phone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from leadline.report.marks import MARKERS
from leadline.report.svg import COLOURS, new_figure, theme, to_svg
from leadline.report.wording import general

WIDTH_PX = 420.0
ROW_PX, TEXT_PX, BAR_PX = 52.0, 16.0, 32.0
LINE_PX = 22.0
APART_PX = 9.0
MARGIN_PX = 18.0
CHARACTERS = 52
"""As many fit on the line above a bar."""


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


def forest_plot(
    rows: Sequence[ForestRow],
    *,
    uid: str,
    title: str,
    description: str,
    say: Callable[[float], str] = general,
    reference: Reference | None = None,
    legend: dict[str, str] | None = None,
    span: tuple[float, float] | None = None,
) -> str:
    """Rows of marks on one linear scale.

    say: a tick's value in words. legend: kind of mark to its name. span: ends of the scale; holds
    all marks and the line unless given.
    """
    above = 8 + LINE_PX * (reference is not None) + LINE_PX * bool(legend)
    height = above + len(rows) * ROW_PX + 30
    with theme():
        figure = new_figure(WIDTH_PX, height)
        frame = (
            MARGIN_PX / WIDTH_PX,
            30 / height,
            1 - 2 * MARGIN_PX / WIDTH_PX,
            len(rows) * ROW_PX / height,
        )
        axes = figure.add_axes(frame)
        axes.set_xlim(span or span_of(rows, reference))
        axes.set_ylim(len(rows) * ROW_PX, 0)
        _scale(axes, say)
        if reference is not None:
            _reference(axes, reference)
        tips: dict[str, str] = {}
        for number, row in enumerate(rows):
            _words(axes, row, number * ROW_PX)
            tips |= _marks(axes, row.marks, number)
        if legend:
            _legend(axes, legend, 8 + LINE_PX * (reference is not None))
        return to_svg(figure, uid=uid, title=title, description=description, tips=tips)


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
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, labelsize=12)


def _reference(axes: Axes, reference: Reference) -> None:
    value, band = reference.value, reference.band
    if band:
        low, high, ground = value - band, value + band, COLOURS["grid"]
        axes.axvspan(low, high, color=ground, alpha=0.5, linewidth=0, zorder=0)
    axes.axvline(value, color=COLOURS["muted"], linewidth=1, linestyle=(0, (3, 3)), zorder=1)
    low, high = axes.get_xlim()
    share = (value - low) / (high - low)
    axes.annotate(
        reference.name, (value, 1), xycoords=("data", "axes fraction"), xytext=(0, 5),
        textcoords="offset points", va="bottom", fontsize=12, color=COLOURS["muted"],
        ha="left" if share < 0.2 else "right" if share > 0.8 else "center",
    )  # fmt: skip


def _words(axes: Axes, row: ForestRow, top: float) -> None:
    name = row.fitting(CHARACTERS - len(row.said))
    for place, text, side, weight in ((0, name, "left", "bold"), (1, row.said, "right", "normal")):
        axes.text(
            place, top + TEXT_PX, text, transform=axes.get_yaxis_transform(), ha=side,
            va="baseline", fontsize=12, fontweight=weight, color=COLOURS["ink"],
        )  # fmt: skip


def _marks(axes: Axes, marks: Sequence[Mark], number: int) -> dict[str, str]:
    """Draw them; those with intervals one below the other. Returns what is said of each."""
    bars = [mark for mark in marks if mark.interval is not None]
    tips = {}
    for place, mark in enumerate(marks):
        step = bars.index(mark) - (len(bars) - 1) / 2 if mark in bars else 0
        y = number * ROW_PX + BAR_PX + step * APART_PX
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
