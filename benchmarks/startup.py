"""How much longer `leadline --help` takes than Python itself.

    python benchmarks/startup.py [N]

Runs both N times (20 unless given), turn by turn, so that both meet the same machine, and prints
the medians and their difference; the aim is at most 0.25 s. Exit status 1 where it is missed.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

LIMIT_S = 0.25
BARE = (sys.executable, "-c", "pass")
ENVIRONMENT = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
"""An installed package has its bytecode; the unmeasured turn writes it."""
HELP = (sys.executable, "-c", "from leadline.cli import main; main(['--help'])")


def wall_s(command: tuple[str, ...]) -> float:
    """Seconds from start to exit of a process that must succeed."""
    started_s = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT)
    return time.perf_counter() - started_s


def measure(times: int) -> tuple[list[float], list[float]]:
    """Seconds of bare Python and of `leadline --help`, alternating, after one unmeasured turn."""
    wall_s(BARE), wall_s(HELP)
    turns = [(wall_s(BARE), wall_s(HELP)) for _ in range(times)]
    bare, helped = zip(*turns, strict=True)
    return list(bare), list(helped)


def main() -> int:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    bare, helped = measure(times)
    extra_s = statistics.median(helped) - statistics.median(bare)
    print(f"n = {times} each, alternating; Python {sys.version.split()[0]}")
    for name, seconds in (("bare Python", bare), ("leadline --help", helped)):
        median, low, high = statistics.median(seconds), min(seconds), max(seconds)
        print(f"{name:16} median {median:.3f} s  ({low:.3f} to {high:.3f})")
    print(f"difference       {extra_s:.3f} s  (at most {LIMIT_S} s)")
    return 0 if extra_s <= LIMIT_S else 1


if __name__ == "__main__":
    sys.exit(main())
