"""Which files of a folder or an archive are images: one rule for every command.

`exclusion(path)` is None for an image, else the reason why a file is left out. A file with the
suffix of an image format is an image, unread; if its content is something else, reading it fails
and names it. Any other file (another suffix, or none) is an image if its first bytes are those of a
format that is read. Hidden files and those of the system are left out by `is_hidden`.
"""

from __future__ import annotations

import errno
import re
import stat
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from leadline.data.formats.dicom import DICOM_SUFFIXES
from leadline.data.formats.image_formats import HEAD_BYTES, PROGRAM, ZIP, FileFormat, format_of
from leadline.data.formats.zip_tree import Entry, ZipEntry

PICTURE_SUFFIXES = frozenset(
    {".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".pjpeg", ".pjp", ".mpo",
     ".bmp", ".dib", ".gif", ".tif", ".tiff", ".webp", ".avif", ".avifs",
     ".ppm", ".pgm", ".pbm", ".pnm", ".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx",
     ".tga", ".pcx", ".ico"}
)  # fmt: skip
SUFFIXES = PICTURE_SUFFIXES | DICOM_SUFFIXES

PLAIN_SYSTEM_NAMES = frozenset(
    {"thumbnails", "thumbnail", "recycle bin", "recycle_bin", "recycle.bin"}
)
"""System names that a person may give to a class; leaving out such a folder is reported."""
SYSTEM_NAMES = frozenset(
    {
        # macOS
        "__macosx", "icon\r", "network trash folder", "temporary items", "resource.frk",
        # Windows
        "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "$recycle.bin", "recycler",
        "recycled", "system volume information", "$extend", "msdownld.tmp",
        # Linux and network storage: Synology, QNAP, NetApp
        "lost+found", "@eadir", "#recycle", "#snapshot", "@recycle", "@recently-snapshot",
        "@__thumb", "@sharebin", "@tmp", "@synoresource", "@synoeastream", "~snapshot",
        # Viewers and web galleries
        *PLAIN_SYSTEM_NAMES,
        # Programs
        "__pycache__", "picasa.ini", "dicomdir",
    }
)  # fmt: skip
"""Names, in small letters, of what systems and programs keep beside the user's files."""
SYSTEM_PATTERN = re.compile(r"found\.[0-9]{3}|.*@synoeastream|~\$.*", re.IGNORECASE)
MAX_SUFFIX = 8
"""Longer endings are part of the name: "1.2.840.113619.2" has no suffix."""
ZIP_SUFFIX = ".zip"
OTHER_ZIPS = frozenset({
    ".npz", ".pt", ".pth", ".keras", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub",
    ".jar", ".apk", ".whl",
})  # fmt: skip
"""Suffixes of other formats that are zip archives inside."""


class Reason(StrEnum):
    """Code of the reason why a file is left out."""

    NOT_AN_IMAGE = "not-an-image"
    UNREAD_FORMAT = "unread-format"
    """A picture in a format that leadline does not decode, such as HEIC."""
    OUTSIDE_CLASSES = "outside-classes"
    """An image that lies beside the class folders."""
    OUTSIDE_SPLITS = "outside-splits"
    """An image in a folder that lies beside train and test."""
    UNLABELLED = "unlabelled"
    """An image of a split that has no class folders."""
    BESIDE = "beside"
    """Not an image, and not in a class folder: a table, a licence."""
    HIDDEN = "hidden"
    """An image whose name begins with a dot."""
    SPECIAL_FILE = "special-file"
    """A pipe, a socket or a device, which could be read for ever."""
    BROKEN_LINK = "broken-link"
    LINK = "link"
    """A link to a folder that is read already, or a link in an archive."""
    NO_ACCESS = "no-access"


@dataclass(frozen=True)
class Exclusion:
    """Reason why a file is left out, and its format where that is known."""

    reason: Reason
    format: FileFormat | None = None


NOT_AN_IMAGE = Exclusion(Reason.NOT_AN_IMAGE)


def is_hidden(name: str) -> bool:
    """Return True for files and folders that begin with a dot or that a system keeps for itself."""
    return (
        name.startswith(".") or name.lower() in SYSTEM_NAMES or bool(SYSTEM_PATTERN.fullmatch(name))
    )


def is_image(path: Entry) -> bool:
    """Return True if the file is to be read as an image.

    A broken link with the suffix of an image counts as one, so that reading it names it.
    """
    return exclusion(path) is None


def exclusion(path: Entry) -> Exclusion | None:
    """Find the reason why a file is left out; None for an image.

    Opens only files without the suffix of an image, and reads their first `HEAD_BYTES` bytes.
    """
    picture = path.suffix.lower() in SUFFIXES
    if isinstance(path, ZipEntry):
        if path.is_link():
            return Exclusion(Reason.LINK)
    elif (barred := _barred(path, picture=picture)) is not None:
        return barred
    if picture:
        return None
    try:
        head = read_head(path)
    except (OSError, ValueError):
        return Exclusion(Reason.NO_ACCESS)
    file_format = format_of(head, path.suffix)
    if file_format is None or not file_format.picture:
        return NOT_AN_IMAGE if file_format is None else Exclusion(Reason.NOT_AN_IMAGE, file_format)
    return None if file_format.readable else Exclusion(Reason.UNREAD_FORMAT, file_format)


def _barred(path: Path, *, picture: bool) -> Exclusion | None:
    """Reason why a path may not be opened: a device, a pipe or a broken link."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        broken = error.errno in (errno.ENOENT, errno.ELOOP)
        # An image is read all the same, so that the message names it.
        return Exclusion(Reason.BROKEN_LINK) if broken and not picture else None
    return None if stat.S_ISREG(mode) else Exclusion(Reason.SPECIAL_FILE)


def read_head(path: Entry) -> bytes:
    """Read the first bytes of a file, by which `format_of` identifies it."""
    if isinstance(path, ZipEntry):
        return path.head(HEAD_BYTES)
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def suffix_of(name: str) -> str:
    """Suffix of a file name in small letters, "" for none; numbers and long endings are none."""
    suffix = Path(name).suffix.lower()
    digits_only = suffix[1:].isdecimal()
    return "" if digits_only or len(suffix) > MAX_SUFFIX else suffix


def is_zip(path: Path) -> bool:
    """Return True for a zip archive of files: by its name, or by its content whatever its name.

    Documents, programs' packages and arrays that are zip archives inside are not meant.
    """
    suffix = path.suffix.lower()
    if suffix == ZIP_SUFFIX:
        return True
    if suffix in SUFFIXES or suffix in OTHER_ZIPS:
        return False
    try:
        with path.open("rb") as file:
            known = format_of(file.read(HEAD_BYTES), suffix)
        # Other bytes may precede an archive, as in one that unpacks itself.
        return known is ZIP or (known in (None, PROGRAM) and zipfile.is_zipfile(path))
    except (OSError, ValueError):
        return False
