"""Temporary names of processes that are gone."""

import os
import subprocess
import sys

from leadline.system.temporary_files import scratch_name


def dead_scratch_name(suffix: str = ".tmp") -> str:
    """A name that a process of this host made which has ended since."""
    code = (
        f"from leadline.system.temporary_files import scratch_name; print(scratch_name({suffix!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    return done.stdout.strip()


def foreign_scratch_name() -> str:
    """A name that a process of another host made."""
    host = scratch_name()[len(".leadline-") :][:8]
    return scratch_name().replace(host, "0" * 8)
