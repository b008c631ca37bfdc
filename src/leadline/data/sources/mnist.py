"""MNIST: its four files, their sizes and checksums, and the data set they make.

LeCun, Cortes and Burges, "The MNIST database of handwritten digits", 1998.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leadline.data.dataset import Dataset, Images
from leadline.data.formats.idx import decode_idx, encode_idx
from leadline.data.sources.cache_folder import write_atomic
from leadline.errors import DataError
from leadline.system.durable_files import spelt

NAME = "mnist"
SAMPLE_NAME = "mnist-sample"
CLASSES = tuple("0123456789")


@dataclass(frozen=True)
class MnistFile:
    """One of the four raw files: its name, its size in bytes, its SHA-256 in hex."""

    name: str
    size_bytes: int
    sha256: str


FILES = (
    MnistFile(
        "train-images-idx3-ubyte",
        47_040_016,
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    MnistFile(
        "train-labels-idx1-ubyte",
        60_008,
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    MnistFile(
        "t10k-images-idx3-ubyte",
        7_840_016,
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    MnistFile(
        "t10k-labels-idx1-ubyte",
        10_008,
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
)

RawFiles = Mapping[str, bytes]
"""The four raw IDX files, by name."""


def mismatch(file: MnistFile, raw: bytes) -> str | None:
    """Return how these bytes differ from that file of MNIST, or None."""
    found = hashlib.sha256(raw).hexdigest()
    if found == file.sha256:
        return None
    return (
        f"{file.name} ({len(raw):,} bytes) has SHA-256 {found[:16]}…, "
        f"expected {file.sha256[:16]}… ({file.size_bytes:,} bytes)"
    )


def verify(raw_files: RawFiles) -> None:
    """Raise DataError, naming the file and both sums, unless these are MNIST's own bytes."""
    for file in FILES:
        wrong = mismatch(file, raw_files[file.name])
        if wrong:
            raise DataError(f"{wrong}; fetch it again.")


def read_cached(folder: Path) -> RawFiles:
    """The four files from the cache, verified. Raises DataError if one is absent or damaged."""
    raw_files: dict[str, bytes] = {}
    for file in FILES:
        path = folder / file.name
        try:
            raw_files[file.name] = path.read_bytes()
        except OSError:
            raise DataError(f"{path} is not there") from None
        wrong = mismatch(file, raw_files[file.name])
        if wrong:
            raise DataError(f"{path} is damaged: {wrong}")
    return raw_files


def write_cached(folder: Path, raw_files: RawFiles) -> None:
    """Keep the four files, each written whole or not at all."""
    for file in FILES:
        write_atomic(folder / file.name, raw_files[file.name])


def to_dataset(raw_files: RawFiles, source: str) -> Dataset:
    """The data set in four verified files."""
    arrays = [
        decode_idx(raw_files[file.name], file.name, 3 if "images" in file.name else 1)
        for file in FILES
    ]
    return Dataset(
        name=NAME,
        classes=CLASSES,
        train=grey_images(arrays[0], arrays[1].astype(np.int64)),
        test=grey_images(arrays[2], arrays[3].astype(np.int64)),
        source=source,
    )


def grey_images(pixels: NDArray[np.uint8], labels: NDArray[np.int64]) -> Images:
    """Grey images from uint8 (n, height, width), named by their position in the source."""
    return Images(pixels[..., np.newaxis], labels, tuple(map(str, range(len(labels)))))


def own_name(path: Path) -> str:
    """Name of a user's data set: from its path, but never that of the real MNIST or its sample."""
    resolved = path.resolve()
    stem = resolved.stem if resolved.suffix.lower() in (".npz", ".zip") else resolved.name
    name = spelt(stem)
    return f"{name} (your own)" if name in (NAME, SAMPLE_NAME) else name


def is_mnist(train: Images, test: Images | None) -> bool:
    """True for MNIST's own images and labels, in its own order."""
    if test is None or (len(train), len(test)) != (60_000, 10_000):
        return False
    raw = [
        encode_idx(array)
        for part in (train, test)
        for array in (part.pixels[..., 0], part.labels.astype(np.uint8))
    ]
    return all(mismatch(file, content) is None for file, content in zip(FILES, raw, strict=True))
