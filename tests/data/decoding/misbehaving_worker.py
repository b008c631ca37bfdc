"""A worker whose decoder does what broken or hostile decoders do, by the name of the file."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from typing import Any
from unittest.mock import patch

from leadline.data.decoding import decode_worker
from leadline.data.decoding.decode_request import pack_decoded
from leadline.data.decoding.process_limits import Limits
from leadline.data.formats.image_files import decode_here


class Panic(BaseException):
    """As PyO3 raises for a panic in Rust."""


def spin():
    while True:
        pass


def print_lines():
    os.write(1, b"corrupted")
    os.write(2, b"warning: corrupted")


def panic():
    raise Panic("called `Option::unwrap()` on a `None` value")


WAYS = {
    "crash": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "abort": os.abort,
    "exit": lambda: os._exit(3),
    "spin": spin,
    "sleep": lambda: time.sleep(600),
    "print": print_lines,
    "memory": lambda: bytearray(8 * 2**30),
    "panic": panic,
}


DAMAGED: dict[str, tuple[dict[str, Any], bytes]] = {
    "no shapes": ({}, b""),
    "shapes as text": ({"shapes": "ab", "has_preview": False}, b""),
    "too few bytes": (
        {"shapes": [[2, 2, 1]], "has_preview": False, "size_px": [2, 2], "sums": ["", ""],
         "file_bytes": 1}, b"abc",
    ),
    "too many bytes": (
        {"shapes": [[2, 1, 1]], "has_preview": False, "size_px": [2, 2], "sums": ["", ""],
         "file_bytes": 1}, b"abc",
    ),
    "error without message": ({"error": "DataError"}, b""),
    "error of no kind": ({"error": [], "message": ""}, b""),
}  # fmt: skip
"""Answers of a process whose memory is corrupted, by the name of the file."""


def pack(decoded):
    return decoded if isinstance(decoded, tuple) else pack_decoded(decoded)


def misbehave(content, name, request):
    if name in DAMAGED:
        return DAMAGED[name]
    WAYS.get(name, lambda: None)()
    return decode_here(content, name, request)


if __name__ == "__main__":
    with (
        patch.object(decode_worker, "decode_here", misbehave),
        patch.object(decode_worker, "pack_decoded", pack),
        contextlib.suppress(BrokenPipeError),
    ):
        decode_worker.main(Limits.from_text(sys.argv[1]))
