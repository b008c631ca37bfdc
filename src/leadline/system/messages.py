"""Messages kept apart from their values, and made into sentences where they are displayed.

A message is an English template and typed values. `str(message)` is the English sentence;
`report.formatting.sentence` makes it in the language of the page. Templates use Python's format
specifications, `"{share:.1%} of {n:,} images"`; the signs of the numbers are those of the language.
A value may be a message itself, and a tuple is joined: `{names}` with commas, `{names:and}` as a
list with "and", `{parts:;}` with semicolons.

`pybabel extract` finds the templates in calls of `message`, `counted` and `in_context`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite, isnan
from string import Formatter
from typing import Any

__all__ = ["Message", "Sentences", "counted", "in_context", "message"]


@dataclass(frozen=True)
class Message:
    """A template with its values.

    Parameters
    ----------
    template : str
        In English; the singular where there is a plural.
    values : mapping
        By the names of the fields of the template.
    plural : str
        The template for every `count` but one; "" where there is no plural.
    context : str
        Separates equal English words that are translated differently.
    """

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    plural: str = ""
    count: int = 1
    context: str = ""

    def filled(self, **values: Any) -> Message:
        """Return the message with these values."""
        return replace(self, values=values)

    def __str__(self) -> str:
        return ENGLISH.sentence(self)

    def __hash__(self) -> int:
        return hash((self.template, self.context, str(self)))


def message(template: str, /, **values: Any) -> Message:
    """Return a message of this template."""
    return Message(template, values)


def counted(singular: str, plural: str, count: int, /, **values: Any) -> Message:
    """Return a message whose template depends on a count."""
    return Message(singular, values, plural, count)


def in_context(context: str, template: str, /, **values: Any) -> Message:
    """Return a message whose English words have another translation elsewhere."""
    return Message(template, values, context=context)


class Sentences(Formatter):
    """Makes sentences of messages, in English; a subclass does so in another language."""

    def sentence(self, said: Message) -> str:
        """Return the sentence of a message, its values filled in."""
        return self.vformat(self.translated(said), (), said.values)

    def translated(self, said: Message) -> str:
        """Return the template to fill in."""
        return said.plural if said.plural and said.count != 1 else said.template

    def number(self, text: str) -> str:
        """Return a number that Python formatted, such as "1,234.5" or "4.8%"."""
        return text

    def odd(self, value: float) -> str:
        """Return an infinite number, or one that is none, in words or signs."""
        return "not a number" if isnan(value) else "∞" if value > 0 else "\N{MINUS SIGN}∞"

    def listed(self, parts: Sequence[str]) -> str:
        """Return "a, b and c"."""
        *most, last = parts
        return f"{', '.join(most)} and {last}" if most else last

    def format_field(self, value: Any, format_spec: str) -> str:
        """Format one value as the module's description says."""
        if isinstance(value, Message):
            return self.sentence(value)
        if isinstance(value, tuple | list):
            parts = [self.format_field(part, "") for part in value]
            if format_spec == "and":
                return self.listed(parts)
            return (f"{format_spec} " if format_spec else ", ").join(parts)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self.number(format(value, format_spec)) if isfinite(value) else self.odd(value)
        return str(value)


ENGLISH = Sentences()
