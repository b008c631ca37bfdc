"""Which images of a folder, or of an archive, are of which split and class; nothing is decoded.

Layouts that are recognised:

| layout | as in |
|---|---|
| CLASS/... | cats/1.png |
| SPLIT/CLASS/... | training_set/cats/1.png; see `split_names` |
| SPLIT/SPLIT/CLASS/... | seg_train/seg_train/street/1.png |
| CLASS/SPLIT/... | cats/train/1.png |
| any of these in a wrapper | archive/dataset/train/cats/1.png |

Folders inside a class belong to that class. Links are followed, but not to where the walk is or has
been.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from leadline.data.formats.ambiguous_layouts import layout_questions
from leadline.data.formats.folder_walk import (
    files_below,
    files_in,
    folders_in,
    system_folders_in,
)
from leadline.data.formats.image_names import Exclusion, Reason, exclusion, is_image
from leadline.data.formats.omitted_files import LeftOut, OmittedFileCounter, left_out_remarks
from leadline.data.formats.split_names import WORDS, is_filler, split_name
from leadline.data.formats.zip_tree import Entry, ZipEntry
from leadline.data.labels import caseless, composed, natural_key, same_class
from leadline.data.remarks import Remark, remark, table_hint
from leadline.errors import DataError
from leadline.system.durable_files import spelt

LAYOUT = "expected CLASS/*.png or train/CLASS/*.png"
TABLES = frozenset({".csv", ".tsv", ".xlsx", ".xls", ".ods", ".txt", ".json"})
"""Suffixes of files that may hold labels."""

ClassFolders = dict[str, list[Entry]]
"""Folders by the name of their class, in natural order."""


@dataclass(frozen=True)
class Tree:
    """Image files of a data set.

    root : where the layout begins, below wrappers; names of images are relative to it.
    splits : "train", "validation" and "test" with the image files of each class; their classes may
        differ. places: for messages, the folder of each split.
    left_out : other files. remarks: on how the layout was read.
    """

    root: Entry
    splits: Mapping[str, Mapping[str, tuple[Entry, ...]]]
    places: Mapping[str, Entry]
    left_out: tuple[LeftOut, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def classes(self) -> tuple[str, ...]:
        """Names of the classes that any split has images of, in natural order."""
        named = {name for files in self.splits.values() for name, here in files.items() if here}
        return tuple(sorted(named, key=natural_key))


def list_tree(path: Entry) -> Tree:
    """List the images below a folder or an archive by split and class.

    Raises DataError for a folder that cannot be listed, splits without train, and class folders
    that hold no image.
    """
    return _Lister(path).tree()


def name_below(path: Entry, root: Entry) -> str:
    """The path below the root, as text that any file format can hold."""
    if isinstance(path, ZipEntry) or isinstance(root, ZipEntry):
        return path.as_posix().removeprefix(f"{root.as_posix()}/")
    return spelt(path.relative_to(root).as_posix())


def class_name(folder: str) -> str:
    """Name of the class of a folder: composed (NFC), so that equal looks are equal names."""
    return composed(spelt(folder))


class _Lister:
    """Walks one tree, counting what is left out."""

    def __init__(self, path: Entry) -> None:
        self.path = path
        self.tally = OmittedFileCounter()
        self.remarks: list[Remark] = []
        self.root = path
        self.left_out: dict[str, set[Reason]] = {}
        """Reasons why files of each class are left out; keys as `caseless` gives them."""

    def tree(self) -> Tree:
        if isinstance(self.path, ZipEntry):
            self.remarks += self.path.remarks
        self.root = self._below_wrappers(self.path)
        if self.root is not self.path and isinstance(self.root, Path):
            folder, above = spelt(str(self.root)), spelt(str(self.path))
            self.remarks.append(remark("read-below", folder=folder, above=above))
        places, folders = self._splits()
        splits = {split: self._images(folders[split]) for split in WORDS if split in folders}
        splits = _named_as_in_train(splits)
        self.remarks += layout_questions(folders["train"], _label_table(self.root))
        self._remark_on_system_folders(dict.fromkeys(places.values()))
        self._drop_other_folders(splits)
        return Tree(self.root, splits, places, self.tally.kinds(), tuple(self.remarks))

    def _below_wrappers(self, root: Entry) -> Entry:
        """Root of the layout: below folders that hold one folder with images, and no image."""
        folders = folders_in(root)
        if any(split_name(folder.name) for folder in folders) or _has_images(root):
            return root
        holding = [folder for folder in folders if holds_pictures(folder)]
        if len(holding) != 1 or not folders_in(holding[0]) or _has_images(holding[0]):
            return root
        for entry in files_in(root):
            self._leave_out(entry, root)
        return self._below_wrappers(holding[0])

    def _splits(self) -> tuple[dict[str, Entry], dict[str, ClassFolders]]:
        """The folder of each split, and its class folders."""
        found = self._split_folders()
        if not found:
            inside = self._splits_inside_classes()
            folders = inside or {"train": _by_class(folders_in(self.root))}
            self._beside_classes(self.root)
            return dict.fromkeys(folders, self.root), folders
        if "train" not in found:
            raise DataError(f"{self.root}: has {_in_order(found)} but no train folder; {LAYOUT}.")
        for folder in found.values():
            self._beside_classes(folder)
        return found, {split: _by_class(folders_in(folder)) for split, folder in found.items()}

    def _split_folders(self) -> dict[str, Entry]:
        """Folders that are splits: named so, and with folders inside.

        A folder called "train" that holds no folders is a class: of vehicles, say.
        """
        folders = folders_in(self.root)
        named = {folder.name: split_name(folder.name) for folder in folders}
        rests = [one.rest for one in named.values() if one is not None and one.rest]
        # "faces_train" is a split beside "faces_test", and a class beside "cars".
        paired = {rest for rest in rests if rests.count(rest) > 1}
        found: dict[str, Entry] = {}
        outer: dict[str, Entry] = {}
        flat: list[Entry] = []
        others: list[Entry] = []
        for folder in folders:
            name = named[folder.name]
            if name is None or (name.rest and name.rest not in paired):
                others.append(folder)
                continue
            inner = _below_split(folder, name.split)
            if not folders_in(inner):
                flat.append(folder)
            elif name.split in found:
                raise DataError(
                    f"{self.root}: {found[name.split].name} and {folder.name} are both the "
                    f"{name.split} split; keep one."
                )
            else:
                found[name.split], outer[name.split] = inner, folder
        unlabelled = _flat_splits(found)
        flat += [outer[split] for split in unlabelled]
        found = {split: inner for split, inner in found.items() if split not in unlabelled}
        if "train" in unlabelled and found:
            self._refuse_flat([outer["train"]])
        if found:
            self._leave_out_flat(flat)
            self._leave_out_others(others)
            self._beside_classes(self.root)
        elif flat and not any(map(holds_pictures, others)):
            self._refuse_flat(flat)
        return found

    def _refuse_flat(self, flat: list[Entry]) -> None:
        names = " and ".join(spelt(folder.name) for folder in flat)
        are = "are splits" if len(flat) > 1 else "is a split"
        raise DataError(
            f"{self.root}: {names} {are} without class folders, so no image has a label; "
            f"sort the images into folders by class, as {spelt(flat[0].name)}/CLASS/*.png"
            f"{table_hint(_label_table(self.root, *flat))}."
        )

    def _leave_out_flat(self, flat: list[Entry]) -> None:
        """Count the images of splits without class folders, and report them."""
        counts = {folder: self._leave_out_below(folder, Reason.UNLABELLED) for folder in flat}
        held = {spelt(folder.name): count for folder, count in counts.items() if count}
        inner = [entry for folder in flat for entry in folders_in(folder)]
        if held:
            table = _label_table(*flat, *inner, self.root)
            self.remarks.append(remark("unlabelled-splits", folders=held, table=table))

    def _splits_inside_classes(self) -> dict[str, ClassFolders]:
        """Splits of the layout CLASS/SPLIT; empty where any class has other folders or images."""
        found: dict[str, ClassFolders] = {}
        for folder in folders_in(self.root):
            names = {inner: split_name(inner.name) for inner in folders_in(folder)}
            here = {one.split for one in names.values() if one is not None and not one.rest}
            if "train" not in here or len(here) < len(names) or _has_images(folder):
                return {}
            for inner, name in names.items():
                if name is not None:
                    by_class = found.setdefault(name.split, {})
                    by_class.setdefault(class_name(folder.name), []).append(inner)
        if len(found) > 1:
            splits = [split for split in WORDS if split in found]
            self.remarks.append(remark("splits-in-classes", names=splits))
        return found if len(found) > 1 else {}

    def _beside_classes(self, folder: Entry) -> None:
        for entry in files_in(folder):
            self._leave_out(entry, self.root, outside=Reason.OUTSIDE_CLASSES)

    def _leave_out_others(self, folders: list[Entry]) -> None:
        """Count what lies in folders beside the splits, and report it."""
        counts = {
            spelt(folder.name): self._leave_out_below(folder, Reason.OUTSIDE_SPLITS)
            for folder in folders
        }
        if counts:
            folder = spelt(str(self.root))
            self.remarks.append(remark("beside-splits", folder=folder, folders=counts))

    def _leave_out_below(self, folder: Entry, outside: Reason) -> int:
        """Count all files of a folder as not read; the number of images."""
        return sum(
            self._leave_out(entry, self.root, outside=outside) for entry in files_below(folder)
        )

    def _leave_out(self, entry: Entry, below: Entry, *, outside: Reason | None = None) -> bool:
        """Count a file that is not read; True for an image. outside: the reason for an image."""
        found = exclusion(entry)
        why = found or Exclusion(outside or Reason.OUTSIDE_CLASSES)
        if why.reason is Reason.NOT_AN_IMAGE:
            why = Exclusion(Reason.BESIDE, why.format)
        self.tally.add(name_below(entry, below), why)
        return found is None

    def _images(self, folders: ClassFolders) -> dict[str, tuple[Entry, ...]]:
        found: dict[str, tuple[Entry, ...]] = {}
        for name, here in folders.items():
            files = [entry for folder in here for entry in files_below(folder, self._skip)]
            images = []
            for entry in sorted(files, key=lambda entry: natural_key(entry.as_posix())):
                why = exclusion(entry)
                if why is None:
                    images.append(entry)
                else:
                    self.tally.add(name_below(entry, self.root), why)
                    self.left_out.setdefault(caseless(name), set()).add(why.reason)
            found[name] = tuple(images)
        return found

    def _skip(self, entry: Entry, why: Reason) -> None:
        self.tally.add(name_below(entry, self.root), Exclusion(why))

    def _remark_on_system_folders(self, folders: Iterable[Entry]) -> None:
        """Name folders that are left out by a name that people may give to a class."""
        for folder in folders:
            for name in system_folders_in(folder):
                self.remarks.append(remark("system-folder", name=spelt(name)))

    def _drop_other_folders(self, splits: dict[str, dict[str, tuple[Entry, ...]]]) -> None:
        """Leave out folders that hold files, but no picture in any split: they are no classes."""
        every = {name for files in splits.values() for name in files}
        for name in sorted(every, key=natural_key):
            if any(files.get(name) for files in splits.values()):
                continue
            reasons = self.left_out.get(caseless(name), set())
            if not reasons or Reason.UNREAD_FORMAT in reasons:
                continue
            for files in splits.values():
                files.pop(name, None)
            self.remarks.append(remark("folder-without-images", name=name))


def _in_order(splits: Collection[str]) -> str:
    return ", ".join(split for split in WORDS if split in splits)


def _by_class(folders: list[Entry]) -> ClassFolders:
    class_folders: ClassFolders = {}
    for folder in folders:
        class_folders.setdefault(class_name(folder.name), []).append(folder)
    return class_folders


def _below_split(folder: Entry, split: str) -> Entry:
    """Below train/train and train/images: one folder, named as the split or by a filler."""
    folders = folders_in(folder)
    if len(folders) != 1 or _has_images(folder):
        return folder
    name = split_name(folders[0].name)
    same = name is not None and name.split == split
    if same or (is_filler(folders[0].name) and folders_in(folders[0])):
        return _below_split(folders[0], split)
    return folder


def _flat_splits(found: Mapping[str, Entry]) -> list[str]:
    """Splits whose images lie in no class folder, as in val/images/1.png beside train/CLASS."""
    classes = (
        {caseless(entry.name) for entry in folders_in(found["train"])} if "train" in found else ()
    )
    return [
        split
        for split, folder in found.items()
        if _is_flat(folder, known=() if split == "train" else classes)
    ]


def _is_flat(split: Entry, known: Collection[str]) -> bool:
    """True if a split's images lie directly in it, or in one folder of a name such as "images".

    known : names of train's classes, for one of them may be "images".
    """
    folders = folders_in(split)
    if not _has_images(split) and not any(is_filler(folder.name) for folder in folders):
        return False
    holding = [folder for folder in folders if holds_pictures(folder)]
    if not holding:
        return _has_images(split)
    (only, *others) = holding
    return (
        not others
        and is_filler(only.name)
        and caseless(only.name) not in known
        and not any(map(holds_pictures, folders_in(only)))
    )


def _named_as_in_train(
    splits: Mapping[str, Mapping[str, tuple[Entry, ...]]],
) -> dict[str, dict[str, tuple[Entry, ...]]]:
    """Classes by the names that train gives them, where others differ in capitals or spaces."""
    known = splits["train"]
    return {
        split: {same_class(name, known, files) or name: images for name, images in files.items()}
        for split, files in splits.items()
    }


def _label_table(*places: Entry) -> str:
    """The name of the file that most likely holds labels, "" for none.

    A table comes before a text, the nearest first.
    """
    files = [entry for place in places for entry in files_in(place)]
    tables = [file for file in files if file.suffix.lower() in TABLES]
    if not tables:
        return ""
    table = min(tables, key=lambda one: one.suffix.lower() in (".txt", ".json"))
    return spelt(table.name)


def no_images(tree: Tree, path: Entry) -> str:
    """Message for a tree without images in class folders: what lies there, and the fix."""
    said = (
        f"{path}: holds no images in class folders; {LAYOUT}{table_hint(_label_table(tree.root))}."
    )
    arrays = {left_out_kind.suffix for left_out_kind in tree.left_out} & {".npy", ".npz", ".csv"}
    if arrays and isinstance(tree.root, ZipEntry):
        said += " Arrays in a .zip are not read: unpack it and give the folder."
    return " ".join([said, *map(str, left_out_remarks(tree.left_out))])


def _has_images(folder: Entry) -> bool:
    return any(map(is_image, files_in(folder)))


def holds_pictures(folder: Entry) -> bool:
    """Return True if an image, or a picture in a format that is not read, lies anywhere below."""
    return any(
        (why := exclusion(entry)) is None or why.reason is Reason.UNREAD_FORMAT
        for entry in files_below(folder)
    )
