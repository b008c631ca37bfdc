"""A worker whose decoder does what broken or hostile decoders do, by the name of the file."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from unittest.mock import patch

from leadline.data.decoding import worker
from leadline.data.decoding.limits import Limits
from leadline.data.image_files import decode_here


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


def misbehave(content, name, request):
    WAYS.get(name, lambda: None)()
    return decode_here(content, name, request)


if __name__ == "__main__":
    with patch.object(worker, "decode_here", misbehave), contextlib.suppress(BrokenPipeError):
        worker.main(Limits.from_text(sys.argv[1]))
