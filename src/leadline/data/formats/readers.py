"""The user's own images: one class for each kind of path, tried in the order of `FORMATS`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from leadline.data.dataset import Dataset
from leadline.data.formats.array_files import (
    is_array_file,
    read_array_file,
    read_array_folder,
    read_npz_file,
)
from leadline.data.formats.array_folders import NPZ, ArrayFolder, find_array_folder, read_archives
from leadline.data.formats.idx_folder import find_idx_files, read_idx_folder
from leadline.data.formats.image_folder import read_folder, read_zip
from leadline.data.formats.image_formats import PARQUET, PICKLE, FileFormat, format_of
from leadline.data.formats.image_names import SUFFIXES, is_zip, read_head
from leadline.data.image_fitting import fit_dataset
from leadline.data.progress import Progress
from leadline.data.sources.pneumonia_mnist import with_classes
from leadline.errors import DataError
from leadline.experiments.image_form import FitMode

AS_NPZ = (
    "save its arrays with numpy.savez_compressed('data.npz', x_train=..., y_train=...) and give "
    "data.npz"
)
OTHER_FILES = {
    (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"): "unpack it (tar -xf FILE) and give the "
    "folder",
    (".7z", ".rar"): "unpack it (7z x FILE) and give the folder, or a .zip of it",
    ("ubyte", "ubyte.gz"): "an IDX file; give the folder that holds it and the other three",
    (".parquet",): PARQUET.way_on,
    (".pkl", ".pickle"): f"a Python pickle; {PICKLE.way_on}",
    (".h5", ".hdf5", ".mat", ".pt", ".pth", ".tfrecord", ".feather", ".arrow"):
    f"not read; {AS_NPZ}",
    (".gz", ".bz2", ".xz"): "unpack it (gunzip, bunzip2 or unxz) and give what it holds",
    (".xlsx", ".xls", ".ods"): "a spreadsheet; save it as CSV, with columns label, pixel0, pixel1 "
    "and so on",
}  # fmt: skip
"""By the ending of a file's name, what to do with it."""


@dataclass(frozen=True)
class TargetForm:
    """The form in which images are wanted, (height, width) in px, and who hears of the progress."""

    size_px: tuple[int, int]
    channels: int
    on_progress: Progress
    fit: FitMode = "stretch"


Reader = Callable[[TargetForm], Dataset]
"""Reads the data set at a path; arrays keep their own size."""


class DataFormat(ABC):
    """A kind of file or folder that holds a data set.

    image_files : it holds image files, which are decoded to the size wanted, rather than arrays.
    """

    image_files: ClassVar[bool] = False

    @abstractmethod
    def reader(self, path: Path) -> Reader | None:
        """Return what reads the data set at a path, None if it is of another kind."""


class IdxFolder(DataFormat):
    """A folder of IDX files under MNIST's names, or EMNIST's."""

    def reader(self, path: Path) -> Reader | None:
        files = find_idx_files(path) if path.is_dir() else None
        return (lambda _: read_idx_folder(path, files)) if files else None


class ArrayFolders(DataFormat):
    """A folder of .npz files, or else of .npy or .csv files."""

    def reader(self, path: Path) -> Reader | None:
        folder = find_array_folder(path) if path.is_dir() else None
        return None if folder is None else lambda _: _read_array_folder(folder)


class ImageFolder(DataFormat):
    """Any other folder: CLASS/*.png or train, val and test/CLASS/*.png (`class_folders`)."""

    image_files = True

    def reader(self, path: Path) -> Reader | None:
        return partial(_read_images, read_folder, path) if path.is_dir() else None


class ImageZip(DataFormat):
    """A zip archive of a folder of images, whatever its name."""

    image_files = True

    def reader(self, path: Path) -> Reader | None:
        found = path.is_file() and is_zip(path)
        return partial(_read_images, read_zip, path) if found else None


