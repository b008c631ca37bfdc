"""Arrays to SVG: how training went, and what was taken for what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple
from unicodedata import east_asian_width

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from leadline.report.formatting import capital, decimal, integer, percent, percent_short
from leadline.report.plots.svg import COLOURS, HEAT_STEPS, Ticks, new_figure, theme, to_svg
from leadline.report.translations.language import gettext as _
from leadline.report.translations.language import ngettext

NUMBERS_UP_TO_CLASSES = 20
HISTORY_PX = (440.0, 280.0)
NAME_GAP_PX, NAME_CHARACTER_PX = 12.0, 8.2
WIDE_LETTER = 1.65

Quantity = Literal["loss", "accuracy"]
Part = Literal["train", "validation", "test"]


class ShadedEpochs(NamedTuple):
    """Epochs first to last, shaded; name: of what they are."""

    name: str
    first: int
    last: int


COLOURED = ("train", "validation")
"""Colours of the two lines."""
_SAY: dict[Quantity, Callable[[float], str]] = {"loss": decimal, "accuracy": percent}


def history_plot(
    quantity: Quantity,
    train: Sequence[float],
    validation: Sequence[float],
    *,
    best_epoch: int,
    validation_name: Part = "validation",
    uid: str,
    shaded: ShadedEpochs | None = None,
    ringed: Sequence[int] = (),
) -> str:
    """Loss (in nats) or accuracy (0 to 1) of each epoch, the best epoch marked.

    train, validation: one value an epoch, epochs counted from 1. best_epoch: from 1. ringed:
    epochs whose validation value is ringed.
    """
    epochs = np.arange(1, len(train) + 1)
    say = _SAY[quantity]
    parts: tuple[Part, Part] = ("train", validation_name)
    with theme():
        figure = new_figure(*HISTORY_PX)
        axes = figure.add_axes((0.125, 0.15, _width(parts), 0.72))
        tips: dict[str, str] = {}
        lines = ((_part(parts[0]), train, "s"), (_part(parts[1]), validation, "o"))
        for colour, part, (_name, values, marker) in zip(COLOURED, parts, lines, strict=True):
            _line(axes, epochs, values, COLOURS[colour], marker)
            for epoch, value in zip(epochs, values, strict=True):
                key = f"{colour}-{epoch}"
                # All of one colour and shape, so that the page holds that shape once.
                axes.plot(epoch, value, "s", c="w", alpha=0, ms=11, mew=0, gid=key, clip_on=False)
                tips[key] = _("epoch {epoch}: {quantity} {value}").format(
                    epoch=epoch, quantity=_of_part(quantity, part), value=say(float(value))
                )
        if shaded is not None:
            _shade(axes, shaded)
            tips["shaded"] = _("{finding}: epochs {first} to {last}").format(
                finding=shaded.name, first=shaded.first, last=shaded.last
            )
        for jump in ringed:
            _ring(axes, jump, validation[jump - 1])
            tips[f"ring-{jump}"] = _("epoch {epoch}: jump").format(epoch=jump)
        _mark_best(axes, best_epoch, len(epochs))
        _label_ends(axes, epochs[-1], {name: values[-1] for name, values, _ in lines})
        _history_axes(axes, quantity, len(epochs))
        return to_svg(
            figure,
            uid=uid,
            title=_("Loss by epoch") if quantity == "loss" else _("Accuracy by epoch"),
            description=_history_in_words(quantity, train, validation, best_epoch, validation_name),
            tips=tips,
            css_class="plot-history",
        )


def _width(parts: tuple[Part, Part]) -> float:
    """Of the axes, as a share of the figure: beside them there is room for the lines' names."""
    longest = max(len(_part(part)) for part in parts)
    return min(0.655, 0.875 - (NAME_GAP_PX + NAME_CHARACTER_PX * longest) / HISTORY_PX[0])


def _breadth(name: str) -> float:
    """Width of a name in letters of the usual width; ideographs and the like are wider."""
    return sum(WIDE_LETTER if east_asian_width(one) in "WF" else 1 for one in name)


