"""A process that decodes image files: requests on standard input, images on standard output.

It is started by `DecoderPool`, and ends when its standard input does.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from leadline.data.decoding.decode_request import pack_decoded, receive, send, unpack_request
from leadline.data.decoding.process_limits import Limits, limit_cpu, limit_memory
from leadline.data.formats.image_files import MAX_FILE_BYTES, decode_here, file_content, unreadable
from leadline.data.remarks import Remark
from leadline.errors import LeadlineError

READY = {"ready": True}


def main(limits: Limits) -> None:
    """Answer requests until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    requests, answers = sys.stdin.buffer, _private_output()
    warnings.simplefilter("ignore")
    limit_memory(limits.memory_bytes)
    send(answers, READY)
    while (message := receive(requests, MAX_FILE_BYTES)) is not None:
        limit_cpu(limits.cpu_s)
        send(answers, *_answer(*message))
        del message


def _private_output() -> IO[bytes]:
    """Standard output, which libraries from now on cannot print to."""
    private = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return private


def _answer(header: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    request, name, path = unpack_request(header)
    try:
        if path is not None:
            content = file_content(Path(path), name)
        return pack_decoded(decode_here(content, name, request))
    except LeadlineError as error:
        return _error(error)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the next file can be decoded
        return _error(unreadable(error, name))


def _error(error: LeadlineError) -> tuple[dict[str, Any], bytes]:
    said = error.args[0] if error.args else ""
    text = asdict(said) if isinstance(said, Remark) else str(error)
    return {"error": type(error).__name__, "message": text}, b""


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):  # nobody waits any more
        main(Limits.from_text(sys.argv[1]))
