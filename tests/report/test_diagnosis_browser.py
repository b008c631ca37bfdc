"""How a training went, in a real browser: settings and long class names fit a phone."""

import numpy as np
import pytest
from tests.analysis.diagnosis.course_of import diagnosed, gap_of, real
from tests.report.test_browser import STICKING_OUT

from leadline.metrics.classification import evaluate
from leadline.report.html_pages import render_run

pytestmark = pytest.mark.slow
LONG = ("W" * 80, "dog " * 20, "owl", "cat")


@pytest.fixture(params=["hog-1", "large-steps"])
def page(request, tmp_path, make_run):
    gap = gap_of((990, 1000), (900, 1000), (0.02, 0.4))
    history = real(request.param)
    found = diagnosed(history, 0.047, gap=gap, validation_is_test=True)
    cells = [(0, 1)] * 20 + [(2, 3)] * 20 + [(one, one) for one in range(4)]
    said = np.full((len(cells), 4), 0.1)
    said[np.arange(len(cells)), [predicted for _, predicted in cells]] = 0.7
    judged = evaluate(said, np.array([true for true, _ in cells]), LONG)
    shown = {"history": history, "diagnosis": found, "kept_epoch": len(history)}
    run = make_run(**shown, evaluation_test=judged, classes=LONG, confused=())
    path = tmp_path / "run.html"
    path.write_text(render_run(run), encoding="utf-8")
    return path


@pytest.mark.parametrize("width_px", [320, 375, 768, 1280])
def test_nothing_sticks_out(tab, page, width_px):
    tab.show(page, width_px)
    assert tab.value("document.body.innerText.includes('How the training went')")
    assert tab.value("document.body.innerText.includes('More often than chance')")
    assert tab.value(STICKING_OUT) == []
    assert tab.value("document.documentElement.scrollWidth") == width_px
    assert tab.complaints() == []
