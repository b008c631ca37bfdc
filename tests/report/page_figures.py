"""The figures of a page's tables, and the forms in which a page writes a number."""

import re
from collections.abc import Iterator
from typing import Any

from leadline.report.formatting import count_short, duration, memory

_CELL = re.compile(r"<(td|dd)((?: [^>]*)?)>(.*?)</\1>", re.DOTALL)
_FIGURE = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d+)?")


def page_figures(html: str) -> set[str]:
    """Every number of the cells of numbers and of the lists of facts, without sign and unit."""
    found = set()
    for tag, attributes, inner in _CELL.findall(html):
        if tag == "dd" or re.search(r'class="[^"]*\bnum\b', attributes):
            text = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", inner, flags=re.DOTALL)
            found |= set(_FIGURE.findall(text))
    return found


def leaves(value: Any) -> Iterator[int | float]:
    """Every number in it, however deep."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def written(value: int | float) -> set[str]:
    """A number as a page may write it: as it is, in percent, in seconds, in bytes, in short."""
    size = abs(value)
    forms = {f"{size:.{digits}f}" for digits in range(5)} | {f"{size:g}"}
    forms |= {f"{100 * size:.{digits}f}" for digits in range(3)} | {f"{100 * size:g}"}
    forms |= {f"{round(size):,}", str(value).replace("e-0", "e-")}
    forms |= {f"{1000 * size:.{digits}f}" for digits in range(4)}  # milliseconds
    if isinstance(value, int):
        forms |= set(_FIGURE.findall(count_short(value) + " " + memory(abs(value))))
    return forms | set(_FIGURE.findall(duration(size)))
