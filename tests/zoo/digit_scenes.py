"""What digits are shown on, as files: paper of any kind, a blackboard, photographs of them.

A scene takes ink (`digit_ink`) and a generator, and gives a PNG or a JPEG, as somebody would hand
it in. Pages are float32 (height, width, 3), 0 to 255.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageFilter
from tests.zoo.digit_ink import HEIGHT_PX, Ink

Page = NDArray[np.float32]
Colour = tuple[int, int, int]
Scene = Callable[[Ink, np.random.Generator], bytes]

PENS: tuple[Colour, ...] = ((25, 35, 120), (30, 30, 32), (165, 25, 35), (20, 90, 50))
COLOURED: tuple[Colour, ...] = (
    (250, 235, 130), (255, 190, 205), (170, 220, 250), (190, 235, 175),
)  # fmt: skip
TABLES: tuple[Colour, ...] = ((95, 60, 35), (60, 60, 65), (165, 125, 85), (25, 25, 30))
RIM_SHARE = 0.08
"""Of the page's side, between the ink and the rim: no photograph cuts a digit off."""
SIDEWAYS = 6
"""Of EXIF's orientations: turn it clockwise by 90° to see it upright."""


def on_coloured_paper(ink: Ink, rng: np.random.Generator) -> bytes:
    return _png(_painted(_placed(ink, rng), _one_of(COLOURED, rng), _one_of(PENS, rng)))


def light_on_dark(ink: Ink, rng: np.random.Generator) -> bytes:
    ground, light = rng.integers(0, 70, 3), rng.integers(170, 256, 3)
    return _png(_painted(_placed(ink, rng), ground, light))


def on_a_blackboard(ink: Ink, rng: np.random.Generator) -> bytes:
    """In chalk, whose strokes have gaps, on a board that was wiped."""
    coverage = _placed(ink, rng)
    wiped = Image.fromarray(rng.integers(0, 256, (7, 9), np.uint8))
    smear = wiped.resize(coverage.shape[::-1], Image.Resampling.BICUBIC)
    board = np.asarray(smear, np.float32)[..., None] * rng.uniform(0.05, 0.2) + (45, 70, 58)
    return _photographed(_painted(_grainy(coverage, rng), board, (230, 230, 222)), rng)


def scanned(ink: Ink, rng: np.random.Generator) -> bytes:
    page = _painted(_placed(ink, rng), (252, 252, 250), _one_of(PENS, rng), rng.uniform(0.7, 1))
    return _jpeg(page + rng.normal(0, 1.5, page.shape), quality=int(rng.integers(50, 90)))


def scanned_in_16_bits(ink: Ink, rng: np.random.Generator) -> bytes:
    """Grey, and the paper not white."""
    grey = rng.uniform(35_000, 60_000) * (1 - 0.8 * _placed(ink, rng))
    return _saved(Image.fromarray((grey + rng.normal(0, 300, grey.shape)).astype(np.uint16)), "PNG")


def photograph(ink: Ink, rng: np.random.Generator) -> bytes:
    return _photographed(_shaded(_on_paper(ink, rng), rng), rng)


def in_pencil(ink: Ink, rng: np.random.Generator) -> bytes:
    coverage = _grainy(_placed(ink, rng), rng) * rng.uniform(0.4, 0.8)
    page = _painted(coverage, _paper(rng), (85, 85, 88))
    return _photographed(_shaded(page, rng, fall=0.2), rng)


def with_a_shadow(ink: Ink, rng: np.random.Generator) -> bytes:
    """Of a hand or a head, across the page, its edge more or less soft."""
    page = _on_paper(ink, rng)
    rows, columns = _grid(page)
    angle = rng.uniform(0, 2 * np.pi)
    away = rows * np.sin(angle) + columns * np.cos(angle) - rng.uniform(-0.5, 0.5)
    dark = 1 / (1 + np.exp(-away * rng.uniform(6, 40)))
    return _photographed(page * (1 - rng.uniform(0.25, 0.6) * dark)[..., None], rng)


