"""Digits as ink, made in other ways than MNIST's: written with strokes, by other people, printed.

Ink is float32 (height, width), 0 none to 1 full, the longer side HEIGHT_PX; everything is drawn
from the generator handed in.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from sklearn.datasets import load_digits

Ink = NDArray[np.float32]

HEIGHT_PX = 160
"""Of the longer side."""
STROKES: tuple[tuple[tuple[tuple[float, float], ...], ...], ...] = (
    (((50, 4), (20, 16), (14, 50), (22, 86), (50, 96), (76, 84), (82, 50), (74, 16), (50, 4)),),
    (((50, 3), (50, 35), (49, 65), (50, 97)),),
    (((20, 26), (30, 8), (56, 4), (74, 20), (68, 42), (44, 68), (18, 94), (50, 93), (82, 93)),),
    (((22, 14), (48, 4), (72, 16), (68, 36), (44, 47), (70, 56), (78, 76), (56, 95), (20, 88)),),
    (((58, 4), (40, 34), (16, 64), (50, 63), (88, 62)), ((66, 36), (64, 66), (62, 97))),
    (((32, 6), (28, 26), (25, 45), (50, 40), (76, 54), (74, 82), (46, 96), (18, 86)),
     ((32, 6), (54, 7), (78, 5))),
    (((70, 5), (42, 20), (24, 52), (28, 84), (52, 96), (76, 82), (70, 58), (46, 54), (27, 70)),),
    (((16, 8), (48, 8), (82, 7), (66, 38), (50, 66), (40, 97)),),
    (((70, 20), (50, 4), (28, 18), (40, 40), (66, 56), (74, 80), (50, 96), (26, 80), (36, 56),
      (62, 40), (72, 22)),),
    (((74, 28), (56, 5), (28, 14), (26, 40), (50, 50), (74, 30), (72, 60), (66, 97)),),
)  # fmt: skip
"""For each digit the points that a pen passes, of 100 × 100; a 5 and a 4 lift it once."""


def written(digit: int, rng: np.random.Generator) -> Ink:
    """A digit as a pen writes it: points moved, slanted, stretched, joined by smooth curves."""
    slant, width = rng.normal(0.05, 0.12), rng.uniform(0.75, 1.15)
    turn = rng.normal(0, 0.06)
    pen_px = rng.uniform(0.05, 0.13) * HEIGHT_PX
    side = 2 * HEIGHT_PX
    image = Image.new("L", (2 * side, 2 * side))
    pen = ImageDraw.Draw(image)
    for stroke in STROKES[digit]:
        points = np.asarray(stroke, np.float64) - 50
        points += rng.normal(0, 2.2, points.shape)
        x = points[:, 0] * width - slant * points[:, 1]
        y = points[:, 1]
        turned = np.stack([x - turn * y, y + turn * x], axis=1)
        for point in _smooth(turned) * (2 * HEIGHT_PX / 100) + side:
            pen.ellipse((*(point - pen_px), *(point + pen_px)), fill=255)
    return _cropped(image.resize((side, side), Image.Resampling.LANCZOS))


def _smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """A curve through the points, each the bend of a Catmull-Rom spline (1974)."""
    ends = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    t = np.linspace(0, 1, 60)[:, None]
    pieces = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2
               + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(ends[:-3], ends[1:-2], ends[2:-1], ends[3:], strict=True)
    ]  # fmt: skip
    return np.concatenate(pieces)


def by_others(digit: int, rng: np.random.Generator) -> Ink:
    """One of UCI's digits, 8 × 8 px (Alpaydin and Kaynak, 1998), enlarged: broad strokes."""
    uci = load_digits()
    chosen = rng.choice(np.flatnonzero(uci.target == digit))
    small = Image.fromarray((uci.images[chosen] * 255 / 16).astype(np.uint8))
    return _cropped(small.resize((240, 240), Image.Resampling.BICUBIC))


TYPEFACES = (
    "DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSansMono", "DejaVuSerif",
    "DejaVuSerif-Bold", "STIXGeneral", "STIXGeneralItalic",
)  # fmt: skip
"""That matplotlib brings along."""


def printed(digit: int, rng: np.random.Generator) -> Ink:
    """As one of the typefaces has it."""
    name = TYPEFACES[int(rng.integers(len(TYPEFACES)))]
    file = Path(mpl.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"
    image = Image.new("L", (300, 300))
    font = ImageFont.truetype(file, 200)
    ImageDraw.Draw(image).text((60, 20), str(digit), font=font, fill=255)
    return _cropped(image)


def _cropped(image: Image.Image) -> Ink:
    """What is inked, HEIGHT_PX high, or wide where it is wider."""
    box = image.point(lambda level: 255 * (level > 24)).getbbox()
    cut = image.crop(box)
    scale = HEIGHT_PX / max(cut.size)
    size = (max(1, round(cut.width * scale)), max(1, round(cut.height * scale)))
    return np.asarray(cut.resize(size, Image.Resampling.BICUBIC), np.float32) / np.float32(255)
