"""In which language a page speaks: messages are looked up when they are said, not when imported.

Write `from leadline.report.translations.language import gettext as _` and
`_("{n} images").format(n=...)`; `pybabel extract` finds such calls, and `{% trans %}` in templates.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from leadline.errors import SpecError, mark
from leadline.report.translations.babel_extractor import CONTEXT

__all__ = [
    "LANGUAGES", "SOURCE_LANGUAGE", "built_in", "catalogue_file", "check_language", "gettext",
    "mark", "ngettext", "pgettext", "speaking", "spoken",
]  # fmt: skip

SOURCE_LANGUAGE = "en"
"""The language that the messages in code and templates are written in."""

LANGUAGES = (SOURCE_LANGUAGE, "fr")
LOCALES = Path(__file__).parent.parent / "locales"
DOMAIN = "leadline"

_language: ContextVar[str] = ContextVar("language", default=SOURCE_LANGUAGE)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say everything in this language, one of LANGUAGES, until the block ends.

    Raises SpecError for a language that there is no catalogue of.
    """
    token = _language.set(check_language(language))
    try:
        yield
    finally:
        _language.reset(token)


def check_language(language: str) -> str:
    """The language itself. Raises SpecError for one that there is no catalogue of."""
    if language not in LANGUAGES:
        raise SpecError(f"language {language!r}; choose one of {', '.join(LANGUAGES)}.")
    return language


def spoken() -> str:
    """The language in force."""
    return _language.get()


def gettext(message: str) -> str:
    """The message in the language in force; as it is where there is no translation."""
    return _catalogue(spoken()).gettext(message) if message else ""


def ngettext(one: str, many: str, n: int) -> str:
    """The form of the message that the number asks for."""
    return _catalogue(spoken()).ngettext(one, many, n)


def pgettext(context: str, message: str) -> str:
    """The message where its English word has several meanings; context tells which."""
    return _catalogue(spoken()).pgettext(context, message)


def built_in(message: str) -> str:
    """The title or the description of a built-in experiment; a user's own as it is."""
    return pgettext(CONTEXT, message)


def catalogue_file(language: str) -> Path:
    """Where a language's messages lie, as gettext's tools and Poedit know them."""
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def _catalogue(language: str) -> NullTranslations:
    """Read from the .po itself, so that no compiled twin can be out of date."""
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with catalogue_file(language).open("rb") as file:
        catalogue = read_po(file, locale=language, domain=DOMAIN)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
