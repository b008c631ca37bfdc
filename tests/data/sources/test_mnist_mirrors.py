"""Both mirrors' layouts, served on this machine."""

from __future__ import annotations

import gzip
import io

import numpy as np
import pytest

from leadline.data.formats.idx import decode_idx
from leadline.data.sources.mnist import FILES
from leadline.data.sources.mnist_mirrors import from_keras_mirror, from_torchvision_mirror
from leadline.errors import DataError

HTTP = frozenset({"http"})
NAMES = [file.name for file in FILES]


def silent(*_):
    return None


def npz(raw_files) -> bytes:
    buffer = io.BytesIO()
    x_train, y_train, x_test, y_test = (
        decode_idx(raw_files[name], name, 3 if "images" in name else 1) for name in NAMES
    )
    np.savez(buffer, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    return buffer.getvalue()


def test_keras_npz_gives_back_the_raw_files(server, small_mnist, tmp_path):
    server.files["mnist.npz"] = npz(small_mnist)
    assert from_keras_mirror(tmp_path, silent, server.url, HTTP) == small_mnist
    assert list(tmp_path.iterdir()) == []


def test_torchvision_files_are_unpacked(server, small_mnist, tmp_path):
    server.files = {f"{name}.gz": gzip.compress(raw) for name, raw in small_mnist.items()}
    assert from_torchvision_mirror(tmp_path, silent, server.url, HTTP) == small_mnist
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_sum_names_the_file_and_both_sums(server, small_mnist, tmp_path):
    wrong = small_mnist[NAMES[0]][:-1] + b"\x00"
    server.files = {f"{name}.gz": gzip.compress(raw) for name, raw in small_mnist.items()}
    server.files[f"{NAMES[0]}.gz"] = gzip.compress(wrong)
    with pytest.raises(DataError, match=r"train-images.* has SHA-256 \w{16}…, expected \w{16}…"):
        from_torchvision_mirror(tmp_path, silent, server.url, HTTP)


def test_a_resumed_file_with_a_wrong_sum_is_fetched_afresh_once(server, small_mnist, tmp_path):
    server.files["mnist.npz"] = npz(small_mnist)
    (tmp_path / "mnist.npz").write_bytes(b"left over from something else")
    assert from_keras_mirror(tmp_path, silent, server.url, HTTP) == small_mnist
    assert server.asked == [("mnist.npz", "bytes=29-"), ("mnist.npz", None)]


def test_a_npz_of_other_data_is_refused(server, small_mnist, tmp_path):
    server.files["mnist.npz"] = npz(small_mnist | {NAMES[1]: small_mnist[NAMES[1]][:-1] + b"\x01"})
    with pytest.raises(DataError, match="train-labels"):
        from_keras_mirror(tmp_path, silent, server.url, HTTP)
    assert len(server.asked) == 1
