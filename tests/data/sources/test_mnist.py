"""What MNIST is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from leadline.data.sources.mnist import FILES, is_mnist, read_cached, verify, write_cached
from leadline.errors import DataError


def test_sizes_follow_from_the_format():
    # A header of 4 bytes and 4 a dimension, then one byte a pixel or a label.
    assert [file.size_bytes for file in FILES] == [
        16 + 60_000 * 784, 8 + 60_000, 16 + 10_000 * 784, 8 + 10_000,
    ]  # fmt: skip


def test_the_real_thing(mnist):
    assert mnist.test is not None
    assert mnist.train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    # Counts by class as LeCun's page and every textbook give them.
    assert np.bincount(mnist.test.labels).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip
    assert is_mnist(mnist.train, mnist.test)
    assert not is_mnist(mnist.train, None)


def test_one_changed_pixel_is_not_mnist(mnist):
    assert mnist.test is not None
    pixels = mnist.test.pixels.copy()
    pixels[9_999, 27, 27] ^= 1
    changed = type(mnist.test)(pixels, mnist.test.labels, mnist.test.names)
    assert not is_mnist(mnist.train, changed)


def test_what_is_kept_is_read_back(tmp_path, small_mnist):
    write_cached(tmp_path, small_mnist)
    assert read_cached(tmp_path) == small_mnist


@pytest.mark.parametrize("name", [file.name for file in FILES])
def test_each_file_is_checked(tmp_path, small_mnist, name):
    write_cached(tmp_path, small_mnist)
    damage(tmp_path / name)
    with pytest.raises(DataError, match=f"{name} is damaged: .* has SHA-256"):
        read_cached(tmp_path)
    with pytest.raises(DataError, match=f"{name} .* has SHA-256 .*, expected"):
        verify({**small_mnist, name: (tmp_path / name).read_bytes()})
    (tmp_path / name).unlink()
    with pytest.raises(DataError, match=f"{name} is not there"):
        read_cached(tmp_path)


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
