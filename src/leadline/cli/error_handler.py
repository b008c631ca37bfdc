"""Report errors as one line on standard error and an exit status."""

from __future__ import annotations

import contextlib
import errno
import shlex
import traceback
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from leadline.cli import console
from leadline.errors import LeadlineError
from leadline.system import process
from leadline.system.durable_files import storage_fault

MENDABLE = 2
UNEXPECTED = 70
INTERRUPTED = 130
PIPE_CLOSED = 141
"""Exit status that shells use for a program ended by a closed pipe."""

TRAINING = ("train", "study")
_ELSEWHERE = {
    **dict.fromkeys(TRAINING, " with --out"),
    **dict.fromkeys(("data", "explain", "export", "predict", "report"), " with -o"),
}
"""Each command's option for the output location."""
_TOO_MANY_FILES = (errno.EMFILE, errno.ENFILE)
_NOT_LOADED = ("failed to map segment", "cannot allocate memory", "cannot apply additional memory")
"""Message of the dynamic loader when memory does not suffice for a library."""
_NO_THREAD = ("can't start new thread", "pthread_create")
_NO_PERMISSION = (errno.EACCES, errno.EPERM, errno.EROFS)


@runtime_checkable
class CommandLineError(Protocol):
    """A command line that does not parse: Typer's Click, its own or the separate one."""

    def format_message(self) -> str:
        """Return the error as text."""


def report(error: BaseException, arguments: Sequence[str]) -> int:
    """Say in one line what went wrong; the exit status. LEADLINE_DEBUG=1 adds the traceback."""
    if process.debugging():
        traceback.print_exception(error)
    if process.stopping.received is not None:  # whatever a library made of it
        error = process.Interrupted()
    line, status = describe(error, arguments)
    style = console.CAUTION if isinstance(error, KeyboardInterrupt) else console.FAILURE
    # The terminal may be gone, or the pipe closed, for which Rich raises SystemExit.
    with contextlib.suppress(OSError, SystemExit):
        console.fail(line, style)
    return status


def describe(error: BaseException, arguments: Sequence[str]) -> tuple[str, int]:
    """The line and the status for an error; `arguments` are the command line that met it."""
    if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort":
        return interrupted(arguments), process.stopping.status
    if isinstance(error, LeadlineError):
        return f"error: {error}", MENDABLE
    if isinstance(error, CommandLineError):
        return f"error: {_usage(error)}", MENDABLE
    if _is_out_of_memory(error):
        return f"error: {_out_of_memory(arguments)}", MENDABLE
    if _is_out_of_threads(error):
        return f"error: {_OUT_OF_THREADS}", MENDABLE
    return _foreign(error, arguments)


def _foreign(error: BaseException, arguments: Sequence[str]) -> tuple[str, int]:
    """The system's errors, which the user can correct, and defects."""
    if isinstance(error, OSError) and error.errno is not None:
        return f"error: {_system(error, arguments)}", MENDABLE
    return f"error: {_unexpected(error)}", UNEXPECTED


def interrupted(arguments: Sequence[str]) -> str:
    """Return what is kept and how to go on: `train` has checkpoints, `study` finished runs."""
    command = next(iter(arguments), "")
    line = shlex.join(["leadline", *arguments])
    if command == "train":
        goes_on = any(
            argument == "--resume" or argument.startswith("--seeds") for argument in arguments
        )
        resume = line if goes_on else f"{line} --resume"
        return f"interrupted; no file is incomplete; resume with: {resume}"
    if command == "study":
        return f"interrupted; finished runs are kept; resume with: {line}"
    return "interrupted; no file is incomplete"


def _usage(error: CommandLineError) -> str:
    message = error.format_message().replace("Value error, ", "")  # Pydantic's, inside Typer
    path = getattr(getattr(error, "ctx", None), "command_path", "leadline")
    return f"{message}{'' if message.endswith(('.', '?')) else '.'} See: {path} --help"


def _out_of_memory(arguments: Sequence[str]) -> str:
    """With the settings that need less, where a command has them."""
    if (limit := process.memory_limit()) is not None:
        return (
            f"out of memory: ulimit -v allows {limit / 1e6:,.0f} MB of address space; allow more."
        )
    if next(iter(arguments), "") not in TRAINING:
        return "out of memory; close other programs."
    return (
        "out of memory; close other programs, or use less: --set training.batch_size=32, or "
        "--set data.train_limit=10000."
    )


_OUT_OF_THREADS = (
    "no further thread or process can be started; raise ulimit -u, close other programs, or use "
    "--threads 1."
)


def _is_out_of_threads(error: BaseException) -> bool:
    """Python's own and OpenBLAS's, and a process that cannot be started."""
    if isinstance(error, BlockingIOError):
        # A full pipe that does not block raises it too, with the characters that were written.
        return error.errno == errno.EAGAIN and not hasattr(error, "characters_written")
    return isinstance(error, RuntimeError) and any(text in str(error) for text in _NO_THREAD)


def _is_out_of_memory(error: BaseException) -> bool:
    """Python's own, NumPy's, torch's (a plain RuntimeError on a CPU), and the loader's."""
    said = str(error).lower()
    if isinstance(error, ImportError | OSError) and any(text in said for text in _NOT_LOADED):
        return True
    torch_cpu = isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or torch_cpu
        or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
    )


def _system(error: OSError, arguments: Sequence[str]) -> str:
    where = f"{error.filename}: " if error.filename else ""
    if error.errno in _TOO_MANY_FILES:
        return "too many open files; raise the limit with ulimit -n 1024."
    if (fault := storage_fault(error)) is not None:
        option = _ELSEWHERE.get(next(iter(arguments), ""), "")
        return f"{where}{fault}, or write elsewhere{option}."
    if error.errno in _NO_PERMISSION:
        return f"{where}no permission; choose another folder, or change its permissions."
    text = f"{where}{error.strerror}".rstrip(".")
    if "No usable temporary directory" in text:
        return f"{text}; set TMPDIR to a folder that can be written."
    return f"{text}."


def _unexpected(error: BaseException) -> str:
    message = f"{type(error).__name__}: {error}".strip().rstrip(".:")
    return f"unexpected {message}. Please report it; LEADLINE_DEBUG=1 shows the traceback."
