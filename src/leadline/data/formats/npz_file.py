"""An NPZ file of images and labels, under Keras's names, MedMNIST's, or others like them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from leadline.data.dataset import Dataset
from leadline.data.formats.array_roles import pairs_of
from leadline.data.formats.npz import array_names, read_arrays
from leadline.data.raw_arrays import RawSplit, assemble
from leadline.errors import DataError

MNIST_SHAPE = (60_000, 28, 28)


def read_npz_file(path: Path) -> Dataset:
    """The data set in the file; other arrays in it are left alone. Raises DataError."""
    held = array_names(path)
    names = pairs_of(held, str(path), complete=True)
    if "train" not in names:
        raise DataError(
            f"{path}: its arrays are {', '.join(sorted(held)[:8]) or 'none'}; {_fix(held)}."
        )
    arrays = read_arrays(path, [name for pair in names.values() for name in pair])
    raw = {
        split: RawSplit(arrays[images], arrays[labels], f"{path}: {images}", f"{path}: {labels}")
        for split, (images, labels) in names.items()
    }
    return assemble(path, raw, poses_as_mnist=raw["train"].images.shape == MNIST_SHAPE)


def _fix(held: Sequence[str]) -> str:
    if len(held) == 1:
        return "if the labels are in another .npz file, give the folder that holds both"
    fix = (
        "expected x_train and y_train (and x_val, y_val, x_test, y_test), or MedMNIST's names; "
        "save them with numpy.savez_compressed('data.npz', x_train=..., y_train=...)"
    )
    unnamed = "numpy.savez calls arrays without a name arr_0, arr_1 ..."
    return f"{fix} ({unnamed})" if "arr_0" in held else fix
