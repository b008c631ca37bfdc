"""No word reaches a reader past the catalogue: in no template, on no page, in no figure."""

import re
from gettext import NullTranslations
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from tests.report.bare_words import bare_words
from tests.report.spoken_pages import PAGES
from tests.report.visible import visible

import leadline.report
from leadline.report import html_rendering
from leadline.report.translations import language
from leadline.report.translations.language import catalogue_file, speaking

TEMPLATES = sorted((Path(leadline.report.__file__).parent / "templates").glob("*.j2"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_have_no_bare_words(template):
    assert bare_words(template.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Weights</p>", ["Weights"]),
        ("<p>{% trans %}Weights{% endtrans %}</p>", []),
        ("<p>{{ _('Weights') }}</p>", []),
        ("<p>{{ n }} weights</p>", ["§ weights"]),
        ("<p>{{ 'weight' if n == 1 else 'weights' }}</p>", ["weight weights"]),
        ("<p>{{ 'of ' ~ n }}</p>", ["of §"]),
        ("<p>{% if n %}many{% endif %}</p>", ["many"]),
        ("<b>{{ name }}</b>: {{ value }}", [": §"]),
        ("{{ '; ' if n }}{{ value }}", ["; §"]),
        ("<img alt='A cat'>", ["alt=A cat"]),
        ("<img alt='{{ _(\"A cat\") }}'>", []),
        ("<td class=\"{{ 'nowrap' if n else 'words' }}\">{{ n }}</td>", []),
        ("<pre>leadline train</pre><code>a.b</code>", []),
        ("{{ box('Layers of ' ~ name) }}", ["Layers of "]),
        ("{{ box(_('Layers')) }}", []),
        ("{{ box('topology') }}", []),
        ("{% set NAMES = {'a': 'Two words'} %}", ["Two words"]),
        ("{# A comment #}<p>AUROC {{ n }}, HOG</p>", []),
    ],
)
def test_bare_words_are_seen(source, found):
    assert bare_words(source) == found


PLACE_OR_TAG = re.compile(r"(%\(\w+\)s|\{\w+(?:![rs])?(?::[^{}]*)?\}|%%|</?[a-z][^>]*>)")
BRACKETED = re.compile(r"⟦[^⟧]*⟧|⟦[^⟧]*$|^[^⟦]*⟧")
"""A message, or the part of one that was cut in two."""
WORD = re.compile(r"[^\W\d_]{2,}")
NOT_FRENCH = re.compile(
    r"(?<![\d.])\d+\.\d+(?![\d.])|\d%|\d [%sk]\b|(?<!\d)\d{1,3},\d{3},\d{3}"
    r"|[\w)%]: |^: |\w[;!?](?= |$)|^; "
)
"""A number, or a sign, set as English sets it."""
NAMES = {
    # Of experiments, layers, classes, files, programs and measures: the same in every language.
    "AUC", "AUPRC", "AUROC", "CPU", "CNN", "Cell", "Dense", "ECE", "ERA", "HOG", "InputLayer",
    "Linux", "MNIST", "MaxPooling2D", "NORMAL", "PNEUMONIA", "UTC", "bacteria", "chest", "cnn",
    "conv", "data", "films", "float", "head", "hidden", "hog", "image", "jax", "keras", "leadline",
    "mlp", "mp", "png", "python", "torch", "virus", "RMSprop", "Grad", "CAM", "train", "test",
    "seed", "MaxPooling", "categorical", "crossentropy", "cat", "alert", "script", "dog", "co",
    "xray", "pets", "carve", "given", "dense", "probabilities",
    "beta", "folder", "gamma", "truncated",
}  # fmt: skip
UNITS = {"min", "ms", "px", "Ko", "Mo", "novembre"}


class Bracketing(NullTranslations):
    """Every message that the catalogue knows, in brackets but for what it puts in.

    What is outside of them was not translated.
    """

    def __init__(self) -> None:
        super().__init__()
        with catalogue_file("fr").open("rb") as file:
            ids = [message.id for message in read_po(file)]
        self.known = {text for one in ids for text in ((one,) if isinstance(one, str) else one)}

    def gettext(self, message: str) -> str:
        if message not in self.known:
            return message
        parts = PLACE_OR_TAG.split(message)
        return "".join(
            part if place % 2 or not part.strip() else f"⟦{part}⟧"
            for place, part in enumerate(parts)
        )

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(message)


@pytest.fixture
def bracketed(monkeypatch):
    html_rendering._templates.cache_clear()
    catalogue = Bracketing()
    monkeypatch.setattr(language, "_catalogue", lambda spoken: catalogue)
    with speaking("fr"):
        yield
    html_rendering._templates.cache_clear()


@pytest.mark.parametrize("page", PAGES)
def test_every_word_of_a_page_goes_through_the_catalogue(bracketed, page):
    texts = [(text, BRACKETED.sub(" ", text.partition(": ")[2])) for text in visible(PAGES[page]())]
    loose = [text for text, rest in texts if set(WORD.findall(rest)) - NAMES - UNITS]
    assert loose == []


@pytest.mark.parametrize("page", PAGES)
def test_numbers_of_a_french_page_are_french(page):
    with speaking("fr"):
        texts = list(visible(PAGES[page]()))
    assert [text for text in texts if NOT_FRENCH.search(text.partition(": ")[2])] == []
