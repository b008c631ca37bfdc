"""Messages: templates, plurals, lists and messages within messages."""

import pytest

from leadline.report.formatting import sentence
from leadline.report.translations.language import speaking
from leadline.system.messages import Message, counted, message


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (message("{n:,} of {share:.1%}", n=1234, share=0.0481), "1,234 of 4.8%"),
        (message("{names}", names=("a", "b", "c")), "a, b, c"),
        (message("{names:and}", names=("a", "b", "c")), "a, b and c"),
        (message("{names:and}", names=["a"]), "a"),
        (message("{parts:;}", parts=("a", "b")), "a; b"),
        (message("{inner}!", inner=message("{x:.2f}", x=0.5)), "0.50!"),
        (message("{inner}", inner=[message("{n:,}", n=n) for n in (1, 2000)]), "1, 2,000"),
        (message("{yes} {text}", yes=True, text="{braces}"), "True {braces}"),
        (counted("{n} file", "{n} files", 1, n=1), "1 file"),
        (counted("{n} file", "{n} files", 0, n=0), "0 files"),
    ],
)  # fmt: skip
def test_english(said, text):
    assert str(said) == text
    assert sentence(said) == text


def test_numbers_are_written_as_the_language_writes_them():
    said = message("{n:,} {share:.1%} {auc:.3f}", n=-1234, share=0.0481, auc=0.5)
    with speaking("fr"):
        assert sentence(said) == "\u22121\u202f234 4,8\u202f% 0,500"


def test_french_takes_its_own_plural():
    """Zero is singular in French."""
    said = Message("{n:,} file", {"n": 0}, "{n:,} files", 0)
    with speaking("fr"):
        assert sentence(said) == "0 fichier"


def test_values_must_be_complete():
    with pytest.raises(KeyError, match="n"):
        str(message("{n}"))


def test_messages_with_lists_can_be_kept_in_sets():
    assert len({message("{a}", a=["x"]), message("{a}", a=["x"]), message("{a}", a=["y"])}) == 2