def on_ruled_paper(ink: Ink, rng: np.random.Generator) -> bytes:
    return _on_lines(ink, rng, squares=False)


def on_squared_paper(ink: Ink, rng: np.random.Generator) -> bytes:
    return _on_lines(ink, rng, squares=True)


def beside_the_table(ink: Ink, rng: np.random.Generator) -> bytes:
    """The paper does not fill the picture: on one to four sides the table shows."""
    sheet = _on_paper(ink, rng, room=(1.4, 2.0))
    height, width = sheet.shape[:2]
    margins = rng.integers(height // 20, height // 4, 4) * (rng.random(4) < 0.5)
    margins[rng.integers(4)] = height // 8
    top, bottom, left, right = margins
    shape = (height + top + bottom, width + left + right, 1)
    page = np.asarray(_one_of(TABLES, rng) + rng.normal(0, 4, shape), np.float32)
    page[top : top + height, left : left + width] = sheet
    return _photographed(_shaded(page, rng, fall=0.15), rng, tilt=0.03)


def transparent(ink: Ink, rng: np.random.Generator) -> bytes:
    """Ink alone, as drawing programs save it: half of the time white, for a dark page."""
    coverage = _placed(ink, rng)
    pixels = np.empty((*coverage.shape, 4), np.float32)
    pixels[..., :3] = (255, 255, 255) if rng.random() < 0.5 else _one_of(PENS, rng)
    pixels[..., 3] = coverage * 255
    return _png(pixels)


def tiny(ink: Ink, rng: np.random.Generator) -> bytes:
    """The digit 12 px high."""
    return _png(_painted(_placed(_scaled(ink, 12), rng), (255, 255, 255), (0, 0, 0)))


def far_away(ink: Ink, rng: np.random.Generator) -> bytes:
    """A digit that takes a sixth to a fourteenth of a photograph."""
    page = _on_paper(_scaled(ink, 60), rng, room=(6, 14))
    return _photographed(_shaded(page, rng), rng)


def large(ink: Ink, rng: np.random.Generator) -> bytes:
    image = _image(_shaded(_on_paper(ink, rng), rng))
    share = 4000 / max(image.size)
    size = (round(image.width * share), round(image.height * share))
    return _saved(image.resize(size, Image.Resampling.BICUBIC), "JPEG")


def turned_by_exif(ink: Ink, rng: np.random.Generator) -> bytes:
    """As a phone stores it: the pixels lie on their side, and a tag says how to hold them."""
    image = _image(_shaded(_on_paper(ink, rng), rng))
    exif = Image.Exif()
    exif[0x0112] = SIDEWAYS
    return _saved(image.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif)


SCENES: dict[str, Scene] = {
    "pen on coloured paper": on_coloured_paper,
    "light on dark": light_on_dark,
    "chalk on a blackboard": on_a_blackboard,
    "scanned": scanned,
    "scanned in 16 bits": scanned_in_16_bits,
    "photographed in uneven light": photograph,
    "in pencil, photographed": in_pencil,
    "a shadow across": with_a_shadow,
    "on ruled paper": on_ruled_paper,
    "on squared paper": on_squared_paper,
    "the table beside the paper": beside_the_table,
    "transparent, dark or white ink": transparent,
    "12 px high": tiny,
    "small in a photograph": far_away,
    "4,000 px": large,
    "turned by EXIF": turned_by_exif,
}


def _placed(ink: Ink, rng: np.random.Generator, room: tuple[float, float] = (1.3, 2.5)) -> Ink:
    """Somewhere on a page whose sides are so many times as long as the ink's longer one."""
    page = np.zeros([round(max(ink.shape) * rng.uniform(*room)) for _ in range(2)], np.float32)
    top, left = (
        round(rng.uniform(RIM_SHARE * side, (1 - RIM_SHARE) * side - inked))
        for side, inked in zip(page.shape, ink.shape, strict=True)
    )
    page[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return page


def _scaled(ink: Ink, height_px: int) -> Ink:
    size = [max(1, round(side * height_px / HEIGHT_PX)) for side in ink.shape]
    small = Image.fromarray(ink).resize((size[1], size[0]), Image.Resampling.BOX)
    return np.asarray(small, np.float32)


def _on_paper(ink: Ink, rng: np.random.Generator, room: tuple[float, float] = (1.3, 2.5)) -> Page:
    coverage = _placed(ink, rng, room) * np.float32(rng.uniform(0.7, 1))
    return _painted(coverage, _paper(rng), _one_of(PENS, rng))


def _on_lines(ink: Ink, rng: np.random.Generator, *, squares: bool) -> bytes:
    """Pale blue lines, a third to once the height of the digit apart."""
    coverage = _placed(ink, rng)
    apart = round(rng.uniform(0.35, 0.8 if squares else 1.1) * HEIGHT_PX)
    first = int(rng.integers(0, apart))
    lines = np.zeros_like(coverage)
    for offset in range(int(rng.integers(1, 4))):
        lines[first + offset :: apart] = 1
        if squares:
            lines[:, first + offset :: apart] = 1
    paper = _painted(lines * np.float32(rng.uniform(0.2, 0.6)), _paper(rng), (120, 150, 205))
    page = _painted(coverage, paper, _one_of(PENS, rng), rng.uniform(0.8, 1))
    return _photographed(_shaded(page, rng, fall=0.2), rng)


def _one_of(colours: tuple[Colour, ...], rng: np.random.Generator) -> Colour:
    return colours[int(rng.integers(len(colours)))]


def _paper(rng: np.random.Generator) -> Page:
    """Nearly white, of any tint."""
    return np.minimum(255, rng.uniform(175, 245) * rng.uniform(0.92, 1.04, 3)).astype(np.float32)


def _grainy(coverage: Ink, rng: np.random.Generator) -> Ink:
    """With gaps, as soft sticks leave them on rough ground."""
    return (coverage * rng.uniform(0.5, 1, coverage.shape)).astype(np.float32)


def _painted(coverage: Ink, paper: ArrayLike, ink: ArrayLike, opacity: float = 1.0) -> Page:
    share = (coverage * opacity)[..., None]
    return np.asarray(np.asarray(paper) * (1 - share) + np.asarray(ink) * share, np.float32)


def _shaded(page: Page, rng: np.random.Generator, fall: float = 0.35) -> Page:
    """In light that falls off to one side and to the corners."""
    rows, columns = _grid(page)
    slopes = rng.uniform(-fall, fall, 2)
    light = 1 + slopes[0] * rows + slopes[1] * columns
    light -= rng.uniform(0, fall / 2) * (rows**2 + columns**2)
    return np.asarray(page * np.clip(light, 0.15, 1.3)[..., None], np.float32)


def _photographed(page: Page, rng: np.random.Generator, *, tilt: float = 0.06) -> bytes:
    """Seen aslant, a little blurred, with a camera's noise, as a JPEG."""
    image = _image(page)
    width, height = image.size
    corners = np.array([(0, 0), (0, height), (width, height), (width, 0)], np.float64)
    inwards = np.sign((width / 2, height / 2) - corners)
    moved = corners + rng.uniform(0, tilt, (4, 2)) * (width, height) * inwards
    aslant = image.transform(
        image.size, Image.Transform.QUAD, tuple(moved.ravel()), Image.Resampling.BILINEAR
    )
    blurred = aslant.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 2.5)))
    noise = rng.normal(0, rng.uniform(1, 7), page.shape)
    return _jpeg(np.asarray(blurred, np.float32) + noise, quality=int(rng.integers(40, 95)))


def _grid(page: Page) -> tuple[Ink, Ink]:
    height, width = page.shape[:2]
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    return rows, columns


def _png(page: Page) -> bytes:
    return _saved(_image(page), "PNG")


def _jpeg(page: NDArray[np.floating], *, quality: int) -> bytes:
    return _saved(_image(page), "JPEG", quality=quality)


def _image(page: NDArray[np.floating]) -> Image.Image:
    return Image.fromarray(np.clip(page, 0, 255).astype(np.uint8))


def _saved(image: Image.Image, form: str, **options: int | Image.Exif) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()
