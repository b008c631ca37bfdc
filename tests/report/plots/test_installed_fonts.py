"""Letters beyond the typefaces that come along: an installed font, or a warning that names them."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from matplotlib import font_manager
from PIL import Image

from leadline.report.picture import lettering
from leadline.report.plots import installed_fonts
from leadline.report.plots.figure_export import SavedFigure, collect_figures
from leadline.report.plots.history_plots import confusion_plot
from leadline.report.plots.installed_fonts import (
    FontUse,
    font_for,
    missing_letters_text,
    read_ranges,
    use_installed_fonts,
)

DEJAVU = Path(font_manager.findfont("DejaVu Sans"))
IDEOGRAPH = "\u7fd8"
needs_cjk = pytest.mark.skipif(font_for(IDEOGRAPH) is None, reason="no font for Chinese here")


@pytest.fixture
def no_fonts(monkeypatch, tmp_path):
    """A machine without any font."""
    monkeypatch.setattr(installed_fonts, "font_folders", lambda: (tmp_path,))


def drawn(*classes: str) -> SavedFigure:
    kept: list[SavedFigure] = []
    with collect_figures(kept.append):
        confusion_plot(np.eye(len(classes), dtype=np.int64), classes, uid="a")
    return kept[0]


def test_ranges_are_those_that_freetype_sees():
    ranges = read_ranges(DEJAVU)
    own = font_manager.get_font(str(DEJAVU)).get_charmap()
    found = {code for start, end in ranges for code in range(start, end + 1)}
    assert set(own) <= found
    assert len(found - set(own)) <= 10  # codes of a range that map to no glyph


def test_a_font_of_a_folder_is_found_by_letter(tmp_path):
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "some.TTF").write_bytes(DEJAVU.read_bytes())
    (tmp_path / "broken.ttf").write_bytes(b"\0\1\0\0\xff\xff")
    (tmp_path / "empty.otf").write_bytes(b"")
    (tmp_path / "notes.txt").write_bytes(DEJAVU.read_bytes())
    found = font_for("\u03a9", (tmp_path,))
    assert found is not None
    assert found.path.name == "some.TTF"
    assert font_for(IDEOGRAPH, (tmp_path,)) is None
    assert font_for("\u03a9", (tmp_path / "nowhere",)) is None


def test_a_font_that_cannot_be_drawn_with_is_passed_over(tmp_path):
    """Its tables are whole, so that its letters can be listed; its header is not."""
    content = DEJAVU.read_bytes()
    place = 12 + 16 * next(
        n for n in range(40) if content[12 + 16 * n : 16 + 16 * n] == b"head"
    )  # its entry in the table of contents
    damaged = content[:place] + b"xxxx" + content[place + 4 :]
    (tmp_path / "a.ttf").write_bytes(damaged)
    assert read_ranges(tmp_path / "a.ttf")
    assert font_for("\u03a9", (tmp_path,)) is None


def test_a_font_whose_outlines_are_damaged_is_passed_over(tmp_path):
    content = DEJAVU.read_bytes()
    place = next(at for at in range(12, 640, 16) if content[at : at + 4] == b"glyf")
    start, length = struct.unpack_from(">II", content, place + 8)
    damaged = content[:start] + b"\xff" * length + content[start + length :]
    (tmp_path / "a.ttf").write_bytes(damaged)
    (tmp_path / "b.ttf").write_bytes(content)
    found = font_for("\u03a9", (tmp_path,))
    assert found is not None
    assert found.path.name == "b.ttf"


def test_missing_letters_are_named_with_a_font_to_install():
    text = missing_letters_text([IDEOGRAPH, "\ud55c", "\u0939", IDEOGRAPH])
    assert f"{IDEOGRAPH} \ud55c (install Noto Sans CJK; Debian and Ubuntu: fonts-noto-cjk)" in text
    assert "\u0939 (install Noto Sans; Debian and Ubuntu: fonts-noto-core)" in text
    assert "2 more" in missing_letters_text(chr(0x4E00 + step) for step in range(12))


def test_latin_needs_no_font(no_fonts):
    assert drawn("cat", "d\u00f6g \u03b1\ufe0f").fonts == FontUse()


@pytest.mark.usefixtures("no_fonts")
def test_without_a_font_the_letters_are_known():
    one = drawn(f"{IDEOGRAPH}\u5934", "cat")
    assert one.fonts == FontUse(lacking=frozenset({IDEOGRAPH, "\u5934"}))
    assert set(one.files()) == {"svg", "png", "pdf"}


def ink(one: SavedFigure) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(one.files()["png"])).convert("L"))


@needs_cjk
def test_with_a_font_each_letter_looks_its_own():
    """Boxes would be the same for both."""
    first, second = drawn(IDEOGRAPH, "cat"), drawn("\u5934", "cat")
    assert first.fonts.lacking == frozenset()
    assert len(first.fonts.families) == 1
    assert (ink(first) != ink(second)).any()
    assert b"%PDF" in first.files()["pdf"]


@needs_cjk
def test_wide_names_have_room():
    """Nothing is inked at the left edge: the longest name is not cut."""
    page = ink(drawn("\u7fd8\u5934\u526a" * 4, "cat"))
    assert (page[:, :3] > 200).all()


def test_fonts_of_two_figures_together():
    one, two = FontUse(frozenset("a"), frozenset("x")), FontUse(frozenset("b"))
    assert one.with_others(two) == FontUse(frozenset("ab"), frozenset("x"))


@pytest.mark.usefixtures("no_fonts")
def test_pictures_spell_out_what_no_font_has():
    assert lettering.spelt(f"a{IDEOGRAPH}") == "a\\u7fd8"
    assert lettering.lacking([f"a{IDEOGRAPH}", "b c"]) == {IDEOGRAPH}
    assert lettering.typeface(20).getlength("abc") > 0


@needs_cjk
def test_pictures_draw_what_an_installed_font_has():
    font = lettering.typeface(20)
    assert lettering.spelt(f"a{IDEOGRAPH}") == f"a{IDEOGRAPH}"
    assert not lettering.lacking([IDEOGRAPH])
    assert font.getlength(IDEOGRAPH * 2) == pytest.approx(40, abs=4)
    assert font.getlength(f"a{IDEOGRAPH}") == pytest.approx(
        font.getlength("a") + font.getlength(IDEOGRAPH)
    )


def test_use_of_fonts_is_found_without_drawing(no_fonts):
    one = drawn("a", "b")
    assert use_installed_fonts(one.figure) == FontUse()
