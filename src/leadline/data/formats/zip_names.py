"""Names of the members of a zip archive, whatever system wrote them.

The format has two encodings, UTF-8 with a flag and cp437 without, and few programs keep to them:
macOS writes UTF-8 without the flag, Windows the code page of its country, .NET backslashes for
slashes. `zipfile` decodes names without the flag as cp437, which loses nothing.

Nearly all bytes decode under each encoding of Japanese, Korean and Chinese, into characters that
nobody uses. So a guess is scored by how many of its characters are common ones. The national
standards order ideographs by how common they are, hence the code of a character decides. Hangul is
ordered by sound, so there the frequency of its letters is compared with that in characters drawn
at random.
"""

from __future__ import annotations

import contextlib
import math
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leadline.data.remarks import Remark, remark

ENCODINGS: Mapping[str, str] = {
    "cp932": "Japanese", "cp949": "Korean", "gbk": "Chinese", "big5": "Chinese"
}  # fmt: skip
"""In the order of preference among equal scores."""
PREFIXES: Mapping[str, tuple[str, ...]] = {
    "cp932": ("CJK UNIFIED", "HIRAGANA", "KATAKANA", "FULLWIDTH", "IDEOGRAPHIC"),
    "cp949": ("HANGUL", "CJK UNIFIED", "FULLWIDTH", "IDEOGRAPHIC"),
    "gbk": ("CJK UNIFIED", "FULLWIDTH", "IDEOGRAPHIC"),
    "big5": ("CJK UNIFIED", "FULLWIDTH", "IDEOGRAPHIC"),
}
"""Beginnings of the Unicode names of characters that file names have."""
COMMON: Mapping[str, tuple[bytes, bytes, int]] = {
    "cp932": (b"\x88\x9f", b"\x98\x72", 0x40),
    "gbk": (b"\xb0\xa1", b"\xd7\xf9", 0xA1),
    "big5": (b"\xa4\x40", b"\xc6\x7e", 0x40),
}
"""First and last code of the common ideographs (JIS X 0208 and GB 2312, level 1; Big5, level 1),
and the least second byte."""
MIN_COMMON_BESIDE_LATIN = 0.9
"""Share of common characters that names need in which Latin words touch other characters."""

FIRST_SYLLABLE, SYLLABLES, FINALS = 0xAC00, 11_172, 28
VOWELS_AND_FINALS = 21 * FINALS
EVERYDAY_SYLLABLES = 2350
"""Of KS X 1001, which EUC-KR encodes."""
INITIAL_PERCENT = (12, 1, 8, 8, 1, 7, 6, 5, 0.3, 10, 0.7, 20, 9, 0.4, 3, 1, 3, 2, 7)
VOWEL_PERCENT = (20, 6, 1, 0.1, 11, 5, 5, 0.7, 11, 2, 0.3, 1.5, 1, 9, 0.7, 0.1, 1.5, 1, 9, 1.5, 16)
FINAL_PERCENT = {0: 53, 1: 7, 4: 14, 8: 8, 16: 4, 17: 2, 19: 1.5, 20: 1.5, 21: 9}
OTHER_FINAL_PERCENT = 0.1
"""Frequencies of letters in Korean text, in round numbers, in Unicode's order: initial consonant,
vowel, final consonant (0: none)."""

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


def guess_cjk(names: Sequence[bytes], *, beside_latin: bool) -> str | None:
    """Find the encoding under which the names read best.

    Parameters
    ----------
    names : sequence of bytes
        File names or paths, of one archive.
    beside_latin : bool
        Accept words such as "cat" directly before or after other characters. Accented Western
        words decode like this too, so this is for names that are not Western.

    Returns
    -------
    str or None
        A key of `ENCODINGS`; None where they read as none of them.
    """
    parts = sorted({part for name in names for part in name.split(b"/")})
    least = MIN_COMMON_BESIDE_LATIN if beside_latin else 0.0
    scores = {encoding: _score(parts, encoding, beside_latin) for encoding in ENCODINGS}
    best = max(scores, key=lambda encoding: scores[encoding])
    return best if scores[best] >= least else None


def _score(parts: Sequence[bytes], encoding: str, beside_latin: bool) -> float:
    """Share of common characters, 0 to 1; -1 where the names are not in that encoding."""
    try:
        texts = [part.decode(encoding) for part in parts]
    except UnicodeDecodeError:
        return -1
    characters = [char for text in texts for char in text if not char.isascii()]
    known = {char: _is_of(char, encoding) for char in set(characters)}
    if not characters or not all(known.values()):
        return -1
    if not all(_stands_apart(text, beside_latin) for text in texts):
        return -1
    if encoding == "cp949":
        return _korean_share(characters)
    return sum(_is_common(char, encoding) for char in characters) / len(characters)


def _is_of(char: str, encoding: str) -> bool:
    return unicodedata.name(char, "").startswith(PREFIXES[encoding])


def _stands_apart(text: str, beside_latin: bool) -> bool:
    """True where no other character is within a Latin word; nor at its ends, unless allowed."""
    for place, char in enumerate(text):
        if char.isascii():
            continue
        beside = (text[max(0, place - 1) : place], text[place + 1 : place + 2])
        touched_sides = sum(one.isascii() and one.islower() for one in beside)
        if touched_sides > int(beside_latin):
            return False
    return True


def _is_common(char: str, encoding: str) -> bool:
    if not unicodedata.name(char, "").startswith("CJK UNIFIED"):
        return True  # kana, and wide letters and spaces
    first, last, least_second = COMMON[encoding]
    code = char.encode(encoding)
    return first <= code <= last and code[1] >= least_second


def _korean_share(characters: Sequence[str]) -> float:
    """Share of hangul, if its letters are distributed as in Korean; else -1."""
    places = [ord(char) - FIRST_SYLLABLE for char in characters]
    syllables = [place for place in places if 0 <= place < SYLLABLES]
    likelihood = sum(map(_log_ratio, syllables))
    return len(syllables) / len(characters) if likelihood > 0 else -1


def _log_ratio(place: int) -> float:
    """Log of how much more frequent a syllable is in Korean than one drawn at random."""
    initial, rest = divmod(place, VOWELS_AND_FINALS)
    vowel, final = divmod(rest, FINALS)
    share = (
        INITIAL_PERCENT[initial]
        * VOWEL_PERCENT[vowel]
        * FINAL_PERCENT.get(final, OTHER_FINAL_PERCENT)
        / 100**3
    )
    return math.log(share * EVERYDAY_SYLLABLES)
