"""The optional extras: what each holds, and whether it is here."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass

from leadline.cli import library_settings
from leadline.errors import MissingExtra

_CORE = ""
IMPORT_NAMES = {"pillow": "PIL", "pyyaml": "yaml"}
"""Modules that are not called as their distribution is."""


@dataclass(frozen=True)
class Package:
    """A package that leadline needs, or can use."""

    name: str
    extra: str
    """The extra that brings it; empty for what always comes along."""
    version: str | None
    """The version installed, or None."""


def packages() -> list[Package]:
    """Every package named in leadline's own metadata: what always comes, then training's, then
    the rest by extra."""
    # Inside: it is slow to load, and `leadline --help` does without.
    from importlib.metadata import requires

    found = [_package(requirement) for requirement in requires("leadline") or []]
    return sorted(found, key=lambda package: (package.extra not in ("", "train"), package.extra))


def require(extra: str) -> None:
    """Raise MissingExtra, with the command to run, unless the whole extra is installed.

    For "train" it also settles what its libraries read from the environment on import.
    """
    missing = [
        package.name
        for package in packages()
        if package.extra == extra and not importable(package.name)
    ]
    if missing:
        kind = {"train": "training"}.get(extra, extra)
        raise MissingExtra(
            f"this command needs the {kind} extra: {pip_command(extra)} "
            f"(not installed: {', '.join(missing)})"
        )
    if extra == "train":
        library_settings.prepare()
        # Inside: matplotlib comes with this extra.
        from leadline.report.plots.matplotlib_setup import import_without_local_file

        import_without_local_file()


def pip_command(extra: str) -> str:
    """Return the pip command that installs an extra, or the package itself for ""."""
    return f"pip install 'leadline[{extra}]'" if extra else "pip install leadline"


def _package(requirement: str) -> Package:
    from importlib.metadata import PackageNotFoundError, version

    name, extra = parse(requirement)
    try:
        return Package(name, extra, version(name))
    except PackageNotFoundError:
        return Package(name, extra, None)


def parse(requirement: str) -> tuple[str, str]:
    """Name and extra of a line of metadata such as `torch<3,>=2.9; extra == 'train'`."""
    name = re.split(r"[\s\[<>=!~;(]", requirement, maxsplit=1)[0]
    extra = re.search(r"extra\s*==\s*['\"]([\w-]+)['\"]", requirement)
    return name, extra.group(1) if extra else _CORE


def importable(name: str) -> bool:
    """True where the module of a package, by the name of its distribution, is found."""
    module = IMPORT_NAMES.get(name, name.replace("-", "_"))
    return importlib.util.find_spec(module) is not None
