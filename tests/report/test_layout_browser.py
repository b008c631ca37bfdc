"""In a real browser: tables fit their boxes at every width, no line crosses a word, and the answers
can be hidden."""

from __future__ import annotations

import time

import pytest
from tests.analysis.diagnosis.course_of import guess_of
from tests.report.comparisons import comparison, pair
from tests.report.conftest import sample_run

from leadline.analysis.failed_runs import FailedRun
from leadline.models.layers import LAYER_TYPES
from leadline.models.weight_table import LayerRow
from leadline.report.html_pages import render_questions, render_run, render_study
from leadline.report.page_content import StudyPage

pytestmark = pytest.mark.slow
WIDTHS = (390, 768, 1280, 1600)
OPEN_ALL = "document.querySelectorAll('details').forEach(one => one.open = true)"
SCROLLING = """
[...document.querySelectorAll('.table-box')]
  .filter(box => box.offsetParent && box.scrollWidth > box.clientWidth + 1)
  .map(box => box.getAttribute('aria-label'))
"""
STACKED = "document.querySelectorAll('.stacked').length"
CROSSED = """
(() => {
  const found = [];
  for (const svg of document.querySelectorAll('svg.plot')) {
    if (!svg.getBoundingClientRect().width) continue;
    const lines = [...svg.querySelectorAll('path')].filter(path =>
      (path.getAttribute('style') || '').includes('stroke-dasharray'));
    for (const text of svg.querySelectorAll('text')) {
      const box = text.getBoundingClientRect();
      for (const line of lines) {
        const other = line.getBoundingClientRect();
        if (other.left < box.right && other.right > box.left && other.height
            && other.top < box.bottom - 2 && other.bottom > box.top + 2) {
          found.push(text.textContent);
        }
      }
    }
  }
  return found;
})()
"""
"""Text of a figure that a dashed line runs through, by their bounding boxes."""


OVERLAID = """
[...document.querySelectorAll('.card')].flatMap(card => {
  const parts = [...card.children].filter(one => one.getBoundingClientRect().height);
  return parts.slice(1).filter((one, place) => one.getBoundingClientRect().top
    < parts[place].getBoundingClientRect().bottom - 2).map(one => one.className || one.tagName);
})
"""
"""Parts of the cards that begin above the end of the part before them."""


class Net:
    """Settings of a layer, as a built Keras layer has them."""

    data_format, padding, strides, dilation_rate = "channels_last", "valid", (1, 1), (1, 1)
    kernel_size = (3, 3)


def layers():
    """A network with long sums: as wide as tables get."""
    layer = type("Conv2D", (Net,), {})()
    rows = [LayerRow("image", "InputLayer", (None, 224, 224, 3), 0, 0, (), 0, 0, meaning="image")]
    side, channels = 224, 3
    for number in range(4):
        filters = 64 * 2**number
        weights = 9 * channels * filters + filters
        product = ("(", 3, "×", 3, "×", channels, "×", filters, ")")
        formula = (*product, "+", filters, "=", weights)
        shape = (side - 2, side - 2, filters)
        size = LAYER_TYPES["Conv2D"].size_formula(layer, (side, side, channels), shape)
        name = f"convolution_{number}"
        rows.append(
            LayerRow(
                name, "Conv2D", (None, *shape), weights, weights, formula, 10**9, 4 * weights, size
            )
        )
        side, channels = side - 2, filters
    return tuple(rows)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("layout")
    names = ("mlp-1", "hog-1", "cnn-1", "cnn-2")
    runs = [sample_run(name, layers=layers()) for name in names]
    pairs = [pair(a, b) for place, a in enumerate(names) for b in names[place + 1 :]]
    study = StudyPage("lab", "A lab", "", tuple(runs), comparison=comparison(*pairs))
    texts = {
        "study": render_study(study),
        "run": render_run(runs[2]),
        "questions": render_questions(study),
    }
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return folder


def settled(tab, script, wanted, patience_s=20.0):
    """The value of a script, asked for again until it is as wanted or patience ends."""
    ends_s = time.monotonic() + patience_s
    while (found := tab.value(script)) != wanted and time.monotonic() < ends_s:
        time.sleep(0.05)
    return found


