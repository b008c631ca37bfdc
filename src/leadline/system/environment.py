"""Versions, machine and time of a run."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from leadline.system.threads import available_processors

PACKAGES = ("leadline", "keras", "torch", "numpy", "onnxruntime", "onnx", "pillow")


def describe_environment() -> dict[str, str]:
    """Versions, machine and time of writing, by name; "" for a package that is not installed."""
    import torch

    versions = {name: _version(name) for name in PACKAGES}
    return {
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": str(available_processors()),
        "torch_threads": str(torch.get_num_threads()),
        **versions,
    }


def processor_name(listing: Path = Path("/proc/cpuinfo")) -> str:
    """Return the processor's name, or its architecture if the system has no name for it.

    listing: where Linux tells it.
    """
    try:
        lines = listing.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(filter(None, named), "") or platform.processor() or platform.machine()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
