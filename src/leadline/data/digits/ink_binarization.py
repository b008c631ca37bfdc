"""Ink told from the ground it is on: any polarity, uneven light, shadows, the noise of a camera.

Strokes are narrow. What is narrow goes when a picture is closed (`morphology`), so that the ground
is left, with its slopes of light, its edges of shadows, and the table beside the paper.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Grey = NDArray[np.float32]

WIDEST_SHARE = 1 / 5
"""Of the picture's shorter side: no stroke is as wide, if no more is known."""
NARROW_SHARE = 1 / 8
"""Of the same: most strokes are narrower, and most gaps between them are not."""
EVEN_WITHIN, EVEN_SHARE = 0.5, 0.2
"""Where so large a share of the pixels has the very same grey the ground is even: the picture is
drawn or scanned. A photograph has noise, but for where it is over-exposed."""
CORNER_PART, CORNER_SHARE = 3, 0.97
"""Unless a square in a corner, with a third of the shorter side, is all of other greys: a shadow
falls on it, or it is not over-exposed. A digit that fills its picture leaves some ground there."""
NOISE_SIGMAS = 1.0
"""Pixels less dark than that beyond the median are noise; Otsu's threshold handles the rest."""
DEEPEST_SHADE = 1 / 3
"""Of the lightest ground."""
LEAST_CONTRAST = 12.0
"""Grey levels of 255: a fainter mark is none."""
BINS = 128


def even_ground(grey: Grey) -> float | None:
    """The grey of the ground where that is all of one, as in a drawing or a scan; else None."""
    level = _commonest(grey)
    apart = np.abs(grey - level)
    if np.count_nonzero(apart <= EVEN_WITHIN) < EVEN_SHARE * apart.size:
        return None
    side_px = max(1, min(apart.shape) // CORNER_PART)
    other = apart >= LEAST_CONTRAST
    corners = (
        part[:, columns]
        for part in (other[:side_px], other[-side_px:])
        for columns in (slice(side_px), slice(-side_px, None))
    )
    covered = (np.count_nonzero(corner) >= CORNER_SHARE * corner.size for corner in corners)
    return None if any(covered) else level


def ink_on_paper(grey: Grey, level: float | None, widest_px: int | None = None) -> Grey:
    """Amount of ink: float (height, width), 0 to 255, the strongest strokes at 255.

    grey: 0 to 255, dark ink on a light ground or the other way round. level: of an even ground, as
    `even_ground` finds it; whatever departs from it is ink. None where it is uneven: then ink is
    what is narrow. widest_px: no stroke is as wide; shades, shadows and the table beside the paper
    are, and so are no ink. All 0 for an even picture.
    """
    if level is not None:
        apart = grey - level
        lighter, darker = np.maximum(apart, 0), np.maximum(-apart, 0)
        ink = lighter if (lighter**2).sum() >= (darker**2).sum() else darker
    else:
        dark = 255 - grey if _is_lighter(grey) else grey
        ink = _narrow(dark, max(2, widest_px or round(min(grey.shape) * WIDEST_SHARE)))
    strong = ink[ink > otsu(ink)]
    if not len(strong) or (top := quantile(strong, 0.9)) < LEAST_CONTRAST:
        return np.zeros_like(grey)
    scaled: Grey = np.minimum(ink * (255 / top), 255).astype(np.float32)
    return scaled


def _is_lighter(grey: Grey) -> bool:
    """True if the ink is lighter than the ground, as chalk is.

    Closing takes dark strokes away and leaves the ground, opening light ones. The wrong one of the
    two fills the digit's gaps with ink, which makes for a ground with more edges.
    """
    smooth, window_px = _smooth(grey), max(2, round(min(grey.shape) * NARROW_SHARE))
    return _edges(opened(smooth, window_px)) < _edges(closed(smooth, window_px))


def _narrow(grey: Grey, widest_px: int) -> Grey:
    """By how much it is darker than the ground, and more than noise makes it."""
    # Of single pixels' noise closing would take the highest, but what is smooth has soft edges.
    both = (closed(levels, widest_px) for levels in (_smooth(grey), _levels(grey)))
    ground = np.minimum(*both).astype(np.float32)
    lightest = max(float(ground.max()), 1.0)
    # In shadow ink is as much darker in proportion; deepest shadows are mostly noise.
    apart = (ground - grey) * (lightest / np.maximum(ground, lightest * DEEPEST_SHADE))
    usual = float(np.median(apart))
    noise = 1.4826 * float(np.median(np.abs(apart - usual)))
    ink: Grey = np.maximum(apart - usual - NOISE_SIGMAS * noise, 0).astype(np.float32)
    return ink


def _smooth(grey: Grey) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(_levels(grey)).filter(ImageFilter.BoxBlur(1)))


def _levels(grey: Grey) -> NDArray[np.uint8]:
    return np.rint(grey).astype(np.uint8)


def _edges(ground: NDArray[np.uint8]) -> int:
    """The sum of all steps from pixel to pixel."""
    levels = ground.astype(np.int16)
    return sum(int(np.abs(np.diff(levels, axis=axis)).sum(dtype=np.int64)) for axis in (0, 1))


