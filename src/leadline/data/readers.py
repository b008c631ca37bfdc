"""The user's own images: which reader a path needs.

| what the path is | reader |
|---|---|
| an .npz file, or a folder that holds one and no folders | `npz_file` |
| a folder of IDX files under MNIST's names | `idx_folder` |
| any other folder: class/*.png or train\\|val\\|test/class/*.png | `folder` |
| a .zip file of such a folder | `folder`, through `zip_tree` |
"""

from __future__ import annotations

from pathlib import Path

from leadline.data.dataset import Dataset
from leadline.data.folder import read_folder, read_zip
from leadline.data.idx_folder import find_idx_files, read_idx_folder
from leadline.data.images import fit_dataset
from leadline.data.medmnist import with_classes
from leadline.data.npz_file import read_npz_file
from leadline.data.progress import Progress
from leadline.errors import DataError


def read_path(
    path: Path, size_px: tuple[int, int], channels: int, on_progress: Progress
) -> Dataset:
    """The data set in a folder, a zip of one, or an NPZ file, as images (n, *size_px, channels).

    Raises DataError where there is none, or it is damaged or does not fit together.
    """
    if not is_tree(path):
        return fit_dataset(read_arrays(path), size_px, channels, on_progress)
    read = read_folder if path.is_dir() else read_zip
    return read(path, size_px, channels, on_progress)


def read_arrays(path: Path) -> Dataset:
    """The data set in an NPZ file or in IDX files, its images at their own size.

    Raises DataError where there is none, or it is damaged or does not fit together.
    """
    if path.is_dir():
        idx_files = find_idx_files(path)
        return (
            read_idx_folder(path, idx_files)
            if idx_files
            else _read_npz(_only_archive(path) or path)
        )
    if path.is_file() and path.suffix.lower() == ".npz":
        return _read_npz(path)
    if path.exists():
        raise DataError(
            f"{path}: neither a folder nor a .zip or .npz file; give the folder it lies in."
        )
    raise DataError(
        f"{path}: no such file or folder; give a folder of images, a .zip of one, or an .npz."
    )


def _read_npz(path: Path) -> Dataset:
    return with_classes(read_npz_file(path), path)


def is_tree(path: Path) -> bool:
    """Whether the path holds image files in class folders (or is a zip of such), not arrays."""
    if path.is_dir():
        return not find_idx_files(path) and _only_archive(path) is None
    return path.is_file() and path.suffix.lower() == ".zip"


def _only_archive(folder: Path) -> Path | None:
    """The one .npz file of a folder that has no folders in it."""
    try:
        entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError as error:
        raise DataError(f"{folder}: cannot be read: {error.strerror}.") from None
    archives = [entry for entry in entries if entry.suffix.lower() == ".npz"]
    return archives[0] if len(archives) == 1 and not any(map(Path.is_dir, entries)) else None
