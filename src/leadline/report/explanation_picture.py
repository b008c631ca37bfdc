"""Answers and their maps as one picture: a row an image, with what the model says beside it."""

from __future__ import annotations

import io
from textwrap import fill

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from leadline.explain.answer import Answer, Explained
from leadline.explain.border import even_share
from leadline.explain.overlay import as_grey, heat_colours, overlay
from leadline.report.wording import decimal, percent

WIDTH, ROW, HEAD, LINE = 10.4, 3.3, 0.75, 0.2
"""Inches: the picture's width, a row's height, the heading's, a line of small print's."""
SIDE, GAP, EDGE = 3.0, 0.15, 0.3
DPI = 130
INK, MUTED, CAUTION, TRACK, BAR = "#1a1f24", "#59626b", "#8a5a00", "#e0e3e2", "#0067a5"
MOST_CLASSES = 5
SMALL_PRINT_COLUMNS = 135
LONGEST_NAME = 34
_RC = {
    "font.family": "DejaVu Sans",
    "text.parse_math": False,  # a class may be called "US$ or CA$"
    "figure.facecolor": "white",
}


def draw_explained(found: Explained) -> bytes:
    """A PNG: for each image what the network sees, its heat map, and what it says in words."""
    with style.context(["default", _RC]):
        small_print = fill(found.limits, SMALL_PRINT_COLUMNS)
        foot = EDGE + LINE * (small_print.count("\n") + 1 if found.limits else 0)
        height = HEAD + ROW * len(found.answers) + foot
        figure = Figure(figsize=(WIDTH, height), dpi=DPI)
        FigureCanvasAgg(figure)
        _heading(figure, found, height)
        for row, answer in enumerate(found.answers):
            top = height - HEAD - ROW * row
            _image(figure, answer, top, height)
            _words(figure, found, answer, top, height)
        figure.text(
            EDGE / WIDTH, (foot - EDGE / 2) / height, small_print, size=7.5, color=MUTED, va="top",
            linespacing=1.45,
        )  # fmt: skip
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _heading(figure: Figure, found: Explained, height: float) -> None:
    line = 1 - 0.3 / height
    figure.text(EDGE / WIDTH, line, f"Where {found.model} looks", size=13, weight="bold", color=INK)
    figure.text(EDGE / WIDTH, line - 0.22 / height, found.how, size=8.5, color=MUTED)
    scale = figure.add_axes((1 - (EDGE + 1.4) / WIDTH, line, 1.0 / WIDTH, 0.1 / height))
    scale.imshow(heat_colours(np.linspace(0, 1, 128, dtype=np.float32)[None]), aspect="auto")
    _bare(scale)
    for x, text, side in ((-0.05, "weak", "right"), (1.05, "strong", "left")):
        scale.text(x, 0.45, text, transform=scale.transAxes, size=8.5, color=MUTED, ha=side,
                   va="center")  # fmt: skip


def _image(figure: Figure, answer: Answer, top: float, height: float) -> None:
    """The image in grey and with its map, side by side."""
    grey = np.repeat(as_grey(answer.image)[..., None], 3, axis=2)
    smooth = min(grey.shape[:2]) > 64
    for position, picture in enumerate((grey, overlay(answer.image, answer.heat))):
        left = EDGE + position * (SIDE + GAP)
        axes = figure.add_axes(
            (left / WIDTH, (top - SIDE) / height, SIDE / WIDTH, SIDE / height), anchor="N"
        )
        axes.imshow(picture, interpolation="lanczos" if smooth else "nearest")
        _bare(axes)


def _words(figure: Figure, found: Explained, answer: Answer, top: float, height: float) -> None:
    """Decision, probabilities as bars, border share and scope, in the column on the right."""
    left = EDGE + 2 * (SIDE + GAP) + 0.15
    width = WIDTH - left - EDGE
    axes = figure.add_axes((left / WIDTH, (top - SIDE) / height, width / WIDTH, SIDE / height))
    axes.set(xlim=(0, width), ylim=(0, SIDE))
    axes.axis("off")
    axes.text(0, SIDE, _ellipsis(answer.path), size=8.5, color=MUTED, va="top")
    axes.text(0, SIDE - 0.27, _ellipsis(answer.decided, 20), size=15, weight="bold", color=INK,
              va="top")  # fmt: skip
    line = SIDE - 0.78
    ranked = sorted(answer.probabilities.items(), key=lambda item: -item[1])[:MOST_CLASSES]
    for name, probability in ranked:
        _bar(axes, name, probability, line, width)
        if name == found.positive:
            x = width * found.threshold
            axes.plot([x, x], [line - 0.19, line - 0.03], color=INK, linewidth=1.2)
        line -= 0.36
    for text, colour in _remarks(found, answer):
        axes.text(0, line, text, size=8.5, color=colour, va="top", linespacing=1.4)
        line -= 0.19 * (text.count("\n") + 1) + 0.05


def _bar(axes: Axes, name: str, probability: float, line: float, width: float) -> None:
    """A name, its probability, and under both a bar from 0 to 1."""
    axes.text(0, line, _ellipsis(name), size=8.5, color=INK, va="bottom")
    axes.text(width, line, decimal(probability, 3), size=8.5, color=INK, va="bottom", ha="right")
    axes.barh(line - 0.11, width, 0.09, color=TRACK)
    axes.barh(line - 0.11, width * probability, 0.09, color=BAR)


def _remarks(found: Explained, answer: Answer) -> list[tuple[str, str]]:
    """Short lines, each with its colour."""
    remarks = []
    if found.positive is not None:
        remarks.append((f"mark: threshold {decimal(found.threshold, 3)}", MUTED))
    if answer.in_scope is False:
        remarks.append(
            ("Out of scope: unlike the images it was\ntrained on; do not use it.", CAUTION)
        )
    if answer.border is None:
        remarks.append(
            (f"The map is empty: nothing speaks\nfor {_ellipsis(answer.explained)}.", CAUTION)
        )
        return remarks
    share = f"{percent(answer.border, 0)} of the map in the border tenth"
    high = answer.border > even_share()
    remarks.append(
        (f"{share}\n(an even map: {percent(even_share(), 0)})", CAUTION if high else MUTED)
    )
    if answer.explained != answer.decided:
        remarks.append((f"The map is for {_ellipsis(answer.explained)}.", INK))
    return remarks


def _bare(axes: Axes) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def _ellipsis(text: str, most: int = LONGEST_NAME) -> str:
    """A long text by its end, where file names differ; control characters as spaces."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return shown if len(shown) <= most else f"…{shown[1 - most :]}"
