"""Figures of a page as files that stand alone: SVG, PNG and PDF, in the page's light colours."""

import io
import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image, ImageColor
from tests.report.conftest import sample_run

from leadline.report.html_pages import render_run
from leadline.report.plots import figure_export
from leadline.report.plots.figure_export import PNG_DPI, SavedFigure, collect_figures
from leadline.report.plots.history_plots import history_plot
from leadline.report.plots.svg import COLOURS

SVG = "{http://www.w3.org/2000/svg}"


def plot(uid="a"):
    return history_plot("loss", [0.9, 0.5, 0.3], [0.8, 0.6, 0.7], best_epoch=2, uid=uid)


def drawn():
    kept: list[SavedFigure] = []
    with collect_figures(kept.append):
        plot()
    (one,) = kept
    return one


@pytest.fixture(scope="module")
def files():
    return drawn().files()


def test_it_comes_as_three_files(files):
    assert list(files) == ["svg", "png", "pdf"]
    assert files["svg"].startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<svg ')
    assert files["png"].startswith(b"\x89PNG")
    assert files["pdf"].startswith(b"%PDF-")


def test_the_svg_needs_no_page(files):
    text = files["svg"].decode()
    assert "var(" not in text
    assert not re.search(r"#fe01[0-9a-f]{2}", text)
    root = ET.fromstring(text)
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    assert "sans-serif" in root.attrib["font-family"]
    assert [child.tag for child in root[:3]] == [f"{SVG}{tag}" for tag in ("title", "desc", "rect")]
    assert root[0].text == "Loss by epoch"
    tips = [title.text for title in root.findall(f".//{SVG}g/{SVG}title")]
    assert any("epoch 1" in (tip or "") for tip in tips)


def test_the_png_has_the_resolution_of_print(files):
    image = Image.open(io.BytesIO(files["png"]))
    sides = ET.fromstring(files["svg"]).attrib["viewBox"].split()[2:]
    expected = tuple(round(float(side) * PNG_DPI / 72) for side in sides)
    assert all(abs(one - other) <= 1 for one, other in zip(image.size, expected, strict=True))
    assert image.convert("RGB").getpixel((2, 2)) == (255, 255, 255)


def test_its_colours_are_those_of_the_page_in_the_light(files):
    flat = np.asarray(Image.open(io.BytesIO(files["png"])).convert("RGB")).reshape(-1, 3)
    shown = set(np.unique(flat.astype(np.int64) @ (1 << 16, 1 << 8, 1)).tolist())
    for name in ("train", "validation"):
        red, green, blue = ImageColor.getrgb(figure_export._light()[name])[:3]
        assert (red << 16) + (green << 8) + blue in shown, name
    assert not any(colour >> 8 == 0xFE01 for colour in shown)


def test_equal_figures_give_equal_files(files):
    assert drawn().files() == files


def test_the_light_palette_has_every_colour():
    light = figure_export._light()
    for name in COLOURS:
        assert re.fullmatch(r"#(?:[0-9a-f]{3}){1,2}", light[name]), name
    assert light["surface"] == light["paper"] == "#ffffff"


def test_the_page_is_the_same_whether_its_figures_are_collected():
    """One rendering serves both, so a page in dark mode keeps the variables of its colours."""
    kept: list[SavedFigure] = []
    with collect_figures(kept.append):
        collected = render_run(sample_run())
    for one in kept:
        one.files()
    assert collected == render_run(sample_run())
    assert "var(--train)" in collected


def test_every_figure_of_a_page_is_handed_over_once():
    kept: list[SavedFigure] = []
    with collect_figures(kept.append):
        html = render_run(sample_run())
    names = [one.uid for one in kept]
    assert len(set(names)) == len(names) == html.count('role="img" aria-labelledby')
    assert {"mlp-1-seed-0-loss", "mlp-1-seed-0-confusion"} <= set(names)


def test_letters_that_the_font_lacks_stop_nothing(recwarn):
    kept: list[SavedFigure] = []
    page = sample_run(classes=("猫", "犬", "鳥"))
    with collect_figures(kept.append):
        render_run(page)
    (confusion,) = (one for one in kept if one.uid.endswith("confusion"))
    assert "猫" in confusion.files()["svg"].decode()