@pytest.mark.parametrize("width_px", WIDTHS)
def test_remarks_on_cards_lie_on_nothing_else(tab, tmp_path, width_px):
    names = ("mlp-1", "hog-1", "cnn-1")
    failed = (FailedRun("cnn-1", 1, "diverged", 4, 2, "nan", 0.25),)
    page = StudyPage(
        "s", "S", "", tuple(sample_run(name, 0) for name in names),
        guessing={name: guess_of(0.25, 1 / 3) for name in names[1:]}, failed=failed,
    )  # fmt: skip
    (tmp_path / "remarks.html").write_text(render_study(page), encoding="utf-8")
    tab.show(tmp_path / "remarks.html", width_px)
    assert tab.value("document.querySelectorAll('.card-remarks p').length") == 3
    assert tab.value(OVERLAID) == []


@pytest.mark.parametrize("width_px", WIDTHS)
@pytest.mark.parametrize("name", ["study", "run", "questions"])
def test_no_table_is_wider_than_its_box(tab, pages, name, width_px):
    tab.show(pages / f"{name}.html", width_px)
    tab.value(OPEN_ALL)
    assert settled(tab, SCROLLING, []) == []
    assert tab.value("document.documentElement.scrollWidth") == width_px
    assert tab.complaints() == []


def test_a_stacked_table_names_every_value(tab, pages):
    tab.show(pages / "study.html", 390)
    tab.value(OPEN_ALL)
    assert settled(tab, f"{STACKED} > 0", True)
    unnamed = """
    [...document.querySelectorAll('.stacked tbody tr:not(.group) > td[colspan="1"], '
      + '.stacked tbody tr:not(.group) > td:not([colspan])')]
      .filter(cell => cell.cellIndex && !cell.dataset.label).length
    """
    assert tab.value(unnamed) == 0
    roles = "[...document.querySelectorAll('.stacked')].every(one => one.role === 'table')"
    assert tab.value(roles)


def test_a_wide_page_has_tables_as_tables(tab, pages):
    tab.show(pages / "study.html", 1600)
    tab.value(OPEN_ALL)
    assert settled(tab, STACKED, 0) == 0


def test_the_total_of_every_model_is_in_sight(tab, pages):
    hidden = """
    [...document.querySelectorAll('.topologies tfoot td')].filter(cell => {
      const [own, box] = [cell, cell.closest('.table-box')].map(one => one.getBoundingClientRect());
      return own.right > box.right + 1 || own.width === 0;
    }).length
    """
    for width_px in WIDTHS:
        tab.show(pages / "study.html", width_px)
        tab.value(OPEN_ALL)
        assert tab.value("document.querySelectorAll('.topologies tfoot td').length") == 4
        assert settled(tab, hidden, 0) == 0


@pytest.mark.parametrize("width_px", WIDTHS)
def test_no_line_runs_through_a_name(tab, pages, width_px):
    tab.show(pages / "study.html", width_px)
    assert tab.value(CROSSED) == []


@pytest.mark.parametrize(("width_px", "least_px"), [(390, 300), (1280, 700), (1600, 700)])
def test_charts_of_differences_use_the_width(tab, pages, width_px, least_px):
    tab.show(pages / "study.html", width_px)
    shown = """
    [...document.querySelectorAll('#difference svg.plot')]
      .map(one => one.getBoundingClientRect().width).filter(width => width > 0)
    """
    widths = tab.value(shown)
    assert len(widths) == 1, "one of two, wide or narrow"
    assert widths[0] >= least_px


VISIBLE = """
(selector => [...document.querySelectorAll(selector)].filter(one => one.offsetParent).length)
"""


def visible(tab, selector):
    return tab.value(f"{VISIBLE}({selector!r})")


def test_the_answers_can_be_hidden_without_a_script(tab, pages):
    tab.show(pages / "study.html", 1280)
    assert visible(tab, ".question .given") == 7
    assert visible(tab, ".question .task") == 0
    tab.value("document.getElementById('hide-answers').click()")
    assert visible(tab, ".question .given") == 0
    assert visible(tab, ".question .task") == 7
    assert visible(tab, ".question .write") == 7
    assert visible(tab, ".summary, .families, #difference, #tradeoffs, #table") == 0
    assert visible(tab, "#runs") == 1
    words = tab.value("document.body.innerText")
    assert "is the best" not in words
    assert tab.complaints() == []
    tab.value("document.getElementById('hide-answers').click()")
    assert visible(tab, ".question .given") == 7


def test_a_hand_out_asks_and_does_not_answer(tab, pages):
    tab.show(pages / "questions.html", 1280)
    assert visible(tab, ".question .task") == 7
    assert visible(tab, ".material figure") == 8, "curves and a matrix of each model"
    words = tab.value("document.body.innerText")
    assert "RMSprop" not in words
    assert "is the best" not in words
    assert "(3 × 3 × 3 × 64)" not in words
    assert all(one.startswith("data:") or one.endswith("questions.html") for one in tab.requested())
