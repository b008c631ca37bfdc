"""A worker whose decoder does what broken or hostile decoders do, by the name of the file."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time

from leadline.data.decoding import worker
from leadline.data.decoding.limits import Limits

decode_here = worker.decode_here


class Panic(BaseException):
    """As PyO3 raises for a panic in Rust."""


def misbehave(content, name, request):
    if name == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if name == "abort":
        os.abort()
    if name == "exit":
        os._exit(3)
    if name == "spin":
        while True:
            pass
    if name == "sleep":
        time.sleep(600)
    if name == "print":
        os.write(1, b"corrupted")
        os.write(2, b"warning: corrupted")
    if name == "memory":
        bytearray(8 * 2**30)
    if name == "panic":
        raise Panic("called `Option::unwrap()` on a `None` value")
    return decode_here(content, name, request)


if __name__ == "__main__":
    worker.decode_here = misbehave
    with contextlib.suppress(BrokenPipeError):
        worker.main(Limits.from_text(sys.argv[1]))
