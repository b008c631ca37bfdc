"""Tables on screens of any width: numbers whole, every cell there, no line too long."""

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from leadline.cli.terminal_tables import Column, TerminalTable, packed, wrapped

WIDTHS = (60, 80, 100, 160)


def shown(table, width):
    """Lines as a screen of that width, or a file, gets them."""
    text = io.StringIO()
    screen = Console(file=text, width=width, highlight=False, markup=False, emoji=False)
    screen.print(table)
    return text.getvalue().splitlines()


def comparison():
    table = TerminalTable(
        "Differences",
        Column("Ahead", "path"),
        Column("Of", "path"),
        Column("Points", "number"),
        Column("95% interval", "number", secondary=True),
        Column("p", "number", secondary=True),
        Column("Verdict"),
    )
    table.add_row("cnn-3", "hog-1", "+1.00", "+0.60 to +1.40", "0.012", "no difference shown")
    table.add_row("cnn-2", "a-name-of-an-experiment", "+11.00", "+0.60 to +1.40", "0.9", "better")
    return table


def test_a_wide_screen_has_one_line_a_row():
    assert shown(comparison(), 100) == [
        "Differences",
        "Ahead  Of                       Points    95% interval      p  Verdict",
        "cnn-3  hog-1                     +1.00  +0.60 to +1.40  0.012  no difference shown",
        "cnn-2  a-name-of-an-experiment  +11.00  +0.60 to +1.40    0.9  better",
    ]


def test_secondary_columns_go_below_the_row():
    assert shown(comparison(), 60) == [
        "Differences",
        "Ahead  Of                       Points  Verdict",
        "cnn-3  hog-1                     +1.00  no difference shown",
        "  95% interval +0.60 to +1.40, p 0.012",
        "cnn-2  a-name-of-an-experiment  +11.00  better",
        "  95% interval +0.60 to +1.40, p 0.9",
    ]


def test_a_very_narrow_screen_has_a_block_for_each_row():
    assert shown(comparison(), 34)[1:7] == [
        "cnn-3",
        "  Of           hog-1",
        "  Points       +1.00",
        "  95% interval +0.60 to +1.40",
        "  p            0.012",
        "  Verdict      no difference shown",
    ]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("the same values in one row: 14 × 14 × 32", 30, [
            "the same values in one row:", "14 × 14 × 32",
        ]),
        ("(28 ÷ 4) × (28 ÷ 4) × 8 = 392", 20, ["(28 ÷ 4) × (28 ÷ 4)", "× 8 = 392"]),
        ("60\u202f000 images", 9, ["60\u202f000", "images"]),
        ("one two", 7, ["one two"]),
        ("anticonstitutionally", 8, ["anticons", "titution", "ally"]),
        ("first\nsecond", 20, ["first", "second"]),
        ("手書き数字の分類", 6, ["手書き", "数字の", "分類"]),
        ("", 5, [""]),
    ],
)  # fmt: skip
def test_text_is_broken_between_words_and_terms(text, width, lines):
    assert wrapped(text, width) == lines


def test_items_are_kept_whole():
    assert packed(["95% interval 1 to 2", "p 0.5"], 22) == ["95% interval 1 to 2,", "p 0.5"]
    assert packed([], 22) == []


NUMBERS = st.integers(-(10**9), 10**9).map("{:,}".format)
WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=14), min_size=1, max_size=7).map(" ".join)


@settings(deadline=None, max_examples=80)
@given(
    st.lists(st.tuples(WORDS, NUMBERS, NUMBERS, WORDS), min_size=1, max_size=4),
    st.integers(30, 160),
)
def test_no_number_is_broken_and_no_word_is_lost(rows, width):
    table = TerminalTable(
        "A title",
        Column("name", "path"),
        Column("weights", "number"),
        Column("uses", "number", secondary=True),
        Column("verdict"),
    )
    for row in rows:
        table.add_row(*row)
    lines = shown(table, width)
    assert max(map(cell_len, lines)) <= width
    for name, weights, uses, verdict in rows:
        for number in (weights, uses):
            assert any(re.search(rf"(?<![\d,-]){re.escape(number)}(?![\d,])", one) for one in lines)
        text = " ".join(" ".join(lines).split())
        assert all(word in text for word in verdict.split())
        assert re.sub(r"\s", "", name)[:1] in text