def otsu(values: Grey) -> float:
    """The level that parts the values best in two (Otsu, 1979); 0 where all are 0."""
    highest = float(values.max(initial=0.0))
    if highest <= 0:
        return 0.0
    # Not np.histogram, which takes five times as long.
    bins = np.minimum((values.ravel() * (BINS / highest)).astype(np.intp), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    middles = (np.arange(BINS) + 0.5) * (highest / BINS)
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    # Where there are none to one side their number is 0, and so is the product.
    apart = sums / np.maximum(below, 1) - (sums[-1] - sums) / np.maximum(above, 1)
    between = below * above * apart**2
    return float((np.argmax(between) + 1) * (highest / BINS))


def quantile(values: Grey, share: float) -> float:
    """As NumPy's, which takes ten times as long for so few."""
    ordered = np.sort(values, axis=None)
    place = share * (len(ordered) - 1)
    below = int(place)
    low, high = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
    return low + (high - low) * (place - below)


def _commonest(grey: Grey) -> float:
    """The most frequent grey, among the 17 levels that hold most pixels together."""
    counts = np.bincount(np.rint(grey).ravel().astype(np.int64), minlength=256)
    middle = int(np.argmax(np.convolve(counts, np.ones(17, np.int64), mode="same")))
    first = max(middle - 8, 0)
    return float(first + np.argmax(counts[first : middle + 9]))


Grey8 = NDArray[np.uint8]
Values = TypeVar("Values", NDArray[np.uint8], NDArray[np.bool_], NDArray[np.int64])


def closed(grey: Grey8, window_px: int) -> Grey8:
    """Without what is dark and narrower than the window; steps and slopes stay.

    Nothing at the rim is narrow, for it may go on beyond.
    """
    padded = framed(grey, window_px - 1)
    return 255 - _highest(255 - _highest(padded, window_px), window_px)


def opened(grey: Grey8, window_px: int) -> Grey8:
    """Without what is light and narrower than the window."""
    return 255 - closed(255 - grey, window_px)


def grown(light: Values, by_px: int) -> Values:
    """The light areas, wider by so much on every side."""
    return _highest(framed(light, by_px), 2 * by_px + 1)


def framed(values: Values, by_px: int) -> Values:
    """With zeros around; NumPy's pad takes ten times as long."""
    height, width = values.shape
    frame = np.zeros((height + 2 * by_px, width + 2 * by_px), values.dtype)
    frame[by_px : by_px + height, by_px : by_px + width] = values
    return frame


def _highest(grey: Values, window_px: int) -> Values:
    """Of each window that lies within, (height - window_px + 1, width - window_px + 1)."""
    return _highest_of_rows(_highest_of_rows(grey, window_px).T, window_px).T


def _highest_of_rows(grey: Values, window_px: int) -> Values:
    """Windows of twice the rows from two of half; the last two overlap."""
    reach = 1
    while reach < window_px:
        step = min(reach, window_px - reach)
        grey = np.maximum(grey[:-step], grey[step:])
        reach += step
    return grey


Mask = NDArray[np.bool_]

LABELLED_PX = 72
SMALLEST_SHARE = 0.12
"""Of the largest part's area: smaller parts that lie apart are specks."""


def main_parts(mask: Mask) -> Mask:
    """The largest part that hangs together, and others that are large too or lie in its midst.

    Strokes that do not quite touch, as the bar of a 5, belong; dust and a paper's edge do not.
    """
    if not mask.any():
        return mask
    factor = -(-max(mask.shape) // LABELLED_PX)
    labels = label(_pooled(mask, factor))
    whole = labels.repeat(factor, axis=0).repeat(factor, axis=1)
    found = np.where(mask, whole[: mask.shape[0], : mask.shape[1]], 0)
    areas = np.bincount(found.ravel())
    areas[0] = 0
    main = int(np.argmax(areas))
    large = np.flatnonzero(areas >= SMALLEST_SHARE * areas[main])
    kept = np.zeros(len(areas), bool)
    kept[[one for one in large if one == main or not _at_the_rim(found == one)]] = True
    return kept[found]


def label(mask: Mask) -> NDArray[np.int64]:
    """A number from 1 for each part whose pixels touch, by side or by corner; 0 elsewhere."""
    labels = np.where(mask, np.arange(1, mask.size + 1, dtype=np.int64).reshape(mask.shape), 0)
    by_label = np.zeros(mask.size + 1, np.int64)
    while True:
        spread = _highest_around(labels) * mask
        if (spread == labels).all():
            by_label[1:] = np.cumsum(np.bincount(labels.ravel(), minlength=len(by_label))[1:] > 0)
            return by_label[labels]
        # A label names a pixel of the same part: its label may be higher by now, and is taken over,
        # so that the number of rounds grows with the logarithm of a part's length.
        by_label[1:] = spread.ravel()
        labels = by_label[spread]


def _highest_around(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of each pixel and its eight neighbours."""
    padded = framed(labels, 1)
    rows = np.maximum(np.maximum(padded[:-2], padded[1:-1]), padded[2:])
    return np.maximum(np.maximum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])


def _pooled(mask: Mask, factor: int) -> Mask:
    """True where any pixel of a square of `factor` px is."""
    height, width = (-(-size // factor) for size in mask.shape)
    padded = np.zeros((height * factor, width * factor), bool)
    padded[: mask.shape[0], : mask.shape[1]] = mask
    return np.asarray(padded.reshape(height, factor, width, factor).any(axis=(1, 3)))


def _at_the_rim(part: Mask) -> bool:
    return bool(part[0].any() or part[-1].any() or part[:, 0].any() or part[:, -1].any())