class NpzFile(DataFormat):
    """One .npz file."""

    def reader(self, path: Path) -> Reader | None:
        found = path.is_file() and path.suffix.lower() == NPZ
        return (lambda _: _read_npz(path)) if found else None


class ArrayFile(DataFormat):
    """A .csv file of pixels, or a .npy file with its pair."""

    def reader(self, path: Path) -> Reader | None:
        found = path.is_file() and is_array_file(path)
        return (lambda _: read_array_file(path)) if found else None


FORMATS: tuple[DataFormat, ...] = (
    IdxFolder(), ArrayFolders(), ImageFolder(), ImageZip(), NpzFile(), ArrayFile(),
)  # fmt: skip
"""In the order in which they are tried."""


def read_path(
    path: Path,
    size_px: tuple[int, int],
    channels: int,
    on_progress: Progress,
    *,
    fit: FitMode = "stretch",
) -> Dataset:
    """The data set at a path of one of `FORMATS`, as images (n, *size_px, channels).

    Raises DataError where there is none, or it is damaged or does not fit together.
    """
    wanted = TargetForm(size_px, channels, on_progress, fit)
    known, reader = _find(path)
    dataset = reader(wanted)
    if known.image_files:
        return dataset
    return fit_dataset(dataset, size_px, channels, on_progress, fit=fit)


def read_arrays(path: Path) -> Dataset:
    """The data set in NPZ, NPY, CSV or IDX files, its images at their own size.

    Raises DataError where there is none, or it is damaged or does not fit together.
    """
    known, reader = _find(path)
    if known.image_files:
        raise DataError(f"{path}: holds no arrays.")
    return reader(TargetForm((1, 1), 1, lambda *_: None))


def is_tree(path: Path) -> bool:
    """Return True for image files in class folders, or a zip of such; False for arrays."""
    return any(known.image_files for known, _ in _recognized(path))


def _find(path: Path) -> tuple[DataFormat, Reader]:
    """The first format that a path is of. Raises DataError, with the fix, if there is none."""
    for known, reader in _recognized(path):
        return known, reader
    if path.exists():
        raise DataError(f"{path}: {_way_on(path)}.")
    raise DataError(
        f"{path}: no such file or folder; give a folder of images, a .zip, or .npz, .npy, CSV or "
        "IDX files."
    )


def _recognized(path: Path) -> Iterator[tuple[DataFormat, Reader]]:
    """The first format that a path is of, or nothing."""
    for known in FORMATS:
        if (reader := known.reader(path)) is not None:
            yield known, reader
            return


def _way_on(path: Path) -> str:
    """Advice for a file of another kind, by its name."""
    name = path.name.lower()
    for endings, fix in OTHER_FILES.items():
        if name.endswith(endings):
            return fix
    regular = path.is_file() and path.suffix.lower() not in SUFFIXES
    known = _format_of(path) if regular else None
    if known is not None and not known.picture and known.way_on:
        return f"{known.title}; {known.way_on}"
    return (
        "neither a folder nor a .zip, .npz, .npy or .csv file; give a folder with a folder of "
        "images for each class"
    )


def _format_of(path: Path) -> FileFormat | None:
    try:
        return format_of(read_head(path), path.suffix)
    except OSError:
        return None


def _read_images(read: Callable[..., Dataset], path: Path, wanted: TargetForm) -> Dataset:
    return read(path, wanted.size_px, wanted.channels, wanted.on_progress, fit=wanted.fit)


def _read_npz(path: Path) -> Dataset:
    return with_classes(read_npz_file(path), path)


def _read_array_folder(array_folder: ArrayFolder) -> Dataset:
    if array_folder.files[0].suffix.lower() != NPZ:
        dataset = read_array_folder(array_folder.folder, array_folder.files)
    elif len(array_folder.files) == 1:
        dataset = _read_npz(array_folder.files[0])
    else:
        dataset = read_archives(array_folder.folder, array_folder.files)
    return replace(dataset, warnings=(*dataset.warnings, *array_folder.remarks()))
