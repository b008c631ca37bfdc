"""A folder of images, or a zip of one: class/*.png, or train|val|test/class/*.png.

Names of splits count in any case; a class that another split spells with other capitals is that of
train. Folders inside a class belong to that class. Hidden files, pipes and devices, and files whose
suffix is no image's, are left out; links to files and to class folders are followed. In a zip, all
may lie in one folder more.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from leadline.data.dataset import Dataset, Images
from leadline.data.decoded import read_kept
from leadline.data.image_names import is_hidden, is_image
from leadline.data.labels import natural_key
from leadline.data.mnist import own_name
from leadline.data.progress import Progress
from leadline.data.zip_tree import Entry, ZipEntry, opened_zip
from leadline.errors import DataError
from leadline.spec.image_form import FitMode

SPLIT_NAMES = {
    "train": "train", "training": "train",
    "val": "validation", "valid": "validation", "validation": "validation",
    "test": "test", "testing": "test",
}  # fmt: skip
LAYOUT = "expected CLASS/*.png or train/CLASS/*.png"


@dataclass(frozen=True)
class Listing:
    """What lies in one split: image files by class, and how many other files were left out."""

    files: Mapping[str, tuple[Entry, ...]]
    left_out: tuple[Entry, ...]


def read_folder(
    root: Path,
    size_px: tuple[int, int],
    channels: int,
    on_progress: Progress,
    *,
    fit: FitMode = "stretch",
) -> Dataset:
    """The images under `root` as a data set; classes and files in natural order.

    Raises DataError for an empty folder, one class only, splits whose classes differ, or images
    that cannot be read.
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
        return _read_tree(
            _below_single_folders(root), path, size_px, channels, on_progress, fit=fit
        )


@contextlib.contextmanager
def opened_tree(path: Path) -> Iterator[Entry]:
    """Where the layout begins, in a folder or in a zip archive, which is open meanwhile."""
    if path.is_dir():
        yield path
        return
    with opened_zip(path) as root:
        yield _below_single_folders(root)


def list_splits(root: Entry) -> dict[str, Listing]:
    """What lies in "train", "validation" and "test", unread; their classes may differ.

    Raises DataError for a folder that cannot be listed, or has splits but no train.
    """
    folders, _ = _split_folders(root)
    return _listings(folders)


def _below_single_folders(root: Entry) -> Entry:
    """Where the layout begins: below folders that hold nothing but one folder of folders."""
    folders = _folders(root)
    beside = [entry for entry in root.iterdir() if entry.is_file() and is_image(entry)]
    if len(folders) != 1 or beside or folders[0].name.lower() in SPLIT_NAMES:
        return root
    inner = folders[0]
    return _below_single_folders(inner) if _folders(inner) else root


def _read_tree(
    root: Entry,
    path: Path,
    size_px: tuple[int, int],
    channels: int,
    on_progress: Progress,
    *,
    fit: FitMode,
) -> Dataset:
    folders, warnings = _split_folders(root)
    listings = _listings(folders)
    classes = _classes(root, folders, listings)
    parts = {
        split: _read(root, listing, classes, size_px, channels, on_progress, fit=fit)
        for split, listing in listings.items()
    }
    return Dataset(
        name=own_name(path),
        classes=classes,
        train=parts["train"],
        validation=parts.get("validation"),
        test=parts.get("test"),
        source=str(path),
        warnings=(*warnings, *_left_out(root, listings)),
        place=path,
    )


def _split_folders(root: Entry) -> tuple[dict[str, Entry], tuple[str, ...]]:
    """Folders by split; the root itself is "train" where it holds classes directly.

    A folder called "train" that holds no folders is a class: of vehicles, say.
    """
    splits: dict[str, Entry] = {}
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


def _folders(root: Entry) -> list[Entry]:
    """Folders that a person would call folders, in natural order."""
    seen = [entry for entry in _entries(root) if entry.is_dir() and not is_hidden(entry.name)]
    return sorted(seen, key=lambda entry: natural_key(entry.name))


