"""Every image of a data set read once for the audit; files that cannot be read are set aside."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from leadline.data.dataset import Dataset
from leadline.data.decoding import Fit, Request
from leadline.data.formats.class_folders import LAYOUT, Tree, list_tree, name_below, no_images
from leadline.data.formats.image_files import MAX_IMAGE_PIXELS, decode_file
from leadline.data.formats.image_folder import opened_tree
from leadline.data.formats.omitted_files import LeftOut
from leadline.data.formats.readers import is_tree, read_arrays
from leadline.data.formats.zip_tree import Entry
from leadline.data.image_fitting import fit_pixels, in_threads
from leadline.data.progress import Progress
from leadline.data.remarks import Remark, remark_of
from leadline.data.short_repr import ShortRepr
from leadline.errors import DataError, MissingExtra


@dataclass(frozen=True)
class _Task:
    """One file to be read, and where it belongs."""

    entry: Entry
    name: str
    split: int
    label: int


@dataclass(frozen=True, eq=False)
class _Seen:
    """Record of one file."""

    file_sum: str
    pixel_sum: str
    size: tuple[int, int, int]
    thumbnail: NDArray[np.uint8]


def scan(path: Path, size_px: int, on_progress: Progress) -> ImageRecords:
    """The images at `path`: a folder, a zip of one, or arrays in .npz, .npy, CSV or IDX files.

    Images in arrays are not enlarged to size_px. Raises DataError where there are no images, or of
    one class only.
    """
    if not is_tree(path):
        return _of_arrays(read_arrays(path), size_px, on_progress)
    with opened_tree(path) as root:
        tree = list_tree(root)
        classes = _classes(path, tree)
        tasks = _tasks(tree, classes)
        seen, failures = _look_at_all(tasks, size_px, on_progress)
    if not seen:
        raise DataError(
            f"{path}: none of its {len(tasks):,} images can be read; the first: "
            f"{failures[min(failures)]}"
        )
    image_records = _records(classes, tasks, seen, failures)
    return replace(image_records, left_out=tree.left_out, notes=tree.remarks)


def _of_arrays(dataset: Dataset, size_px: int, on_progress: Progress) -> ImageRecords:
    parts = (dataset.train, dataset.validation, dataset.test)
    there = [(place, part) for place, part in enumerate(parts) if part is not None]
    height, width = dataset.train.pixels.shape[1:3]
    px = min(size_px, max(height, width))
    small = [fit_pixels(part.pixels, (px, px), 1, on_progress) for _, part in there]
    sums = (hashlib.sha256(image).hexdigest() for _, part in there for image in part.pixels)
    return ImageRecords(
        classes=dataset.classes,
        names=tuple(f"{SPLITS[place]}/{name}" for place, part in there for name in part.names),
        splits=np.repeat([place for place, _ in there], [len(part) for _, part in there]),
        labels=np.concatenate([part.labels for _, part in there]),
        file_sums=(),
        pixel_sums=tuple(sums),
        sizes=np.tile(np.array([width, height, 0.0]), (sum(map(len, small)), 1)),
        thumbnails=np.concatenate(small)[..., 0],
        notes=dataset.warnings,
    )


def _classes(path: Path, tree: Tree) -> tuple[str, ...]:
    """Class names in natural order: those that any split has."""
    found = tree.classes()
    if not found:
        raise DataError(no_images(tree, path))
    if len(found) < 2:
        raise DataError(
            f"{path}: holds one class only, {found[0]!r}; {LAYOUT}, for two classes or more."
        )
    return found


def _tasks(tree: Tree, classes: tuple[str, ...]) -> tuple[_Task, ...]:
    return tuple(
        _Task(entry, name_below(entry, tree.root), place, label)
        for place, split in enumerate(SPLITS)
        if split in tree.splits
        for label, name in enumerate(classes)
        for entry in tree.splits[split].get(name, ())
    )


def _look_at_all(
    tasks: tuple[_Task, ...], size_px: int, on_progress: Progress
) -> tuple[dict[int, _Seen], dict[int, Remark]]:
    """Records and failures by position in `tasks`."""
    seen: dict[int, _Seen] = {}
    failures: dict[int, Remark] = {}

    def look(index: int) -> None:
        try:
            seen[index] = _look(tasks[index].entry, size_px)
        except (DataError, MissingExtra) as error:
            failures[index] = remark_of(error)

    with warnings.catch_warnings():
        # As `read_images` does: what matters is refused there.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        warnings.filterwarnings("ignore", module="pydicom")
        in_threads(look, range(len(tasks)), "read", on_progress)
    return seen, failures


def _look(entry: Entry, size_px: int) -> _Seen:
    fit = Fit(size_px, size_px, channels=1)
    decoded = decode_file(entry, Request((fit,), MAX_IMAGE_PIXELS, checksums=True))
    return _Seen(
        decoded.file_sum,
        decoded.pixel_sum,
        (decoded.width_px, decoded.height_px, decoded.file_bytes),
        decoded.arrays[0][..., 0],
    )


def _records(
    classes: tuple[str, ...],
    tasks: tuple[_Task, ...],
    seen: Mapping[int, _Seen],
    failures: Mapping[int, Remark],
) -> ImageRecords:
    order = sorted(seen)
    return ImageRecords(
        classes=classes,
        names=tuple(tasks[index].name for index in order),
        splits=np.array([tasks[index].split for index in order], np.int64),
        labels=np.array([tasks[index].label for index in order], np.int64),
        file_sums=tuple(seen[index].file_sum for index in order),
        pixel_sums=tuple(seen[index].pixel_sum for index in order),
        sizes=np.array([seen[index].size for index in order], np.float64),
        thumbnails=np.stack([seen[index].thumbnail for index in order]),
        unreadable=tuple(
            Unreadable(tasks[index].name, SPLITS[tasks[index].split], failures[index])
            for index in sorted(failures)
        ),
    )


SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Unreadable:
    """A file that could not be read, and why."""

    name: str
    split: str
    reason: Remark


@dataclass(frozen=True, eq=False, repr=False)
class ImageRecords(ShortRepr):
    """Records of n images, in the order train, validation, test.

    splits, labels: int64 (n,), positions in `SPLITS` and in `classes`. file_sums, pixel_sums:
    SHA-256 of the file and of the decoded pixels; file_sums is empty for images that came in an
    array. sizes: float64 (n, 3), width and height in px and bytes of the file, 0 in an array.
    thumbnails: uint8 (n, size_px, size_px), grey.
    """

    classes: tuple[str, ...]
    names: tuple[str, ...]
    splits: NDArray[np.int64]
    labels: NDArray[np.int64]
    file_sums: tuple[str, ...]
    pixel_sums: tuple[str, ...]
    sizes: NDArray[np.float64]
    thumbnails: NDArray[np.uint8]
    unreadable: tuple[Unreadable, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[Remark, ...] = ()
    """Remarks on how the data set was read."""

    def __len__(self) -> int:
        return len(self.names)

    def split_names(self) -> tuple[str, ...]:
        """The splits that hold images, in order."""
        return tuple(name for place, name in enumerate(SPLITS) if (self.splits == place).any())

    def counts(self) -> dict[str, dict[str, int]]:
        """Images by split and class."""
        found = {}
        for split in self.split_names():
            here = self.labels[self.splits == SPLITS.index(split)]
            per_class = np.bincount(here, minlength=len(self.classes)).tolist()
            found[split] = dict(zip(self.classes, per_class, strict=True))
        return found

    def pictures(self, names: Iterable[str]) -> dict[str, NDArray[np.uint8]]:
        """The small copies of these images, by name."""
        places = {name: index for index, name in enumerate(self.names)}
        return {name: self.thumbnails[places[name]] for name in names}

    def of(self, split: str) -> NDArray[np.int64]:
        """Positions of the images of one split."""
        return np.flatnonzero(self.splits == SPLITS.index(split))
