"""Which files of a folder are images, by their names; DICOM without a suffix by its first bytes."""

from __future__ import annotations

from leadline.data.dicom import DICOM_SUFFIXES, is_dicom
from leadline.data.zip_tree import Entry

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"})
SUFFIXES = PICTURE_SUFFIXES | DICOM_SUFFIXES
SYSTEM_NAMES = frozenset({"__macosx", "thumbs.db", "desktop.ini", "dicomdir"})


def is_hidden(name: str) -> bool:
    """Whether a person would not see this file or folder, or the system keeps it for itself."""
    return name.startswith(".") or name.lower() in SYSTEM_NAMES


def is_image(path: Entry) -> bool:
    """A broken link counts as one, so that reading it names it; a pipe would be read for ever."""
    try:
        if path.exists() and not path.is_file():
            return False
    except OSError:  # may not be looked at, as reading it will say
        pass
    return path.suffix.lower() in SUFFIXES or (not path.suffix and is_dicom(path))
