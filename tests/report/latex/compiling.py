"""A real LaTeX, where one is installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

PREAMBLE = (
    r"\documentclass{article}\usepackage[T1]{fontenc}"
    r"\usepackage{booktabs,graphicx,longtable,textcomp}\begin{document}"
)
OPTIONS = ("-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error")

needs_latex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex")


def compiled(place: Path, body: str) -> str:
    """What pdfLaTeX says of a document with this body; it must go through."""
    (place / "all.tex").write_text(f"{PREAMBLE}\n{body}\n\\end{{document}}\n", encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", *OPTIONS, "all.tex"],
        check=False, cwd=place, capture_output=True, text=True, errors="replace",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-1500:]
    return done.stdout
