"""Names of the members of a zip archive, whatever system wrote them.

The format has two encodings, UTF-8 with a flag and cp437 without, and few programs keep to them:
macOS writes UTF-8 without the flag, Windows the code page of its country, .NET backslashes for
slashes. `zipfile` decodes names without the flag as cp437, which loses nothing.
"""

from __future__ import annotations

import contextlib
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from leadline.data.formats.cjk_names import ENCODINGS, guess_cjk
from leadline.data.remarks import Remark, remark

UTF_8 = "utf-8"
UTF_8_FLAG = 0x800
UNICODE_PATH = 0x7075
"""Extra field of Info-ZIP with the name in UTF-8, and a sum of the other name that it is of."""
FROM_DOS = frozenset({0, 6, 10, 11, 14})
"""Systems that write backslashes: FAT, HPFS, NTFS (both codes), VFAT."""
WESTERN = {"cp437": "Western", "cp850": "Western", "cp1252": "Western"}
CYRILLIC = {"cp866": "Cyrillic", "cp1251": "Cyrillic"}
ALPHABETIC = {**WESTERN, **CYRILLIC}
"""Encodings that are guessed, in the order of trial."""
SCRIPTS = {**ENCODINGS, **ALPHABETIC}
SHOWN = 3
LATIN = re.compile("[A-Za-z]")


@dataclass(frozen=True)
class MemberNames:
    """Names of all members in their order, with "/" between folders.

    guessed: encoding of names that say nothing of their own, "" where none had to be guessed.
    """

    names: tuple[str, ...]
    guessed: str = ""

    def remarks(self) -> tuple[Remark, ...]:
        """A remark on the guess, if one had to be made."""
        if not self.guessed:
            return ()
        examples = [name for name in self.names if not name.isascii()][:SHOWN]
        script = SCRIPTS[self.guessed]
        return (remark("archive-encoding", encoding=self.guessed, script=script, names=examples),)


def member_names(members: Sequence[zipfile.ZipInfo]) -> MemberNames:
    """Decode the names of all members together, for an archive has one encoding."""
    decoded = [_by_itself(member) for member in members]
    unknown = [_raw(member) for member, name in zip(members, decoded, strict=True) if name is None]
    encoding = _guess(unknown) if unknown else ""
    names = [
        _raw(member).decode(encoding) if name is None else name
        for member, name in zip(members, decoded, strict=True)
    ]
    slashes = any("/" in name for name in names)
    return MemberNames(
        tuple(
            name.replace("\\", "/") if member.create_system in FROM_DOS or not slashes else name
            for member, name in zip(members, names, strict=True)
        ),
        "" if encoding == UTF_8 else encoding,
    )


def _by_itself(member: zipfile.ZipInfo) -> str | None:
    """The name where the member alone decides it: by flag, by extra field, or ASCII."""
    name = member.orig_filename.partition("\0")[0]
    if member.flag_bits & UTF_8_FLAG or name.isascii():
        return name
    raw = _raw(member)
    try:
        return _extra_name(member.extra, raw) or None
    except UnicodeDecodeError:
        return None


def _raw(member: zipfile.ZipInfo) -> bytes:
    return member.orig_filename.partition("\0")[0].encode("cp437")


def _extra_name(extra: bytes, raw: bytes) -> str:
    """The name in Info-ZIP's extra field; "" where there is none, or it is of another name."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        body = extra[at + 4 : at + 4 + length]
        if kind == UNICODE_PATH and len(body) > 5 and body[0] == 1:
            (checksum,) = struct.unpack_from("<I", body, 1)
            return body[5:].decode("utf-8") if checksum == zlib.crc32(raw) else ""
        at += 4 + length
    return ""


def _guess(raw: Sequence[bytes]) -> str:
    """UTF-8, else an encoding under which all names read like names, else cp437."""
    with contextlib.suppress(UnicodeDecodeError):
        for name in raw:
            name.decode("utf-8")
        return UTF_8
    return (
        guess_cjk(raw, beside_latin=False)
        or next((code for code in ALPHABETIC if _all_read_alphabetic(raw, code)), None)
        or guess_cjk(raw, beside_latin=True)
        or "cp437"
    )


def _all_read_alphabetic(raw: Sequence[bytes], encoding: str) -> bool:
    try:
        texts = [name.decode(encoding) for name in raw]
    except UnicodeDecodeError:
        return False
    return all(_reads_alphabetic(text, ALPHABETIC[encoding]) for text in texts)


def _reads_alphabetic(text: str, script: str) -> bool:
    """Letters of one alphabet; capitals only at the start of a word, or throughout."""
    prefix = "LATIN" if script == "Western" else "CYRILLIC"
    for char in text:
        if not char.isascii() and not unicodedata.name(char, "").startswith(prefix):
            return False
    words = "".join(char if char.isalpha() else " " for char in text).split()
    if script == "Western" and any(len(word) > 2 and not LATIN.search(word) for word in words):
        return False  # accents alone are another alphabet
    return all(word[1:].islower() or word.isupper() or len(word) == 1 for word in words)
