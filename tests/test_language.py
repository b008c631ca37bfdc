"""Archaic words that the project does not use: a reader should not stop at any."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
WORDS = ("whom", "whoever", "anew", "nought", "mend", "mends", "mended")
PATTERN = re.compile(rf"\b({'|'.join(WORDS)})\b", re.IGNORECASE)
SUFFIXES = {".py", ".md", ".toml", ".j2", ".js", ".css", ".po", ".json"}


def texts() -> list[Path]:
    folders = [ROOT / name for name in ("src", "docs", "tests", "benchmarks", "zoo")]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in SUFFIXES]
    return [path for path in (*files, *ROOT.glob("*.md")) if path != Path(__file__)]


def test_no_archaic_words():
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if PATTERN.search(line)
    ]
    assert found == []


def test_the_pattern_finds_them():
    assert PATTERN.search("Whoever reads this")
    assert not PATTERN.search("recommend, amended, renew")
