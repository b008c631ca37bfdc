"""Decoding processes, started when they are needed, each used for one file after another."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from leadline.data.decoding.decode_request import (
    Decoded,
    Request,
    pack_request,
    receive,
    send,
    unpack_decoded,
)
from leadline.data.decoding.process_limits import Limits
from leadline.data.remarks import Remark, remark
from leadline.errors import DataError, LeadlineError, MissingExtra
from leadline.system import process as this_process
from leadline.system.threads import choose_threads

WORKER = "leadline.data.decoding.decode_worker"
MAX_WORKERS = 8
MAX_ANSWER_BYTES = 2**31
START_S = 60.0
"""For Python, NumPy and Pillow to load, on a busy machine."""
END_S = 5.0
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""NumPy's libraries would reserve memory for a thread a processor; decoding uses none of them."""
SHARED_LIMITS = Limits.for_pixels(80_000_000, cpu_s=60, wall_s=300.0)
ERRORS: dict[str, type[LeadlineError]] = {"DataError": DataError, "MissingExtra": MissingExtra}


class DecoderUnavailable(LeadlineError):
    """No image can be decoded now, whatever the file."""


class Stopped(DecoderUnavailable):
    """Decoding was ended before it was done, because the program ends."""


class DecoderPool:
    """Decodes files in up to `workers` processes; may be used from several threads.

    Parameters
    ----------
    workers : int
    limits : Limits
        For each file.
    """

    def __init__(self, workers: int, limits: Limits) -> None:
        self.limits = limits
        self.pid = os.getpid()
        self._free = threading.BoundedSemaphore(workers)
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._is_closed = False

    def decode(
        self,
        request: Request,
        name: str,
        *,
        path: Path | None = None,
        content: bytes = b"",
        timeout_s: float | None = None,
    ) -> Decoded:
        """Decode the file at a path, or its content.

        Parameters
        ----------
        name : str
            For messages.
        timeout_s : float or None
            For this file, waiting included; `limits.wall_s` unless that is less.

        Raises
        ------
        DataError
            The file cannot be read, takes more than the limits allow, or crashes its decoder.
        MissingExtra
            Reading it needs something that is not installed.
        DecoderUnavailable
            No process can be started, or (Stopped) the pool was closed.
        """
        wall_s = min(self.limits.wall_s, timeout_s or self.limits.wall_s)
        end_s = time.monotonic() + wall_s
        header = pack_request(request, name, None if path is None else os.path.abspath(path))  # noqa: PTH100 - keeps links
        if not self._free.acquire(timeout=wall_s):
            raise DataError(
                f"{name}: was not read within {wall_s:g} s: all decoders are busy; try again."
            )
        try:
            with self._worker() as worker:
                return worker.ask(header, content, name, end_s, wall_s)
        finally:
            self._free.release()

    def close(self) -> None:
        """Kill all workers, whatever they are at; none is started from now on."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
            for worker in self._busy:
                worker.kill("stopped")
        for worker in idle:
            worker.discard()

    @contextlib.contextmanager
    def _worker(self) -> Iterator[_Worker]:
        """One for this thread alone; kept for the next file unless something went wrong."""
        with self._lock:
            if self._is_closed:
                raise Stopped("decoding has been stopped")
            worker = self._idle.pop() if self._idle else _Worker(self.limits)
            self._busy.add(worker)
        try:
            yield worker
        finally:
            with self._lock:
                self._busy.discard(worker)
                is_kept = worker.is_reusable and not self._is_closed
                if is_kept:
                    self._idle.append(worker)
            if not is_kept:
                worker.discard()


class _Worker:
    """One process, started by the first file that it is to decode."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._killed_for = ""
        self._is_between = False

    @property
    def is_reusable(self) -> bool:
        """Its last answer has come whole, and nobody has killed it."""
        return self._is_between and not self._killed_for

    @property
    def _is_stopped(self) -> bool:
        return self._killed_for == "stopped"

    def ask(
        self, header: dict[str, Any], content: bytes, name: str, end_s: float, wall_s: float
    ) -> Decoded:
        """Send one file and wait for its image, or for the end of the process.

        end_s: when to give up, by the monotonic clock; wall_s: the limit to name in the error.
        """
        self._is_between = False
        process = self._process or self._start()
        with self._killed_at(end_s, "slow"):
            message = _exchange(process, header, content)
        if message is None:
            raise self._failure(process, name, wall_s)
        try:
            found = _unpacked(*message)
        except Exception as error:
            self.kill("corrupt")
            raise self._failure(process, name, wall_s) from error
        self._is_between = True
        if isinstance(found, LeadlineError):
            raise found
        return found

    def kill(self, reason: str) -> None:
        """End the process, from any thread; reading from it then fails."""
        with self._lock:
            self._killed_for = self._killed_for or reason
            if self._process is not None:
                self._process.kill()

    def discard(self) -> None:
        """End the process and release what it holds; not while another thread reads from it."""
        self.kill("stopped")
        process = self._process
        if process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(END_S)
        _close_pipes(process)

    def _start(self) -> subprocess.Popen[bytes]:
        """Start the process, and wait until it can decode."""
        with self._lock:
            if self._is_stopped:
                raise Stopped("decoding has been stopped")
            try:
                self._process = process = _popen(self._limits)
            except OSError as error:
                raise DecoderUnavailable(
                    f"no process could be started to decode images ({error.strerror}); close "
                    "other programs, or allow more processes (ulimit -u)."
                ) from None
        with self._killed_at(time.monotonic() + START_S, "start"):
            ready = _received(process)
        if ready is None:
            status = _status(process)
            _close_pipes(process)
            self._process = None
            if self._is_stopped:
                raise Stopped("decoding has been stopped")
            raise DecoderUnavailable(
                f"the process that decodes images did not start (exit status {status}); "
                "LEADLINE_DEBUG=1 shows why."
            )
        return process

    @contextlib.contextmanager
    def _killed_at(self, end_s: float, reason: str) -> Iterator[None]:
        timer = threading.Timer(max(0.0, end_s - time.monotonic()), self.kill, [reason])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _failure(self, process: subprocess.Popen[bytes], name: str, wall_s: float) -> LeadlineError:
        """Return the error that says why no answer came."""
        status = _status(process)
        if self._is_stopped:
            return Stopped("decoding has been stopped")
        if self._killed_for == "slow":
            reason = f"was not decoded within {wall_s:g} s"
        elif self._killed_for == "corrupt":
            reason = "its decoder returned a damaged result"
        elif status == -getattr(signal, "SIGXCPU", 0):
            reason = f"decoding it took more than {self._limits.cpu_s} s of processor time"
        else:
            reason = f"its decoder crashed ({_ended(status)})"
        return DataError(remark("decoder-failed", file=name, reason=reason))


