"""A folder of images: class/*.png, or train|val|test/class/*.png.

Names of splits count in any case. Folders inside a class belong to that class. Hidden files, pipes
and devices, and files whose suffix is no image's, are left out; links to files and to class folders
are followed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from leadline.data.dataset import Dataset, Images
from leadline.data.download import Progress
from leadline.data.image_files import read_images
from leadline.data.labels import natural_key
from leadline.data.mnist import own_name
from leadline.errors import DataError

SPLIT_NAMES = {
    "train": "train", "training": "train",
    "val": "validation", "valid": "validation", "validation": "validation",
    "test": "test", "testing": "test",
}  # fmt: skip
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"})
SYSTEM_NAMES = frozenset({"__macosx", "thumbs.db", "desktop.ini"})
LAYOUT = "expected CLASS/*.png or train/CLASS/*.png"


@dataclass(frozen=True)
class Listing:
    """What lies in one split: image files by class, and how many other files were left out."""

    files: Mapping[str, tuple[Path, ...]]
    left_out: tuple[Path, ...]


def read_folder(
    root: Path, size_px: tuple[int, int], channels: int, on_progress: Progress
) -> Dataset:
    """The images under `root` as a data set; classes and files in natural order.

    Raises DataError for an empty folder, one class only, splits whose classes differ, or images
    that cannot be read.
    """
    folders, warnings = _split_folders(root)
    listings = {split: _list(folder) for split, folder in folders.items()}
    classes = _classes(root, folders, listings)
    parts = {
        split: _read(root, listing, classes, size_px, channels, on_progress)
        for split, listing in listings.items()
    }
    return Dataset(
        name=own_name(root),
        classes=classes,
        train=parts["train"],
        validation=parts.get("validation"),
        test=parts.get("test"),
        source=str(root),
        warnings=(*warnings, *_left_out(root, listings)),
    )


def _split_folders(root: Path) -> tuple[dict[str, Path], tuple[str, ...]]:
    """Folders by split; the root itself is "train" where it holds classes directly.

    A folder called "train" that holds no folders is a class: of vehicles, say.
    """
    splits: dict[str, Path] = {}
    others: list[str] = []
    for folder in _folders(root):
        split = SPLIT_NAMES.get(folder.name.lower())
        if split is None or not _folders(folder):
            others.append(folder.name)
        elif split in splits:
            raise DataError(
                f"{root}: {splits[split].name} and {folder.name} are both the {split} split; "
                "keep one."
            )
        else:
            splits[split] = folder
    if not splits:
        return {"train": root}, ()
    if "train" not in splits:
        raise DataError(f"{root}: has {', '.join(splits)} but no train folder; {LAYOUT}.")
    beside = f"Not read, beside the splits in {root}: {', '.join(others)}."
    return splits, (beside,) if others else ()


def _folders(root: Path) -> list[Path]:
    """Folders that a person would call folders, in natural order."""
    try:
        entries = [entry for entry in root.iterdir() if entry.is_dir()]
    except OSError as error:
        raise DataError(f"{root}: cannot be read: {error.strerror}.") from None
    seen = [entry for entry in entries if not _is_hidden(entry.name)]
    return sorted(seen, key=lambda entry: natural_key(entry.name))


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name.lower() in SYSTEM_NAMES


def _list(folder: Path) -> Listing:
    files: dict[str, tuple[Path, ...]] = {}
    left_out = [path for path in folder.iterdir() if path.is_file() and not _is_hidden(path.name)]
    for class_folder in _folders(folder):
        found = sorted(_walk(class_folder), key=lambda path: natural_key(path.as_posix()))
        files[class_folder.name] = tuple(path for path in found if _is_image(path))
        left_out += [path for path in found if not _is_image(path)]
    return Listing(files, tuple(left_out))


def _walk(folder: Path) -> list[Path]:
    """Every file below; links to folders are not followed, for they may lead in circles."""
    found: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=_cannot_list):
        folders[:] = [name for name in folders if not _is_hidden(name)]
        found += [Path(place, name) for name in names if not _is_hidden(name)]
    return found


def _cannot_list(error: OSError) -> None:
    raise DataError(f"{error.filename}: cannot be read: {error.strerror}.")


def _is_image(path: Path) -> bool:
    """A broken link counts as one, so that reading it names it; a pipe would be read for ever."""
    special = path.exists() and not path.is_file()
    return path.suffix.lower() in SUFFIXES and not special


def _classes(
    root: Path, folders: Mapping[str, Path], listings: Mapping[str, Listing]
) -> tuple[str, ...]:
    """Class names in natural order, the same in every split."""
    if not any(files for listing in listings.values() for files in listing.files.values()):
        raise DataError(f"{root}: holds no images in class folders; {LAYOUT}.")
    every = {name for listing in listings.values() for name in listing.files}
    for split, listing in listings.items():
        for name in sorted(every, key=natural_key):
            if not listing.files.get(name):
                elsewhere = [folders[s] for s in listings if listings[s].files.get(name)]
                beside = f"; {elsewhere[0]} has it" if elsewhere else ""
                raise DataError(
                    f"{folders[split]}: holds no images of class {name!r}{beside}. Every split "
                    "needs images of the same classes: add some, or remove the folder."
                )
    if len(every) < 2:
        raise DataError(_one_class(root, folders["train"] / next(iter(every))))
    return tuple(sorted(every, key=natural_key))


def _one_class(root: Path, only: Path) -> str:
    inside = _folders(only)
    hint = f"did you mean {only}?" if inside else f"{LAYOUT}, for two classes or more."
    return f"{root}: one class only, {only.name!r}; {hint}"


def _read(
    root: Path,
    listing: Listing,
    classes: tuple[str, ...],
    size_px: tuple[int, int],
    channels: int,
    on_progress: Progress,
) -> Images:
    files = [path for name in classes for path in listing.files[name]]
    counts = [len(listing.files[name]) for name in classes]
    return Images(
        read_images(files, size_px, channels, on_progress),
        np.repeat(np.arange(len(classes), dtype=np.int64), counts),
        tuple(_name(path, root) for path in files),
    )


def _name(path: Path, root: Path) -> str:
    """The path below the root, as text that any file format can hold."""
    return os.fsencode(path.relative_to(root).as_posix()).decode("utf-8", "backslashreplace")


def _left_out(root: Path, listings: Mapping[str, Listing]) -> tuple[str, ...]:
    paths = [path for listing in listings.values() for path in listing.left_out]
    if not paths:
        return ()
    first = _name(paths[0], root)
    return (f"Left out, because not an image in a class folder: {len(paths):,}, such as {first}.",)
