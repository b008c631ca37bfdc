"""Texts of run folders and of the rooms below, said in the language of the page.

A room below says something in English, once, and a run folder keeps it, its numbers filled in. Here
stand the forms of what they say; a text that has one of these forms is said again in the language
that is spoken, with its numbers in that language's signs. What has no form here, as the words that
a user wrote himself, stays as it is.
"""

from __future__ import annotations

import re
from functools import cache

from leadline.report.formatting import signs, written
from leadline.report.translations.babel_extractor import CONTEXT
from leadline.report.translations.language import SOURCE_LANGUAGE, gettext, pgettext, spoken
from leadline.report.translations.retold_forms import FORMS, TERMS

WORDS = frozenset({"reason", "title"})
"""Values that are words themselves; the others are names, or numbers."""

_FIELD = re.compile(r"\\{(\w+)\\}")
_NUMBER = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?(?:e-?\d+)?(%?)")
_TERM = re.compile("|".join(TERMS))
_IN_TEXT = re.compile(r"(?<![\w.,-])\d{1,3}(?:,\d{3})+(?![\w,])")


def retold(text: str) -> str:
    """A stored English text in the language that is spoken; as it is where nothing knows it."""
    if spoken() == SOURCE_LANGUAGE or not text:
        return text
    if (said := gettext(text)) != text:
        return said
    for form, pattern in _patterns():
        if match := pattern.fullmatch(text):
            values = {name: _value(name, value) for name, value in match.groupdict().items()}
            return gettext(form).format(**values)
    return text


def built_in(text: str) -> str:
    """The title or the description of a built-in experiment; a user's own as it is."""
    return pgettext(CONTEXT, text)


def retold_sum(text: str) -> str:
    """The sum behind a layer's weights, or why it has none: "(784 × 512) + 512 = 401,920"."""
    said = retold(text)
    if said != text:
        return said
    named = _TERM.sub(lambda match: gettext(match[0]), text)
    return _IN_TEXT.sub(lambda match: written(match[0]), named)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each form with the texts that have it; those with the most words of their own first."""
    found = sorted(FORMS, key=lambda form: -len(_FIELD.sub("", re.escape(form))))
    return tuple((form, _pattern(form)) for form in found)


def _pattern(form: str) -> re.Pattern[str]:
    escaped = re.escape(form)
    return re.compile(_FIELD.sub(r"(?P<\1>.+?)", escaped), re.DOTALL)


def _value(name: str, value: str) -> str:
    if name in WORDS:
        return retold(value)
    if name == "sum":
        return retold_sum(value)
    number = _NUMBER.fullmatch(value)
    if number is None:
        return value
    plain = written(value.removesuffix("%"))
    return f"{plain}{signs(spoken()).before_percent}%" if number[1] else plain
