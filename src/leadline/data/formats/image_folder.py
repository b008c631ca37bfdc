"""A folder of images, or a zip of one, as a data set: `class_folders` says which layouts are read.

Hidden files, pipes and devices, and files that are not images, are left out, and counted. A class
that another split spells with other capitals, or in another Unicode form, is that of train.
"""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from leadline.data.dataset import Dataset, Images
from leadline.data.formats.class_folders import LAYOUT, Tree, list_tree, name_below, no_images
from leadline.data.formats.image_names import Reason
from leadline.data.formats.omitted_files import left_out_remarks
from leadline.data.formats.zip_tree import Entry, opened_zip
from leadline.data.image_cache import read_kept
from leadline.data.labels import natural_key
from leadline.data.progress import Progress
from leadline.data.sources.mnist import own_name
from leadline.errors import DataError, UnreadableImages
from leadline.experiments.image_form import FitMode
from leadline.system.durable_files import spelt


def read_folder(
    root: Path,
    size_px: tuple[int, int],
    channels: int,
    on_progress: Progress,
    *,
    fit: FitMode = "stretch",
) -> Dataset:
    """The images under `root` as a data set; classes and files in natural order.

    Raises DataError for an empty folder, one class only, a class that train lacks, or images that
    cannot be read.
    """
    return _read_tree(root, root, size_px, channels, on_progress, fit=fit)


def read_zip(
    path: Path,
    size_px: tuple[int, int],
    channels: int,
    on_progress: Progress,
    *,
    fit: FitMode = "stretch",
) -> Dataset:
    """The images in an archive, as `read_folder` reads them; nothing is unpacked to disk.

    Raises DataError as `read_folder` and `opened_zip` do.
    """
    with opened_zip(path) as root:
        return _read_tree(root, path, size_px, channels, on_progress, fit=fit)


@contextlib.contextmanager
def opened_tree(path: Path) -> Iterator[Entry]:
    """A folder, or the root of a zip archive, which is open meanwhile."""
    if path.is_dir():
        yield path
        return
    with opened_zip(path) as root:
        yield root


def _read_tree(
    root: Entry,
    path: Path,
    size_px: tuple[int, int],
    channels: int,
    on_progress: Progress,
    *,
    fit: FitMode,
) -> Dataset:
    tree = list_tree(root)
    classes = _classes(tree, path)
    parts: dict[str, Images] = {}
    failures: list[str] = []
    for split, files in tree.splits.items():
        try:
            parts[split] = _read(tree.root, files, classes, size_px, channels, on_progress, fit=fit)
        except UnreadableImages as error:
            failures += error.failures
    if failures:
        raise UnreadableImages(_unreadable(failures, path), failures)
    # The remarks name the images that lie beside the splits, or in splits without classes.
    named = (Reason.OUTSIDE_SPLITS, Reason.UNLABELLED)
    kinds = [left_out_kind for left_out_kind in tree.left_out if left_out_kind.reason not in named]
    return Dataset(
        name=own_name(path),
        classes=classes,
        train=parts["train"],
        validation=parts.get("validation"),
        test=parts.get("test"),
        source=spelt(str(path)),
        warnings=(*tree.remarks, *left_out_remarks(kinds)),
        left_out=tree.left_out,
        place=path,
    )


def _classes(tree: Tree, path: Path) -> tuple[str, ...]:
    """Class names in natural order; train has images of each, other splits need not."""
    if not tree.classes():
        raise DataError(no_images(tree, path))
    every = sorted({name for files in tree.splits.values() for name in files}, key=natural_key)
    for name in every:
        if not tree.splits["train"].get(name):
            raise DataError(_missing_class(tree, name))
    if len(every) < 2:
        raise DataError(
            f"{tree.root}: one class only, {every[0]!r}; {LAYOUT}, for two classes or more."
        )
    return tuple(every)


def _missing_class(tree: Tree, name: str) -> str:
    elsewhere = [tree.places[split] for split, files in tree.splits.items() if files.get(name)]
    beside = f"; {elsewhere[0]} has it" if elsewhere else ""
    message = (
        f"{tree.places['train']}: holds no images of class {name!r}{beside}. Training needs images "
        "of every class: add some, or remove the folder."
    )
    return " ".join([message, *map(str, left_out_remarks(tree.left_out))])


def _unreadable(failures: list[str], path: Path) -> str:
    if len(failures) == 1:
        return failures[0]
    audit = f"leadline data audit {shlex.quote(spelt(str(path)))}"
    return f"{failures[0]} {len(failures):,} files cannot be read; '{audit}' lists them all."


def _read(
    root: Entry,
    files_of: Mapping[str, tuple[Entry, ...]],
    classes: tuple[str, ...],
    size_px: tuple[int, int],
    channels: int,
    on_progress: Progress,
    *,
    fit: FitMode,
) -> Images:
    files = [path for name in classes for path in files_of.get(name, ())]
    counts = [len(files_of.get(name, ())) for name in classes]
    names = tuple(name_below(path, root) for path in files)
    return Images(
        read_kept(files, names, size_px, channels, on_progress, fit=fit),
        np.repeat(np.arange(len(classes), dtype=np.int64), counts),
        names,
    )
