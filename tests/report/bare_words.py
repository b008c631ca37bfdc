"""Words and signs of a template that reach a reader without going through the catalogue.

The template is read as Jinja reads it and laid out flat: all branches one after the other, what is
translated or worked out as a mark that no word holds. What is left of it is read as HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from jinja2 import Environment, nodes

SPOKEN = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
READ_ALOUD = {"aria-label", "alt", "title", "placeholder", "aria-description"}
SILENT = {"code", "pre", "style", "script", "math", "bdi", "i"}
NAMES = {
    "AUC", "AUROC", "AUPRC", "CNN", "ECE", "HOG", "MNIST", "NPV", "PPV", "leadline", "nbsp", "p",
}  # fmt: skip
"""Names, the same in every language."""
WORD = re.compile(r"[^\W\d_]{2,}")
SPACED = re.compile(r"[:;!?](?=\s|$)")
"""Signs before which some languages put a space."""
MARK = "\N{SECTION SIGN}"


def bare_words(source: str) -> list[str]:
    """What is visible and bare in a template's text, or handed to a macro as it is."""
    environment = Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True)
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    tree = environment.parse(source)
    reader = _Reader()
    reader.feed("".join(_flat(tree)))
    reader.close()
    return [*reader.found, *filter(_spoken, _handed_over(tree))]


def _flat(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.TemplateData):
        yield node.data
    elif isinstance(node, nodes.Output):
        for part in node.nodes:
            yield part.data if isinstance(part, nodes.TemplateData) else _shown(part)
    else:
        for child in node.iter_child_nodes():
            yield from _flat(child)


def _shown(part: nodes.Node) -> str:
    """What an expression shows by itself: its own words, or a mark."""
    if isinstance(part, nodes.Const):
        return str(part.value)
    if isinstance(part, nodes.CondExpr):
        other = "" if part.expr2 is None else _shown(part.expr2)
        return f"{_shown(part.expr1)} {other}"
    if isinstance(part, nodes.Concat):
        return "".join(map(_shown, part.nodes))
    if isinstance(part, nodes.Filter) and part.node is not None:
        return _shown(part.node)
    if isinstance(part, nodes.Or | nodes.And | nodes.Add):
        return _shown(part.left) + _shown(part.right)
    return MARK


def _handed_over(tree: nodes.Node) -> Iterator[str]:
    """Texts that are arguments of macros, or kept in variables, and look like words to be read."""
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in SPOKEN:
            continue
        # A method of a view is asked by a key; a macro is handed what it shows.
        method = isinstance(call.node, nodes.Getattr)
        for argument in (*call.args, *(keyword.value for keyword in call.kwargs)):
            yield from (text for text in _texts(argument) if not method or text[:1].isupper())
    for kept in tree.find_all(nodes.Assign):
        yield from _texts(kept.node)


def _texts(part: nodes.Node) -> Iterator[str]:
    if isinstance(part, nodes.Const) and isinstance(part.value, str):
        yield part.value
    elif isinstance(part, nodes.List | nodes.Tuple):
        for item in part.items:
            yield from _texts(item)
    elif isinstance(part, nodes.Dict):
        for pair in part.items:
            yield from _texts(pair.value)
    elif isinstance(part, nodes.Concat):
        for item in part.nodes:
            yield from _texts(item)
    elif isinstance(part, nodes.CondExpr):
        yield from _texts(part.expr1)
        if part.expr2 is not None:
            yield from _texts(part.expr2)


def _spoken(text: str) -> bool:
    """Keys and classes are lower case, without a space or with hyphens."""
    words = [word for word in WORD.findall(text) if word not in NAMES]
    return bool(words) and (" " in text.strip() or text[:1].isupper())


class _Reader(HTMLParser):
    """Collects visible words, and those of attributes that are read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.silent.append(tag)
        for name, value in attrs:
            if name in READ_ALOUD and value and _words(value):
                self.found.append(f"{name}={value}")

    def handle_endtag(self, tag: str) -> None:
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent and (_words(data) or SPACED.search(data)):
            self.found.append(" ".join(data.split()))


def _words(text: str) -> list[str]:
    return [word for word in WORD.findall(text) if word not in NAMES]
