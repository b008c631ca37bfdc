"""The page in a real browser, from a real server: for everybody, and in whose hands it may be."""

import pytest
from playwright.sync_api import expect
from tests.serving.browsing import (
    DIGITS,
    SIZES,
    STICKING_OUT,
    WIDTHS_PX,
    explained,
    faults,
    fits,
    says,
)
from tests.serving.making import brightness, save_flat
from tests.serving.processes import started

pytestmark = pytest.mark.slow
TOKEN = "a-token-of-some-length"
ODD_TOKEN = "100%-sure&safe#[b]+/="


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_stands_in_the_way_of_anybody(open_page, address, films, size, scheme):
    page = open_page(size, color_scheme=scheme, refused=True)
    if DIGITS:
        assert faults(page) == []
        page.click("#examples button:nth-child(4)")
        says(page, "3")
        assert faults(page) == []
    page.click("nav a[data-view=image]")
    assert faults(page) == []
    page.set_input_files("#file", films / "film.png")
    explained(page)
    assert faults(page) == []
    page.set_input_files("#file", films / "damaged.png")
    expect(page.locator("#trouble")).to_be_visible()
    assert faults(page) == []
    page.click("nav a[data-view=runs]")
    expect(page.locator("#studies")).to_contain_text("no runs in this folder yet")
    assert faults(page) == []
    page.goto(f"{address}docs")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_in_the_colours_of_the_reader(open_page):
    """Where a browser replaces all colours, bars and marks keep one that is not the ground's."""
    page = open_page(forced_colors="active")
    page.click("#examples button:nth-child(4)")
    says(page, "3")
    for one in (".bar.most b", ".bar.most i", "nav a[aria-current]"):
        drawn = page.locator(one).first.evaluate(
            "one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).borderTopStyle,"
            " getComputedStyle(one).outlineStyle]"
        )
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert drawn[0] != ground or "solid" in drawn[1:], one
    assert faults(page) == []


def test_on_paper(open_page, films):
    """In dark colours too, a page is printed in light ones, with its bars and without buttons."""
    page = open_page(color_scheme="dark")
    page.click("#examples button:nth-child(4)")
    says(page, "3")
    page.emulate_media(media="print", color_scheme="dark")
    for gone in ("nav", "#undo", "#examples"):
        expect(page.locator(gone)).to_be_hidden()
    bar = page.locator('[data-model="digits-cnn"] .most b')
    expect(bar).to_have_css("print-color-adjust", "exact")
    expect(bar).to_have_css("background-color", "rgb(0, 117, 90)")
    darkest = (
        "one => Math.min(...[...one.getContext('2d').getImageData(0, 0, 560, 560).data]"
        ".filter((_, at, all) => at % 4 === 0 && all[at + 3] === 255))"
    )
    assert page.locator("#paper").evaluate(darkest) == 0
    page.emulate_media(media="screen")
    page.click("nav a[data-view=image]")
    page.set_input_files("#file", films / "film.png")
    explained(page)
    page.emulate_media(media="print")
    for gone in ("#drop", "#opacity"):
        expect(page.locator(gone)).to_be_hidden()
    for there in ("#limits", "#film", "#heat", "#mapped", "#verdict"):
        expect(page.locator(there)).to_be_visible()


def test_at_twice_the_size(open_page):
    """200% of a window of 1280 × 800 px: half of it in each direction."""
    page = open_page()
    page.set_viewport_size({"width": 640, "height": 400})
    for view in ("draw", "image", "runs"):
        page.click(f"nav a[data-view={view}]")
        assert fits(page)
    assert page.locator("nav a[data-view=runs]").is_visible()


def test_without_the_token_the_page_says_what_to_do(chromium):
    with started("chest-cnn", "--token", TOKEN) as (_, address):
        page = chromium.new_page()
        page.goto(address.partition("#")[0])
        expect(page.locator("#trouble")).to_contain_text("This server requires a token")
        assert faults(page) == []
        page.close()


def test_the_address_with_the_token_is_opened_over_the_page_without(open_page):
    """As people do who read what the page says; browsers do not load it again for a new #."""
    with started("chest-cnn", "--token", ODD_TOKEN) as (_, address):
        page = open_page(url=address.partition("#")[0], refused=True)
        expect(page.locator("#trouble")).to_contain_text("This server requires a token")
        for nothing in ("nav", "#image", ".loading"):
            expect(page.locator(nothing)).to_be_hidden()
        page.evaluate("address => { location.href = address; }", address)
        expect(page.locator("#image")).to_be_visible()
        expect(page.locator("#trouble")).to_be_hidden()
        assert page.url == address.partition("#")[0]
        page.reload()
        expect(page.locator("#image")).to_be_visible()


