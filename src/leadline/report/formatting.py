"""Numbers, dates and lists for people, in the language that is spoken (`report/language.py`).

Every function takes a plain value and gives a short text. The sign between a number's whole and
its fraction, and that between its thousands, are those of the Unicode CLDR, which Babel carries;
English needs no Babel, so that the base install writes it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache, reduce
from typing import NamedTuple

from leadline.report.translations.language import (
    SOURCE_LANGUAGE,
    gettext,
    ngettext,
    pgettext,
    spoken,
)
from leadline.system.messages import Message, Sentences

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_SIGNS = "×÷−+="
_SPACE = re.compile(r"(?<![×÷−+=<→]) (?![×÷−+=<→])")
"""Where text may be broken: not beside an operator. Only at ASCII spaces, so never inside "60 000"
as French writes it."""


class Signs(NamedTuple):
    """What a language writes in a number: between whole and fraction, thousands, before "%"."""

    point: str
    group: str
    before_percent: str


@cache
def signs(language: str) -> Signs:
    """Those of a language. A space is narrow and keeps the number on its line."""
    if language == SOURCE_LANGUAGE:
        return Signs(".", ",", "")
    from babel import Locale

    locale = Locale(language)
    symbols = locale.number_symbols["latn"]
    pattern = locale.percent_formats[None]
    spaced = pattern.suffix[0] != pattern.suffix[0].lstrip()
    return Signs(symbols["decimal"], symbols["group"], NARROW_SPACE if spaced else "")


def written(number: str) -> str:
    """A number as Python writes it, "-1,234.5", in the signs of the language."""
    minus, plain = (MINUS, number[1:]) if number.startswith("-") else ("", number)
    found = signs(spoken())
    return minus + plain.translate({ord("."): found.point, ord(","): found.group})


def as_number(text: str) -> str:
    """A number in a text, "0.001" or "1e-7", in the signs of the language; any other as it is."""
    return written(text) if _NUMBER.fullmatch(text) else text


def integer(value: int) -> str:
    """407050 as "407,050"."""
    return written(f"{value:,}")


def general(value: float, digits: int = 6) -> str:
    """0.5 as "0.5", 2.0 as "2", 1e-07 as "1e-07": up to so many digits, no needless zeros."""
    return written(f"{value:.{digits}g}")


def percent(share: float, digits: int = 2) -> str:
    """0.9726 as "97.26%"."""
    return _of_hundred(f"{100 * share:.{digits}f}")


def percent_short(share: float, digits: int = 6) -> str:
    """0.975 as "97.5%", 0.5 as "50%": no needless zeros."""
    return _of_hundred(f"{100 * share:.{digits}g}")


def percent_range(interval: tuple[float, float], digits: int = 2) -> str:
    """(0.9692, 0.9756) as "96.92–97.56%"."""
    low, high = interval
    return f"{written(f'{100 * low:.{digits}f}')}{DASH}{percent(high, digits)}"


def points(difference: float, digits: int = 2) -> str:
    """A difference of two shares, signed, in percentage points: 0.0012 as "+0.12"."""
    return signed(100 * difference, digits)


def signed(value: float, digits: int) -> str:
    """0.0012 as "+0.0012"; what rounds to zero carries "±"."""
    text = f"{abs(value):.{digits}f}"
    sign = "±" if float(text) == 0 else "+" if value > 0 else MINUS
    return sign + written(text)


def decimal(value: float, digits: int = 4) -> str:
    """0.09041 as "0.0904"; what is not finite as "∞" or "not a number"."""
    if math.isnan(value):
        return gettext("not a number")
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    return written(f"{value:.{digits}f}")


def probability(share: float) -> str:
    """0.98342 as "0.983"; what is neither 1 nor 0 but would seem so, as "> 0.999" and "< 0.001"."""
    if 0.9995 <= share < 1:
        return f"> {written('0.999')}"
    return f"< {written('0.001')}" if 0 < share < 0.0005 else decimal(share, 3)


def setting(value: object) -> str:
    """An argument as a person would type it: 1e-7 as "1e-7", None and what is empty as "off"."""
    if value is None or value in ((), []):
        return "off"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}".replace("e-0", "e-").replace("e+0", "e+")
    if isinstance(value, list | tuple):
        return ", ".join(map(setting, value))
    return str(value)


def chunks(text: str) -> list[str]:
    """Text in parts that belong on one line: words, and sums as a whole: "(28 ÷ 4) × 8 = 56"."""
    return _SPACE.split(text)


def terms(sum_: str) -> list[str]:
    """A sum in parts that begin with a sign, brackets kept whole: "(28 ÷ 4)", "× 8", "= 56"."""
    parts, depth = [""], 0
    for number, letter in enumerate(sum_):
        depth += (letter in "([⌊⌈") - (letter in ")]⌋⌉")
        if letter == " " and depth == 0 and sum_[number + 1 : number + 2] in _SIGNS:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def count_short(value: int) -> str:
    """Large counts to three digits: 45123456 as "45.1 M"."""
    for size, unit in ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= 0.9995 * size:
            return spaced(written(f"{value / size:#.3g}".rstrip(".")), unit)
    return str(value)


def memory(size_bytes: int) -> str:
    """1628200 as "1.55 MB", as Keras prints it; in French "1,55 Mo"."""
    from leadline.models.weight_table import format_bytes

    number, unit = format_bytes(size_bytes).split(" ")
    units = {
        "B": gettext("B"), "KB": gettext("KB"), "MB": gettext("MB"), "GB": gettext("GB"),
        "TB": gettext("TB"), "PB": gettext("PB"),
    }  # fmt: skip
    return spaced(written(number), units[unit])


def duration(seconds: float) -> str:
    """3.21 as "3.2 s", 75 as "1 min 15 s", 3720 as "1 h 2 min"."""
    if seconds < 59.95:
        return spaced(written(f"{seconds:.1f}"), "s")
    whole = round(seconds)
    if whole < 3600:
        return f"{spaced(str(whole // 60), 'min')} {spaced(str(whole % 60), 's')}"
    return f"{spaced(str(whole // 3600), 'h')} {spaced(str(whole % 3600 // 60), 'min')}"


def milliseconds(value: float) -> str:
    """0.07251 as "0.073 ms", 12.34 as "12 ms": two digits that count."""
    return spaced(two_digits(value), gettext("ms"))


def two_digits(value: float) -> str:
    """0.07251 as "0.073", 12.34 as "12", 1234.5 as "1,234"."""
    return general(value, 2) if value < 99.5 else integer(round(value))


def spaced(number: str, unit: str) -> str:
    """A number and its unit; the space keeps them on one line where the language asks for it."""
    space = " " if spoken() == SOURCE_LANGUAGE else NARROW_SPACE
    return f"{number}{space}{unit}"


def shape(dimensions: Sequence[int | None]) -> str:
    """(None, 28, 28, 32) as "28 × 28 × 32": one image, the batch left out."""
    if not dimensions:
        return "?"
    return " × ".join("?" if size is None else integer(size) for size in dimensions[1:])


def moment(text: str) -> str:
    """ "2026-11-24T01:57:29+00:00" as "24 November 2026, 01:57 UTC"; else the text as it is."""
    try:
        when = datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return text
    from babel.dates import format_datetime

    # English as it is spelt in this project; the 24 hours are those of the time zone beside them.
    locale = {"en": "en_GB"}.get(spoken(), spoken())
    return format_datetime(when, "d MMMM y, HH:mm 'UTC'", locale=locale)


def listed(items: Iterable[str]) -> str:
    """("a", "b", "c") as "a, b and c"."""
    *most, last = items
    if not most:
        return last
    return gettext("{items} and {last}").format(items=", ".join(most), last=last)


def in_turn(parts: Iterable[str]) -> str:
    """("a", "b") as "a; b", each part as long as it likes to be."""
    told = list(parts)
    return reduce(_after, told) if told else ""


def capital(text: str) -> str:
    """The text with its first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


class _Translated(Sentences):
    """Sentences in the language that is spoken."""

    def translated(self, said: Message) -> str:
        if said.plural:
            return ngettext(said.template, said.plural, said.count)
        if said.context:
            return pgettext(said.context, said.template)
        return gettext(said.template)

    def number(self, text: str) -> str:
        if text.endswith("%"):
            return _of_hundred(text[:-1])
        return written(text)

    def odd(self, value: float) -> str:
        return decimal(value)

    def listed(self, parts: Sequence[str]) -> str:
        return listed(parts)


_TRANSLATED = _Translated()


def sentence(message: Message) -> str:
    """A message as a sentence, its words and numbers in the language that is spoken."""
    return _TRANSLATED.sentence(message)


def _after(one: str, other: str) -> str:
    return gettext("{one}; {other}").format(one=one, other=other)


def _of_hundred(number: str) -> str:
    return f"{written(number)}{signs(spoken()).before_percent}%"
