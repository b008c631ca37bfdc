"""Pages of two classes, and of an audit, in a real browser: narrow and wide, light and dark."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tests.report.test_browser import OPEN_ALL, STICKING_OUT
from tests.report.two_classes import two_class_run

from leadline.data.audit import Audit, Finding, Measured
from leadline.experiments.intended_use import CHEST_XRAY
from leadline.report.audit_page import render_audit
from leadline.report.html_pages import render_run, render_study
from leadline.report.page_content import StudyPage
from leadline.report.sections.audit_view import audit_view

pytestmark = pytest.mark.slow
PAGES = ("run", "hostile", "study", "audit")

# A colour of any notation, as the browser paints it; the background is the nearest that covers.
# Numbers on the confusion matrix lie on its cells, and are looked at in test_palette.
FAINT = """
(() => {
  const context = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const painted = colour => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const parts = [r, g, b].map(one => one / 255)
      .map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const behind = one => {
    for (let at = one; at; at = at.parentElement) {
      const colour = painted(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return painted(getComputedStyle(document.body).backgroundColor);
  };
  const found = [];
  for (const one of document.querySelectorAll('body *')) {
    const own = [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    const apart = one.closest('.skip, title, desc, .plot-confusion');
    if (!own || apart || !one.checkVisibility()) continue;
    const style = getComputedStyle(one);
    const ink = painted(one.closest('svg') ? style.fill : style.color);
    const [high, low] = [light(ink), light(behind(one))].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) found.push(`${ratio.toFixed(2)} ${one.outerHTML.slice(0, 90)}`);
  }
  return found;
})()
"""


def audit():
    copies = ["train/a/" + "x" * 70 + "1.png", "test/a/2.png"]
    findings = (
        Finding(
            "duplicate", ("train", "test"), 2,
            {"groups": 1, "same_class": True, "from_files": False, "examples": [copies]},
        ),
        Finding("small-split", ("test",), 9, {"right": 8, "interval": [0.57, 0.98]}),
        Finding(
            "shared-group", ("train", "test"), 9,
            {"images": 3, "share": 0.6, "examples": ["person_" + "9" * 60]},
        ),
        Finding(
            "prevalence-shift", ("train", "test"), 9,
            {"test": "chi-square", "p_value": 0.01,
             "shares": {"train": {"n": 0.2, "p": 0.8}, "test": {"n": 0.5, "p": 0.5}}},
        ),
    )  # fmt: skip
    probe = (
        Measured("file size", 0.834, (0.798, 0.870), True),
        Measured("brightness", 0.427, (0.377, 0.476), False),
    )
    splits = {"train": {"n": 1000, "p": 4000}, "test": {"n": 5, "p": 4}}
    found = Audit("/very/long/" * 12 + "films", splits, findings, probe, (),
                  pictures=dict.fromkeys(copies, np.full((64, 64), 90, np.uint8)))  # fmt: skip
    return audit_view(found, "leadline data audit x")


def limited(run):
    return dataclasses.replace(
        run, experiment=run.experiment.model_copy(update={"limits": CHEST_XRAY})
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    classes = ("<b>normal</b> " * 6, "P" * 120)
    runs = [limited(two_class_run(name, seed)) for name in ("cnn-1", "hog-1") for seed in (0, 1)]
    pages = {
        "run": render_run(runs[0]),
        "hostile": render_run(two_class_run(validated=False, classes=classes)),
        "study": render_study(StudyPage("films", "Films", "", tuple(runs), audit=audit())),
        "audit": render_audit(audit()),
    }
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width_px", [320, 390, 820, 1280])
def test_nothing_sticks_out(tab, folder, name, width_px):
    tab.show(folder / f"{name}.html", width_px)
    tab.value(OPEN_ALL)
    assert tab.value(STICKING_OUT) == []
    assert tab.value("document.documentElement.scrollWidth") == width_px


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("dark", [False, True])
def test_every_text_stands_out(tab, folder, name, dark):
    page = folder / f"{name}.html"
    tab.show(page, 1280, dark=dark)
    tab.value(OPEN_ALL)
    assert tab.value(FAINT) == []
    assert tab.complaints() == []
    assert [one for one in tab.requested() if not one.startswith("data:")] == [page.as_uri()]


def test_faint_text_would_be_found(tab, folder, tmp_path):
    page = tmp_path / "faint.html"
    text = (folder / "audit.html").read_text(encoding="utf-8")
    page.write_text(text.replace("<h1 ", '<h1 style="color: #bbb" '), encoding="utf-8")
    tab.show(page, 1280)
    (found,) = tab.value(FAINT)
    assert "<h1" in found


@pytest.mark.parametrize("name", PAGES)
def test_texts_of_a_figure_lie_inside_it(tab, folder, name):
    tab.show(folder / f"{name}.html", 1280)
    tab.value(OPEN_ALL)
    outside = """
    const plots = [...document.querySelectorAll('svg.plot')];
    plots.filter(one => one.checkVisibility()).flatMap(plot => {
      const frame = plot.getBoundingClientRect();
      return [...plot.querySelectorAll('text')].filter(one => {
        const place = one.getBoundingClientRect();
        return place.left < frame.left - 1 || place.right > frame.right + 1
          || place.top < frame.top - 1 || place.bottom > frame.bottom + 1;
      }).map(one => one.textContent);
    })
    """
    assert tab.value(outside) == []


def test_a_page_of_two_classes_prints(tab, folder):
    tab.show(folder / "run.html", 1280)
    assert tab.pdf().startswith(b"%PDF-")
