"""The pages in a real browser: nothing sticks out, nothing is fetched, nothing is complained of."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from tests.report.comparisons import comparison, pair

from leadline.report.html_pages import render_run, render_study
from leadline.report.page_content import StudyPage

pytestmark = pytest.mark.slow
NAMES = ["mlp-1", "hog-1", "cnn-1"]
WIDTHS_PX = [320, 375, 768, 1280]
OPEN_ALL = "document.querySelectorAll('details').forEach(one => one.open = true)"
STICKING_OUT = """
[...document.querySelectorAll('body *')].filter(one => {
  const boxed = one.closest('.table-box, .plot-box, .formula, pre, svg, .skip');
  const place = one.getBoundingClientRect();
  return (!boxed || boxed === one) && !one.closest('.skip') && place.width > 0
    && (place.right > innerWidth + 0.5 || place.left < -0.5);
}).map(one => one.outerHTML.slice(0, 120))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory, make_run):
    folder = tmp_path_factory.mktemp("pages")
    runs = tuple(make_run(name, seed) for name in NAMES for seed in (0, 1))
    (folder / "run.html").write_text(render_run(make_run()), encoding="utf-8")
    pairs = [pair(*names) for names in combinations(NAMES, 2)]
    study = StudyPage("pets", "Pets & <b>co</b>", "A study.", runs, comparison=comparison(*pairs))
    (folder / "study.html").write_text(render_study(study), encoding="utf-8")
    return folder


@pytest.fixture(params=["run", "study"])
def page(request, folder):
    return folder / f"{request.param}.html"


@pytest.mark.parametrize("width_px", WIDTHS_PX)
def test_nothing_sticks_out(tab, page, width_px):
    tab.show(page, width_px)
    tab.value(OPEN_ALL)
    assert tab.value(STICKING_OUT) == []
    assert tab.value("document.documentElement.scrollWidth") == width_px


@pytest.mark.parametrize("width_px", [375, 1280])
def test_a_long_class_name_leaves_room_for_its_scores(tab, tmp_path, make_run, width_px):
    judged = make_run().evaluation_test
    first, *others = judged.per_class
    long = replace(judged, per_class=(replace(first, name="x" * 200), *others))
    page = tmp_path / "run.html"
    page.write_text(render_run(make_run(evaluation_test=long)), encoding="utf-8")
    tab.show(page, width_px)
    width = tab.value("document.querySelector('.scores th[scope=row]').offsetWidth")
    assert 96 <= width <= 340


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_fetched_or_complained_of(tab, page, dark):
    tab.show(page, 1280, dark=dark)
    assert [one for one in tab.requested() if not one.startswith("data:")] == [page.as_uri()]
    assert tab.complaints() == []


def test_dark_is_dark(tab, page):
    shades = []
    for dark in (False, True):
        tab.show(page, 1280, dark=dark)
        shades.append(tab.value("getComputedStyle(document.body).backgroundColor"))
    assert shades == ["rgb(252, 252, 251)", "rgb(20, 23, 26)"]


def test_figures_take_the_colours_of_the_page(tab, page):
    tab.show(page, 1280, dark=True)
    script = "getComputedStyle(document.querySelector('.plot text')).fill"
    assert tab.value(script) in {"rgb(163, 172, 181)", "rgb(232, 234, 236)"}


def test_equations_are_drawn(tab, folder):
    tab.show(folder / "run.html", 1280)
    fraction = "document.querySelector('mfrac').getBoundingClientRect()"
    parts = "[...document.querySelector('mfrac').children].map(one => one.getBoundingClientRect())"
    assert tab.value(f"{fraction}.height") > 30
    assert tab.value(f"{parts}[0].bottom <= {parts}[1].top + 1")


def test_one_scatter_at_a_time(tab, folder):
    def visible(kind):
        plots = f"[...document.querySelectorAll('svg.{kind}')]"
        return tab.value(f"{plots}.filter(one => one.checkVisibility()).length")

    tab.show(folder / "study.html", 1280)
    assert (visible("plot-wide") > 0, visible("plot-narrow")) == (True, 0)
    tab.show(folder / "study.html", 375)
    assert (visible("plot-wide"), visible("plot-narrow") > 0) == (0, True)


def test_a_link_to_a_run_opens_it(tab, folder):
    tab.show(folder / "study.html", 1280)
    assert tab.value("document.querySelectorAll('details.run[open]').length") == 0
    tab.value("document.querySelector('.card a').click()")
    assert tab.value("document.querySelectorAll('details.run[open]').length") == 1


def test_the_keyboard_reaches_the_content_first(tab, page):
    tab.show(page, 1280)
    for kind in ("keyDown", "keyUp"):
        tab.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab")
    skip = "document.activeElement"
    assert tab.value(f"{skip}.className") == "skip"
    assert tab.value(f"{skip}.getBoundingClientRect().left") == 0


def test_paper_shows_what_is_folded(tab, page):
    tab.show(page, 1280)
    tab.call("Emulation.setEmulatedMedia", media="print")
    row = "document.querySelector('details table tbody td').getBoundingClientRect().height"
    assert tab.value(row) > 0
    tab.call("Emulation.setEmulatedMedia", media="")
    assert tab.pdf().startswith(b"%PDF-")
