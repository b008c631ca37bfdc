"""Colours against matplotlib's, opacity by hand, pictures read back by Pillow."""

import io

import matplotlib as mpl
import numpy as np
from PIL import Image

from leadline.explain.overlay import COLOURS, as_grey, heat_colours, overlay, overlay_png, png_bytes


def test_colours_are_infernos_and_ever_lighter():
    values = np.linspace(0, 1, 200, dtype=np.float32)
    expected = 255 * mpl.colormaps["inferno"](0.2 + 0.77 * values)[:, :3]
    assert np.abs(heat_colours(values).astype(int) - expected).max() < 6
    linear = (COLOURS / 255) ** 2.2
    assert (np.diff(linear @ [0.2126, 0.7152, 0.0722]) > 0).all()


def test_opacity_by_hand():
    # 1 gives 0.72 of the last colour over 0.28 of the grey 100; a quarter gives half of 0.72.
    image = np.full((1, 3, 1), 100, np.uint8)
    found = overlay(image, np.array([[0, 0.25, 1]], np.float32))
    assert found[0, 0].tolist() == [100, 100, 100]
    quarter = heat_colours(np.array(0.25, np.float32)) * 0.36 + 64
    assert np.abs(found[0, 1] - quarter).max() <= 0.5
    assert np.abs(found[0, 2] - (0.72 * np.array([243, 246, 138]) + 28)).max() <= 0.5


def test_colour_images_are_shown_in_grey():
    image = np.zeros((2, 2, 3), np.uint8)
    image[..., 0] = 200
    # ITU-R 601: 0.299 of red.
    assert (as_grey(image) == 60).all()
    shown = overlay(image, np.zeros((2, 2), np.float32))
    assert (shown == 60).all()


def test_a_png_holds_what_was_drawn():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (9, 7, 1), dtype=np.uint8)
    heat = rng.random((9, 7)).astype(np.float32)
    with Image.open(io.BytesIO(overlay_png(image, heat))) as opened:
        assert (opened.format, opened.size) == ("PNG", (7, 9))
        np.testing.assert_array_equal(np.asarray(opened), overlay(image, heat))
    with Image.open(io.BytesIO(png_bytes(image))) as opened:
        assert opened.mode == "L"
        np.testing.assert_array_equal(np.asarray(opened), image[..., 0])
