"""Digits as people make them: where they end up in 28 × 28 px, whatever they came from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from leadline.data.digits.mnist_style import normalise_digit, stroke_px

SEVEN = ((60, 60), (220, 60), (120, 230))


def drawn(
    points=SEVEN, *, width_px: int = 20, size: tuple[int, int] = (280, 280), ink=0, paper=255
) -> Image.Image:
    image = Image.new("L", size, paper)
    ImageDraw.Draw(image).line(points, fill=ink, width=width_px, joint="curve")
    return image


def extent(pixels: np.ndarray) -> tuple[int, int]:
    """Height and width of what is inked."""
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def centre(pixels: np.ndarray) -> tuple[float, float]:
    rows, columns = np.mgrid[0.5:28, 0.5:28]
    total = pixels.sum()
    return float((rows * pixels).sum() / total), float((columns * pixels).sum() / total)


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_the_images_of_mnist_are_left_as_they_are(digits):
    assert digits.test is not None
    changed = 0
    for pixels in digits.test.pixels[:500, ..., 0]:
        changed += not np.array_equal(normalise_digit(Image.fromarray(pixels)), pixels)
        inverted = normalise_digit(Image.fromarray(255 - pixels))
        assert np.array_equal(inverted, normalise_digit(Image.fromarray(pixels)))
    assert changed <= 25  # those whose ink does not fill the box, as its makers' own rounding left


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (255, 0), (60, 200), (230, 90)])
def test_it_fits_the_box_light_on_black_whatever_it_was_drawn_with(ink, paper):
    found = normalise_digit(drawn(ink=ink, paper=paper))
    assert found.shape == (28, 28)
    assert found.dtype == np.uint8
    assert max(extent(found)) == 20
    assert np.median(found) == 0
    assert found.max() == 255
    assert np.abs(np.array(centre(found)) - 14).max() <= 0.5
    assert likeness(found, normalise_digit(drawn())) > 0.99


@settings(max_examples=30, deadline=None)
@given(st.integers(-55, 55), st.integers(-50, 45))
def test_where_it_lies_does_not_matter(right, down):
    moved = tuple((x + right, y + down) for x, y in SEVEN)
    assert likeness(normalise_digit(drawn(moved)), normalise_digit(drawn())) > 0.9


@pytest.mark.parametrize("size_px", [40, 90, 700, 3000])
def test_how_large_it_is_does_not_matter(size_px):
    found = normalise_digit(drawn().resize((size_px, size_px), Image.Resampling.LANCZOS))
    assert likeness(found, normalise_digit(drawn())) > 0.95


@pytest.mark.parametrize("width_px", [1, 3, 8])
def test_a_fine_pen_is_thickened(width_px):
    found = normalise_digit(drawn(width_px=width_px))
    assert 1.5 <= stroke_px(found.astype(np.float32)) <= 4
    assert np.percentile(found[found > 0], 75) > 128
    assert likeness(found, normalise_digit(drawn())) > 0.6


@pytest.mark.parametrize("seed", range(6))
def test_a_photograph_of_paper(seed):
    rng = np.random.default_rng(seed)
    ink = 1 - np.asarray(drawn().resize((180, 180)), np.float32) / 255
    page = np.zeros((240, 320), np.float32)
    page[30:210, 90:270] = ink
    rows, columns = np.mgrid[0:1:240j, 0:1:320j]
    slope, fall = rng.uniform(-0.4, 0.4), rng.uniform(0, 0.4)
    light = 190 * (1 + slope * (columns - 0.5) - fall * ((rows - 0.5) ** 2 + (columns - 0.5) ** 2))
    seen = light * (1 - 0.6 * page) + rng.normal(0, 5, page.shape)
    photograph = Image.fromarray(np.clip(seen, 0, 255).astype(np.uint8))
    found = normalise_digit(photograph.filter(ImageFilter.GaussianBlur(0.7)))
    assert likeness(found, normalise_digit(drawn())) > 0.9


def test_dust_and_the_edge_of_the_page_are_no_ink():
    image = drawn()
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 5, 279), fill=0)
    pen.ellipse((250, 250, 258, 258), fill=0)
    assert likeness(normalise_digit(image), normalise_digit(drawn())) > 0.99


@pytest.mark.parametrize("noise", [0, 3])
@pytest.mark.parametrize("lit", [0.45, 0.7])
def test_the_edge_of_a_shadow_across_it_is_no_ink(lit, noise):
    page = np.asarray(drawn(ink=60, paper=220), np.float32)
    rows, columns = np.indices(page.shape)
    seen = np.where(rows + 0.4 * columns > 200, lit * page, page)
    seen = seen + np.random.default_rng(0).normal(0, noise, page.shape)
    found = normalise_digit(Image.fromarray(np.clip(seen, 0, 255).astype(np.uint8)))
    assert likeness(found, normalise_digit(drawn())) > 0.9


@pytest.mark.parametrize("table", [20, 110, 245])
def test_the_table_beside_the_paper_is_no_ink(table):
    page = np.full((360, 400), table, np.float32)
    page[60:340, 20:300] = np.asarray(drawn(ink=60, paper=200))
    seen = page + np.random.default_rng(0).normal(0, 3, page.shape)
    found = normalise_digit(Image.fromarray(np.clip(seen, 0, 255).astype(np.uint8)))
    assert likeness(found, normalise_digit(drawn())) > 0.9


def test_a_small_digit_is_looked_at_from_nearer():
    """Of 2,800 px the digit has 280: 16 in a picture of WORKING_PX, which are too few for a box."""
    page = Image.new("L", (2800, 2800), 255)
    page.paste(drawn(), (1900, 300))
    assert likeness(normalise_digit(page), normalise_digit(drawn())) > 0.98


def test_a_bar_that_does_not_touch_belongs():
    bar, body = ((100, 60), (200, 60)), ((95, 80), (95, 130), (190, 150), (190, 210), (90, 230))
    image = drawn(body)
    ImageDraw.Draw(image).line(bar, fill=0, width=20)
    upper_rows = normalise_digit(image)[4:8]
    assert upper_rows[:, 14:18].max() > 200


@pytest.mark.parametrize(
    "image",
    [
        Image.new("L", (28, 28), 0),
        Image.new("L", (300, 200), 255),
        Image.new("RGB", (1, 1), "red"),
        Image.fromarray(np.random.default_rng(0).normal(128, 3, (90, 90)).astype(np.uint8)),
    ],
    ids=["black", "white", "one pixel", "faint noise"],
)
def test_no_ink_is_an_empty_image(image):
    found = normalise_digit(image)
    assert found.shape == (28, 28)
    assert not found.any()


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32 - 1), st.sampled_from([2, 9, 256])
)
def test_any_picture_gives_an_image(width, height, seed, levels):
    pixels = np.random.default_rng(seed).integers(0, levels, (height, width)) * (
        255 // (levels - 1)
    )
    found = normalise_digit(Image.fromarray(pixels.astype(np.uint8)))
    assert found.shape == (28, 28)
    if found.any():
        assert max(extent(found)) <= 20 or np.array_equal(found.shape, pixels.shape)
