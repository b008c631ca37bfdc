"""Take the pictures of the README again: a study's page, and a digit drawn on the served one.

    PYTHONPATH=. python docs/images/take.py runs/first-look/report.html runs/lab/report.html

The first page goes to report.png, the second to report-phone.png, in the dark; a four drawn with
the mouse, and what the models of the zoo make of it, to serve-draw.png. It takes Chromium, and its
system font; the pictures in the repository are set in Inter.
"""

from __future__ import annotations

import base64
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright
from tests.report.conftest import Tab, browser_tab, find_browser
from tests.serving.browsing import draw, says
from tests.serving.processes import started

HERE = Path(__file__).parent
HEIGHT_PX = 1010
DRAWING_PX = (1280, 700)
HEAT_MAPS = "() => [...document.querySelectorAll('.family img.above')].every(one => !one.hidden)"
FOUR = [[(0.55, 0.16), (0.22, 0.58), (0.78, 0.58)], [(0.62, 0.36), (0.6, 0.86)]]
COLOURS = 200


def take(tab: Tab, page: Path, picture: Path, width_px: int, *, dark: bool = False) -> None:
    """The top of a page at that width, in few colours, for it is to be small."""
    tab.show(page, width_px, dark=dark, height_px=HEIGHT_PX)
    shot = tab.call("Page.captureScreenshot")["data"]
    _save(base64.b64decode(shot), picture)


def take_drawing(browser: str, picture: Path) -> None:
    """The page of `leadline serve`, once every model has said where it looks."""
    width, height = DRAWING_PX
    with (
        tempfile.TemporaryDirectory() as runs,
        started("--runs", runs) as (_, address),
        sync_playwright() as playwright,
    ):
        opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = opened.new_page(viewport={"width": width, "height": height})
        page.goto(address)
        page.wait_for_selector("html[data-ready]")
        draw(page, *FOUR)
        says(page, "4")
        page.wait_for_function(HEAT_MAPS)
        page.mouse.move(0, 0)
        _save(page.screenshot(animations="disabled"), picture)
        opened.close()


def _save(shot: bytes, picture: Path) -> None:
    image = Image.open(io.BytesIO(shot)).convert("RGB")
    image.quantize(COLOURS).save(picture, optimize=True)


def main(desktop: str, phone: str) -> None:
    """All pictures; two are of the pages at these paths."""
    browser = find_browser()
    if browser is None:
        sys.exit("no Chromium; install one, for instance with apt-get install chromium.")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        browser_tab(browser, Path(profile)) as tab,
    ):
        take(tab, Path(desktop), HERE / "report.png", 1280)
        take(tab, Path(phone), HERE / "report-phone.png", 390, dark=True)
    take_drawing(browser, HERE / "serve-draw.png")


if __name__ == "__main__":
    main(*sys.argv[1:3])
