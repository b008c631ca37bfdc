"""PneumoniaMNIST of MedMNIST v2 (Yang et al., Scientific Data 2023, CC BY 4.0): the chest X-rays,
cropped to squares and shrunk to 28, 64, 128 or 224 px."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from leadline.data.dataset import Dataset
from leadline.data.formats.array_files import read_npz_file
from leadline.data.image_fitting import fit_dataset
from leadline.data.progress import Progress
from leadline.data.remarks import remark
from leadline.data.size_survey import Survey, uniform
from leadline.data.sources.cache_folder import cache_folder, locked
from leadline.data.sources.download import HTTPS_ONLY, download
from leadline.data.sources.source import Source
from leadline.errors import DataError, SourceError
from leadline.experiments import Data
from leadline.experiments.citations import TINY_GREY
from leadline.system.durable_files import rename_file, sync_file

NAME = "pneumoniamnist"
BASE = "https://zenodo.org/records/10519652/files/"
MD5_SUMS = {
    28: "28209eda62fecd6e6a2d98b1501bb15f",
    64: "8f4eceb4ccffa70c672198ea285246c6",
    128: "05b46931834c231683c68f40c47b2971",
    224: "d6a3c71de1b945ea11211b03746c1fe1",
}
"""By side in pixels. The publisher gives MD5 alone."""
MAX_BYTES = 512 * 2**20
COUNTS = (4_708, 524, 624)
CLASSES = ("normal", "pneumonia")


class PneumoniaMnist(Source):
    """PneumoniaMNIST, which comes in four sizes."""

    name = NAME

    def load(self, data: Data, on_progress: Progress) -> Dataset:
        form = data.form
        dataset = load_pneumonia_mnist(cache_folder() / NAME, max(form.size_px), on_progress)
        return fit_dataset(dataset, form.size_px, form.channels, on_progress, fit=form.fit)

    def survey(self, data: Data, on_progress: Progress) -> Survey:
        del on_progress
        side_px = self.survey_key(data)
        return uniform(NAME, (side_px, side_px))

    def survey_key(self, data: Data) -> int:
        return stored_side(max(data.size_px or TINY_GREY.size_px))

    def is_cached(self, folder: Path) -> bool:
        return any((folder / file_name(side_px)).is_file() for side_px in MD5_SUMS)


def load_pneumonia_mnist(
    folder: Path,
    side_px: int,
    on_progress: Progress,
    base: str = BASE,
    schemes: frozenset[str] = HTTPS_ONLY,
) -> Dataset:
    """The file from `folder` (the cache), else fetched into it and verified.

    side_px: what the images will be resized to; the smallest file that is no smaller is taken.
    Raises SourceError, which says how to get it by hand.
    """
    stored_px = stored_side(side_px)
    path = folder / file_name(stored_px)
    source = "cache"
    try:
        if not _is_whole(path, stored_px):  # a cache that is whole may be read-only
            with locked(folder):
                # Another process may have fetched it while this one waited for the lock.
                if not _is_whole(path, stored_px):
                    _fetch(path, stored_px, on_progress, base, schemes)
                    source = "medmnist"
        dataset = read_npz_file(path)
    except DataError as error:
        raise SourceError(_by_hand(path.name, folder, error)) from None
    return replace(with_classes(dataset, path), source=source)


def stored_side(side_px: int) -> int:
    """The side of the smallest images published that are no smaller, or else of the largest."""
    return next((side for side in MD5_SUMS if side >= side_px), max(MD5_SUMS))


def file_name(side_px: int) -> str:
    """Publisher's name of the file of that size."""
    return f"{NAME}.npz" if side_px == 28 else f"{NAME}_{side_px}.npz"


def with_classes(dataset: Dataset, path: Path) -> Dataset:
    """The same data set with its classes named, where file and counts are PneumoniaMNIST's."""
    parts = (dataset.train, dataset.validation, dataset.test)
    counts = tuple(len(part) if part else 0 for part in parts)
    if not path.stem.startswith(NAME) or counts != COUNTS or dataset.classes != ("0", "1"):
        return dataset
    return replace(
        dataset, classes=CLASSES, warnings=(*dataset.warnings, remark("patients-unknown"))
    )


def _is_whole(path: Path, stored_px: int) -> bool:
    try:
        with path.open("rb") as file:
            sum_found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
    except OSError:
        return False
    return sum_found.hexdigest() == MD5_SUMS[stored_px]


def _fetch(
    path: Path, stored_px: int, on_progress: Progress, base: str, schemes: frozenset[str]
) -> None:
    """Download to a file beside, which a later call may go on from; afresh if it was mixed up."""
    partial = path.with_name(f"{path.name}.partial")
    for _ in range(2):
        resumed = download(
            base + path.name,
            partial,
            max_bytes=MAX_BYTES,
            on_progress=on_progress,
            schemes=schemes,
        )
        if _is_whole(partial, stored_px):
            sync_file(partial)
            rename_file(partial, path)
            return
        partial.unlink(missing_ok=True)
        if not resumed:
            break
    raise DataError(f"{path.name}: what was sent has another MD5 than {MD5_SUMS[stored_px]}")


def _by_hand(name: str, folder: Path, error: DataError) -> str:
    return (
        f"PneumoniaMNIST could not be fetched: {str(error).rstrip('.')}. By hand: download {name} "
        f'of "MedMNIST v2" from its publisher, and give it as --data {name}, or put it into '
        f"{folder}."
    )
