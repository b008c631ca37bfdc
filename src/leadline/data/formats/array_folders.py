"""Arrays in a folder: which files hold them, and whether the folder is of arrays or of images.

Pictures and folders may lie beside the arrays (a preview, documentation); they are reported. A
folder is of images if folders with images lie in it as class folders do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from leadline.data.dataset import Dataset
from leadline.data.formats.array_roles import SPLITS, WORD, pairs_of, without_prefix
from leadline.data.formats.class_folders import holds_pictures
from leadline.data.formats.image_names import SUFFIXES, is_hidden
from leadline.data.formats.npz import array_names, read_arrays
from leadline.data.formats.pixel_table import is_pixel_table
from leadline.data.raw_arrays import RawSplit, assemble
from leadline.data.remarks import Remark, remark
from leadline.errors import DataError
from leadline.system.durable_files import spelt

NPZ, NPY, CSV = ".npz", ".npy", ".csv"
MAX_WRAPPERS = 3
"""Folders around the folder of arrays, as an unpacked archive has them."""
MOST_NAMED = 5


@dataclass(frozen=True)
class ArrayFolder:
    """A folder of arrays.

    files : the .npz files, or else the .npy and .csv files. beside: names of pictures and folders
    that are not read.
    """

    folder: Path
    files: tuple[Path, ...]
    beside: tuple[str, ...] = ()

    def remarks(self) -> tuple[Remark, ...]:
        """A remark on what lies beside the arrays, if anything does."""
        if not self.beside:
            return ()
        names = [spelt(name) for name in self.beside[:MOST_NAMED]]
        more = len(self.beside) - len(names)
        folder = spelt(str(self.folder))
        return (remark("beside-arrays", folder=folder, names=names, more=more),)


def find_array_folder(folder: Path, *, wrappers: int = 0) -> ArrayFolder | None:
    """The arrays of a folder, or of the only folder in it; None for a folder of images.

    Raises DataError for a folder that cannot be listed.
    """
    files, folders = _entries(folder)
    arrays = [file for file in files if file.suffix.lower() in (NPZ, NPY, CSV)]
    pictures = [file for file in files if file.suffix.lower() in SUFFIXES]
    readable = [array for array in arrays if array.suffix.lower() != CSV or is_pixel_table(array)]
    if readable and not _are_classes(folders):
        archives = [one for one in readable if one.suffix.lower() == NPZ]
        rest = [array for array in arrays if array.suffix.lower() != NPZ]
        beside = sorted(one.name for one in (*folders, *pictures))
        return ArrayFolder(folder, tuple(archives or rest), tuple(beside))
    if arrays and not folders and not pictures:
        return ArrayFolder(folder, tuple(arrays))  # tables of something else: reading names it
    if not arrays and not pictures and len(folders) == 1 and wrappers < MAX_WRAPPERS:
        return find_array_folder(folders[0], wrappers=wrappers + 1)
    return None


def _entries(folder: Path) -> tuple[list[Path], list[Path]]:
    """Files and folders that are not hidden; pipes and devices, which never end, are neither."""
    try:
        seen = sorted(zip_entry for zip_entry in folder.iterdir() if not is_hidden(zip_entry.name))
        files = [one for one in seen if one.is_file()]
        return files, [one for one in seen if one.is_dir()]
    except OSError as error:
        raise DataError(f"{folder}: cannot be read: {error.strerror}.") from None


def _are_classes(folders: Sequence[Path]) -> bool:
    """True for two folders with images, or one whose folders hold them: train, say."""
    holding = [folder for folder in folders if holds_pictures(folder)]
    return len(holding) > 1 or any(
        inner.is_dir() and holds_pictures(inner) for one in holding for inner in one.iterdir()
    )


def read_archives(folder: Path, files: Sequence[Path]) -> Dataset:
    """The data set in several .npz files: one for each array, or one for each split.

    Raises DataError where their names do not tell which is which.
    """
    held = {path: array_names(path) for path in files}
    if all(len(names) == 1 for names in held.values()):
        raw = _of_single_arrays(folder, files)
    else:
        raw = _of_splits(held)
    if "train" not in raw:
        names = ", ".join(path.name for path in files[:MOST_NAMED])
        raise DataError(
            f"{folder}: holds {len(files)} .npz files ({names}); give one of them, or name them "
            "train.npz and test.npz, each with x and y."
        )
    return assemble(folder, raw, poses_as_mnist=False)


def _of_single_arrays(folder: Path, files: Sequence[Path]) -> dict[str, RawSplit]:
    """Splits of files like kmnist-train-imgs.npz and kmnist-train-labels.npz."""
    by_name = without_prefix([path.stem for path in files])
    by_stem = {path.stem: path for path in files}
    pairs = pairs_of(by_name, str(folder), complete=True)
    found = {}
    for split, pair in pairs.items():
        images, labels = (by_stem[by_name[name]] for name in pair)
        found[split] = RawSplit(_only(images), _only(labels), str(images), str(labels))
    return found


def _only(path: Path) -> NDArray[Any]:
    (array,) = read_arrays(path, array_names(path)).values()
    return array


def _of_splits(held: dict[Path, tuple[str, ...]]) -> dict[str, RawSplit]:
    """Splits of files like train.npz and test.npz, each with x and y."""
    found: dict[str, RawSplit] = {}
    for path, names in held.items():
        words = [word.lower() for word in WORD.findall(path.stem)]
        splits = {SPLITS[word] for word in words if word in SPLITS}
        pairs = pairs_of(names, str(path))
        if len(splits) != 1 or len(pairs) != 1 or not splits.isdisjoint(found):
            return {}
        images, labels = next(iter(pairs.values()))
        arrays = read_arrays(path, (images, labels))
        found[splits.pop()] = RawSplit(
            arrays[images], arrays[labels], f"{path}: {images}", f"{path}: {labels}"
        )
    return found
