"""The IDX format, byte by byte."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as np_st

from leadline.data.formats.idx import decode_idx, encode_idx, gunzip, read_idx_bytes
from leadline.errors import DataError

# Two images of 1 x 3 px, written out by hand from the format's description.
BY_HAND = bytes.fromhex("00000803 00000002 00000001 00000003 0102ff 040506")


def test_decodes_bytes_written_by_hand():
    decoded = decode_idx(BY_HAND, "x", 3)
    assert decoded.tolist() == [[[1, 2, 255]], [[4, 5, 6]]]
    assert decoded.dtype == np.uint8


def test_encodes_the_same_bytes():
    assert encode_idx(np.array([[[1, 2, 255]], [[4, 5, 6]]], np.uint8)) == BY_HAND


@given(np_st.arrays(np.uint8, np_st.array_shapes(min_dims=1, max_dims=3, max_side=5)))
def test_what_is_encoded_decodes_equal(array):
    np.testing.assert_array_equal(decode_idx(encode_idx(array), "x", array.ndim), array)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"\x00\x00", "x: 2 bytes are too few for an IDX file"),
        (b"\x00\x00\x08\x01" + BY_HAND[4:], "IDX magic number is 0x00000801, expected 0x00000803"),
        (b"\x89PNG" + BY_HAND[4:], "IDX magic number is 0x89504e47, expected 0x00000803"),
        (BY_HAND[:10], "x: short IDX file, its header ends early"),
        (BY_HAND[:-1], "x: short IDX file, 5 of 6 bytes (2 × 1 × 3)"),
        (BY_HAND + b"zz", "x: 2 bytes after the end of the 2 × 1 × 3 IDX array"),
    ],
)
def test_damage_is_named(raw, message):
    with pytest.raises(DataError) as error:
        decode_idx(raw, "x", 3)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_sizes_that_claim_too_much_take_no_memory():
    with pytest.raises(DataError, match="short IDX file, 0 of 79,228,162,"):
        decode_idx(bytes.fromhex("00000803") + b"\xff" * 12, "x", 3)


def test_gzip_is_known_by_its_content_not_its_name(tmp_path):
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(gzip.compress(BY_HAND))
    assert read_idx_bytes(path) == BY_HAND


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(DataError, match="nothing: missing; fetch it again"):
        read_idx_bytes(tmp_path / "nothing")


def test_a_file_larger_than_allowed_is_not_read(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(BY_HAND)
    with pytest.raises(DataError, match="22 bytes, at most 21 are read"):
        read_idx_bytes(path, max_bytes=21)
    assert read_idx_bytes(path, max_bytes=22) == BY_HAND


def test_a_gzip_bomb_is_refused_at_the_bound():
    packed = gzip.compress(bytes(1_000_000))
    assert gunzip(packed, "x", 1_000_000) == bytes(1_000_000)
    with pytest.raises(DataError, match="unpacks to more than 999,999 bytes"):
        gunzip(packed, "x", 999_999)


@given(st.integers(min_value=1, max_value=30))
def test_a_gzip_file_cut_anywhere_is_an_error(cut):
    packed = gzip.compress(BY_HAND)
    with pytest.raises(DataError, match="x: "):
        gunzip(packed[:-cut], "x", 100)


def test_a_gzip_file_with_a_flipped_bit_is_an_error():
    packed = bytearray(gzip.compress(BY_HAND))
    packed[-6] ^= 1
    with pytest.raises(DataError, match="damaged gzip file"):
        gunzip(bytes(packed), "x", 100)