def _history_in_words(
    quantity: Quantity,
    train: Sequence[float],
    validation: Sequence[float],
    best_epoch: int,
    validation_name: Part,
) -> str:
    say = _SAY[quantity]
    said = ngettext(
        "{train} goes from {train_first} to {train_last}, {held} from {held_first} to {held_last} "
        "in {n} epoch; at the best epoch, {best}, it is {held_best}.",
        "{train} goes from {train_first} to {train_last}, {held} from {held_first} to {held_last} "
        "in {n} epochs; at the best epoch, {best}, it is {held_best}.",
        len(train),
    )
    return said.format(
        n=len(train),
        train=capital(_of_part(quantity, "train")),
        train_first=say(train[0]),
        train_last=say(train[-1]),
        held=_of_part(quantity, validation_name),
        held_first=say(validation[0]),
        held_last=say(validation[-1]),
        best=best_epoch,
        held_best=say(validation[best_epoch - 1]),
    )


def _part(part: Part) -> str:
    """As the end of its line names it."""
    return {"train": _("train"), "validation": _("validation"), "test": _("test")}[part]


def _of_part(quantity: Quantity, part: Part) -> str:
    """ "train loss"."""
    return {
        ("loss", "train"): _("train loss"),
        ("loss", "validation"): _("validation loss"),
        ("loss", "test"): _("test loss"),
        ("accuracy", "train"): _("train accuracy"),
        ("accuracy", "validation"): _("validation accuracy"),
        ("accuracy", "test"): _("test accuracy"),
    }[quantity, part]


def _line(
    axes: Axes, epochs: NDArray[np.int64], values: Sequence[float], colour: str, marker: str
) -> None:
    few = len(epochs) <= 30
    axes.plot(
        epochs, values, color=colour, linewidth=2, marker=marker if few else "",
        markersize=4.5 if len(epochs) <= 12 else 3, solid_capstyle="round", clip_on=False, zorder=3,
    )  # fmt: skip


def _shade(axes: Axes, shaded: ShadedEpochs) -> None:
    # Half an epoch to each side, so that one epoch shows too; never beyond the figure's edges.
    left, right = max(shaded.first - 0.5, 1), shaded.last
    axes.axvspan(left, right, facecolor=COLOURS["grid"], alpha=0.6, linewidth=0, zorder=0,
                 gid="shaded")  # fmt: skip


def _ring(axes: Axes, epoch: int, value: float) -> None:
    axes.plot(
        epoch, value, "o", markersize=11, markeredgewidth=1.5, markerfacecolor="none",
        markeredgecolor=COLOURS["ink"], clip_on=False, zorder=4, gid=f"ring-{epoch}",
    )  # fmt: skip


def _mark_best(axes: Axes, best_epoch: int, epochs: int) -> None:
    axes.axvline(best_epoch, color=COLOURS["muted"], linewidth=1, linestyle=(0, (3, 3)), zorder=1)
    share = (best_epoch - 1) / max(epochs - 1, 1)
    axes.annotate(
        _("best: epoch {epoch}").format(epoch=best_epoch),
        (best_epoch, 1), xycoords=("data", "axes fraction"),
        xytext=(0, 6), textcoords="offset points", fontsize=12, color=COLOURS["ink"],
        ha="left" if share < 0.15 else "right" if share > 0.85 else "center", va="bottom",
    )  # fmt: skip


def _label_ends(axes: Axes, last_epoch: int, ends: dict[str, float]) -> None:
    """Names at the ends of the lines, moved apart where they would touch."""
    low, high = axes.get_ylim()
    gap = 0.085 * (high - low)
    (upper, top), (lower, bottom) = sorted(ends.items(), key=lambda end: -end[1])
    short = max(0.0, gap - (top - bottom)) / 2
    colours = dict(zip(ends, (COLOURS["train"], COLOURS["validation"]), strict=True))
    for name, height in ((upper, top + short), (lower, bottom - short)):
        axes.annotate(
            name, (last_epoch, height), xytext=(9, 0), textcoords="offset points",
            color=colours[name], va="center", fontsize=12, fontweight="bold", annotation_clip=False,
        )  # fmt: skip


def _history_axes(axes: Axes, quantity: Quantity, epochs: int) -> None:
    axes.set_xlabel(_("epoch"))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6))
    axes.set_xlim((0.5, 1.5) if epochs == 1 else (1, epochs))
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.tick_params(length=0, labelsize=12)
    if quantity == "loss":
        axes.yaxis.set_major_formatter(Ticks())
    else:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _place: percent_short(share)))


