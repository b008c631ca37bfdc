"""Predictions and their heat maps as one picture, with a block for each image.

Drawn with Pillow and a bundled typeface: the base install has no figure library, and the picture
looks the same on every machine. A block has the width of a phone's screen; many blocks are laid out
side by side.
"""

from __future__ import annotations

import io
from math import ceil, sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from leadline.explain.explained_image import Answer, Explained
from leadline.explain.overlay import heat_colours
from leadline.explain.sanity_checks import even_share
from leadline.report.formatting import decimal, percent, probability
from leadline.report.picture.canvas import PAPER, Sheet
from leadline.report.picture.explanation_panels import heated, seen, stroked
from leadline.report.picture.lettering import spelt

INK, MUTED, CAUTION, RIM = "#1a1f24", "#59626b", "#8a5a00", "#c9cfd3"
TRACK, BAR, SECOND_BAR, OTHER_BAR = "#e6e9ea", "#0067a5", "#6fa8cc", "#a9b2b8"
BLOCK, EDGE, GAP = 640, 28, 16
"""Width of a block including its margins, a margin, and the gap of two panels, in units."""
PANEL = (BLOCK - 2 * EDGE - GAP) / 2
TITLE, DECISION, CAPTION, TEXT, SMALL = 25, 32, 17, 15.5, 14
"""Font sizes, in units."""
FINE, COARSE = 1.5, 1.0
"""Pixels per unit, for few and for many blocks."""
MOST_PIXELS = 40_000_000
"""Of the whole picture; with very many blocks the resolution is reduced further."""
ALONE = 3
"""Up to this many blocks are in one column, as on a phone."""
MOST_CLASSES = 5
SHARE = 78
"""Width of the probability after a bar, in units: "< 0.001" and a gap."""
MARK = ("Software", "leadline explain")
"""Text chunk of the PNG file that marks it as made by leadline."""
OUT_OF_SCOPE = "Out of scope: unlike the images it was trained on; do not use the answer."
TALLEST = 1.6
"""Largest height of a panel, in widths; panels of taller images are narrower."""


def draw_explained(found: Explained) -> bytes:
    """Return a PNG with a block for each image.

    A block has the prediction, the image as the network sees it, heat maps for the explained class
    and for the likeliest other class, and the edges as strokes.
    """
    columns = columns_of(len(found.answers))
    scale = _scale(found, columns)
    head = _head(found, BLOCK * columns, scale)
    blocks = [_block(found, answer, scale) for answer in found.answers]
    foot = _foot(found, BLOCK * columns, scale)
    rows = [blocks[start : start + columns] for start in range(0, len(blocks), columns)]
    heights = [max(block.height for block in row) for row in rows]
    page = Image.new("RGB", (head.width, head.height + sum(heights) + foot.height), PAPER)
    page.paste(head, (0, 0))
    top = head.height
    for row, height in zip(rows, heights, strict=True):
        for column, block in enumerate(row):
            page.paste(block, (round(BLOCK * column * scale), top))
        top += height
    page.paste(foot, (0, top))
    buffer = io.BytesIO()
    mark = PngInfo()
    mark.add_text(*MARK)
    page.save(buffer, format="PNG", pnginfo=mark)
    return buffer.getvalue()


def is_explanation(path: Path) -> bool:
    """Return True if `draw_explained` made the file."""
    key, value = MARK
    try:
        with Image.open(path, formats=("PNG",)) as picture:
            return bool(picture.info.get(key) == value)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False


def columns_of(blocks: int) -> int:
    """Return the number of columns: 1 for up to 3 blocks, then enough for a landscape page."""
    return 1 if blocks <= ALONE else min(6, ceil(sqrt(blocks * 0.8)))


def _scale(found: Explained, columns: int) -> float:
    rows = ceil(len(found.answers) / columns)
    units = BLOCK * columns * rows * (2 * _panel(found.answers[0])[1] + 480)
    return min(FINE if columns == 1 else COARSE, sqrt(MOST_PIXELS / units))


def _panel(answer: Answer) -> tuple[float, float]:
    """Return width and height of a panel in units; a tall image gets a narrower one."""
    height, width = answer.image.shape[:2]
    shrink = min(1.0, TALLEST * width / height)
    return PANEL * shrink, max(PANEL * shrink * height / width, 2)


