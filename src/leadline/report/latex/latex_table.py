"""One table for a paper."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

FIT = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{"
"""Wider than the text, a table is made smaller, never larger."""
LONGEST = 45
"""More rows do not fit a page; then the table is broken over pages, by longtable."""


@dataclass(frozen=True)
class Line:
    """A row of cells, as plain text. strong: set in bold. A group's head has one cell."""

    cells: tuple[str, ...]
    strong: bool = False


@dataclass(frozen=True)
class PaperTable:
    """A table in words. heads: of the columns; numbers: which of them hold numbers.

    name: of the file, and of the label after "tab:". notes: below the table, with what intervals
    and tests there are.
    """

    name: str
    caption: str
    heads: tuple[str, ...]
    numbers: tuple[bool, ...]
    lines: tuple[Line, ...]
    notes: str

    @property
    def label(self) -> str:
        return "tab:" + re.sub(r"[^A-Za-z0-9-]+", "-", self.name)

    def latex(self) -> str:
        """The table, to be read in by \\input; its first lines say which packages it takes."""
        long = len(self.lines) > LONGEST
        body = self._longtable() if long else self._table()
        packages = ["booktabs", "graphicx", "textcomp", *(["longtable"] if long else [])]
        head = [f"% \\usepackage[T1]{{fontenc}} \\usepackage{{{','.join(packages)}}}"]
        if beyond_latin(body):
            head.append("% Holds letters beyond Latin: compile with LuaLaTeX or XeLaTeX.")
        return "\n".join([*head, body]) + "\n"

    def _table(self) -> str:
        return "\n".join(
            [
                r"\begin{table}",
                r"  \centering",
                f"  \\caption{{{escape(self.caption)}}}",
                f"  \\label{{{self.label}}}",
                r"  \footnotesize\setlength{\tabcolsep}{4pt}",
                f"  {FIT}\\begin{{tabular}}{{{self._columns}}}",
                r"    \toprule",
                f"    {self._heads}",
                r"    \midrule",
                *(f"    {line}" for line in self._lines()),
                r"    \bottomrule",
                r"  \end{tabular}}",
                r"  \par\smallskip",
                r"  \begin{minipage}{\linewidth}\footnotesize",
                f"  {escape(self.notes)}",
                r"  \end{minipage}",
                r"\end{table}",
            ]
        )

    def _longtable(self) -> str:
        return "\n".join(
            [
                r"{\footnotesize\setlength{\tabcolsep}{4pt}",
                f"\\begin{{longtable}}{{{self._columns}}}",
                f"  \\caption{{{escape(self.caption)}}}\\label{{{self.label}}}\\\\",
                f"  \\toprule {self._heads} \\midrule \\endhead",
                r"  \bottomrule \endfoot",
                *(f"  {line}" for line in self._lines()),
                r"\end{longtable}",
                f"{escape(self.notes)}\\par}}",
            ]
        )

    @property
    def _columns(self) -> str:
        return "".join("r" if number else "l" for number in self.numbers)

    @property
    def _heads(self) -> str:
        cells = [
            escape(head) if not number else f"\\multicolumn{{1}}{{c}}{{{escape(head)}}}"
            for head, number in zip(self.heads, self.numbers, strict=True)
        ]
        return " & ".join(cells) + r" \\"

    def _lines(self) -> list[str]:
        return [self._line(line, first=place == 0) for place, line in enumerate(self.lines)]

    def _line(self, line: Line, *, first: bool) -> str:
        if len(line.cells) == 1:
            space = "" if first else r"\addlinespace "
            head = escape(line.cells[0])
            return f"{space}\\multicolumn{{{len(self.heads)}}}{{l}}{{\\emph{{{head}}}}} \\\\"
        cells = [escape(cell) for cell in line.cells]
        if line.strong:
            cells = [f"\\textbf{{{cell}}}" for cell in cells]
        # What begins with a bracket or a star would be read as an option of the line before it.
        kept = (f"{{}}{cell}" if cell.startswith(("[", "*")) else cell for cell in cells)
        return " & ".join(kept) + r" \\"


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
