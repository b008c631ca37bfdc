"""Images and labels in `.npz`, `.npy` and `.csv` files, alone or several in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from leadline.data.dataset import Dataset
from leadline.data.formats.array_roles import SPLITS, WORD, pairs_of, role_of, without_prefix
from leadline.data.formats.npz import array_errors, array_names, read_arrays, read_npy
from leadline.data.formats.pixel_table import read_table
from leadline.data.raw_arrays import RawSplit, assemble
from leadline.data.remarks import Remark, remark
from leadline.errors import DataError
from leadline.system.durable_files import spelt

NPY, CSV = ".npy", ".csv"
PAIRS = "x_train.npy and y_train.npy (and x_test.npy, y_test.npy)"
MNIST_SHAPE = (60_000, 28, 28)


def is_array_file(path: Path) -> bool:
    """Return True for the suffixes .npy and .csv, in small letters or capitals."""
    return path.suffix.lower() in (NPY, CSV)


def read_array_file(path: Path) -> Dataset:
    """The data set in one CSV file, or in a .npy file and its pair beside it. Raises DataError."""
    if path.suffix.lower() == CSV:
        table = read_table(path)
        if table.labels is None:
            raise DataError(f"{path}: has no column of labels, only pixels; add one named label.")
        raw = {"train": RawSplit(table.pixels, table.labels, str(path), str(path))}
        return assemble(path, raw, poses_as_mnist=False, warnings=table.remarks)
    place = role_of(path.stem)
    beside = sorted(
        one for one in path.parent.glob("*") if one.suffix.lower() == NPY and one.is_file()
    )
    same = [one for one in beside if (role_of(one.stem) or ("",))[0] == place[0]] if place else []
    pairs = pairs_of([one.stem for one in same], str(path.parent))
    if not place or place[0] not in pairs:
        raise DataError(
            f"{path}: a .npy file needs a second one beside it, so that there is one with images "
            f"and one with labels; name them {PAIRS}."
        )
    return _from_npy(path, {"train": pairs[place[0]]}, {one.stem: one for one in same}, ())


def read_array_folder(folder: Path, files: Sequence[Path]) -> Dataset:
    """The data set in the .npy or .csv files of a folder. Raises DataError."""
    arrays = {path.stem: path for path in files if path.suffix.lower() == NPY}
    tables = [path for path in files if path.suffix.lower() == CSV]
    if arrays:
        by_name = without_prefix(list(arrays))
        pairs = pairs_of(by_name, str(folder), complete=True)
        if "train" not in pairs:
            raise DataError(
                f"{folder}: holds {', '.join(sorted(file.name for file in files)[:5])}; name the "
                f"arrays {PAIRS}."
            )
        named = {name: arrays[stem] for name, stem in by_name.items()}
        return _from_npy(folder, pairs, named, _left_out(tables))
    return _from_tables(folder, tables)


def _from_npy(
    path: Path,
    pairs: dict[str, tuple[str, str]],
    files: dict[str, Path],
    warnings: Sequence[Remark],
) -> Dataset:
    raw = {
        split: RawSplit(
            _read_npy(files[images]),
            _read_npy(files[labels]),
            str(files[images]),
            str(files[labels]),
        )
        for split, (images, labels) in pairs.items()
    }
    return assemble(path, raw, poses_as_mnist=False, warnings=warnings)


def _read_npy(path: Path) -> NDArray[Any]:
    with (
        array_errors(path, "save a plain array with numpy.save"),
        path.open("rb") as file,
    ):
        return read_npy(file, path.stat().st_size)


def _from_tables(folder: Path, tables: Sequence[Path]) -> Dataset:
    by_split: dict[str, Path] = {}
    others: list[Path] = []
    for path in tables:
        splits = [
            SPLITS[word.lower()] for word in WORD.findall(path.stem) if word.lower() in SPLITS
        ]
        split = splits[0] if len(splits) == 1 else "train" if len(tables) == 1 else None
        if split is None:
            others.append(path)
        elif split in by_split:
            raise DataError(
                f"{folder}: {by_split[split].name} and {path.name} are both the {split} split; "
                "keep one."
            )
        else:
            by_split[split] = path
    if "train" not in by_split:
        raise DataError(
            f"{folder}: holds {', '.join(sorted(one.name for one in tables)[:5])}, and none is "
            "called train.csv; rename the one to train on."
        )
    raw: dict[str, RawSplit] = {}
    remarks: list[Remark] = []
    for split, path in by_split.items():
        table = read_table(path)
        if table.labels is not None:
            raw[split] = RawSplit(table.pixels, table.labels, str(path), str(path))
            remarks += table.remarks
        elif split == "train":
            raise DataError(f"{path}: has no column of labels, only pixels; add one named label.")
        else:
            others.append(path)
    return assemble(folder, raw, poses_as_mnist=False, warnings=(*_left_out(others), *remarks))


def _left_out(paths: Sequence[Path]) -> tuple[Remark, ...]:
    if not paths:
        return ()
    names = sorted(spelt(path.name) for path in paths)[:5]
    return (remark("unlabelled-files", n=len(paths), names=names),)


def read_npz_file(path: Path) -> Dataset:
    """The data set in an NPZ file, under Keras's names, MedMNIST's, or others like them.

    Other arrays in it are left alone. Raises DataError.
    """
    held = array_names(path)
    names = pairs_of(held, str(path), complete=True)
    if "train" not in names:
        raise DataError(
            f"{path}: its arrays are {', '.join(sorted(held)[:8]) or 'none'}; {_npz_fix(held)}."
        )
    arrays = read_arrays(path, [name for pair in names.values() for name in pair])
    raw = {
        split: RawSplit(arrays[images], arrays[labels], f"{path}: {images}", f"{path}: {labels}")
        for split, (images, labels) in names.items()
    }
    return assemble(path, raw, poses_as_mnist=raw["train"].images.shape == MNIST_SHAPE)


def _npz_fix(held: Sequence[str]) -> str:
    if len(held) == 1:
        return "if the labels are in another .npz file, give the folder that holds both"
    fix = (
        "expected x_train and y_train (and x_val, y_val, x_test, y_test), or MedMNIST's names; "
        "save them with numpy.savez_compressed('data.npz', x_train=..., y_train=...)"
    )
    unnamed = "numpy.savez calls arrays without a name arr_0, arr_1 ..."
    return f"{fix} ({unnamed})" if "arr_0" in held else fix
