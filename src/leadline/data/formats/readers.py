"""The user's own images: which reader a path needs.

| what the path is | reader |
|---|---|
| a .npz file, or a folder that holds one | `npz_file` |
| a folder that holds several .npz files, one an array or a split | `array_folders` |
| a folder of IDX files under MNIST's names, or EMNIST's | `idx_folder` |
| a .csv file of pixels, a .npy file with its pair, or a folder that holds such | `array_files` |
| any other folder: class/*.png or train\\|val\\|test/class/*.png | `folder` |
| a zip archive of such a folder, whatever its name | `folder`, through `zip_tree` |
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from leadline.data.dataset import Dataset
from leadline.data.formats.array_files import is_array_file, read_array_file, read_array_folder
from leadline.data.formats.array_folders import NPZ, ArrayFolder, find_array_folder, read_archives
from leadline.data.formats.idx_folder import find_idx_files, read_idx_folder
from leadline.data.formats.image_folder import read_folder, read_zip
from leadline.data.formats.image_formats import PARQUET, PICKLE, FileFormat, format_of
from leadline.data.formats.image_names import SUFFIXES, is_zip, read_head
from leadline.data.formats.npz_file import read_npz_file
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


def read_path(
    path: Path,
    size_px: tuple[int, int],
    channels: int,
    on_progress: Progress,
    *,
    fit: FitMode = "stretch",
) -> Dataset:
    """The data set at a path that the table above lists, as images (n, *size_px, channels).

    Raises DataError where there is none, or it is damaged or does not fit together.
    """
    if not is_tree(path):
        return fit_dataset(read_arrays(path), size_px, channels, on_progress, fit=fit)
    read = read_folder if path.is_dir() else read_zip
    return read(path, size_px, channels, on_progress, fit=fit)


def read_arrays(path: Path) -> Dataset:
    """The data set in NPZ, NPY, CSV or IDX files, its images at their own size.

    Raises DataError where there is none, or it is damaged or does not fit together.
    """
    if path.is_dir():
        if idx_files := find_idx_files(path):
            return read_idx_folder(path, idx_files)
        if (found := find_array_folder(path)) is not None:
            return _read_array_folder(found)
        raise DataError(f"{path}: holds no arrays.")
    if path.is_file() and path.suffix.lower() == ".npz":
        return _read_npz(path)
    if path.is_file() and is_array_file(path):
        return read_array_file(path)
    if path.exists():
        raise DataError(f"{path}: {_way_on(path)}.")
    raise DataError(
        f"{path}: no such file or folder; give a folder of images, a .zip, or .npz, .npy, CSV or "
        "IDX files."
    )


def _way_on(path: Path) -> str:
    """What to do with a file of another kind, by its name."""
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


def _read_npz(path: Path) -> Dataset:
    return with_classes(read_npz_file(path), path)


def _read_array_folder(found: ArrayFolder) -> Dataset:
    if found.files[0].suffix.lower() != NPZ:
        dataset = read_array_folder(found.folder, found.files)
    elif len(found.files) == 1:
        dataset = _read_npz(found.files[0])
    else:
        dataset = read_archives(found.folder, found.files)
    return replace(dataset, warnings=(*dataset.warnings, *found.remarks()))


def is_tree(path: Path) -> bool:
    """Return True for image files in class folders, or a zip of such; False for arrays."""
    if path.is_dir():
        return not find_idx_files(path) and find_array_folder(path) is None
    return path.is_file() and is_zip(path)
