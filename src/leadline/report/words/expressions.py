"""Small formulas, written once and shown twice: MathML Core for pages, plain text for terminals."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

INVISIBLE_TIMES = "&#x2062;"
COMBINING_HAT = "\N{COMBINING CIRCUMFLEX ACCENT}"


@dataclass(frozen=True)
class Expr:
    """A formula in both forms; `binds` says whether it needs brackets inside a product."""

    mathml: str
    text: str
    binds: bool = True

    def __add__(self, other: Expr) -> Expr:
        return _joined(self, "+", other)

    def __sub__(self, other: Expr) -> Expr:
        return _joined(self, "−", bracketed(other))

    def __mul__(self, other: Expr) -> Expr:
        left, right = bracketed(self), bracketed(other)
        dot = right.text[:1].isdigit()
        mathml = f"{left.mathml}<mo>{'⋅' if dot else INVISIBLE_TIMES}</mo>{right.mathml}"
        return Expr(mathml, f"{left.text} {'· ' if dot else ''}{right.text}")

    def __truediv__(self, other: Expr) -> Expr:
        mathml = f"<mfrac>{_row(self)}{_row(other)}</mfrac>"
        return Expr(mathml, f"{bracketed(self).text} / {_one(other)}")

    def __pow__(self, power: Expr) -> Expr:
        base = bracketed(self)
        text = f"{base.text}^{_one(power)}"
        if base.mathml.startswith("<msub>") and base.mathml.count("<msub>") == 1:
            both = base.mathml.removeprefix("<msub>").removesuffix("</msub>")
            return Expr(f"<msubsup>{both}{_row(power)}</msubsup>", text)
        return Expr(f"<msup>{_row(base)}{_row(power)}</msup>", text)


def var(name: str) -> Expr:
    """A variable: one letter, Latin or Greek."""
    return Expr(f"<mi>{escape(name)}</mi>", name)


def num(value: str) -> Expr:
    return Expr(f"<mn>{escape(value)}</mn>", value)


def indexed(base: Expr, index: Expr | str) -> Expr:
    """With a subscript, mostly the step."""
    below = var(index) if isinstance(index, str) else index
    return Expr(f"<msub>{_row(base)}{_row(below)}</msub>", f"{base.text}({below.text})")


def hatted(base: Expr) -> Expr:
    mathml = f'<mover accent="true">{base.mathml}<mo stretchy="false">^</mo></mover>'
    return Expr(mathml, base.text + COMBINING_HAT)


def root(inside: Expr) -> Expr:
    return Expr(f"<msqrt>{inside.mathml}</msqrt>", f"sqrt({inside.text})")


def call(function: str, *arguments: Expr) -> Expr:
    """A named function of its arguments: max(a, b)."""
    inside = "<mo>,</mo>".join(argument.mathml for argument in arguments)
    mathml = (
        f"<mi>{escape(function)}</mi><mo>&#x2061;</mo>"
        f'<mo stretchy="false">(</mo>{inside}<mo stretchy="false">)</mo>'
    )
    return Expr(mathml, f"{function}({', '.join(argument.text for argument in arguments)})")


def magnitude(inside: Expr) -> Expr:
    return Expr(f"<mo>|</mo>{inside.mathml}<mo>|</mo>", f"|{inside.text}|")


def norm(inside: Expr) -> Expr:
    return Expr(f"<mo>‖</mo>{inside.mathml}<mo>‖</mo>", f"‖{inside.text}‖")


def negative(inside: Expr) -> Expr:
    one = bracketed(inside)
    return Expr(f"<mo>−</mo>{one.mathml}", f"−{one.text}", binds=False)


def series(sign: str, index: str, last: str, inside: Expr) -> Expr:
    """A sum (∑) or a product (∏) from index = 1 to last."""
    mathml = (
        f"<munderover><mo>{sign}</mo><mrow><mi>{index}</mi><mo>=</mo><mn>1</mn></mrow>"
        f"<mi>{last}</mi></munderover>{inside.mathml}"
    )
    return Expr(mathml, f"{sign}({index} = 1..{last}) {inside.text}")


def bracketed(inside: Expr) -> Expr:
    """In brackets where it is a sum."""
    if inside.binds:
        return inside
    mathml = f'<mrow><mo stretchy="false">(</mo>{inside.mathml}<mo stretchy="false">)</mo></mrow>'
    return Expr(mathml, f"({inside.text})")


def equation(left: Expr, right: Expr, *, sign: str = "=") -> Expr:
    return Expr(f"{left.mathml}<mo>{sign}</mo>{right.mathml}", f"{left.text} {sign} {right.text}")


def math_block(expression: Expr) -> str:
    """A `<math>` element on a line of its own."""
    return f'<math display="block">{_row(expression)}</math>'


def math_inline(expression: Expr) -> str:
    return f"<math>{_row(expression)}</math>"


def _joined(left: Expr, sign: str, right: Expr) -> Expr:
    mathml = f"{left.mathml}<mo>{sign}</mo>{right.mathml}"
    return Expr(mathml, f"{left.text} {sign} {right.text}", binds=False)


def _row(inside: Expr) -> str:
    return f"<mrow>{inside.mathml}</mrow>"


def _one(inside: Expr) -> str:
    """Plain text that stands as one factor below a fraction bar or in an exponent."""
    text = inside.text
    alone = " " not in text or (text.startswith("sqrt(") and _closes(text))
    return text if alone else f"({text})"


def _closes(text: str) -> bool:
    """Whether the first bracket closes at the very end, as in sqrt(v(t) + ε)."""
    depth = 0
    for position, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == ")" and depth == 0:
            return position == len(text) - 1
    return False
