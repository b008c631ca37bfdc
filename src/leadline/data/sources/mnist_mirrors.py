"""MNIST from the public HTTPS mirrors that Keras and torchvision use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from leadline.data.formats.idx import encode_idx, read_idx_bytes
from leadline.data.formats.npz import read_arrays
from leadline.data.progress import Progress
from leadline.data.sources.download import HTTPS_ONLY, download
from leadline.data.sources.mnist import FILES, MnistFile, RawFiles, mismatch, verify
from leadline.errors import DataError

KERAS_BASE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
TORCHVISION_BASE = "https://ossci-datasets.s3.amazonaws.com/mnist/"
MAX_NPZ_BYTES = 64_000_000
GZIP_SLACK_BYTES = 1_000
"""By how much packing may make a small file longer."""
NPZ_ARRAYS = ("x_train", "y_train", "x_test", "y_test")

Read = TypeVar("Read")


def from_keras_mirror(
    work: Path,
    on_progress: Progress,
    base: str = KERAS_BASE,
    schemes: frozenset[str] = HTTPS_ONLY,
) -> RawFiles:
    """mnist.npz, as the four raw files that it was made from; verified."""

    def read(path: Path) -> RawFiles:
        arrays = read_arrays(path, NPZ_ARRAYS)
        raw_files = {
            file.name: encode_idx(arrays[name])
            for file, name in zip(FILES, NPZ_ARRAYS, strict=True)
        }
        verify(raw_files)
        return raw_files

    return _fetch(f"{base}mnist.npz", work, MAX_NPZ_BYTES, read, on_progress, schemes)


def from_torchvision_mirror(
    work: Path,
    on_progress: Progress,
    base: str = TORCHVISION_BASE,
    schemes: frozenset[str] = HTTPS_ONLY,
) -> RawFiles:
    """The four .gz files, unpacked and verified."""

    def reader(file: MnistFile) -> Callable[[Path], bytes]:
        def read(path: Path) -> bytes:
            raw = read_idx_bytes(path, file.size_bytes + GZIP_SLACK_BYTES)
            wrong = mismatch(file, raw)
            if wrong:
                raise DataError(wrong)
            return raw

        return read

    return {
        file.name: _fetch(
            f"{base}{file.name}.gz",
            work,
            file.size_bytes + GZIP_SLACK_BYTES,
            reader(file),
            on_progress,
            schemes,
        )
        for file in FILES
    }


def _fetch(
    url: str,
    work: Path,
    max_bytes: int,
    read: Callable[[Path], Read],
    on_progress: Progress,
    schemes: frozenset[str],
) -> Read:
    """Download and read one file; a file that was resumed and is wrong is fetched afresh, once."""
    path = work / url.rsplit("/", 1)[-1]
    resumed = download(url, path, max_bytes=max_bytes, on_progress=on_progress, schemes=schemes)
    try:
        return read(path)
    except DataError:
        if not resumed:
            raise
    finally:
        path.unlink(missing_ok=True)
    download(url, path, max_bytes=max_bytes, on_progress=on_progress, schemes=schemes)
    try:
        return read(path)
    finally:
        path.unlink(missing_ok=True)
