"""Take the pictures of the README again: a study's page on a desktop, and in the dark on a phone.

    PYTHONPATH=. python docs/images/take.py runs/first-look/report.html runs/lab/report.html

The first page goes to report.png, the second to report-phone.png. It takes Chromium, and its
system font; the pictures in the repository are set in Inter.
"""

from __future__ import annotations

import base64
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from tests.report.conftest import Tab, browser_tab, find_browser

HERE = Path(__file__).parent
HEIGHT_PX = 1010
COLOURS = 200


def take(tab: Tab, page: Path, picture: Path, width_px: int, *, dark: bool = False) -> None:
    """The top of a page at that width, in few colours, for it is to be small."""
    tab.show(page, width_px, dark=dark, height_px=HEIGHT_PX)
    shot = tab.call("Page.captureScreenshot")["data"]
    image = Image.open(io.BytesIO(base64.b64decode(shot))).convert("RGB")
    image.quantize(COLOURS).save(picture, optimize=True)


def main(desktop: str, phone: str) -> None:
    """Both pictures, by the paths of two pages."""
    browser = find_browser()
    if browser is None:
        sys.exit("no Chromium; install one, for instance with apt-get install chromium.")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        browser_tab(browser, Path(profile)) as tab,
    ):
        take(tab, Path(desktop), HERE / "report.png", 1280)
        take(tab, Path(phone), HERE / "report-phone.png", 390, dark=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
