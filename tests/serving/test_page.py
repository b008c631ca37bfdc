"""The page in a real browser, from a real server: what a person does, and what it then shows."""

import io
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect, sync_playwright
from tests.data.dicom_files import film, save
from tests.finished_runs import write_finished
from tests.report.conftest import find_browser
from tests.serving.processes import started

from leadline import zoo

pytestmark = pytest.mark.slow
WIDTHS_PX = {"phone": (390, 844), "desktop": (1280, 800)}
DIGITS = [name for name in ("digits-pixels", "digits-hog", "digits-cnn") if name in zoo.names()]
STICKING_OUT = """
[...document.querySelectorAll('body *')].filter(one => {
  const place = one.getBoundingClientRect();
  return !one.closest('.sr, .skip') && place.width > 1
    && (place.right > innerWidth + 0.5 || place.left < -0.5);
}).map(one => one.outerHTML.slice(0, 120))
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A server of the whole zoo, with a folder of no runs."""
    runs = tmp_path_factory.mktemp("runs")
    with started("--runs", str(runs)) as (_, address):
        yield address


@pytest.fixture(scope="module")
def chromium():
    path = find_browser()
    if path is None:
        pytest.skip("needs Chromium or Chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, address):
    """Open the page at a size. It asks nobody but its own server, and complains of nothing."""
    pages, elsewhere, complaints = [], [], []

    def call(size="desktop", url=address, **options):
        width, height = WIDTHS_PX[size]
        page = chromium.new_page(viewport={"width": width, "height": height}, **options)
        page.on("request", lambda one: elsewhere.append(one.url)
                if not one.url.startswith((address, "data:", "blob:")) else None)  # fmt: skip
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        pages.append(page)
        page.goto(url)
        page.wait_for_selector("html[data-ready]")
        return page

    yield call
    for page in pages:
        page.close()
    assert (elsewhere, complaints) == ([], [])


def draw(page, *strokes):
    """Draw with the mouse: strokes of points from 0 to 1."""
    box = page.locator("#paper").bounding_box()
    for (x, y), *points in strokes:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.mouse.down()
        for x_to, y_to in points:
            page.mouse.move(
                box["x"] + x_to * box["width"], box["y"] + y_to * box["height"], steps=8
            )
        page.mouse.up()


def answers(page):
    return [one.get_attribute("data-answer") for one in page.query_selector_all(".family")]


def says(page, digit):
    """Wait until all families say this digit."""
    for name in DIGITS:
        expect(page.locator(f'[data-model="{name}"]')).to_have_attribute("data-answer", digit)


SEVEN = [(0.28, 0.25), (0.72, 0.24), (0.45, 0.82)]


@pytest.mark.skipif(not DIGITS, reason="needs the zoo's models of digits")
@pytest.mark.parametrize("size", WIDTHS_PX)
def test_a_seven_is_drawn_and_read(open_page, size):
    page = open_page(size)
    assert page.evaluate(STICKING_OUT) == []
    draw(page, SEVEN)
    says(page, "7")
    for name in DIGITS:
        expect(page.locator(f'[data-model="{name}"] .above')).to_be_visible()
        expect(page.locator(f'[data-model="{name}"] .share')).to_contain_text("%")
        expect(page.locator(f'[data-model="{name}"] .facts-line')).to_contain_text("weights")
    expect(page.locator("#seen")).to_be_visible()
    assert page.locator("#seen").evaluate("one => one.naturalWidth") == 28
    assert page.locator("#strokes line").count() > 20
    assert page.evaluate(STICKING_OUT) == []
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS_PX[size][0]
    if size == "desktop":
        assert page.evaluate("document.documentElement.scrollHeight") == 800, "one screen"


@pytest.mark.skipif(not DIGITS, reason="needs the zoo's models of digits")
def test_a_finger_draws_too(open_page):
    page = open_page("phone", has_touch=True, is_mobile=True)
    box = page.locator("#paper").bounding_box()
    session = page.context.new_cdp_session(page)

    def touch(kind, *points):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [
            {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
            for x, y in points]})  # fmt: skip

    touch("touchStart", (0.5, 0.2))
    for y in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        touch("touchMove", (0.5, y))
    touch("touchEnd")
    says(page, "1")
    assert page.evaluate("scrollY") == 0, "drawing does not scroll"


