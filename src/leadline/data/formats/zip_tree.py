"""A zip archive as a tree of folders and files, read member by member; nothing is unpacked to disk.

Names of members are names only: no path is made of them. What an archive may hold is bounded in
number, in size and in how far it was squeezed, before anything is read.
"""

from __future__ import annotations

import contextlib
import io
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from leadline.data.formats.zip_directory import open_directory
from leadline.data.formats.zip_names import member_names
from leadline.data.remarks import Remark
from leadline.errors import DataError
from leadline.system.bounded_files import guarded, reason_of

MAX_MEMBERS = 2_000_000
MAX_MEMBER_BYTES = 512 * 2**20
"""Above the largest image that is read, 80 million pixels, with 16 bits and three channels."""
MAX_TOTAL_BYTES = 256 * 2**30
MAX_RATIO = 200
"""Bytes that one byte may unpack to in members above `SMALL_BYTES`; deflate can do 1,032."""
SMALL_BYTES = 16 * 2**20
MAX_DEPTH = 100
"""Folders within folders; each would be a piece of memory, and a name can hold 32,767."""
FIX = "unpack it yourself and give the folder"


@dataclass(eq=False)
class ZipEntry:
    """A file or a folder inside an archive; answers to the names that folders on disk answer to."""

    archive: zipfile.ZipFile
    steps: tuple[str, ...] = ()
    info: zipfile.ZipInfo | None = None
    """None for a folder."""
    children: dict[str, ZipEntry] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()
    """Of the root: how the names were decoded, where that had to be guessed."""

    def __str__(self) -> str:
        return "/".join((str(self.archive.filename), *self.steps))

    @property
    def name(self) -> str:
        """The last step, or nothing for the archive itself."""
        return self.steps[-1] if self.steps else ""

    @property
    def suffix(self) -> str:
        """As `Path.suffix` has it."""
        return PurePosixPath(self.name).suffix

    def is_dir(self) -> bool:
        """True for a folder."""
        return self.info is None

    def is_file(self) -> bool:
        """True for a file."""
        return self.info is not None

    def exists(self) -> bool:
        """Members are always there; links on disk may not be."""
        return True

    def iterdir(self) -> Iterator[ZipEntry]:
        """Entries directly in this folder."""
        return iter(self.children.values())

    def as_posix(self) -> str:
        """The path inside the archive."""
        return "/".join(self.steps)

    def size_and_sum(self) -> tuple[int, int]:
        """Bytes unpacked, and the CRC-32 that the archive gives for them; zeros for a folder."""
        return (self.info.file_size, self.info.CRC) if self.info else (0, 0)

    def is_link(self) -> bool:
        """Return True for a symbolic link, whose content is the path that it leads to."""
        return self.info is not None and stat.S_ISLNK(self.info.external_attr >> 16)

    def head(self, count_bytes: int) -> bytes:
        """The member's first bytes; no more of it is unpacked. ValueError where it is damaged."""
        if self.info is None:
            raise ValueError("is a folder")
        try:
            with self.archive.open(self.info) as file:
                return file.read(count_bytes)
        except Exception as error:  # noqa: BLE001 - zipfile and its decompressors raise anything
            raise ValueError(f"damaged in the archive: {reason_of(error)}") from None

    def open(self, _mode: str = "rb") -> io.BytesIO:
        """The member's bytes, checked against its sum. Raises ValueError where it is damaged."""
        if self.info is None:
            raise ValueError("is a folder")
        try:
            return io.BytesIO(self.archive.read(self.info))
        except Exception as error:  # noqa: BLE001 - zipfile and its decompressors raise anything
            raise ValueError(f"damaged in the archive: {reason_of(error)}") from None


Entry = Path | ZipEntry
"""A file or a folder, on disk or in an archive."""


@contextlib.contextmanager
def opened_zip(path: Path) -> Iterator[ZipEntry]:
    """The root of an archive's tree, while the archive is open.

    Raises DataError for what is no archive, is encrypted, or exceeds the bounds above.
    """
    with contextlib.ExitStack() as stack:
        with guarded(path, DataError, "zip the folder again, or give the folder itself"):
            archive = stack.enter_context(open_directory(path, MAX_MEMBERS))
            members = archive.infolist()
            _check_sizes(path, members)
            found = member_names(members)
            root = ZipEntry(archive, remarks=found.remarks())
            for member, name in zip(members, found.names, strict=True):
                _check_member(path, member, name)
                _hang(root, member, name)
        yield root


def _check_sizes(path: Path, members: list[zipfile.ZipInfo]) -> None:
    total_bytes = sum(member.file_size for member in members)
    if total_bytes > MAX_TOTAL_BYTES:
        raise DataError(f"{path}: unpacks to {total_bytes:,} bytes, more than is read; {FIX}.")


def _check_member(path: Path, member: zipfile.ZipInfo, name: str) -> None:
    if wrong := _wrong(member, name):
        raise DataError(f"{path}: {name[:200]!a} {wrong}; {FIX} if you trust it.")


def _wrong(member: zipfile.ZipInfo, name: str) -> str | None:
    """Why a member is refused, if it is."""
    if member.flag_bits & 1:
        return "is encrypted"
    if member.file_size > MAX_MEMBER_BYTES:
        return f"unpacks to {member.file_size:,} bytes, more than any image that is read"
    if member.file_size > max(SMALL_BYTES, MAX_RATIO * member.compress_size):
        return (
            f"unpacks from {member.compress_size:,} to {member.file_size:,} bytes, which no image "
            "does"
        )
    if name.count("/") > MAX_DEPTH:
        return f"lies more than {MAX_DEPTH} folders deep"
    if ".." in name.split("/"):
        return "leads out of the archive"
    return None


def _hang(root: ZipEntry, member: zipfile.ZipInfo, name: str) -> None:
    """Put a member where its name says, making the folders on the way."""
    steps = tuple(step for step in name.split("/") if step not in ("", "."))
    place = root
    for depth in range(1, len(steps) + 1):
        known = place.children.get(steps[depth - 1])
        is_file = depth == len(steps) and not name.endswith("/")
        if known is not None and (is_file or known.is_file()):
            raise DataError(f"{known}: is in the archive twice; {FIX}.")
        if known is None:
            known = ZipEntry(root.archive, steps[:depth], member if is_file else None)
            place.children[steps[depth - 1]] = known
        place = known
