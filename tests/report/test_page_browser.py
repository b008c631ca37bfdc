"""What a study's page does in a real browser: folds, sorted tables, values of marks, one script."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import pytest
from tests.report.comparisons import comparison, pair
from tests.report.test_browser import STICKING_OUT
from tests.report.test_films_browser import FAINT
from tests.report.two_classes import two_class_run

from leadline.metrics.classification import evaluate
from leadline.report.html_pages import render_run, render_study
from leadline.report.page_content import StudyPage
from leadline.report.translations.language import speaking

pytestmark = pytest.mark.slow
FIGURES = {"mlp-1": 0.97, "mlp-2": 0.9801, "hog-1": 0.96, "cnn-1": 0.99, "cnn-2": 0.985}
LONG = "a-very-long-name-that-somebody-gave-to-an-experiment-" + "x" * 60
HOSTILE = ("</title><script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", "قطة", "b")


def judged(run, accuracy):
    interval = (accuracy - 0.004, accuracy + 0.003)
    found = dataclasses.replace(run.evaluation_test, accuracy=accuracy, accuracy_interval=interval)
    return dataclasses.replace(run, evaluation_test=found, evaluation_validation=found)


def named(run, name, **changes):
    return dataclasses.replace(
        run, experiment=run.experiment.model_copy(update={"name": name, **changes})
    )


def study_of(runs, **changes):
    names = list(dict.fromkeys(run.experiment.name for run in runs))
    pairs = [pair(*two) for two in combinations(names, 2)]
    pairs[:1] = [dataclasses.replace(one, minimum_detectable_difference=None) for one in pairs[:1]]
    compared = comparison(*pairs) if pairs else None
    return StudyPage("pets", "Pets", "A study.", tuple(runs), comparison=compared, **changes)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, make_run):
    import numpy as np

    folder = tmp_path_factory.mktemp("studies")
    plain = [
        judged(make_run(name, seed), value + seed / 1000)
        for name, value in FIGURES.items()
        for seed in (0, 1, 2)
    ]
    many = [
        judged(named(make_run(name), f"{name}-{number}"), 0.9 + number / 1000)
        for number in range(10)
        for name in ("mlp-1", "hog-1", "cnn-1")
    ]
    cells = np.array([(true, (true + 1) % 4) for true in range(4) for _ in range(5)])
    said = np.full((20, 4), 0.1)
    said[np.arange(20), cells[:, 1]] = 0.7
    hostile = make_run(classes=HOSTILE, evaluation_test=evaluate(said, cells[:, 0], HOSTILE))
    hostile = named(dataclasses.replace(hostile, confused=()), LONG, title="</style><b>&")
    classes = tuple(f"class {number}" for number in range(100))
    said = np.full((300, 100), 0.001)
    said[np.arange(300), (np.arange(300) * 7) % 100] = 0.901
    wide = make_run(
        classes=classes, confused=(), evaluation_test=evaluate(said, np.arange(300) % 100, classes)
    )
    studies = {
        "plain": study_of(plain),
        "many": study_of(many),
        "hostile": study_of([hostile, make_run("cnn-1")]),
        "wide": study_of([wide]),
        "alone": study_of([judged(make_run(seed=seed), 0.97 + seed / 500) for seed in range(5)]),
        "one": study_of([make_run()]),
        "films": study_of(
            [two_class_run(name, seed) for name in ("cnn-1", "hog-1") for seed in (0, 1)]
        ),
    }
    for name, page in studies.items():
        (folder / f"{name}.html").write_text(render_study(page), encoding="utf-8")
    with speaking("fr"):
        (folder / "french.html").write_text(render_study(studies["plain"]), encoding="utf-8")
    (folder / "run.html").write_text(render_run(wide), encoding="utf-8")
    return folder


PAGES = ("plain", "french", "many", "hostile", "wide", "alone", "one", "films", "run")
OPEN_ALL = "document.querySelectorAll('details').forEach(one => one.open = true)"


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width_px", [390, 1280])
def test_nothing_sticks_out_and_nothing_is_fetched(tab, folder, name, width_px):
    page = folder / f"{name}.html"
    tab.show(page, width_px)
    tab.value(OPEN_ALL)
    assert tab.value(STICKING_OUT) == []
    assert tab.value("document.documentElement.scrollWidth") == width_px
    assert tab.complaints() == []
    assert [one for one in tab.requested() if not one.startswith("data:")] == [page.as_uri()]


@pytest.mark.parametrize("name", ["plain", "alone", "films"])
@pytest.mark.parametrize("dark", [False, True])
def test_every_text_stands_out(tab, folder, name, dark):
    tab.show(folder / f"{name}.html", 1280, dark=dark)
    tab.value(OPEN_ALL)
    assert tab.value(FAINT) == []


# The verdict.


def test_the_verdict_is_on_the_first_screen(tab, folder):
    tab.show(folder / "plain.html", 1280)
    bottom = "document.querySelector('.summary').getBoundingClientRect().bottom"
    assert tab.value(bottom) <= 900
    assert tab.value("document.querySelector('.summary h2').textContent.trim()").startswith("cnn-1")


def test_every_seed_is_a_dot(tab, folder):
    tab.show(folder / "plain.html", 1280)
    seeds = "document.querySelectorAll('.summary .scale-seed').length"
    assert tab.value(seeds) == 15
    tab.show(folder / "alone.html", 1280)
    assert tab.value(seeds) == 5


def test_marks_lie_on_their_lines(tab, folder):
    tab.show(folder / "plain.html", 1280)
    outside = """
    [...document.querySelectorAll('.scale-dot, .scale-seed, .scale-bar')].filter(one => {
      const [mark, line] = [one, one.parentNode].map(each => each.getBoundingClientRect());
      return mark.left + mark.width / 2 < line.left || mark.left + mark.width / 2 > line.right;
    }).length
    """
    assert tab.value(outside) == 0


def test_very_many_experiments_do_not_fill_the_first_screen(tab, folder):
    tab.show(folder / "many.html", 1280)
    assert tab.value("document.querySelectorAll('.summary .scale li').length") == 10
    said = tab.value("document.querySelector('.summary figcaption').textContent")
    assert "20 more experiments are in the table" in " ".join(said.split())


# Folds.


def test_a_link_to_what_is_folded_opens_it(tab, folder):
    tab.show(folder / "plain.html", 1280)
    target = "document.getElementById('environment')"
    assert not tab.value(f"{target}.checkVisibility()")
    tab.value("document.querySelector('.contents a[href=\"#environment\"]').click()")
    assert tab.value(f"{target}.checkVisibility()")
    assert 0 <= tab.value(f"{target}.getBoundingClientRect().top") < 900


def test_the_heading_of_what_a_link_leads_to_is_in_sight(tab, folder):
    tab.show(folder / "plain.html", 1280)
    tab.value("document.querySelector('.contents a[href=\"#table\"]').click()")
    heading = "document.getElementById('table').parentNode.querySelector('h2')"
    assert 0 <= tab.value(f"{heading}.getBoundingClientRect().top") < 120


def test_a_page_opened_at_a_fold_shows_it(tab, folder):
    at = (folder / "plain.html").resolve().as_uri() + "#cnn-1-seed-1-verdict"
    tab.show(folder / "one.html", 1280)
    tab.events.clear()
    tab.call("Page.navigate", url=at)
    while not any(event.get("method") == "Page.loadEventFired" for event in tab.events):
        tab.value("1")
    assert tab.value("document.getElementById('cnn-1-seed-1').open")
    assert tab.value("document.querySelectorAll('details.run[open]').length") == 1


def test_a_browser_that_opens_no_fold_by_itself_is_helped(tab, folder):
    tab.show(folder / "plain.html", 1280)
    tab.value("history.replaceState(null, '', '#environment')")
    assert not tab.value("document.getElementById('environment').checkVisibility()")
    tab.value("dispatchEvent(new HashChangeEvent('hashchange'))")
    assert tab.value("document.getElementById('environment').checkVisibility()")


def test_one_button_opens_and_closes_all(tab, folder):
    tab.show(folder / "plain.html", 1280)
    button = "document.querySelector('.fold-all')"
    closed = "document.querySelectorAll('main details:not([open])').length"
    assert tab.value(f"{button}.checkVisibility()")
    tab.value(f"{button}.click()")
    assert tab.value(closed) == 0
    assert tab.value(f"{button}.textContent") == "Close all"
    tab.value(f"{button}.click()")
    assert tab.value("document.querySelectorAll('main details[open]').length") == 0


def test_without_its_script_a_page_can_be_read(tab, folder):
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    tab.show(folder / "plain.html", 1280)
    tab.call("Emulation.setScriptExecutionDisabled", value=False)
    assert not tab.value("document.querySelector('.fold-all').checkVisibility()")
    assert tab.value("document.querySelectorAll('.sortable button').length") == 0
    assert tab.value("document.querySelectorAll('.scale-dot[title]').length") > 0


# Tables.

ROWS = """
[...document.querySelectorAll('#table table tbody tr:not(.group) th')]
  .map(one => one.dataset.value)
