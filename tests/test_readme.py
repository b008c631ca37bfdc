"""README.md is short, its links lead somewhere, and its commands and names exist."""

import re
from pathlib import Path

import pytest

import leadline
from leadline.cli import COMMANDS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_it_is_short():
    assert len(README.splitlines()) < 120


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r'(?:\]\(|src=")([^)"]+)', text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file), target


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", text).strip().lower().replace(" ", "-") for text in headings}


def test_its_commands_exist():
    named = set(re.findall(r"\bleadline ([a-z]+)", " ".join(code_of(README))))
    named |= set(re.findall(r"`(?:leadline )?([a-z]+) [A-Z\\|]+", README))
    assert named <= set(COMMANDS)
    assert len(named) > 8


def code_of(text: str) -> list[str]:
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL) + re.findall(r"`([^`\n]+)`", text)


def test_its_python_names_exist():
    python = "".join(re.findall(r"```python\n(.*?)```", README, re.DOTALL))
    names = set(re.findall(r"\bleadline\.(\w+)", python))
    assert names
    assert [name for name in names if not hasattr(leadline, name)] == []


def test_each_benchmark_of_the_docs_exists():
    text = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    scripts = set(re.findall(r"benchmarks/\w+\.py", text))
    assert len(scripts) >= 4
    assert [script for script in scripts if not (ROOT / script).is_file()] == []
