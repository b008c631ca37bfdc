"""Guess the encoding of Japanese, Korean and Chinese file names.

Nearly all bytes decode under each of these encodings, into characters that nobody uses. So a guess
is scored by how many of its characters are common ones. The national standards order ideographs by
how common they are, hence a character's code tells. Hangul is ordered by sound, so there the
frequency of its letters is compared with that in characters drawn at random.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence

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
"""How often letters occur in Korean text, in round numbers, in Unicode's order: initial consonant,
vowel, final consonant (0: none)."""


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
