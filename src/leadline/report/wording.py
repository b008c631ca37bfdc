"""Numbers for people. Every function takes a plain number and gives a short text."""

from __future__ import annotations

import math
from collections.abc import Sequence

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"


def integer(value: int) -> str:
    """407050 as "407,050"."""
    return f"{value:,}".replace("-", MINUS)


def percent(share: float, digits: int = 2) -> str:
    """0.9726 as "97.26%"."""
    return f"{100 * share:.{digits}f}%"


def percent_range(interval: tuple[float, float], digits: int = 2) -> str:
    """(0.9692, 0.9756) as "96.92–97.56%"."""
    low, high = interval
    return f"{100 * low:.{digits}f}{DASH}{percent(high, digits)}"


def points(difference: float, digits: int = 2) -> str:
    """A difference of two shares, signed, in percentage points: 0.0012 as "+0.12"."""
    return signed(100 * difference, digits)


def signed(value: float, digits: int) -> str:
    """0.0012 as "+0.0012"; what rounds to zero carries "±"."""
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return f"±{text}"
    return f"{'+' if value > 0 else MINUS}{text}"


def decimal(value: float, digits: int = 4) -> str:
    """0.09041 as "0.0904"; what is not finite as "∞" or "not a number"."""
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    return f"{value:.{digits}f}".replace("-", MINUS)


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


def count_short(value: int) -> str:
    """Large counts to three digits: 45123456 as "45.1 M"."""
    for size, unit in ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= 0.9995 * size:
            return f"{value / size:#.3g}".rstrip(".") + f" {unit}"
    return str(value)


def duration(seconds: float) -> str:
    """3.21 as "3.2 s", 75 as "1 min 15 s", 3720 as "1 h 2 min"."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def shape(dimensions: Sequence[int | None]) -> str:
    """(None, 28, 28, 32) as "28 × 28 × 32": one image, the batch left out."""
    if not dimensions:
        return "?"
    return " × ".join("?" if size is None else integer(size) for size in dimensions[1:])
