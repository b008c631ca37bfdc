"""Plain PBM, PGM and PPM, and binary ones of other depths than 8 bits."""

from __future__ import annotations

import io
import struct
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from leadline.data.formats.image_files import DecodingEffort, identify, opened_bytes
from leadline.errors import DataError


def shown(content: bytes, mode: str = "L") -> Any:
    with opened_bytes(content, "x.ppm", max_pixels=10**7) as image:
        return np.asarray(image.convert(mode)).tolist()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"P1\n3 2\n0 1 0\n101\n", [[255, 0, 255], [0, 255, 0]]),
        (b"P1 3 1\n# a comment\n0#another\r\n10 1 1 1", [[255, 0, 255]]),
        (b"P2\n3 1\n255\n0 128\t255", [[0, 128, 255]]),
        (b"P2 3 1 255\n#x\n0#y 9 9\n128#\r255\n# the end", [[0, 128, 255]]),
        (b"P2 3 1 15\n0 8 15", [[0, 136, 255]]),
        (b"P2 3 1 4095\n0 1024 4095", [[0, 64, 255]]),
        (b"P2 2 1 255\n000 255 P2 2 1 255\n7 7", [[0, 255]]),
        (b"P5 3 1 15\n\x00\x08\x0f", [[0, 136, 255]]),
        (b"P5 2 1 1000\n" + struct.pack(">2H", 500, 1000), [[128, 255]]),
        (b"P4 3 2\n\x40\xa0", [[255, 0, 255], [0, 255, 0]]),
    ],
)
def test_levels(content, expected):
    assert shown(content) == expected


@pytest.mark.parametrize("white", [4095, 65_535])
@pytest.mark.parametrize("form", ["plain", "binary"])
def test_colours_of_12_bits(white, form):
    samples = (4095, 0, 2048, 1024, 512, 0)
    if form == "plain":
        content = b"P3 2 1 %d\n%s\n" % (white, b" ".join(b"%d" % one for one in samples))
    else:
        content = b"P6 2 1 %d\n" % white + struct.pack(">6H", *samples)
    assert shown(content, "RGB") == [[[255, 0, 128], [64, 32, 0]]]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"P2 3 1 255\n1 2", "truncated"),
        (b"P2 3 1 255\n1 2 #3", "truncated"),
        (b"P2 3 1 255\n1 -2 3", "b'-' stands among its numbers"),
        (b"P2 3 1 255\n1 2.5 3", "b'.' stands among its numbers"),
        (b"P2 3 1 255\n1 256 3", "a sample of 256 is above its white, 255"),
        (b"P2 3 1 255\n1 4294967297 3", "a sample of 4294967297 is above 65535"),
        (b"P2 3 1 0\n1 1 1", "gives 0 as white"),
        (b"P5 3 1 70000\n123456", "gives 70000 as white"),
        (b"P1 3 1\n01", "truncated"),
        (b"P1 3 1\n012", "neither 0 nor 1"),
        (b"P5 3 1 4095\n12345", "truncated"),
        (b"P6 1 1 9\n\1\2", "truncated"),
        (b"P5 2 1 9\n\1\x0a", "a sample of 10 is above its white, 9"),
    ],
)
def test_damage_is_named(content, reason):
    with pytest.raises(DataError) as error:
        shown(content)
    assert reason in str(error.value)


@given(
    st.integers(1, 65_534),
    st.lists(st.integers(0, 2**31), min_size=1, max_size=40),
    st.lists(st.sampled_from([b" ", b"\n", b"\r\n", b"\t  ", b"#7 7\n", b" # \r"]), min_size=40,
             max_size=40),
)  # fmt: skip
def test_any_white_and_any_space(white, numbers, spaces):
    samples = [number % (white + 1) for number in numbers]
    text = b"".join(b"%d%s" % pair for pair in zip(samples, spaces, strict=False))
    exact = np.array(samples) * 255 / white
    levels = np.array(shown(b"P2 %d 1 %d\n%s" % (len(samples), white, text)))
    assert np.abs(levels[0] - exact).max() <= 0.5


def test_numbers_across_the_pieces_that_are_parsed():
    levels = np.random.default_rng(0).integers(0, 256, (700, 800), np.uint8)
    text = b"\n".join(b" ".join(b"%d" % one for one in row) for row in levels.tolist())
    assert len(text) > 1.5 * 2**20
    np.testing.assert_array_equal(shown(b"P2 800 700 255\n" + text), levels)


SLOW_FOR_PILLOW = {
    "comments": b"P2\n8 8\n255\n" + b"#\n" * 2**19,
    "one comment": b"P3\n8 8\n255\n#" + b"x" * 2**20,
    "space": b"P3\n1 1\n255\n" + b" " * 2**20,
    "digits": b"P2\n1 1\n255\n" + b"1" * 2**20,
    "bits": b"P1\n8 8\n" + b"0 1 " * 2**18,
}


@pytest.mark.parametrize("content", SLOW_FOR_PILLOW.values(), ids=SLOW_FOR_PILLOW)
def test_text_beyond_the_numbers_is_refused_at_once(content):
    start_s = time.perf_counter()
    with pytest.raises(DataError, match=r"x\.ppm: has .* bytes of text for .* samples; .*refused"):
        identify(content, "x.ppm")
    assert time.perf_counter() - start_s < 1


def test_comments_that_are_allowed_take_little_time():
    content = b"P2\n100 100\n255\n" + b"#\n" * 60_000 + b"7 " * 10_000
    start_s = time.perf_counter()
    assert shown(content)[0][0] == 7
    assert time.perf_counter() - start_s < 3  # Pillow takes many times that


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"P2 8 8 255\n", DecodingEffort.USUAL),
        (b"P3 1500 1500 255\n", DecodingEffort.USUAL),
        (b"P3 3000 3000 255\n", DecodingEffort.LONG),
        (b"P1 3000 3000\n", DecodingEffort.LONG),
        (b"P6 3000 3000 255\n", DecodingEffort.USUAL),
        (b"P5 300 300 4095\n", DecodingEffort.CHEAP),
    ],
)
def test_large_plain_files_take_long(content, expected):
    assert identify(content, "x.ppm").effort(80_000_000) is expected


def test_a_large_plain_file_is_parsed_in_c():
    levels = np.random.default_rng(0).integers(0, 256, (600, 600, 3), np.uint8)
    buffer = io.BytesIO()
    np.savetxt(buffer, levels.reshape(600, -1), "%d")
    start_s = time.perf_counter()
    with opened_bytes(b"P3 600 600 255\n" + buffer.getvalue(), "x", max_pixels=10**6) as image:
        np.testing.assert_array_equal(np.asarray(image), levels)
    assert time.perf_counter() - start_s < 5
    assert image.mode == Image.fromarray(levels).mode
