"""What a matplotlib figure becomes: themed, described, and alone in its ids."""

import re
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest

from leadline.report.plots.svg import COLOURS, new_figure, theme, to_svg


def draw(uid="one", colour="ink"):
    with theme():
        figure = new_figure(200, 100)
        axes = figure.add_subplot()
        axes.plot([1, 2, 3], [1, 4, 9], "o-", color=COLOURS[colour], gid="line")
        axes.set_xlabel("epoch")
        return to_svg(
            figure, uid=uid, title="A <title>", description="Words & more", tips={"line": "1 to 9"}
        )


@pytest.fixture(scope="module")
def svg():
    return draw()


def test_it_stands_alone_in_a_page(svg):
    assert svg.startswith("<svg ")
    assert "http" not in svg
    for part in ("<?xml", "<!DOCTYPE", "metadata", "<style", "font-family", "xmlns"):
        assert part not in svg


def test_it_is_described(svg):
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "one-title one-desc"
    assert [(child.tag, child.text) for child in root[:2]] == [
        ("title", "A <title>"),
        ("desc", "Words & more"),
    ]


def test_colours_are_those_of_the_page(svg):
    assert "var(--ink)" in svg
    assert not re.search(r"#fe01[0-9a-f]{2}", svg)
    assert "var(--hog)" in draw(colour="hog")


def test_it_scales_with_the_page(svg):
    root = ET.fromstring(svg)
    assert root.get("viewBox") == "0 0 200 100"
    assert root.get("width") is root.get("height") is None
    assert root.get("style") == "max-width: 200px"


def test_places_are_as_short_as_the_eye_needs(svg):
    places = " ".join(re.findall(r'\s(?:d|x|y|transform)="([^"]*)"', svg))
    assert re.search(r"\d\.\d\d", places)
    assert not re.search(r"\d\.\d{3}", places)
    assert "<g />" not in svg


def test_what_is_said_keeps_its_digits():
    with theme():
        figure = new_figure(200, 100)
        figure.add_subplot().plot([1, 2], [0, 1], gid="line")
        told = to_svg(figure, uid="a", title="A", description="0.12345", tips={"line": "0.98765"})
    assert '<desc id="a-desc">0.12345</desc>' in told
    assert "<title>0.98765</title>" in told


def test_tips_are_titles_of_what_is_hovered(svg):
    tips = [element.text for element in ET.fromstring(svg).findall(".//g/title")]
    assert tips == ["1 to 9"]


def test_two_figures_share_no_id():
    ids = [re.findall(r' id="([^"]+)"', draw(uid)) for uid in ("one", "two")]
    assert ids[0]
    assert len(set(ids[0])) == len(ids[0])
    assert not set(ids[0]) & set(ids[1])


def test_every_reference_has_its_target(svg):
    references = set(re.findall(r'(?:href="#|url\(#)([\w.-]+)', svg))
    assert references
    assert references <= set(re.findall(r' id="([^"]+)"', svg))


def test_text_stays_text(svg):
    assert "epoch" in [element.text for element in ET.fromstring(svg).iter("text")]


def test_equal_figures_give_equal_text(svg):
    assert draw() == svg


def test_a_users_matplotlibrc_changes_nothing(svg):
    with mpl.rc_context({"lines.linewidth": 9, "font.size": 30, "axes.grid": True}):
        assert draw() == svg