def _entries(root: Entry) -> list[Entry]:
    try:
        return list(root.iterdir())
    except OSError as error:
        raise DataError(f"{root}: cannot be read: {error.strerror}.") from None


def _listings(folders: Mapping[str, Entry]) -> dict[str, Listing]:
    """What lies in each split; its classes by the names that train gives them."""
    listings = {split: _list(folder) for split, folder in folders.items()}
    known = listings["train"].files
    return {
        split: Listing(
            {_as_in(known, name, listing): files for name, files in listing.files.items()},
            listing.left_out,
        )
        for split, listing in listings.items()
    }


def _as_in(known: Collection[str], name: str, listing: Listing) -> str:
    """The one class of train that is spelt so with other capitals; else the name itself."""
    if name in known:
        return name
    alike = [one for one in known if one.casefold() == name.casefold()]
    here = [one for one in listing.files if one.casefold() == name.casefold()]
    return alike[0] if len(alike) == len(here) == 1 else name


def _list(folder: Entry) -> Listing:
    files: dict[str, tuple[Entry, ...]] = {}
    left_out = [path for path in _entries(folder) if path.is_file() and not is_hidden(path.name)]
    for class_folder in _folders(folder):
        found = sorted(_walk(class_folder), key=lambda path: natural_key(path.as_posix()))
        images = [path for path in found if is_image(path)]
        files[class_folder.name] = tuple(images)
        kept = set(images)
        left_out += [path for path in found if path not in kept]
    return Listing(files, tuple(left_out))


def _walk(folder: Entry) -> list[Entry]:
    """Every file below; links to folders are not followed, for they may lead in circles."""
    found: list[Entry] = []
    if isinstance(folder, ZipEntry):
        for entry in folder.iterdir():
            if not is_hidden(entry.name):
                found += _walk(entry) if entry.is_dir() else [entry]
        return found
    for place, folders, names in os.walk(folder, onerror=_cannot_list):
        folders[:] = [name for name in folders if not is_hidden(name)]
        found += [Path(place, name) for name in names if not is_hidden(name)]
    return found


def _cannot_list(error: OSError) -> None:
    raise DataError(f"{error.filename}: cannot be read: {error.strerror}.")


def _classes(
    root: Entry, folders: Mapping[str, Entry], listings: Mapping[str, Listing]
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
        raise DataError(_one_class(root, folders["train"]))
    return tuple(sorted(every, key=natural_key))


def _one_class(root: Entry, train: Entry) -> str:
    only = next(folder for folder in _folders(train) if any(map(is_image, _walk(folder))))
    inside = _folders(only)
    hint = f"did you mean {only}?" if inside else f"{LAYOUT}, for two classes or more."
    return f"{root}: one class only, {only.name!r}; {hint}"


def _read(
    root: Entry,
    listing: Listing,
    classes: tuple[str, ...],
    size_px: tuple[int, int],
    channels: int,
    on_progress: Progress,
    *,
    fit: FitMode,
) -> Images:
    files = [path for name in classes for path in listing.files[name]]
    counts = [len(listing.files[name]) for name in classes]
    names = tuple(name_below(path, root) for path in files)
    return Images(
        read_kept(files, names, size_px, channels, on_progress, fit=fit),
        np.repeat(np.arange(len(classes), dtype=np.int64), counts),
        names,
    )


def name_below(path: Entry, root: Entry) -> str:
    """The path below the root, as text that any file format can hold."""
    if isinstance(path, ZipEntry) or isinstance(root, ZipEntry):
        return path.as_posix().removeprefix(f"{root.as_posix()}/")
    return os.fsencode(path.relative_to(root).as_posix()).decode("utf-8", "backslashreplace")


def _left_out(root: Entry, listings: Mapping[str, Listing]) -> tuple[str, ...]:
    paths = [path for listing in listings.values() for path in listing.left_out]
    if not paths:
        return ()
    first = name_below(paths[0], root)
    return (f"Left out, because not an image in a class folder: {len(paths):,}, such as {first}.",)
