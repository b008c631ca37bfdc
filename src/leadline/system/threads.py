"""Number of threads: set by the user, the processor mask or the CPU quota."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from leadline.errors import SetupError

VARIABLE = "LEADLINE_THREADS"
OPENMP = "OMP_NUM_THREADS"
MOST_THREADS = 1024
CGROUPS = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")


class Source(StrEnum):
    """Source of the number of threads."""

    VARIABLE = VARIABLE
    OPENMP = OPENMP
    RECORDED = "recorded"
    """Number of threads that an interrupted or finished run was trained with."""
    QUOTA = "cpu_quota"
    AFFINITY = "affinity"


@dataclass(frozen=True)
class Threads:
    """A number of threads, 1 or more, and what decided it."""

    count: int
    source: Source

    @property
    def asked(self) -> bool:
        """Return whether the user set this number for leadline."""
        return self.source is Source.VARIABLE


def choose_threads(environment: Mapping[str, str] = os.environ) -> Threads:
    """Choose the number of threads to train and predict with.

    The first of these that is there: LEADLINE_THREADS, OMP_NUM_THREADS, and the processors that
    this process may use: those of its mask, at most as many as its cgroup's CPU quota pays for,
    rounded up.

    Raises
    ------
    SetupError
        For a LEADLINE_THREADS that is not a number from 1 to 1024.
    """
    if own := environment.get(VARIABLE, "").strip():
        return Threads(_checked(own), Source.VARIABLE)
    # A list gives a number for each level of nesting. What is no number OpenMP ignores as well.
    openmp = environment.get(OPENMP, "").partition(",")[0].strip()
    if count := _count(openmp):
        return Threads(count, Source.OPENMP)
    available = processors_in_mask()
    quota = cpu_quota()
    if quota is not None and math.ceil(quota) < available:
        return Threads(max(1, math.ceil(quota)), Source.QUOTA)
    return Threads(available, Source.AFFINITY)


def available_processors() -> int:
    """Return how many processors this process can keep busy: its mask, bounded by its quota."""
    quota = cpu_quota()
    available = processors_in_mask()
    return available if quota is None else min(available, max(1, math.ceil(quota)))


def processors_in_mask() -> int:
    """Return the number of processors on which the system lets this process run."""
    mask = getattr(os, "sched_getaffinity", None)  # of Linux
    return len(mask(0)) if mask else os.cpu_count() or 1


def cpu_quota(root: Path = CGROUPS, membership: Path = MEMBERSHIP) -> float | None:
    """Return the CPU quota of this process's cgroup, in processors; None where there is none.

    Parameters
    ----------
    root : Path
        Where the cgroup file systems are mounted.
    membership : Path
        The file in which Linux lists the groups of this process, of version 1 and 2.

    Returns
    -------
    float or None
        The smallest quota of the group and the groups above it: 1.5 for 150 ms in each 100 ms.
    """
    try:
        lines = membership.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError):
        return None
    quotas: list[float] = []
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if controllers == "":
            quotas += _quotas(root, group, _quota_of_version_2)
        elif "cpu" in controllers.split(","):
            for mounted in (controllers, "cpu"):
                quotas += _quotas(root / mounted, group, _quota_of_version_1)
    return min(quotas, default=None)


def training_threads() -> Threads:
    """Choose like `choose_threads`, but at most the number set in torch.

    A program may have called `torch.set_num_threads` before it calls leadline.
    """
    import torch

    chosen = choose_threads()
    if chosen.source in (Source.AFFINITY, Source.QUOTA):
        return Threads(min(chosen.count, torch.get_num_threads()), chosen.source)
    return chosen


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Have torch compute on so many threads in a block, and on as many as before after it."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _checked(text: str) -> int:
    count = _count(text)
    if count is None:
        raise SetupError(
            f"{VARIABLE} = {text[:40]}; give a number of threads from 1 to {MOST_THREADS}."
        )
    return count


def _count(text: str) -> int | None:
    """The number of threads in a text, None unless it is from 1 to `MOST_THREADS`."""
    if not text.isdecimal() or len(text) > len(str(MOST_THREADS)):  # int() refuses 4,301 digits
        return None
    count = int(text)
    return count if 1 <= count <= MOST_THREADS else None


def _quotas(mount: Path, group: str, read: Callable[[Path], float | None]) -> Iterator[float]:
    """Quotas of a group and of the groups above it.

    In a container the path may be the host's, while the container's own group is mounted as the
    root: then only the root is found.
    """
    folder = mount / group.strip("/")
    for one in (folder, *folder.parents):
        if not one.is_relative_to(mount):
            return
        try:
            quota = read(one)
        except (OSError, ValueError):
            continue
        if quota is not None:
            yield quota


def _quota_of_version_2(group: Path) -> float | None:
    quota, _, period = (group / "cpu.max").read_text(encoding="ascii").strip().partition(" ")
    return None if quota == "max" else _ratio(quota, period)


def _quota_of_version_1(group: Path) -> float | None:
    quota = (group / "cpu.cfs_quota_us").read_text(encoding="ascii").strip()
    period = (group / "cpu.cfs_period_us").read_text(encoding="ascii").strip()
    return None if int(quota) <= 0 else _ratio(quota, period)


def _ratio(quota: str, period: str) -> float | None:
    return int(quota) / int(period) if int(quota) > 0 and int(period) > 0 else None
