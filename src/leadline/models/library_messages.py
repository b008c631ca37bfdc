"""Messages of Keras, torch or a user's function, in one line."""

from __future__ import annotations

import re

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
KERAS_PREAMBLE = "Exception encountered when calling"


def in_one_line(error: BaseException) -> str:
    """The first line that says something, without Keras's preamble, colours and full stop.

    Keras wraps whatever a layer raises, of any type, in several coloured lines.
    """
    too_large = "allocate" in str(error) or "Overflow when unpacking" in str(error)
    if isinstance(error, MemoryError) or too_large:
        return "its weights do not fit in memory; make it smaller, or what it reads"
    lines = (line.strip() for line in COLOUR.sub("", str(error)).splitlines())
    said = next((line for line in lines if line and not line.startswith(KERAS_PREAMBLE)), "")
    return (said or type(error).__name__).rstrip(".")
