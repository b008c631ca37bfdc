"""Sizes and channels."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from leadline.data.dataset import Dataset, Images
from leadline.data.image_fitting import fit_dataset, fit_image, fit_pixels


def silent(*_):
    return None


def test_what_fits_is_not_copied():
    pixels = np.zeros((2, 3, 4, 1), np.uint8)
    assert fit_pixels(pixels, (3, 4), 1, silent) is pixels


def test_height_comes_before_width():
    pixels = np.zeros((2, 3, 4, 1), np.uint8)
    assert fit_pixels(pixels, (6, 10), 3, silent).shape == (2, 6, 10, 3)


def test_shrinking_is_antialiased():
    # A triangle filter of half-width 2 over columns 0, 0, 0, 255, 255, 255, 255, 0 at every second.
    row = np.array([0, 0, 0, 255, 255, 255, 255, 0], np.uint8)
    image = np.repeat(row[np.newaxis], 8, axis=0)
    shrunk = fit_image(Image.fromarray(image), (4, 4), 1)[..., 0]
    # Weights at distance 0.5 and 1.5 are 3/8 and 1/8; at the right edge they are 3, 3, 1 of 7.
    by_hand = [0, 255 * 4 / 8, 255, 255 * 4 / 7]
    assert np.abs(shrunk - np.array(by_hand)).max() <= 1
    assert (shrunk == shrunk[0]).all()


def test_rows_stay_rows_in_an_oblong():
    image = np.repeat(np.array([[0, 80, 160, 240]], np.uint8), 4, axis=0)
    fitted = fit_image(Image.fromarray(image), (2, 4), 1)[..., 0]
    assert fitted.tolist() == [[0, 80, 160, 240]] * 2


def test_flat_images_stay_flat():
    pixels = np.full((1, 50, 70, 3), 77, np.uint8)
    assert (fit_pixels(pixels, (9, 5), 1, silent) == 77).all()


@pytest.mark.parametrize("count", [1, 255, 256, 257, 600])
def test_every_image_is_done_and_in_order(count):
    levels = np.arange(count) % 251
    pixels = np.broadcast_to(levels[:, None, None, None], (count, 2, 2, 1)).astype(np.uint8)
    assert fit_pixels(pixels, (3, 3), 1, silent)[:, 1, 1, 0].tolist() == levels.tolist()


def test_all_splits_are_fitted():
    images = Images(np.zeros((1, 2, 2, 1), np.uint8), np.zeros(1, np.int64), ("0",))
    dataset = Dataset("x", ("a", "b"), train=images, validation=images)
    fitted = fit_dataset(dataset, (4, 5), 3, silent)
    assert fitted.train.pixels.shape == (1, 4, 5, 3)
    assert fitted.validation is not None
    assert fitted.validation.pixels.shape == (1, 4, 5, 3)
    assert fitted.test is None


WHITE = np.full((20, 40), 255, np.uint8)


def test_padding_keeps_the_aspect_ratio_and_centres():
    """40 × 20 in 20 × 20: 10 rows of white between 5 and 5 of black."""
    fitted = fit_image(Image.fromarray(WHITE), (20, 20), 1, fit="pad")[..., 0]
    assert fitted[:, 7].tolist() == [0] * 5 + [255] * 10 + [0] * 5
    tall = fit_image(Image.fromarray(WHITE.T), (20, 21), 1, fit="pad")[..., 0]
    assert tall[9].tolist() == [0] * 5 + [255] * 10 + [0] * 6


def test_cropping_keeps_the_middle():
    ramp = np.tile(np.arange(40, dtype=np.uint8), (20, 1))
    fitted = fit_image(Image.fromarray(ramp), (20, 20), 1, fit="crop")[..., 0]
    assert fitted[3].tolist() == list(range(10, 30))


def test_stretching_fills_the_whole():
    assert (fit_image(Image.fromarray(WHITE), (20, 20), 1, fit="stretch") == 255).all()


@pytest.mark.parametrize("fit", ["pad", "crop", "stretch"])
@pytest.mark.parametrize("size", [(1, 300), (300, 1), (6000, 3), (1, 1), (7, 5)])
def test_any_image_fits_any_way(fit, size):
    image = Image.new("RGB", size, (9, 8, 7))
    fitted = fit_image(image, (5, 7), 3, fit=fit)
    assert fitted.shape == (5, 7, 3)
    assert {tuple(pixel) for pixel in fitted.reshape(-1, 3).tolist()} <= {(9, 8, 7), (0, 0, 0)}
    assert fitted[2, 3].tolist() == [9, 8, 7]


@pytest.mark.parametrize("fit", ["pad", "crop", "stretch"])
def test_an_image_of_the_aspect_ratio_is_the_same_in_any_way(fit):
    pixels = np.random.default_rng(0).integers(0, 256, (200, 300, 3), dtype=np.uint8)
    image = Image.fromarray(pixels)
    expected = image.resize((96, 64), Image.Resampling.BILINEAR, reducing_gap=3)
    np.testing.assert_array_equal(fit_image(image, (64, 96), 3, fit=fit), np.asarray(expected))


SLOW_DECODING = """
import os, signal, sys, threading, time
from leadline.data import decoding
from leadline.data.image_fitting import in_threads
from leadline.system import process

process.prepare()
stopped = threading.Event()
decoding.DecoderPool.close = lambda _pool: stopped.set()
decoding.shared_pool()

def decode(_item):
    stopped.wait(60)

threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGTERM]).start()
try:
    in_threads(decode, range(100), "read", lambda *_: None)
except process.Interrupted:
    print("stopped" if stopped.is_set() else "waited")
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_signal_stops_decoders_that_threads_wait_for():
    done = subprocess.run(
        [sys.executable, "-c", SLOW_DECODING],
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert done.stdout == "stopped\n"
