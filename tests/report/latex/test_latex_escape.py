"""Text that LaTeX prints as it is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.latex.compiling import compiled, needs_latex

from leadline.report.latex.latex_table import PRINTED, beyond_latin, escape

HOSTILE = (
    "100% & $5 #1 a_b {c} ~x^y \\end{document}", "<script>|\"'`", "a--b ,, ?` !` << >>",
    "−0.12 ± 3 × 4 → ≥ ≤ ≈ ∞", "97,76\u202f% (97–98)…", "« naïve » “œuvre” ’ ‘",
    "50\u00a0µm² 3° [x] *",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("97.76%", r"97.76\%"),
        ("a_b & c", r"a\_b \& c"),
        (r"\input{x}", r"\textbackslash{}input\{x\}"),
        ("−0.12–0.3", "$-$0.12--0.3"),
        ("< 0.001", r"\textless{} 0.001"),
        ("a--b", "a-{}-b"),
        ("a,,b", "a,{},b"),
        ("two\nlines\x00", "two lines "),
        ("97,76\u202f%", r"97,76\,\%"),
        ("café", "café"),
    ],
)
def test_by_hand(text, expected):
    assert escape(text) == expected


@given(st.text())
def test_nothing_that_means_something_is_left(text):
    # What is ours is taken away; nothing of TeX may remain.
    said = escape(text).replace("{}", "")
    for ours in sorted(PRINTED.values(), key=len, reverse=True):
        said = said.replace(ours.replace("{}", ""), "")
    assert not re.search(r"[\\{}$&#%_~^]", said)


def test_letters_beyond_latin_are_known():
    assert not beyond_latin(escape("Étude “naïve” œuvre − × ≥ …"))
    assert beyond_latin(escape("猫"))


@needs_latex
def test_latex_prints_them(tmp_path):
    compiled(tmp_path, "\n\n".join(map(escape, HOSTILE)))