def _popen(limits: Limits) -> subprocess.Popen[bytes]:
    """A worker that imports what this process would, and hears nothing of Ctrl-C."""
    paths = os.pathsep.join(path or os.curdir for path in sys.path)  # "" is where it works
    return subprocess.Popen(  # noqa: S603 - this program's own module
        [sys.executable, "-P", "-m", WORKER, limits.as_text()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None if os.environ.get("LEADLINE_DEBUG") == "1" else subprocess.DEVNULL,
        env={**os.environ, **ONE_THREAD, "PYTHONPATH": paths},
        process_group=0 if os.name == "posix" else None,
    )


def _exchange(
    process: subprocess.Popen[bytes], header: dict[str, Any], content: bytes
) -> tuple[dict[str, Any], bytes] | None:
    """Send a request and read its answer; None where the process ends first."""
    try:
        send(_open(process.stdin), header, content)
    except (OSError, ValueError):
        return None
    return _received(process)


def _received(process: subprocess.Popen[bytes]) -> tuple[dict[str, Any], bytes] | None:
    try:
        return receive(_open(process.stdout), MAX_ANSWER_BYTES)
    except Exception:  # noqa: BLE001 - what a corrupted process sends makes parsers raise anything
        return None


def _unpacked(answer: dict[str, Any], payload: bytes) -> Decoded | LeadlineError:
    """Image or error in a message; whatever Python raises where it is neither."""
    if "error" in answer:
        said = answer["message"]
        text = Remark(**said) if isinstance(said, dict) else str(said)
        return ERRORS.get(answer["error"], DataError)(text)
    return unpack_decoded(answer, payload)


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            _open(pipe).close()


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise OSError("no pipe")
    return pipe


def _status(process: subprocess.Popen[bytes]) -> int:
    """Exit status; negative where a signal ended the process."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(END_S)
    process.kill()
    return process.wait()


def _ended(status: int) -> str:
    with contextlib.suppress(ValueError):
        return signal.Signals(-status).name
    return f"exit status {status}"


_shared: DecoderPool | None = None
_sharing = threading.Lock()


def shared_pool() -> DecoderPool:
    """The pool of this program, for commands; closed when it ends."""
    global _shared  # noqa: PLW0603 - one for all threads
    with _sharing:
        # A process that was forked must not speak to the workers of its parent.
        if _shared is None or _shared.pid != os.getpid():
            _shared = DecoderPool(min(MAX_WORKERS, choose_threads().count), SHARED_LIMITS)
            atexit.register(_shared.close)
            this_process.stopping.helpers.append(_shared.close)
        return _shared
