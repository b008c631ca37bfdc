"""Where the weights of each model sit: one bar a model, its parts from left to right."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from leadline.analysis.weight_distribution import PLACES, WeightDistribution
from leadline.report.formatting import in_turn, integer, percent
from leadline.report.plots.svg import COLOURS, new_figure, theme, to_svg
from leadline.report.translations.language import gettext as _

WIDTH_PX, WIDE_PX = 420.0, 900.0
ROW_PX, TEXT_PX, BAR_PX = 46.0, 12.0, 30.0
KEY_PX = 26.0
THICK_PX = 18.0
MARGIN_PX = 2.0
CHARACTER_PX = 6.6
FILLS = {
    "convolutions": ("heat-6", "heat-ink-strong"),
    "first": ("heat-3", "heat-ink"),
    "dense": ("heat-1", "heat-ink"),
    "normalisation": ("muted", "paper"),
    "other": ("grid", "ink"),
}
"""Colour of each place and of the words on it: they differ in lightness, too."""


def place_name(place: str) -> str:
    """Where weights sit, in words."""
    return {
        "convolutions": _("convolutions"),
        "first": _("first dense layer"),
        "dense": _("other dense layers"),
        "normalisation": _("normalisation"),
        "other": _("other layers"),
    }[place]


def weight_bars(models: Sequence[WeightDistribution], *, uid: str) -> str:
    """A bar of one length for each model, divided as its weights are: wide, and for a phone."""
    return _bars(models, uid, WIDE_PX, "plot-wide") + _bars(
        models, f"{uid}-narrow", WIDTH_PX, "plot-narrow"
    )


def _bars(models: Sequence[WeightDistribution], uid: str, width_px: float, css_class: str) -> str:
    there = [place for place in PLACES if any(place in model.places for model in models)]
    columns = 2 if width_px == WIDTH_PX else len(there)
    rows = -(-len(there) // columns)
    above = 10 + rows * KEY_PX
    height = above + len(models) * ROW_PX
    tips: dict[str, str] = {}
    with theme():
        figure = new_figure(width_px, height)
        frame = (MARGIN_PX / width_px, 0, 1 - 2 * MARGIN_PX / width_px, 1 - above / height)
        axes = figure.add_axes(frame)
        axes.set_xlim(0, 1)
        axes.set_ylim(len(models) * ROW_PX, 0)
        axes.set_axis_off()
        for number, model in enumerate(models):
            tips |= _bar(axes, model, number, width_px)
        handles = [
            Patch(color=COLOURS[FILLS[place][0]], label=place_name(place)) for place in there
        ]
        figure.legend(
            handles=handles, loc="upper left", bbox_to_anchor=(-0.01, 1.0), ncols=columns,
            frameon=False, fontsize=12, handlelength=1.2, columnspacing=1.4, borderaxespad=0.3,
        )  # fmt: skip
        return to_svg(
            figure,
            uid=uid,
            title=_("Where the weights of each model sit"),
            description=in_turn(_told(model) for model in models) + ".",
            tips=tips,
            css_class=css_class,
        )


def _bar(axes: Axes, model: WeightDistribution, number: int, width_px: float) -> dict[str, str]:
    """The model's name and weights, and below it its bar; what is said on hover."""
    tips, left = {}, 0.0
    axes.text(
        0, number * ROW_PX + TEXT_PX,
        _("{name}: {n} weights").format(name=model.name, n=integer(model.weights)),
        va="center", fontsize=12, color=COLOURS["ink"],
    )  # fmt: skip
    middle = number * ROW_PX + BAR_PX
    for place in model.places:
        share, (fill, ink) = model.share(place), FILLS[place]
        key = f"bar-{number}-{place}"
        axes.barh(
            middle, share, THICK_PX, left=left, color=COLOURS[fill], gid=key,
            edgecolor=COLOURS["paper"], linewidth=1,
        )[0].set_gid(key)  # fmt: skip
        said = percent(share, 1)
        if len(said) * CHARACTER_PX + 8 < share * width_px:
            axes.text(
                left + share / 2, middle, said, ha="center", va="center_baseline", fontsize=11,
                color=COLOURS[ink],
            )  # fmt: skip
        tips[key] = _("{name}, {place}: {n} weights, {share}").format(
            name=model.name, place=place_name(place), n=integer(model.places[place]), share=said
        )
        left += share
    return tips


def _told(model: WeightDistribution) -> str:
    parts = [f"{place_name(place)} {percent(model.share(place), 1)}" for place in model.places]
    return _("{name}: {value}").format(name=model.name, value=", ".join(parts))