@pytest.mark.skipif(not DIGITS, reason="needs the zoo's models of digits")
def test_undo_clear_and_examples(open_page):
    page = open_page()
    draw(page, SEVEN, [(0.4, 0.52), (0.68, 0.52)])
    says(page, "7")
    page.click("#undo")
    says(page, "7")
    page.click("#undo")
    expect(page.locator("#undo")).to_be_disabled()
    assert answers(page) == [""] * len(DIGITS)
    for digit in range(10):
        page.click(f"#examples button:nth-child({digit + 1})")
        says(page, str(digit))
    page.click("#clear")
    says(page, "")
    expect(page.locator("#seen")).to_be_hidden()


@pytest.mark.skipif(not DIGITS, reason="needs the zoo's models of digits")
def test_with_the_keyboard_alone(open_page):
    page = open_page()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "paper":
            break
    assert page.evaluate("document.activeElement.id") == "paper"
    for key in [*["ArrowUp"] * 10, "Space", *["ArrowDown"] * 20, "Space"]:
        page.keyboard.press(key)
    says(page, "1")
    expect(page.locator("#pen")).to_contain_text("Lifted")
    expect(page.locator("#spoken")).to_contain_text("digits-cnn: 1")
    page.keyboard.press("Control+z")
    says(page, "")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "0", "nothing to undo or clear"
    page.keyboard.press("Enter")
    says(page, "0")


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Something like a film: lungs darker than the rest; as PNG, as DICOM, and no image at all."""
    folder: Path = tmp_path_factory.mktemp("films")
    y, x = np.mgrid[-1:1:300j, -1:1:260j]
    lungs = sum(np.exp(-(((x - at) / 0.3) ** 2) - (y / 0.6) ** 2) for at in (-0.45, 0.45))
    pixels = (210 - 150 * lungs).clip(0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(folder / "film.png")
    save(film(pixels.astype(np.uint16) * 16), folder / "film.dcm")
    (folder / "damaged.png").write_bytes((folder / "film.png").read_bytes()[:900])
    return folder


def shown_pixels(page):
    return page.locator("#film").evaluate(
        "one => [...one.getContext('2d').getImageData(0, 0, one.width, one.height).data]"
        ".filter((_, at) => at % 4 === 0)"
    )


@pytest.mark.parametrize("size", WIDTHS_PX)
@pytest.mark.parametrize("name", ["film.png", "film.dcm"])
def test_a_film_is_dropped_and_explained(open_page, films, size, name):
    page = open_page(size)
    page.click("nav a[data-view=image]")
    expect(page.locator("#limits")).to_contain_text("This is no medical device.")
    page.set_input_files("#file", films / name)
    expect(page.locator("#heat")).to_be_visible(timeout=30_000)
    expect(page.locator("#busy")).to_have_text("")
    assert page.locator("#heat").evaluate("one => one.naturalWidth") == 96
    assert page.locator("#film").evaluate("one => [one.width, one.height]") == [260, 300]
    expect(page.locator("#verdict .figure-large")).to_contain_text("%")
    expect(page.locator("#verdict")).to_contain_text("probability of PNEUMONIA")
    expect(page.locator("#verdict")).to_contain_text("On 624 test images, with 95% intervals:")
    expect(page.locator("#verdict")).to_contain_text(f"{name}, 260 × 300 px")
    assert page.evaluate(STICKING_OUT) == []
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS_PX[size][0]


def test_the_overlay_and_the_window_move(open_page, films):
    page = open_page()
    page.click("nav a[data-view=image]")
    page.set_input_files("#file", films / "film.png")
    expect(page.locator("#heat")).to_be_visible(timeout=30_000)
    page.locator("#opacity").fill("20")
    assert page.locator("#heat").evaluate("one => getComputedStyle(one).opacity") == "0.2"
    before = shown_pixels(page)
    page.locator("#width").fill("2")
    assert set(shown_pixels(page)) <= {0, 64, 191, 255}
    page.locator("#level").fill("0")
    assert set(shown_pixels(page)) == {255}
    page.click("#reset")
    assert shown_pixels(page) == before


def test_the_decision_follows_the_point(open_page, films):
    page = open_page()
    page.click("nav a[data-view=image]")
    page.set_input_files("#file", films / "film.png")
    radios = page.locator("input[name=point]")
    expect(radios).to_have_count(2)
    expect(radios.nth(0)).to_be_checked()
    expect(page.locator("#verdict .behind")).to_contain_text("Sensitivity0.990")
    radios.nth(0).focus()
    page.keyboard.press("ArrowDown")
    expect(radios.nth(1)).to_be_checked()
    expect(page.locator("#verdict .behind")).to_contain_text("Sensitivity0.982")


def test_a_file_that_is_dropped_with_the_mouse(open_page, films):
    page = open_page()
    page.click("nav a[data-view=image]")
    content = list((films / "film.png").read_bytes())
    page.locator("#stage").evaluate(
        """(stage, content) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(content)], "dropped.png", {type: "image/png"}));
          stage.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true}));
        }""",
        content,
    )
    expect(page.locator("#verdict")).to_contain_text("dropped.png")


def test_what_is_no_film_is_said(chromium, address, films):
    page = chromium.new_page()
    page.goto(f"{address}#image")
    page.wait_for_selector("html[data-ready]")
    page.set_input_files("#file", films / "damaged.png")
    expect(page.locator("#trouble")).to_contain_text("cannot be read as an image")
    colours = np.random.default_rng(0).integers(0, 256, (90, 90, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(colours).save(buffer, "PNG")
    page.set_input_files(
        "#file", {"name": "noise.png", "mimeType": "image/png", "buffer": buffer.getvalue()}
    )
    expect(page.locator("#verdict .flag")).to_contain_text("Unlike the images")
    expect(page.locator("#trouble")).to_be_hidden()
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", WIDTHS_PX)
def test_nothing_stands_in_the_way_of_anybody(open_page, address, films, size, scheme):
    page = open_page(size, color_scheme=scheme)

    def faults():
        found = Axe().run(page).response["violations"]
        return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]

    if DIGITS:
        assert faults() == []
        page.click("#examples button:nth-child(4)")
        says(page, "3")
        assert faults() == []
    page.click("nav a[data-view=image]")
    assert faults() == []
    page.set_input_files("#file", films / "film.png")
    expect(page.locator("#heat")).to_be_visible(timeout=30_000)
    assert faults() == []
    page.click("nav a[data-view=runs]")
    expect(page.locator("#studies")).to_contain_text("no runs in this folder yet")
    assert faults() == []
    page.goto(f"{address}docs")
    assert faults() == []


TOKEN = "a-token-of-some-length"


def test_a_study_in_progress_is_seen_to_grow_and_its_report_opens(chromium, tmp_path):
    runs = tmp_path / "runs"
    partial = runs / "pets" / "mlp-1" / "seed-0.partial"
    partial.mkdir(parents=True)
    with started("chest-cnn", "--runs", str(runs), "--token", TOKEN) as (_, address):
        page = chromium.new_page()
        page.goto(address)
        page.wait_for_selector("html[data-ready]")
        assert TOKEN not in page.url
        page.click("nav a[data-view=runs]")
        expect(page.locator(".study")).to_contain_text("in progress")
        partial.rmdir()
        run = write_finished(partial.with_name("seed-0"), "mlp-1", [1, 1, 1, 0])
        (run.folder / "report.html").write_text("<title>x</title><h1>The report</h1>")
        expect(page.locator(".study li")).to_contain_text("test accuracy 75.00%", timeout=10_000)
        expect(page.locator(".study .state")).to_have_text("finished")
        page.click(".study li a")
        expect(page.locator("h1")).to_have_text("The report")
        assert page.evaluate("self.origin") == "null", "it has no origin here"
        page.close()


def test_without_the_token_the_page_says_what_to_do(chromium):
    with started("chest-cnn", "--token", TOKEN) as (_, address):
        page = chromium.new_page()
        page.goto(address.partition("#")[0])
        expect(page.locator("#trouble")).to_contain_text("This server wants a token")
        page.close()


def test_in_french(chromium, films):
    with started("chest-cnn", "--lang", "fr") as (_, address):
        page = chromium.new_page(locale="fr-FR")
        page.goto(address)
        page.wait_for_selector("html[data-ready]")
        assert page.evaluate("document.documentElement.lang") == "fr"
        expect(page.locator("#limits")).to_contain_text("Ceci n’est pas un dispositif médical.")
        page.set_input_files("#file", films / "film.png")
        expect(page.locator("#verdict")).to_contain_text("probabilité de PNEUMONIA")
        expect(page.locator("#verdict")).to_contain_text("Décision")
        assert "," in page.locator("#verdict .figure-large").inner_text()
        page.close()
