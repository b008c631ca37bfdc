"""The catalogue of each language against the sources: whole, sound, and set as its language is."""

import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from leadline.report.translations.language import LANGUAGES, catalogue_file
from leadline.system.messages import Sentences

ROOT = Path(__file__).parents[2]
TRANSLATED = [language for language in LANGUAGES if language != "en"]
PLACE = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
TAG = re.compile(r"</?[a-z][^>]*>")
SPEC = re.compile(r"(?<=\{)(\w+)(?:![rs])?(?::([^{}]*))?(?=\})")
KEYWORDS = re.findall(r"-k|(?<=-k )\S+", (ROOT / "Makefile").read_text(encoding="utf-8"))
"""The names of the functions whose messages `make messages` takes."""
ALIKE = {
    # Words that both languages spell alike, and names.
    ", test", ", validation", "Argument", "AUPRC", "AUROC", "cache", "classes", "Classes", "CNN",
    "Confusions", "convolutions", "DeLong", "ECE", "F1", "front", "HOG", "images", "Images", "ms",
    "normalisation", "p", "patients", "Patients", "pixels", "Points", "Questions", "s", "test",
    "Test", "Total", "total", "Type", "type", "validation", "Validation", "variance",
    "Verdict", "Youden", "{name} ({n} images)",
}  # fmt: skip


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Every message in code, templates and built-in experiments, as `make messages` takes them."""
    template = tmp_path_factory.mktemp("messages") / "leadline.pot"
    command = [
        sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "pyproject.toml",
        *KEYWORDS, "-o", str(template), ".",
    ]  # fmt: skip
    subprocess.run(command, cwd=ROOT, check=True)
    with template.open("rb") as file:
        return read_po(file)


@pytest.fixture(params=TRANSLATED)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    with catalogue_file(request.param).open("rb") as file:
        return read_po(file, locale=request.param)


def messages(catalogue: Catalog) -> dict[tuple[str | None, str], Message]:
    return {(one.context, forms(one.id)[0]): one for one in catalogue if one.id}


def forms(text: Any) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def test_the_sources_say_something(said):
    assert len(messages(said)) > 500
    keys = messages(said)
    assert (None, "Skip to the content") in keys, "templates"
    assert (None, "the largest value of each window") in keys, "marked words"
    assert ("catalog", "Two convolutions, pooled") in keys, "built-in experiments"
    assert ("all classes", "All") in keys, "words with a context"


def test_nothing_is_missing(said, catalogue):
    assert [key for key in messages(said) if key not in messages(catalogue)] == []


def test_nothing_is_left_over(said, catalogue):
    assert [key for key in messages(catalogue) if key not in messages(said)] == []
    assert list(catalogue.obsolete) == []


def test_nothing_is_fuzzy_or_empty(catalogue):
    loose = [one.id for one in catalogue if one.id and one.fuzzy]
    empty = [one.id for one in catalogue if one.id and not all(forms(one.string))]
    assert (loose, empty) == ([], [])


def test_plural_forms_are_those_of_the_language(said, catalogue):
    plural = {key for key, one in messages(said).items() if one.pluralizable}
    for key, one in messages(catalogue).items():
        assert len(forms(one.string)) == (catalogue.num_plurals if key in plural else 1), key
    assert catalogue.num_plurals == 2


def test_english_is_not_copied(catalogue):
    copied = [
        one.id for one in catalogue
        if one.id and forms(one.string)[-1] == forms(one.id)[-1] and is_word(forms(one.id)[-1])
    ]  # fmt: skip
    assert sorted(map(str, copied)) == []


def is_word(text: str) -> bool:
    words = TAG.sub("", PLACE.sub("", bare(text)))
    return bool(re.search(r"[A-Za-z]", words)) and not {words.strip(), bare(text)} & ALIKE


def bare(text: str) -> str:
    """The text with its fields bare, as {n} for {n:,}."""
    return SPEC.sub(r"\1", text)


def test_placeholders_are_the_same(catalogue):
    """A form may leave out its number, as "one pair" does; none may name what is not there."""
    for one in messages(catalogue).values():
        there = [places(text) for text in forms(one.id)]
        for text in forms(one.string):
            assert places(text) <= set.union(*there), (one.id, text)
            assert set.intersection(*there) <= places(text), (one.id, text)


def places(text: str) -> set[str]:
    return {first or second for first, second in PLACE.findall(bare(text))}


def test_values_are_formatted_alike(catalogue):
    for one in messages(catalogue).values():
        english = {found for text in forms(one.id) for found in specs(text)}
        for text in forms(one.string):
            assert specs(text) <= english, (one.id, text)


def specs(text: str) -> set[tuple[str, str]]:
    return set(SPEC.findall(text))


def test_forms_can_be_filled_in(catalogue):
    for one in messages(catalogue).values():
        for text in (*forms(one.id), *forms(one.string)):
            if "%(" in text or "%%" in text:
                assert "%" in text % defaultdict(str) or "%%" not in text
            elif "{" in text:
                Sentences().vformat(text, (), defaultdict(str))


def test_tags_are_the_same(catalogue):
    for one in messages(catalogue).values():
        english = Counter(TAG.findall(forms(one.id)[-1]))
        for text in forms(one.string):
            assert Counter(TAG.findall(text)) == english, (one.id, text)


WRONG_IN_FRENCH = {
    "a straight apostrophe": re.compile(r"'"),
    "straight quotes around words": re.compile(r'"(?!carve")[A-Za-zÀ-ÿ]|“|”'),
    "no narrow space before ; ! ?": re.compile(r"(?<![\u202f])[;!?](?!\w)"),
    "no narrow space before %": re.compile(r"(?<!\u202f)%%|(?<![\u202f%])%(?![(%])"),
    "no space before a colon": re.compile(r"(?<!\u00a0):(?!\d)(?=\s|$)"),
    "no space inside « »": re.compile(r"«(?!\u00a0)|(?<!\u00a0)»"),
    "a decimal point": re.compile(r"\d\.\d"),
    "a space at an end": re.compile(r"[ \n]$"),
}


def test_french_is_set_as_french_is():
    with catalogue_file("fr").open("rb") as file:
        catalogue = read_po(file, locale="fr")
    found = []
    for one in messages(catalogue).values():
        for text in forms(one.string):
            tagless = TAG.sub(lambda tag: tag[0].split()[0], bare(text))
            shown = re.sub(r"<code>.*?</code>", "", tagless)
            found += [
                (what, text) for what, pattern in WRONG_IN_FRENCH.items()
                if pattern.search(shown) and text not in ALLOWED_AS_IT_IS
            ]  # fmt: skip
    assert found == []


ALLOWED_AS_IT_IS = {
    "extrayez en PNG les images voulues (ffmpeg -i ENTREE image-%04d.png)",
    "\u202f; ou\u00a0: ",
    "\u202f; ",
}
"""Texts that join what stands before and after them, and a command."""


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ("a straight apostrophe", "l'image"),
        ("straight quotes around words", 'la "carte"'),
        ("no narrow space before ; ! ?", "un ; deux"),
        ("no narrow space before %", "95 %% des images"),
        ("no space before a colon", "La règle: celle-ci"),
        ("no space inside « »", "« mot »"),
        ("a decimal point", "au seuil de 0.5"),
    ],
)
def test_what_is_wrong_in_french_is_seen(wrong, text):
    assert WRONG_IN_FRENCH[wrong].search(text)
