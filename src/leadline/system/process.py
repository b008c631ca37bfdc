"""The process that runs the command line: its streams, its warnings, and what signals do.

Standard library only and quick to import: signals must be handled before anything slow is loaded.
"""

from __future__ import annotations

import _thread
import codecs
import contextlib
import io
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

STOPPING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""Signals that end a command as Ctrl-C does."""
WAIT_FOR_IMPORT_S = 0.05
MAX_WAIT_FOR_IMPORT_S = 2.0
"""Imports take longer on slow disks; container runtimes kill ten seconds after SIGTERM."""
IMPORTING = "<frozen importlib._bootstrap>"
NARROWEST, WIDEST = 40, 400
"""Characters in a line that is written."""
PLAIN = "leadline.plain"
"""The name of the error handler for text that a stream's encoding lacks."""
IN_ASCII = {
    "\u00d7": "x", "\u2013": "-", "\u2014": "-", "\u2026": "...", "\u00a0": " ", "\u202f": " ",
    "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2264": "<=", "\u2265": ">=",
    "\u2192": "->", "\u00b5": "u", "\u2212": "-", "\u00b1": "+/-",
}  # fmt: skip


class Interrupted(KeyboardInterrupt):
    """One of `STOPPING` has arrived."""


def prepare() -> None:
    """Make the process ready for a command line; calling it again changes nothing."""
    _open_missing_descriptors()
    _buffer_standard_output()
    _never_fail_to_encode()
    _bound_width()
    _silence_warnings()
    stopping.install()


def memory_limit() -> int | None:
    """Return the bytes of address space that `ulimit -v` allows, None for no limit."""
    try:
        import resource
    except ImportError:  # not a Unix system
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft


def debugging() -> bool:
    """Return whether the user wants tracebacks and the warnings of libraries."""
    return os.environ.get("LEADLINE_DEBUG") == "1"


def _open_missing_descriptors() -> None:
    """Put /dev/null where standard input, output or error is closed.

    Otherwise the next file opened takes the number, and whatever a native library prints goes into
    that file. `sys.stdout` stays None, so a command still sees that nobody reads it.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            with contextlib.suppress(OSError):
                os.open(os.devnull, os.O_RDWR)  # takes the lowest free number


def _buffer_standard_output() -> None:
    """Buffer standard output where PYTHONUNBUFFERED makes it a raw file.

    A raw file may write a part only and raises nothing, so a full disk would truncate the output.
    """
    if isinstance(getattr(sys.stdout, "buffer", None), io.RawIOBase):
        whole = open(sys.stdout.fileno(), "wb", closefd=False)  # noqa: SIM115 - stays open
        sys.stdout = io.TextIOWrapper(
            whole, sys.stdout.encoding, sys.stdout.errors, line_buffering=True
        )


def _never_fail_to_encode() -> None:
    """Write characters that the terminal's encoding lacks in ASCII, and never raise for them."""
    codecs.register_error(PLAIN, _in_ascii)
    for stream in (sys.stdout, sys.stderr):
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            reconfigure(errors=PLAIN)


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(IN_ASCII.get(char) or _escaped(char) for char in lacking), error.end


def _escaped(char: str) -> str:
    r"""Return a character as Python writes it; a byte that is not UTF-8 as "\xff"."""
    if "\udc80" <= char <= "\udcff":  # where Python keeps the bytes of such a path
        return f"\\x{ord(char) & 0xFF:02x}"
    return ascii(char)[1:-1]


def _bound_width() -> None:
    """Keep COLUMNS within what a table can be laid out in."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal():
        width = int(columns[:9])
        os.environ["COLUMNS"] = str(min(max(width, NARROWEST), WIDEST)) if width else ""


def _silence_warnings() -> None:
    """Warnings are for the programmers of libraries: shown with LEADLINE_DEBUG=1 alone.

    Nor does `python -W error`, or PYTHONWARNINGS=error from other work, make errors of them, here
    or in child processes.
    """
    shown = "default" if debugging() else "ignore"
    warnings.simplefilter(shown)  # type: ignore[arg-type]  # a literal, by two names
    sys.warnoptions[:] = [shown]
    os.environ["PYTHONWARNINGS"] = shown


class Stopping:
    """Turns the first signal into `Interrupted`, and ends the process at the second.

    A module that is interrupted while it is imported may raise anything, or swallow the
    interruption. So what arrives during an import is raised once the import has ended; if that
    takes more than `MAX_WAIT_FOR_IMPORT_S`, the process ends without it.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        """The number of the signal that came, None before."""
        self.last_words: Callable[[], str] = lambda: "interrupted"
        """Returns the text to print if the process has to end at once."""
        self.helpers: list[Callable[[], None]] = []
        """Functions that end processes which this one has started."""
        self._ours = False
        self._received_s = 0.0

    def install(self) -> None:
        """Handle the signals, but for those that the starter had ignored, as `nohup` does."""
        if threading.current_thread() is not threading.main_thread():
            return
        for one in STOPPING:
            if signal.getsignal(one) in (signal.SIG_DFL, signal.default_int_handler):
                signal.signal(one, self.handle)

    @property
    def status(self) -> int:
        """The exit status by the shell's convention: 130, 143 or 129."""
        return 128 + (self.received or signal.SIGINT)

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal in the main thread; raises `Interrupted`."""
        ours, self._ours = self._ours, False
        if self.received is not None and not ours:
            self._leave()
        if self.received is None:
            self.received, self._received_s = number, time.monotonic()
        if _importing(frame):
            if time.monotonic() - self._received_s > MAX_WAIT_FOR_IMPORT_S:
                self._leave()
            if self._come_back(number):
                return
        raise Interrupted

    def end_helpers(self) -> None:
        """End worker processes that threads wait for, if a signal has arrived.

        Ctrl-C in a notebook is not handled here, and the notebook may need them later.
        """
        if self.received is not None:
            for end in self.helpers:
                end()

    def release(self) -> None:
        """Give the signals back to the system: the command is over, nothing is left to tidy."""
        for one in STOPPING:
            if signal.getsignal(one) == self.handle:
                signal.signal(one, signal.SIG_DFL)

    def _come_back(self, number: int) -> bool:
        """Have the signal handled again a little later; False where no thread can be had."""
        main = threading.get_ident()  # handlers run in the main thread

        def again() -> None:
            time.sleep(WAIT_FOR_IMPORT_S)
            self._ours = True
            if sys.platform == "win32":
                _thread.interrupt_main(number)
            else:  # wakes the main thread from a system call as well
                signal.pthread_kill(main, number)

        try:
            # Not threading.Timer: its locks may be held by the frame that this one interrupts.
            _thread.start_new_thread(again, ())
        except RuntimeError:
            return False
        return True

    def _leave(self) -> NoReturn:
        """End without tidying up. Files are renamed into place when whole, so none is cut."""
        with contextlib.suppress(OSError):
            if os.isatty(2):  # progress bars hide the cursor and leave their line open
                os.write(2, b"\x1b[?25h\n")
            os.write(2, f"{self.last_words()}\n".encode("utf-8", "backslashreplace"))
        os._exit(self.status)


stopping = Stopping()
"""Of this process."""


def _importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename == IMPORTING:
            return True
        frame = frame.f_back
    return False
