"""An equation once more, with the values in force in place of their symbols."""

from __future__ import annotations

import re
from html import escape

from leadline.report.formatting import as_number
from leadline.report.words.equations import Argument, Formula
from leadline.report.words.expressions import INVISIBLE_TIMES

DOT = "⋅"
_POWER = re.compile(r"(?P<factor>.+)e(?P<sign>-?)(?P<power>\d+)")
_WRAPPED = re.compile(r"<math><mrow>(.*)</mrow></math>")
_BEFORE_A_NUMBER = re.compile(rf"<mo>{INVISIBLE_TIMES}</mo>(?=(?:<(?:mrow|msup)>)*<mn>)")


def in_numbers(formula: Formula) -> tuple[str, ...]:
    """The equations of a formula that have values to show, as `<math>` elements.

    A symbol whose argument is off stays; so does one that no equation has.
    """
    return tuple(said for line in formula.mathml if (said := _said(line, formula)) != line)


def number(value: str) -> str:
    """A value as MathML: "1e-7" as a power of ten."""
    found = _POWER.fullmatch(value)
    if found is None:
        return f"<mn>{escape(as_number(value))}</mn>"
    sign = "<mo>−</mo>" if found["sign"] else ""
    power = f"<msup><mn>10</mn><mrow>{sign}<mn>{found['power']}</mn></mrow></msup>"
    return power if found["factor"] == "1" else f"{number(found['factor'])}<mo>{DOT}</mo>{power}"


def _said(line: str, formula: Formula) -> str:
    for argument in formula.arguments:
        if argument.symbol and any(letter.isdigit() for letter in argument.value):
            line = _put(line, argument)
    return _BEFORE_A_NUMBER.sub(f"<mo>{DOT}</mo>", line)


def _put(line: str, argument: Argument) -> str:
    """The value for the symbol, and for the symbol with a power."""
    wrapped = _WRAPPED.fullmatch(argument.symbol)
    if wrapped is None:
        return line
    symbol, value = wrapped[1], number(argument.value)
    if symbol.startswith("<msub>"):
        inner = symbol.removeprefix("<msub>").removesuffix("</msub>")
        pattern = rf"<msubsup>{re.escape(inner)}(.*?)</msubsup>"
        line = re.sub(pattern, rf"<msup><mrow>{value}</mrow>\1</msup>", line)
    return line.replace(symbol, value)
