"""Text that LaTeX prints as it is."""

from __future__ import annotations

import re
import unicodedata

PRINTED = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}", "`": r"\textasciigrave{}",
    "\N{MINUS SIGN}": "$-$", "±": r"$\pm$", "×": r"$\times$", "·": r"$\cdot$", "→": r"$\to$",
    "≥": r"$\geq$", "≤": r"$\leq$", "≈": r"$\approx$", "∞": r"$\infty$", "√": r"$\surd$",
    "\N{NO-BREAK SPACE}": "~", "\N{NARROW NO-BREAK SPACE}": r"\,", "\N{THIN SPACE}": r"\,",
    "\N{EN DASH}": "--", "\N{EM DASH}": "---", "…": r"\ldots{}",
    "‘": "`", "’": "'", "“": "``", "”": "''", "«": r"\guillemotleft{}", "»": r"\guillemotright{}",
    "²": r"$^2$", "³": r"$^3$", "°": r"\textdegree{}", "µ": r"\textmu{}",
}  # fmt: skip
"""What is not printed as it is, or not by every LaTeX."""

LAST_KNOWN = "\u017f"
"""The end of Latin Extended-A, which pdfLaTeX prints in T1 encoding without further packages."""


def escape(text: str) -> str:
    """The text, so that LaTeX prints it; control characters become spaces."""
    shown = "".join(" " if unicodedata.category(one)[0] == "C" else one for one in text)
    # Only what the user wrote twice is held apart; our own dashes come after.
    apart = re.sub(r"-(?=-)", "-\0", shown)
    apart = re.sub(r",(?=,)", ",\0", apart)
    return "".join(PRINTED.get(one, one) for one in apart).replace("\0", "{}")


def beyond_latin(text: str) -> bool:
    """Whether the text, once escaped, holds what pdfLaTeX has no letters for."""
    return any(one > LAST_KNOWN for one in text)