def test_without_its_script_the_page_says_so(chromium, address):
    page = chromium.new_page(java_script_enabled=False)
    page.goto(address)
    expect(page.locator("main")).to_have_text("This page needs JavaScript.", use_inner_text=True)
    page.close()


def test_while_it_loads_the_page_says_so(chromium, address):
    page = chromium.new_page()
    page.route("**/api/v1/models", lambda _: None)
    page.goto(address)
    expect(page.locator("main")).to_have_text("Loading…", use_inner_text=True)
    page.close()


def test_what_was_wrong_in_one_view_is_not_said_in_the_next(open_page, films):
    page = open_page(refused=True)
    page.click("nav a[data-view=image]")
    page.set_input_files("#file", films / "damaged.png")
    expect(page.locator("#trouble")).to_contain_text("damaged.png")
    page.click("nav a[data-view=draw]")
    expect(page.locator("#trouble")).to_be_hidden()


def test_when_the_server_has_gone_the_page_says_so(open_page, films):
    with started("chest-cnn") as (process, address):
        page = open_page(url=address, refused=True)
        process.terminate()
        process.wait(20)
        page.set_input_files("#file", films / "film.png")
        expect(page.locator("#trouble")).to_contain_text("Is it still running?")


def test_models_of_any_kind_side_by_side(open_page, tmp_path):
    """Two of one name, one in colour with three classes, of odd names: all by one page."""
    odd = ("<img src=x onerror=alert(1)>", "z" * 200, "تفاح")
    models = [brightness(tmp_path / "a.onnx"), brightness(tmp_path / "b.onnx", ("off", "on")),
              brightness(tmp_path / "c.onnx", odd, size_px=(7, 9), channels=3)]  # fmt: skip
    light = save_flat(tmp_path / "light.png", 153, (30, 40))
    with started(*map(str, models)) as (_, address):
        page = open_page("phone", url=address)
        assert page.locator("nav a").all_inner_texts() == ["Your image"]
        options = page.locator("#model option").all_inner_texts()
        assert options == ["brightness", "brightness-2", "brightness-3"]
        page.set_input_files("#file", light)
        expect(page.locator("#heat")).to_be_visible()
        expect(page.locator("#verdict .figure-large")).to_have_text("60.0%")
        expect(page.locator("#verdict .decision")).to_have_text("Decision: light")
        page.select_option("#model", "brightness-2")
        expect(page.locator("#verdict .decision")).to_have_text("Decision: on")
        page.select_option("#model", "brightness-3")
        expect(page.locator("#verdict .figure-large")).to_have_text("z" * 200)
        names = page.locator("#verdict dt").all_inner_texts()
        assert names == ["z" * 200, *odd[::2]]
        assert page.evaluate(STICKING_OUT) == []
        assert faults(page) == []


@pytest.mark.parametrize("size", WIDTHS_PX)
def test_in_french(open_page, films, tmp_path, size):
    with started("--lang", "fr", "--runs", str(tmp_path)) as (_, address):
        page = open_page(size, url=address, refused=True, locale="fr-FR")
        assert fits(page)
        page.click("nav a[data-view=image]")
        assert page.evaluate("document.documentElement.lang") == "fr"
        expect(page.locator("#limits")).to_contain_text("Ceci n’est pas un dispositif médical.")
        page.set_input_files("#file", films / "film.png")
        explained(page)
        expect(page.locator("#verdict")).to_contain_text("probabilité de PNEUMONIA")
        expect(page.locator("#verdict")).to_contain_text("Décision")
        assert "," in page.locator("#verdict .figure-large").inner_text()
        measures = page.locator("#verdict .behind dt").all_inner_texts()
        assert measures == ["Exactitude", "AUROC", "Sensibilité", "Spécificité", "Score de Brier"]
        assert fits(page)
        for label in page.locator("#sliders label span").all():
            assert label.evaluate("one => one.getClientRects().length") == 1, "on one line"
        page.set_input_files("#file", films / "damaged.png")
        expect(page.locator("#trouble")).to_contain_text("n’est pas une image lisible")
        expect(page.locator("#trouble [lang=en]")).to_contain_text("damaged.png: cannot be read")
