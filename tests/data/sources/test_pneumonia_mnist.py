"""PneumoniaMNIST: which file is asked for, that it is verified, and its classes named."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import numpy as np
import pytest

from leadline.data.formats.readers import read_path
from leadline.data.remarks import remark
from leadline.data.sources import pneumonia_mnist
from leadline.data.sources.pneumonia_mnist import MD5_SUMS, load_pneumonia_mnist
from leadline.data.sources.source_list import load_dataset
from leadline.errors import SourceError
from leadline.experiments import Data

HTTP = frozenset({"http"})


def packed(side_px: int = 2, counts: tuple[int, int, int] = pneumonia_mnist.COUNTS) -> bytes:
    """A file as MedMNIST lays it out: grey images (n, side, side), labels (n, 1)."""
    arrays: dict[str, Any] = {}
    for name, count in zip(("train", "val", "test"), counts, strict=True):
        arrays[f"{name}_images"] = np.full((count, side_px, side_px), 100 + side_px, np.uint8)
        arrays[f"{name}_labels"] = (np.arange(count) % 2).astype(np.uint8).reshape(-1, 1)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


@pytest.fixture
def files(server, monkeypatch):
    """Four small files on the server, whose sums pass for the real ones'."""
    contents = {side: packed(2 + place) for place, side in enumerate(MD5_SUMS)}
    sums = {side: hashlib.md5(content).hexdigest() for side, content in contents.items()}
    monkeypatch.setattr(pneumonia_mnist, "MD5_SUMS", sums)
    for side, content in contents.items():
        server.files[f"pneumoniamnist{'' if side == 28 else f'_{side}'}.npz"] = content
    return server.files


def load(folder, server, side_px=28):
    return load_pneumonia_mnist(folder, side_px, lambda *_: None, server.url, HTTP)


@pytest.mark.parametrize(
    ("side_px", "name"),
    [
        (20, "pneumoniamnist.npz"),
        (28, "pneumoniamnist.npz"),
        (29, "pneumoniamnist_64.npz"),
        (96, "pneumoniamnist_128.npz"),
        (224, "pneumoniamnist_224.npz"),
        (300, "pneumoniamnist_224.npz"),
    ],
)
def test_the_smallest_file_that_is_large_enough(tmp_path, server, files, side_px, name):
    load(tmp_path, server, side_px)
    assert [asked for asked, _ in server.asked] == [name]
    assert (tmp_path / name).read_bytes() == files[name]


def test_what_it_holds_and_that_it_is_kept(tmp_path, server, files):
    dataset = load(tmp_path, server)
    assert dataset.source == "medmnist"
    assert dataset.name == "pneumoniamnist"
    assert dataset.classes == ("normal", "pneumonia")
    assert dataset.train.labels[:3].tolist() == [0, 1, 0]
    assert dataset.validation is not None
    assert dataset.test is not None
    assert (len(dataset.validation), len(dataset.test)) == (524, 624)
    assert dataset.warnings == (remark("patients-unknown"),)
    assert load(tmp_path, server).source == "cache"
    assert len(server.asked) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "pneumoniamnist.npz"]


def test_a_damaged_file_is_fetched_again(tmp_path, server, files):
    (tmp_path / "pneumoniamnist.npz").write_bytes(b"damaged")
    assert load(tmp_path, server).source == "medmnist"


def test_other_bytes_are_not_believed(tmp_path, server, files):
    files["pneumoniamnist.npz"] = packed(9)
    with pytest.raises(SourceError) as raised:
        load(tmp_path, server)
    assert str(raised.value) == (
        "PneumoniaMNIST could not be fetched: pneumoniamnist.npz: what was sent has another MD5 "
        f"than {pneumonia_mnist.MD5_SUMS[28]}. By hand: download pneumoniamnist.npz of "
        f'"MedMNIST v2" from '
        f"its publisher, and give it as --data pneumoniamnist.npz, or put it into {tmp_path}."
    )
    assert len(server.asked) == 1
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_a_mixture_of_two_answers_is_fetched_afresh(tmp_path, server, files):
    (tmp_path / "pneumoniamnist.npz.partial").write_bytes(b"of another time")
    assert load(tmp_path, server).source == "medmnist"
    assert [begun for _, begun in server.asked] == ["bytes=15-", None]


def test_a_server_that_has_nothing(tmp_path, server):
    with pytest.raises(SourceError, match=r"could not be fetched: .*HTTP status 404"):
        load(tmp_path, server)


@pytest.mark.parametrize("name", ["pneumoniamnist.npz", "pneumoniamnist_224.npz"])
def test_a_file_given_by_hand(tmp_path, name):
    (tmp_path / name).write_bytes(packed())
    dataset = read_path(tmp_path / name, (4, 4), 1, lambda *_: None)
    assert dataset.classes == ("normal", "pneumonia")
    assert dataset.warnings == (remark("patients-unknown"),)
    assert read_path(tmp_path, (4, 4), 1, lambda *_: None).classes == ("normal", "pneumonia")


@pytest.mark.parametrize(
    ("name", "counts"), [("other.npz", pneumonia_mnist.COUNTS), ("pneumoniamnist.npz", (10, 4, 6))]
)
def test_other_files_keep_their_numbers(tmp_path, name, counts):
    (tmp_path / name).write_bytes(packed(counts=counts))
    dataset = read_path(tmp_path / name, (4, 4), 1, lambda *_: None)
    assert dataset.classes == ("0", "1")
    assert list(dataset.warnings) == []


def test_an_experiment_asks_for_it_by_name(tmp_path, monkeypatch, files):
    folder = tmp_path / "pneumoniamnist"
    folder.mkdir()
    (folder / "pneumoniamnist_64.npz").write_bytes(files["pneumoniamnist_64.npz"])
    monkeypatch.setenv("LEADLINE_CACHE", str(tmp_path))
    dataset = load_dataset(Data(source="pneumoniamnist", size_px=(40, 30)))
    assert dataset.train.pixels.shape == (4_708, 40, 30, 1)
    assert dataset.source == "cache"
