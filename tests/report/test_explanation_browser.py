"""Explanations in a real browser: they fit a phone, and load nothing."""

import numpy as np
import pytest
from tests.report.sections.test_explanation_view import made_up
from tests.report.test_browser import STICKING_OUT

from leadline.report.html_pages import render_run

pytestmark = pytest.mark.slow
NAME = "&lt;script&gt;alert(1)&lt;/script&gt;"


@pytest.fixture(params=[28, 200])
def page(request, tmp_path, make_run):
    path = tmp_path / "run.html"
    found = made_up(side=request.param, decided=np.array([1, 1, 1]))
    page = render_run(make_run(explanations=found))
    path.write_text(page.replace(NAME, "W" * 80), encoding="utf-8")
    return path


@pytest.mark.parametrize("width_px", [320, 375, 768, 1280])
def test_nothing_sticks_out(tab, page, width_px):
    tab.show(page, width_px)
    assert tab.value(STICKING_OUT) == []
    widths = tab.value("[...document.querySelectorAll('.triple-images img')].map(i => i.width)")
    assert len(widths) == 9
    assert min(widths) >= 75


def test_every_picture_is_there_and_described(tab, page):
    tab.show(page, 1280, dark=True)
    images = "[...document.querySelectorAll('.triple-images img')]"
    assert tab.value(f"{images}.every(i => i.complete && i.naturalWidth > 0)")
    assert tab.value(f"{images}.every(i => i.alt.length > 10)")
    assert tab.complaints() == []
