"""Files damaged in the ways of disks, editors and attackers; the same for the same generator."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

VALUES: tuple[Any, ...] = (
    None, True, "", "x", [], {}, [[]], {"a": 1}, 0, -1, 0.5, 1e308, float("nan"), float("inf"),
    2**31, 2**63, 10**400, "\x00", "9" * 5000, "../x", "x" * 100_000,
)  # fmt: skip
TOKENS = (
    b"9" * 5000, b"[" * 3000, b"1e999", b"NaN", b"-1", b"\x00", b"\xff\xfe", b'"\\ud800"', b"'",
    b'"', b"(", b"\n", b",", b"{}", b"9" * 20, b"|O", b"(999999999999999,)", b"(1000000,)",
    b"-", b"",
)  # fmt: skip
Damage = Callable[[bytes, random.Random], bytes]


def cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.choice((0, 1, len(content) // 2, rng.randrange(len(content) + 1)))]


def flip(content: bytes, rng: random.Random) -> bytes:
    found = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8)) if found else 0):
        found[rng.randrange(len(found))] ^= 1 << rng.randrange(8)
    return bytes(found)


def blank(content: bytes, rng: random.Random) -> bytes:
    """Zeros in place of a block, as after a power cut."""
    start = rng.randrange(len(content) + 1)
    length = rng.choice((1, 16, 512, 4096))
    return content[:start] + bytes(len(content[start : start + length])) + content[start + length :]


def splice(content: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content) + 1)
    return content[:start] + rng.choice(TOKENS) + content[start + rng.randrange(9) :]


def splice_start(content: bytes, rng: random.Random) -> bytes:
    """Within the first bytes, where headers lie."""
    head, tail = content[:160], content[160:]
    return rng.choice((splice, flip))(head, rng) + tail


def widen(content: bytes, rng: random.Random) -> bytes:
    """A number of four bytes becomes enormous."""
    start = rng.randrange(max(1, len(content) - 4))
    return content[:start] + rng.choice((b"\xff" * 4, b"\xff\xff\xff\x7f")) + content[start + 4 :]


def other(content: bytes, rng: random.Random) -> bytes:
    return rng.choice((b"", b"x", b"PK\x03\x04", b"\x93NUMPY\x01\x00\xff\xff", rng.randbytes(200)))


PLAIN: tuple[Damage, ...] = (cut, flip, flip, blank, splice, splice_start, widen, other)


def repacked(content: bytes, rng: random.Random) -> bytes:
    """One member of an archive damaged, and the archive written again with the right sums."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # noqa: BLE001 - what is damaged already
        return flip(content, rng)
    name = rng.choice(sorted(members))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for one, held in members.items():
            if one == name:
                if rng.random() < 0.1:
                    continue
                damage = rng.choice((splice_start, splice_start, rng.choice(PLAIN)))
                archive.writestr(zipfile.ZipInfo(one), damage(held, rng))
            else:
                archive.writestr(zipfile.ZipInfo(one), held)
    return made.getvalue()


def edited(content: bytes, rng: random.Random) -> bytes:
    """One value of a JSON file changed, or taken out."""
    try:
        table = json.loads(content)
    except ValueError:
        return flip(content, rng)
    inner: Any = table
    while True:
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        if not keys:
            return flip(content, rng)
        key = rng.choice(keys)
        if not isinstance(inner[key], dict | list) or not inner[key] or rng.random() < 0.15:
            break
        inner = inner[key]
    if rng.random() < 0.15:
        del inner[key]
    else:
        inner[key] = rng.choice(VALUES)
    return json.dumps(table).encode()


def damaged(content: bytes, name: str, rng: random.Random) -> bytes:
    """The content damaged in one way that fits the file's name, or in any."""
    fitting: dict[str, Damage] = {
        ".npz": repacked, ".keras": repacked, ".zip": repacked, ".json": edited
    }  # fmt: skip
    own = fitting.get(Path(name).suffix)
    if own is not None and rng.random() < 0.6:
        return own(content, rng)
    return rng.choice(PLAIN)(content, rng)
