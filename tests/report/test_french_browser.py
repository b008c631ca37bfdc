"""French pages in a real browser: longer words stick out nowhere, and no figure cuts them."""

import pytest
from tests.report.spoken_pages import PAGES
from tests.report.test_browser import OPEN_ALL, STICKING_OUT

from leadline.report.translations.language import speaking

pytestmark = pytest.mark.slow
CUT_OFF = """
[...document.querySelectorAll('svg.plot text')].filter(one => {
  const place = one.getBoundingClientRect();
  const frame = one.closest('svg').getBoundingClientRect();
  return place.width > 0 && frame.width > 0
    && (place.right > frame.right + 2 || place.left < frame.left - 2);
}).map(one => one.textContent)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("french")
    with speaking("fr"):
        for name, render in PAGES.items():
            (folder / f"{name}.html").write_text(render(), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width_px", [320, 390, 1280])
def test_nothing_sticks_out_and_nothing_is_cut(tab, folder, name, width_px):
    tab.show(folder / f"{name}.html", width_px)
    tab.value(OPEN_ALL)
    assert tab.value("document.documentElement.lang") == "fr"
    assert tab.value(STICKING_OUT) == []
    assert tab.value(CUT_OFF) == []
    assert tab.value("document.documentElement.scrollWidth") == width_px
