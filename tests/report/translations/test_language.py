"""Which language a page speaks, and what is said where a message has no translation."""

import threading

import pytest

from leadline.errors import SpecError
from leadline.report.html_rendering import templates
from leadline.report.translations.language import built_in, gettext, ngettext, speaking, spoken


def test_english_is_spoken_unless_told():
    assert spoken() == "en"
    assert gettext("Skip to the content") == "Skip to the content"
    assert ngettext("{n} image", "{n} images", 1) == "{n} image"
    assert ngettext("{n} image", "{n} images", 2) == "{n} images"


def test_french_within_the_block_alone():
    with speaking("fr"):
        assert spoken() == "fr"
        assert gettext("Skip to the content") == "Aller au contenu"
    assert gettext("Skip to the content") == "Skip to the content"


def test_what_is_not_in_the_catalogue_is_said_as_it_is():
    with speaking("fr"):
        assert gettext("my-own-experiment") == "my-own-experiment"
        assert gettext("") == ""


def test_a_language_ends_also_where_the_block_fails():
    with pytest.raises(ValueError, match="broken"), speaking("fr"):
        raise ValueError("broken")
    assert spoken() == "en"


def test_threads_do_not_hear_each_other():
    heard = []
    with speaking("fr"):
        other = threading.Thread(target=lambda: heard.append(spoken()))
        other.start()
        other.join()
    assert heard == ["en"]


def test_a_language_without_a_catalogue_is_refused_by_name():
    with pytest.raises(SpecError, match=r"language 'de'; choose one of en, fr\."), speaking("de"):
        pass


def test_templates_keep_their_words_by_language():
    with speaking("fr"):
        french = templates()
    assert french is not templates()
    assert french.globals["language"] == "fr"
    assert templates() is templates()


def test_only_the_built_in_experiments_are_translated():
    with speaking("fr"):
        assert built_in("Two convolutions, pooled") == "Deux convolutions, avec pooling"
        assert built_in("Weights") == "Weights", "though the word stands in the catalogue"
        assert built_in("") == ""