def _head(found: Explained, width: float, scale: float) -> Image.Image:
    sheet = Sheet(width, 400, scale)
    most = width - 2 * EDGE
    title = f"Where {spelt(found.model)} looks"
    y = sheet.lines((EDGE, 26), title, TITLE, INK, most=most, bold=True, most_lines=2)
    y = sheet.lines((EDGE, y), spelt(_sentence(found.how)), SMALL, MUTED, most=most, most_lines=3)
    y += 7
    bar = np.repeat(heat_colours(np.linspace(0, 1, 256, dtype=np.float32))[None], 2, axis=0)
    shown = Image.fromarray(bar).resize((sheet.px(130), sheet.px(11)))
    x = EDGE + sheet.width("weak", SMALL) + 8
    sheet.line((EDGE, y), "weak", SMALL, MUTED)
    sheet.paste((x, y + 4), shown)
    sheet.line((x + 138, y), "strong, each map by itself", SMALL, MUTED)
    return sheet.cut(y + 32)


def _foot(found: Explained, width: float, scale: float) -> Image.Image:
    sheet = Sheet(width, 4000, scale)
    y = 0.0
    if found.limits:
        sheet.box((EDGE, 0), width - 2 * EDGE, 1, RIM)
        limits = spelt(found.limits)
        y = sheet.lines((EDGE, 12), limits, SMALL, MUTED, most=width - 2 * EDGE, most_lines=80)
    return sheet.cut(y + EDGE * 0.8)


def _block(found: Explained, answer: Answer, scale: float) -> Image.Image:
    """Draw the block of one image, from its name to the remarks."""
    sheet = Sheet(BLOCK, 2 * PANEL * TALLEST + 1200, scale)
    sheet.box((EDGE, 0), BLOCK - 2 * EDGE, 1, RIM)
    y = _decision(sheet, answer)
    y = _panels(sheet, found, answer, y + 10)
    y = _bars(sheet, found, answer, y + 4)
    for text, colour in _remarks(found, answer):
        y = sheet.lines((EDGE, y + 3), text, TEXT, colour, most=BLOCK - 2 * EDGE)
    return sheet.cut(y + 26)


def _decision(sheet: Sheet, answer: Answer) -> float:
    """Draw file name, decision and runner-up; in grey if the image is out of scope."""
    most = BLOCK - 2 * EDGE
    outside = answer.in_scope is False
    ink = MUTED if outside else INK
    y = sheet.line((EDGE, 12), spelt(answer.path), TEXT, MUTED, most=most, keep_end=True)
    share = probability(answer.probabilities[answer.decided])
    room = most - sheet.width(share, DECISION, bold=False) - 12
    decided = spelt(answer.decided)
    sheet.line((BLOCK - EDGE, y), share, DECISION, ink, right=True)
    y = sheet.line((EDGE, y), decided, DECISION, ink, bold=True, most=room)
    second = f"runner-up: {spelt(answer.runner_up)}"
    share = probability(answer.probabilities[answer.runner_up])
    sheet.line((BLOCK - EDGE, y), share, TEXT, MUTED, right=True)
    y = sheet.line((EDGE, y), second, TEXT, MUTED, most=most - 70)
    if outside:
        y = sheet.lines((EDGE, y + 3), OUT_OF_SCOPE, TEXT, CAUTION, most=most, bold=True)
    return y


def _panels(sheet: Sheet, found: Explained, answer: Answer, y: float) -> float:
    """Draw the four panels with their captions."""
    size = tuple(sheet.px(side) for side in _panel(answer))
    width, height = size
    strokes = found.strokes
    pictures = [
        seen(answer.image, (width, height)),
        heated(answer.image, answer.heat, (width, height)),
        stroked(answer.image, strokes.orientations, strokes.cell_px, (width, height)),
        heated(answer.image, answer.heat_against, (width, height)),
    ]
    captions = [
        ("What the network sees", _form(found, answer)),
        _speaks(answer, answer.explained, "", answer.heat),
        ("Edges as HOG features", _strokes(found)),
        _speaks(answer, answer.against, " instead", answer.heat_against),
    ]
    for row in (0, 2):
        below = y + height / sheet.scale + 6
        ends = [
            _captioned(sheet, pictures[row + column], captions[row + column], column, y, below)
            for column in (0, 1)
        ]
        y = max(ends) + 14
    return y