"""
HEAD = "document.querySelectorAll('#table thead th')"


def test_a_column_sorts_down_up_and_back(tab, folder):
    tab.show(folder / "plain.html", 1280)
    before = tab.value(ROWS)
    assert before == ["mlp-1", "mlp-2", "hog-1", "cnn-1", "cnn-2"]
    click = f"{HEAD}[1].querySelector('button').click()"
    tab.value(click)
    assert tab.value(ROWS) == ["cnn-1", "cnn-2", "mlp-2", "mlp-1", "hog-1"]
    assert tab.value(f"{HEAD}[1].ariaSort") == "descending"
    assert tab.value("document.querySelectorAll('#table .group').length") == 0
    tab.value(click)
    assert tab.value(ROWS) == ["hog-1", "mlp-1", "mlp-2", "cnn-2", "cnn-1"]
    tab.value(click)
    assert tab.value(ROWS) == before
    assert tab.value(f"{HEAD}[1].ariaSort") is None
    assert tab.value("document.querySelectorAll('#table .group').length") == 3


def test_a_sorted_row_keeps_the_mark_of_its_family(tab, folder):
    tab.show(folder / "plain.html", 1280)
    tab.value(f"{HEAD}[1].querySelector('button').click()")
    shape = "getComputedStyle(document.querySelector('#table tbody tr th'), '::before').clipPath"
    assert tab.value(shape).startswith("circle")


def test_a_column_sorts_by_keyboard(tab, folder):
    tab.show(folder / "plain.html", 1280)
    tab.value(f"{HEAD}[0].querySelector('button').focus()")
    for kind in ("keyDown", "keyUp"):
        tab.call("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", text="\r",
                 windowsVirtualKeyCode=13)  # fmt: skip
    assert tab.value(f"{HEAD}[0].ariaSort") == "ascending"
    assert tab.value(ROWS) == ["cnn-1", "cnn-2", "hog-1", "mlp-1", "mlp-2"]
    assert tab.value("document.activeElement.tagName") == "BUTTON"


def test_equal_rows_keep_their_order(tab, folder):
    tab.show(folder / "plain.html", 1280)
    tab.value(f"{HEAD}[4].querySelector('button').click()")
    assert tab.value(ROWS) == ["mlp-1", "mlp-2", "hog-1", "cnn-1", "cnn-2"]


def test_a_dash_comes_last_either_way(tab, folder):
    tab.show(folder / "plain.html", 1280)
    shown = """
    [...document.querySelectorAll('#difference tbody tr')].map(one => one.cells[5].textContent)
    """
    button = "document.querySelectorAll('#difference thead th')[5].querySelector('button')"
    for direction in ("descending", "ascending"):
        tab.value(f"{button}.click()")
        assert tab.value(f"{button}.parentNode.ariaSort") == direction
        cells = tab.value(shown)
        assert cells[-1] == "none"
        assert "none" not in cells[:-1]


def test_numbers_sort_by_value_in_every_language(tab, folder):
    tab.show(folder / "french.html", 1280)
    assert tab.value("document.documentElement.lang") == "fr"
    assert "," in tab.value("document.querySelector('#table td.key').textContent")
    tab.value(f"{HEAD}[1].querySelector('button').click()")
    assert tab.value(ROWS) == ["cnn-1", "cnn-2", "mlp-2", "mlp-1", "hog-1"]


# Values of marks.

TIP = "document.querySelector('.hover-tip')?.textContent"
MIDDLE = """
(() => {{
  const mark = document.querySelector('{selector}');
  mark.scrollIntoView({{block: 'center'}});
  const box = mark.getBoundingClientRect();
  return [box.left + box.width / 2 + {off}, box.top + box.height / 2];
}})()
"""


def wait(tab):
    """Until the browser has drawn twice, so that what scrolled has come to rest."""
    frames = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    tab.call("Runtime.evaluate", expression=frames, awaitPromise=True)


def point(tab, selector, off=0, *, touch=False):
    """Move the mouse, or put a finger, on the middle of an element and so many pixels beside it."""
    x, y = tab.value(MIDDLE.format(selector=selector, off=off))
    wait(tab)
    if touch:
        tab.call("Emulation.setTouchEmulationEnabled", enabled=True)
        tab.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        tab.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
        tab.call("Emulation.setTouchEmulationEnabled", enabled=False)
    else:
        tab.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)


@pytest.mark.parametrize("off", [0, 14])
def test_the_value_of_a_mark_is_told_where_the_mouse_is_near(tab, folder, off):
    tab.show(folder / "plain.html", 1280)
    point(tab, ".summary .scale-dot", off)
    assert tab.value(TIP) == "cnn-1: 99.10%, 95% interval 98.70–99.40%"


def test_far_from_every_mark_nothing_is_told(tab, folder):
    tab.show(folder / "plain.html", 1280)
    point(tab, ".summary .scale-dot")
    point(tab, "h1")
    assert tab.value(TIP) is None


def test_a_finger_tells_the_value_too(tab, folder):
    tab.show(folder / "plain.html", 390)
    point(tab, ".summary .scale-dot", touch=True)
    wait(tab)
    assert tab.value(TIP) == "cnn-1: 99.10%, 95% interval 98.70–99.40%"


def test_what_is_told_lies_on_the_screen(tab, folder):
    for width_px in (390, 1280):
        tab.show(folder / "plain.html", width_px)
        point(tab, ".summary .scale-dot")
        box = "document.querySelector('.hover-tip').getBoundingClientRect()"
        assert tab.value(f"{box}.left") >= 0
        assert tab.value(f"{box}.right") <= width_px
        assert tab.value(f"{box}.top") >= 0


def test_arrow_keys_go_from_mark_to_mark(tab, folder):
    tab.show(folder / "plain.html", 1280)
    plot = "document.querySelector('#difference svg.plot')"
    assert tab.value(f"{plot}.tabIndex") == 0
    tab.value(f"{plot}.focus()")
    wait(tab)
    said = []
    for _ in range(2):
        tab.call("Input.dispatchKeyEvent", type="keyDown", key="ArrowRight", code="ArrowRight")
        said.append(tab.value(TIP))
    assert said[0] != said[1]
    assert all(" over " in one for one in said)
    tab.call("Input.dispatchKeyEvent", type="keyDown", key="Escape", code="Escape")
    assert tab.value(TIP) is None


def test_the_name_of_a_figure_is_still_told_without_its_native_tooltip(tab, folder):
    tab.show(folder / "plain.html", 1280)
    plot = "document.querySelector('#difference svg.plot')"
    assert tab.value(f"{plot}.querySelector(':scope > title') !== null")
    point(tab, "#difference svg.plot")
    assert tab.value(f"{plot}.querySelector(':scope > title')") is None
    words = f"document.getElementById({plot}.getAttribute('aria-labelledby').split(' ')[1])"
    told = tab.value(f"{words}.textContent")
    assert told.startswith("Differences in accuracy. ")


def test_marks_add_one_tab_stop_a_figure(tab, folder):
    tab.show(folder / "plain.html", 1280)
    assert tab.value("document.querySelectorAll('svg [tabindex], .scale [tabindex]').length") == 0


# One script.


def test_no_other_script_runs(tab, folder, tmp_path):
    text = (folder / "hostile.html").read_text(encoding="utf-8")
    page = tmp_path / "foreign.html"
    foreign = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title='x'\">"
    page.write_text(text.replace("</main>", f"{foreign}</main>"), encoding="utf-8")
    tab.show(page, 1280)
    assert "taken" not in tab.value("document.title")
    assert any("Content Security Policy" in one for one in tab.complaints())


def test_hostile_names_are_told_as_they_are(tab, folder):
    tab.show(folder / "hostile.html", 1280)
    tab.value(OPEN_ALL)
    point(tab, "svg.plot-confusion title")
    assert tab.value("document.querySelectorAll('script').length") == 1
    assert tab.value("document.querySelectorAll('main b').length") == 0


# Paper.


def test_paper_has_no_controls_and_opens_all_but_runs(tab, folder):
    tab.show(folder / "plain.html", 1280, dark=True)
    tab.call("Emulation.setEmulatedMedia", media="print")
    try:
        assert not tab.value("document.querySelector('.contents').checkVisibility()")
        wait(tab)
        shown = "document.querySelector('{}').checkVisibility()"
        assert tab.value(shown.format("#environment dl"))
        assert tab.value(shown.format("details.run summary"))
        assert not tab.value(shown.format("details.run .facts"))
        assert tab.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert tab.value("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    finally:
        tab.call("Emulation.setEmulatedMedia", media="")
