"""Checks for forbidden content of an ONNX file, before ONNX Runtime sees it.

The file is a protobuf: fields of a number, a type and a value, some of which hold fields in turn.
This walks those that matter, by the numbers that onnx.proto gives them, without the onnx package,
which serving goes without. Refused is whatever makes a model more than numbers in the file itself
and sums over them: weights in other files, operators that are not of the standard, graphs within a
graph (loops and branches), functions, sparse weights (which unfold to any size).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from leadline.errors import ModelFileError

MOST_FIELDS = 1_000_000
"""Of those that are walked; a model file of 30 layers has ten thousand."""
STANDARD = (b"", b"ai.onnx")
"""Spellings of the domain of the standard operators."""
FIX = "give the model.onnx of a run, or export the model again"
NESTED = "a graph within its graph (a loop or a branch)"
SPARSE = "sparse weights"
EXTERNAL = "weights in another file"

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
WIDTHS = {FIXED64: 8, FIXED32: 4}
LONGEST_VARINT = 10
LARGEST_TAG = 2**32 - 1
Field = tuple[int, int, int, int]
"""Number, type, and for BYTES where the value starts and ends; for VARINT its value twice."""


@dataclass(frozen=True)
class _Message:
    """A kind of message: the fields that are walked, that are refused, and that name a domain."""

    inside: dict[int, _Message] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    domain: int | None = None


_TENSOR = _Message(refused={13: EXTERNAL, 14: EXTERNAL})
_ATTRIBUTE = _Message(
    inside={5: _TENSOR, 10: _TENSOR},
    refused={6: NESTED, 11: NESTED, 22: SPARSE, 23: SPARSE},
)
_NODE = _Message(inside={5: _ATTRIBUTE}, domain=7)
_GRAPH = _Message(inside={1: _NODE, 5: _TENSOR}, refused={15: SPARSE})
_OPERATORS = _Message(domain=1)
_MODEL = _Message(
    inside={7: _GRAPH, 8: _OPERATORS},
    refused={20: "instructions for training", 25: "functions of its own"},
)


def inspect(content: bytes) -> None:
    """Raise ModelFileError, without the file's name, unless the file is a plain graph.

    content: the whole file. What is no protobuf at all is refused too; whether it is a model that
    runs is for ONNX Runtime to say.
    """
    left = MOST_FIELDS
    waiting = [(_MODEL, 0, len(content))]
    while waiting:
        message, start, end = waiting.pop()
        for number, kind, first, last in _fields(content, start, end):
            left -= 1
            if left < 0:
                raise ModelFileError(f"has more than {MOST_FIELDS:,} parts; {FIX}.")
            if number in message.refused and (kind == BYTES or first):
                raise _refusal(message.refused[number], content, kind, first, last)
            if kind == BYTES and number == message.domain:
                _check_domain(content[first:last])
            elif kind == BYTES and number in message.inside:
                waiting.append((message.inside[number], first, last))


def _fields(content: bytes, place: int, end: int) -> Iterator[Field]:
    while place < end:
        tag, place = _varint(content, place, end)
        if tag > LARGEST_TAG:  # others cut the number off here, and would read another field
            raise _broken(place)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            value, place = _varint(content, place, end)
            yield number, kind, value, value
            continue
        if kind == BYTES:
            size, place = _varint(content, place, end)
        elif kind in WIDTHS:
            size = WIDTHS[kind]
        else:
            raise _broken(place)
        if size > end - place:
            raise _broken(place)
        yield number, kind, place, place + size
        place += size


def _varint(content: bytes, place: int, end: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and the place behind it."""
    value = 0
    for index, byte in enumerate(content[place : min(end, place + LONGEST_VARINT)]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, place + index + 1
    raise _broken(place)


def _broken(place: int) -> ModelFileError:
    return ModelFileError(f"not an ONNX file, or cut short (at byte {place:,}); {FIX}.")


def _refusal(what: str, content: bytes, kind: int, first: int, last: int) -> ModelFileError:
    if what != EXTERNAL:
        return ModelFileError(f"has {what}, but only plain graphs are run; {FIX}.")
    location = _location(content, first, last) if kind == BYTES else ""
    return ModelFileError(
        f"has {EXTERNAL}{f' ({location!r})' if location else ''}, but only the file itself is "
        f"read; export the model again, as one file."
    )


def _location(content: bytes, first: int, last: int) -> str:
    """The value of a key and value; the key comes first, and `location` first of the keys."""
    values = [content[a:b] for _, kind, a, b in _fields(content, first, last) if kind == BYTES]
    return values[-1][:200].decode("utf-8", "replace") if values else ""


def _check_domain(domain: bytes) -> None:
    if domain not in STANDARD:
        shown = domain[:100].decode("utf-8", "replace")
        raise ModelFileError(
            f"has operators of {shown!r}, but only standard ONNX operators are run; {FIX}."
        )
