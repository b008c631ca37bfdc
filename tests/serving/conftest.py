"""Model files that answer what can be worked out by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient
from tests.report.conftest import find_browser
from tests.serving.asking import served
from tests.serving.making import brightness
from tests.serving.processes import started

from leadline.serving import Predictor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

pytest.importorskip("onnx")


@pytest.fixture(scope="session")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Classes dark and light; p(light) is the mean over 255, and 0.3 is Youden's threshold."""
    return brightness(tmp_path_factory.mktemp("models") / "two.onnx")


@pytest.fixture(scope="session")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Classes a, b and c, without operating points and without a score."""
    path = tmp_path_factory.mktemp("models") / "three.onnx"
    return brightness(path, ("a", "b", "c"), scored=False)


@pytest.fixture(scope="session")
def predictor(two: Path) -> Predictor:
    return Predictor.open(two, threads=1)


@pytest.fixture(scope="session")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ten digits on 28 × 28 px: p(1) is the mean over 255, p(0) the rest."""
    path = tmp_path_factory.mktemp("models") / "ten.onnx"
    return brightness(path, tuple("0123456789"), size_px=(28, 28), prepare="digit")


@pytest.fixture(scope="module")
def client(two: Path, ten: Path) -> Iterator[TestClient]:
    """A server of "brightness" (two classes) and "brightness-2" (ten digits)."""
    with served(two, ten) as client:
        yield client


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = find_browser()
    if path is None:
        pytest.skip("needs Chromium or Chrome")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of the whole zoo, with a folder of no runs."""
    runs = tmp_path_factory.mktemp("runs")
    with started("--runs", str(runs)) as (_, address):
        yield address


@pytest.fixture
def open_page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Open the page at a size. It asks nobody but its own server, and complains of nothing.

    url: of the server of the whole zoo unless given. refused: the server will refuse something,
    which browsers tell their console.
    """
    from tests.serving.browsing import WIDTHS_PX

    pages: list[Page] = []
    elsewhere: list[str] = []
    complaints: list[str] = []

    def call(size: str = "desktop", url: str = "", refused: bool = False, **options: Any) -> Page:
        url = url or request.getfixturevalue("address")
        own = url[: url.index("/", len("http://")) + 1]
        width, height = WIDTHS_PX[size]
        page = chromium.new_page(viewport={"width": width, "height": height}, **options)

        def asked(one: Request) -> None:
            if not one.url.startswith((own, "data:", "blob:")):
                elsewhere.append(one.url)

        def complained(said: ConsoleMessage) -> None:
            if not (refused and said.text.startswith("Failed to load resource")):
                complaints.append(said.text)

        page.on("request", asked)
        page.on("console", complained)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        pages.append(page)
        page.goto(url)
        page.wait_for_selector("html[data-ready]")
        return page

    yield call
    for page in pages:
        page.close()
    assert (elsewhere, complaints) == ([], [])


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Something like a film: lungs darker than the rest; as PNG, as JPEG, as DICOM; and no image at
    all."""
    from tests.data.dicom_files import film, save

    folder = tmp_path_factory.mktemp("films")
    y, x = np.mgrid[-1:1:300j, -1:1:260j]
    lungs = sum(np.exp(-(((x - at) / 0.3) ** 2) - (y / 0.6) ** 2) for at in (-0.45, 0.45))
    pixels = (210 - 150 * lungs).clip(0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(folder / "film.png")
    Image.fromarray(pixels).save(folder / "film.jpg")
    save(film(pixels.astype(np.uint16) * 16), folder / "film.dcm")
    (folder / "damaged.png").write_bytes((folder / "film.png").read_bytes()[:900])
    return folder
