"""An NPZ file of images and labels, under Keras's names or MedMNIST's."""

from __future__ import annotations

from pathlib import Path

from leadline.data.dataset import Dataset
from leadline.data.npz import array_names, read_arrays
from leadline.data.raw import RawSplit, assemble
from leadline.errors import DataError

NAMES = {
    "train": (("x_train", "y_train"), ("train_images", "train_labels")),
    "validation": (("x_val", "y_val"), ("val_images", "val_labels")),
    "test": (("x_test", "y_test"), ("test_images", "test_labels")),
}
"""For each split, its images and its labels."""
MNIST_SHAPE = (60_000, 28, 28)


def read_npz_file(path: Path) -> Dataset:
    """The data set in the file; other arrays in it are left alone. Raises DataError."""
    held = set(array_names(path))
    names = {
        split: pair for split, pairs in NAMES.items() for pair in pairs if held.intersection(pair)
    }
    if "train" not in names:
        raise DataError(
            f"{path}: its arrays are {', '.join(sorted(held)[:8]) or 'none'}; expected x_train and "
            "y_train (and x_val, y_val, x_test, y_test), or MedMNIST's names."
        )
    arrays = read_arrays(path, [name for pair in names.values() for name in pair])
    raw = {
        split: RawSplit(arrays[images], arrays[labels], f"{path}: {images}", f"{path}: {labels}")
        for split, (images, labels) in names.items()
    }
    return assemble(path, raw, poses_as_mnist=raw["train"].images.shape == MNIST_SHAPE)
