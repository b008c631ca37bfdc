"""What was done to the images before training, in words: for pages, the card and the terminal."""

from __future__ import annotations

from leadline.data.preprocessing import Preprocessing, Range
from leadline.experiments.image_form import FitMode
from leadline.report.formatting import DASH, integer, listed
from leadline.report.translations.language import gettext as _
from leadline.report.translations.language import ngettext


def dimensions(size_px: tuple[int, int]) -> str:
    """(28, 28) as "28 × 28 px"; (64, 96), height first, as "96 × 64 px (width × height)"."""
    height, width = size_px
    text = f"{width} × {height} px"
    return text if height == width else _("{size} (width × height)").format(size=text)


def summary(done: Preprocessing) -> str:
    """What the images were and what they became, in one line without a full stop."""
    before = _("{sizes}, {colour}").format(sizes=_sizes(done), colour=_colour(done))
    if not is_changed(done):
        return _("{images}; used as they are").format(images=before)
    after = _("{sizes}, {colour}").format(
        sizes=dimensions(done.size_px), colour=_("colour") if done.channels == 3 else _("grey")
    )
    text = _("{before} → {after}").format(before=before, after=after)
    changes = _changes(done)
    return f"{text}; {listed(changes)}" if changes else text


def is_changed(done: Preprocessing) -> bool:
    """True where any image surveyed changed its size, its aspect ratio or its channels."""
    loses_colour = done.channels == 1 and done.coloured > 0
    return bool(done.reduced or done.enlarged or done.refitted or loses_colour)


def warnings(done: Preprocessing) -> tuple[str, ...]:
    """A sentence or two for each of `done.losses`, with the setting that changes it."""
    texts = {
        "pixels-lost": ngettext(
            "{lost} of {n} sampled image keeps less than 10% of its pixels. If small details "
            "matter, choose a larger size, as in data.size_px={side}.",
            "{lost} of {n} sampled images keep less than 10% of their pixels. If small details "
            "matter, choose a larger size, as in data.size_px={side}.",
            done.surveyed,
        ).format(
            lost=integer(done.few_pixels),
            n=integer(done.surveyed),
            side=2 * max(done.size_px),
        ),
        "colour-lost": ngettext(
            "{lost} of {n} sampled image loses its colour: models see grey levels. To keep it, "
            "set data.channels=colour.",
            "{lost} of {n} sampled images lose their colour: models see grey levels. To keep it, "
            "set data.channels=colour.",
            done.surveyed,
        ).format(lost=integer(done.coloured), n=integer(done.surveyed)),
    }
    return tuple(texts[loss] for loss in done.losses)


def fit_words(fit: FitMode) -> str:
    """The way in which an image of another aspect ratio is made to fit."""
    return {
        "pad": _("padded with black"),
        "crop": _("cropped at both ends"),
        "stretch": _("stretched"),
    }[fit]


def _sizes(done: Preprocessing) -> str:
    width, height = done.width_px, done.height_px
    if width.least == width.most and height.least == height.most:
        return f"{integer(width.least)} × {integer(height.least)} px"
    return _("{width} × {height} px (median {median_width} × {median_height})").format(
        width=_span(width),
        height=_span(height),
        median_width=integer(width.median),
        median_height=integer(height.median),
    )


def _span(lengths: Range) -> str:
    if lengths.least == lengths.most:
        return integer(lengths.least)
    return f"{integer(lengths.least)}{DASH}{integer(lengths.most)}"


def _colour(done: Preprocessing) -> str:
    if done.coloured in (0, done.surveyed):
        return _("colour") if done.coloured else _("grey")
    return _("{count} of {n} in colour").format(
        count=integer(done.coloured), n=integer(done.surveyed)
    )


def _changes(done: Preprocessing) -> list[str]:
    """What happened to some or all of the images beside being reduced."""
    found = []
    if done.refitted:
        found.append(_some(done.refitted, done.surveyed, fit_words(done.fit)))
    if done.enlarged:
        found.append(_some(done.enlarged, done.surveyed, _("enlarged")))
    return found


def _some(count: int, n: int, what: str) -> str:
    if count == n:
        return _("all {what}").format(what=what)
    return _("{count} of {n} {what}").format(count=integer(count), n=integer(n), what=what)