def confusion_plot(confusion: NDArray[np.int64], classes: Sequence[str], *, uid: str) -> str:
    """Heat map of a confusion matrix: int (k, k), rows true. The diagonal is held back.

    Colour says which share of the true class's images went astray so; numbers are counts, and
    are left out for more than 20 classes.
    """
    k = len(classes)
    cell = 36.0 if k <= NUMBERS_UP_TO_CLASSES else max(700 / k, 4.0)
    room = 34 + 7.4 * max(_breadth(name[:14]) for name in classes)
    room_above = room if max(len(name) for name in classes) > 3 else 46
    with theme():
        figure = new_figure(room + k * cell + 4, room_above + k * cell + 4)
        width, height = figure.get_size_inches() * 72
        axes = figure.add_axes((room / width, 4 / height, k * cell / width, k * cell / height))
        tips = _cells(axes, confusion, classes, numbers=k <= NUMBERS_UP_TO_CLASSES)
        _confusion_axes(axes, classes, every=max(1, int(np.ceil(13 / cell))))
        return to_svg(
            figure,
            uid=uid,
            title=_("Confusion matrix"),
            description=_confusion_in_words(confusion, classes),
            tips=tips,
            css_class="plot-confusion",
        )


def _cells(
    axes: Axes, confusion: NDArray[np.int64], classes: Sequence[str], *, numbers: bool
) -> dict[str, str]:
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    astray = np.where(np.eye(len(classes), dtype=bool), 0, shares)
    steps = _heat_steps(astray)
    tips = {}
    gap = 0.04 if numbers else 0.0
    for row, column in np.ndindex(confusion.shape):
        count = int(confusion[row, column])
        if count == 0 and row != column:
            continue
        step = int(steps[row, column])
        fill = "none" if row == column else COLOURS[f"heat-{step}"]
        key = f"cell-{row}-{column}"
        axes.add_patch(
            Rectangle(
                (column + gap, row + gap), 1 - 2 * gap, 1 - 2 * gap, facecolor=fill,
                edgecolor=COLOURS["grid"] if row == column else "none", linewidth=0.8, gid=key,
            )
        )  # fmt: skip
        tips[key] = _("{true} taken for {predicted}: {n}").format(
            true=classes[row], predicted=classes[column], n=integer(count)
        )
        if numbers:
            strong = "heat-ink-strong" if step >= HEAT_STEPS // 2 else "heat-ink"
            axes.text(
                column + 0.5, row + 0.53, str(count), ha="center", va="center", fontsize=11.5,
                color=COLOURS["muted" if row == column else strong],
            )  # fmt: skip
    return tips


def _heat_steps(astray: NDArray[np.float64]) -> NDArray[np.int64]:
    """Step of the colour scale, 0 to HEAT_STEPS - 1, linear up to the largest share."""
    most = float(astray.max())
    scaled = astray / most if most > 0 else astray
    steps = np.clip(np.ceil(scaled * HEAT_STEPS) - 1, 0, HEAT_STEPS - 1)
    return np.asarray(steps, dtype=np.int64)


def _confusion_axes(axes: Axes, classes: Sequence[str], *, every: int) -> None:
    k = len(classes)
    axes.set_xlim(0, k)
    axes.set_ylim(k, 0)
    places = np.arange(0, k, every)
    names = [name if len(name) <= 14 else name[:13] + "…" for name in np.array(classes)[places]]
    long = max(len(name) for name in names) > 3
    axes.set_xticks(places + 0.5, names, rotation=90 if long else 0)
    axes.set_yticks(places + 0.5, names)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xlabel(_("taken for"), labelpad=8)
    axes.set_ylabel(_("true class"), labelpad=6)
    axes.tick_params(length=0, labelsize=12 if every == 1 else 10, colors=COLOURS["ink"])
    for spine in axes.spines.values():
        spine.set_visible(False)


def _confusion_in_words(confusion: NDArray[np.int64], classes: Sequence[str]) -> str:
    total, right = int(confusion.sum()), int(np.trace(confusion))
    astray = confusion - np.diag(np.diag(confusion))
    row, column = divmod(int(astray.argmax()), len(classes))
    text = _("{right} of {n} images lie on the diagonal.").format(
        right=integer(right), n=integer(total)
    )
    if astray[row, column] == 0:
        return text
    most = ngettext(
        "The most frequent confusion: {true} taken for {predicted}, {n} time.",
        "The most frequent confusion: {true} taken for {predicted}, {n} times.",
        int(astray[row, column]),
    ).format(true=classes[row], predicted=classes[column], n=integer(int(astray[row, column])))
    return f"{text} {most}"
