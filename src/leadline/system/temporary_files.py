"""Names of temporary files, and the removal of those whose process was killed.

A temporary file lies beside the file that it will become, so that it can be renamed into place. Its
name says which process writes it:

    .leadline-<host>-<process id>-<start time>-<random>.tmp

`host` is a digest of the boot and the process-id namespace: a process id means nothing in another
container, on another machine that shares the folder, or after a restart.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import platform
import re
import secrets
import shutil
import stat
import sys
import time
from pathlib import Path

NAME = re.compile(r"\.leadline-([0-9a-f]{8})-([0-9]{1,10})-([0-9]{1,20})-[0-9a-f]{8}[.\w]*")
ABANDONED_S = 24 * 3600.0
"""Files of processes that cannot be looked up (of other hosts, and on Windows) count as abandoned
when nothing was written for this long."""

_swept: set[str] = set()


def scratch_name(suffix: str = ".tmp") -> str:
    """A new name for a temporary file or folder of this process."""
    pid = os.getpid()
    return f".leadline-{_host(pid)}-{pid}-{_start(pid) or 0}-{secrets.token_hex(4)}{suffix}"


def is_scratch(name: str) -> bool:
    """True for names that `scratch_name` makes, of any process."""
    return NAME.fullmatch(name) is not None


def is_stale(path: Path) -> bool:
    """Return True for a temporary file of ours whose process has ended. Links are not followed."""
    match = NAME.fullmatch(path.name)
    if match is None:
        return False
    try:
        about = path.lstat()
    except OSError:
        return False
    if stat.S_ISLNK(about.st_mode) or (hasattr(os, "geteuid") and about.st_uid != os.geteuid()):
        return False
    host, pid, start = match[1], int(match[2]), int(match[3])
    lives = _lives(pid, start) if host == _host(os.getpid()) else None
    if lives is None:
        return about.st_mtime + ABANDONED_S < time.time()
    return not lives


def is_running(name: str) -> bool:
    """True for a temporary name of a process that lives on this host."""
    match = NAME.fullmatch(name)
    if match is None or match[1] != _host(os.getpid()):
        return False
    return _lives(int(match[2]), int(match[3])) is True


def sweep(folder: Path) -> None:
    """Remove the stale temporary files in a folder; once per process, and errors are ignored."""
    place = os.path.realpath(folder)
    if place in _swept:
        return
    _swept.add(place)
    with contextlib.suppress(OSError):
        with os.scandir(place) as entries:
            names = [entry.name for entry in entries if is_scratch(entry.name)]
        for name in names:
            path = Path(place, name)
            if is_stale(path):
                remove(path)


def remove(path: Path) -> None:
    """Remove a temporary file or folder if it is there; errors are ignored."""
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _lives(pid: int, start: int) -> bool | None:
    """True if the process lives, None where that cannot be known.

    Where start times are unknown, its id alone decides.
    """
    if sys.platform == "win32":  # where signal 0 is Ctrl-C, which would interrupt the process
        return None
    found = _start(pid)
    if found is not None:
        return found == start
    if Path("/proc/self/stat").exists():
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # it lives, and belongs to somebody else
        return True
    return True


def _start(pid: int) -> int | None:
    """When a process began, in clock ticks since the boot (field 22 of proc(5)'s stat)."""
    try:
        # The second field is the program's name, which may hold spaces and parentheses.
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return int(fields[19])
    except (OSError, ValueError, IndexError):
        return None


@functools.cache
def _host(_pid: int) -> str:
    """Eight hex digits. Cached for each process: a fork may enter another namespace."""
    facts = [platform.node()]
    with contextlib.suppress(OSError):
        facts = [Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()]
        facts.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256("\n".join(facts).encode("utf-8", "surrogateescape")).hexdigest()[:8]