def _captioned(
    sheet: Sheet,
    picture: Image.Image,
    caption: tuple[str, str],
    column: int,
    y: float,
    below: float,
) -> float:
    x = EDGE + column * (PANEL + GAP)
    sheet.paste((x, y), picture, rim=RIM)
    title, note = caption
    below = sheet.lines((x, below), title, CAPTION, INK, most=PANEL, bold=True, most_lines=2)
    return sheet.lines((x, below), note, SMALL, MUTED, most=PANEL, most_lines=3)


def _form(found: Explained, answer: Answer) -> str:
    height, width, channels = answer.image.shape
    made = "its ink light, centred" if found.prepare == "digit" else "resized"
    return f"{height} × {width} px, {'grey' if channels == 1 else 'colour'}, {made}"


def _speaks(answer: Answer, name: str, instead: str, heat: NDArray[np.float32]) -> tuple[str, str]:
    """Return title and note of a heat map."""
    role = {answer.decided: "decided for", answer.runner_up: "the runner-up"}.get(name, "asked for")
    share = probability(answer.probabilities[name])
    note = f"{role}, {share}"
    if not heat.any():
        note = "nothing does: the map is empty"
    elif heat.min() == heat.max():
        note = f"{note}; all places alike, so the map shows none"
    return f"What speaks for {spelt(name)}{instead}", note


def _strokes(found: Explained) -> str:
    form = f"{found.strokes.orientations} directions, cells of {found.strokes.cell_px} px"
    if found.strokes.kind == "hog":
        return f"what this model is given: {form}"
    if found.strokes.kind == "pixels":
        return f"as HOG would tell them ({form}); this model is given pixels"
    return f"as HOG features tell them: {form}"


def _bars(sheet: Sheet, found: Explained, answer: Answer, y: float) -> float:
    """Draw a line for each of the likeliest classes: name, bar from 0 to 1, probability."""
    ranked = sorted(answer.probabilities.items(), key=lambda item: -item[1])
    shown, rest = ranked[:MOST_CLASSES], ranked[MOST_CLASSES:]
    names = max(sheet.width(spelt(name), CAPTION, bold=True) for name, _ in shown)
    left = EDGE + min(names, BLOCK * 0.42) + 14
    width = BLOCK - EDGE - left - SHARE
    for name, share in shown:
        decided = name == answer.decided
        colour = BAR if decided else SECOND_BAR if name == answer.runner_up else OTHER_BAR
        sheet.box((left, y + 8), width, 10, TRACK)
        sheet.box((left, y + 8), width * share, 10, colour)
        if name == found.positive:
            sheet.box((left + width * found.threshold - 1, y + 3), 2, 20, INK)
        sheet.line((BLOCK - EDGE, y), probability(share), CAPTION, INK, right=True)
        y = sheet.line(
            (EDGE, y), spelt(name), CAPTION, INK, bold=decided, most=left - EDGE - 14
        ) + 3  # fmt: skip
    if rest:
        together = probability(sum(share for _, share in rest))
        words = f"{len(rest)} more {'class' if len(rest) == 1 else 'classes'}, together"
        sheet.line((BLOCK - EDGE, y), together, SMALL, MUTED, right=True)
        y = sheet.line((EDGE, y), words, SMALL, MUTED)
    return y + 2


def _remarks(found: Explained, answer: Answer) -> list[tuple[str, str]]:
    """Return sentences, each with its colour."""
    remarks = []
    if found.positive is not None:
        mark = (
            f"The mark is the threshold of {spelt(found.positive)}, {decimal(found.threshold, 3)}."
        )
        remarks.append((mark, MUTED))
    if answer.border is None:
        remarks.append(
            (f"Nothing speaks for {spelt(answer.explained)}: its map is empty.", CAUTION)
        )
        return remarks
    share = (
        f"{percent(answer.border, 0)} of the map for {spelt(answer.explained)} in the border tenth"
    )
    high = answer.border > even_share()
    remarks.append(
        (f"{share} (an even map: {percent(even_share(), 0)}).", CAUTION if high else MUTED)
    )
    return remarks


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
