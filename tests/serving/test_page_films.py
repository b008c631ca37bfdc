"""X-ray: a film dropped, pasted or chosen; its answer, its heat map, its window."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from tests.serving.browsing import (
    SIZES,
    WIDTHS_PX,
    colour,
    explained,
    film_levels,
    fits,
    give,
    screen,
    tab_to,
)

pytestmark = pytest.mark.slow
DISCLAIMER = "This is no medical device."


@pytest.fixture(scope="session")
def real_films(chest_folder):
    """The first film of each class of the test images."""
    return {
        name: min((chest_folder / "test" / name).glob("*.jp*g")) for name in ("NORMAL", "PNEUMONIA")
    }


def image_tab(open_page, size="desktop", **options):
    page = open_page(size, **options)
    page.click("nav a[data-view=image]")
    expect(page.locator("#limits")).to_contain_text(DISCLAIMER)
    return page


@pytest.mark.parametrize("size", WIDTHS_PX)
@pytest.mark.parametrize("name", ["film.png", "film.jpg", "film.dcm"])
def test_a_film_is_chosen_and_explained(open_page, films, size, name):
    page = image_tab(open_page, size)
    page.set_input_files("#file", films / name)
    explained(page)
    assert page.locator("#heat").evaluate("one => one.naturalWidth") == 96
    assert page.locator("#film").evaluate("one => [one.width, one.height]") == [260, 300]
    verdict = page.locator("#verdict")
    expect(verdict.locator(".figure-large")).to_contain_text("%")
    expect(verdict).to_contain_text("probability of PNEUMONIA")
    expect(verdict).to_contain_text("On 624 test images, with 95% intervals:")
    expect(verdict).to_contain_text(f"{name}, 260 × 300 px")
    assert fits(page)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["NORMAL", "PNEUMONIA"])
def test_a_real_film_is_dropped_and_read(open_page, real_films, size, name):
    page = image_tab(open_page, size)
    give(page, real_films[name], "image/jpeg")
    explained(page)
    verdict = page.locator("#verdict")
    expect(verdict.locator(".decision")).to_have_text(f"Decision: {name}")
    expect(verdict.locator(".flag")).to_have_count(0)
    expect(verdict.locator(".behind")).to_contain_text("Sensitivity")
    low, high = verdict.locator(".behind small").first.inner_text().split("–")
    assert 0.9 < float(low) < float(high) < 1
    expect(verdict).to_contain_text(real_films[name].name)
    expect(page.locator("#limits")).to_contain_text(DISCLAIMER)
    assert fits(page)
    # The overlay is there, and goes as its slider goes.
    page.locator("#opacity").fill("0")
    without = screen(page)
    assert colour(without) < 1
    page.locator("#opacity").fill("40")
    some = colour(screen(page))
    page.locator("#opacity").fill("100")
    assert 2 < some < colour(screen(page))
    # So does the window, of what is below it.
    page.locator("#opacity").fill("0")
    page.locator("#width").fill("60")
    narrow = screen(page)
    assert narrow.std() > without.std() + 10
    page.locator("#level").fill("20")
    assert screen(page).mean() > narrow.mean() + 30
    page.click("#reset")
    page.locator("#opacity").fill("0")
    assert np.abs(screen(page) - without).max() <= 1


def test_with_the_keyboard_alone(open_page, films):
    page = open_page("phone")
    # Chromium hears only some time later that the dialogue is not to be shown.
    page.on("filechooser", lambda _chooser: None)
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.view") == "image":
            break
    page.keyboard.press("Enter")
    expect(page.locator("#image")).to_be_visible()
    tab_to(page, "file")
    with page.expect_file_chooser() as chosen:
        page.keyboard.press("Enter")
    chosen.value.set_files(films / "film.png")
    explained(page)
    before = screen(page)
    page.keyboard.press("Home")
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    tab_to(page, "opacity")
    page.keyboard.press("Home")
    assert colour(screen(page)) < 1 < colour(before)
    page.keyboard.press("Tab")
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    assert page.locator("#level").input_value() == "148"
    tab_to(page, "reset")
    page.keyboard.press("Space")
    assert np.abs(screen(page) - before).max() <= 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "point"
    page.keyboard.press("ArrowDown")
    expect(page.locator("input[name=point]").nth(1)).to_be_checked()
    assert page.evaluate("document.activeElement.value") == "sensitivity"


def test_the_overlay_and_the_window_move(open_page, films):
    page = image_tab(open_page)
    page.set_input_files("#file", films / "film.png")
    explained(page)
    page.locator("#opacity").fill("20")
    assert page.locator("#heat").evaluate("one => getComputedStyle(one).opacity") == "0.2"
    before = film_levels(page)
    page.locator("#width").fill("2")
    assert set(film_levels(page)) <= {0, 64, 191, 255}
    page.locator("#level").fill("0")
    assert set(film_levels(page)) == {255}
    page.click("#reset")
    assert film_levels(page) == before


def test_on_a_phone_the_film_is_seen_while_its_sliders_move(open_page, films):
    page = image_tab(open_page, "phone")
    page.set_input_files("#file", films / "film.png")
    explained(page)
    film, slider = (page.locator(one).bounding_box() for one in ("#screen", "#width"))
    assert film is not None
    assert slider is not None
    assert 0 < slider["y"] - (film["y"] + film["height"]) < 150


def test_the_decision_follows_the_point(open_page, films):
    page = image_tab(open_page)
    page.set_input_files("#file", films / "film.png")
    radios = page.locator("input[name=point]")
    expect(radios).to_have_count(2)
    expect(radios.nth(0)).to_be_checked()
    expect(page.locator("#verdict .behind")).to_contain_text("Sensitivity0.990")
    radios.nth(0).focus()
    page.keyboard.press("ArrowDown")
    expect(radios.nth(1)).to_be_checked()
    expect(page.locator("#verdict .behind")).to_contain_text("Sensitivity0.982")


def test_a_film_is_pasted_where_the_tab_is_open(open_page, films):
    page = image_tab(open_page)
    give(page, films / "film.png", event="paste")
    expect(page.locator("#verdict")).to_contain_text("film.png, 260 × 300 px")
    page.click("nav a[data-view=draw]")
    give(page, films / "film.jpg", "image/jpeg", event="paste")
    page.click("nav a[data-view=image]")
    expect(page.locator("#verdict")).to_contain_text("film.png, 260 × 300 px")


def test_what_is_no_film_is_said_by_its_name(open_page, films):
    page = image_tab(open_page, "phone", refused=True)
    page.set_input_files("#file", films / "damaged.png")
    trouble = page.locator("#trouble")
    expect(trouble).to_contain_text("damaged.png: cannot be read as an image")
    expect(trouble).to_be_in_viewport()
    colours = np.random.default_rng(0).integers(0, 256, (90, 90, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(colours).save(buffer, "PNG")
    page.set_input_files(
        "#file", {"name": "noise.png", "mimeType": "image/png", "buffer": buffer.getvalue()}
    )
    expect(page.locator("#verdict .flag")).to_contain_text("Unlike the training images")
    expect(trouble).to_be_hidden()


def test_no_answer_stays_under_the_refusal_of_another_file(open_page, films):
    page = image_tab(open_page, refused=True)
    page.set_input_files("#file", films / "film.png")
    explained(page)
    page.set_input_files("#file", films / "damaged.png")
    expect(page.locator("#trouble")).to_contain_text("damaged.png")
    for hidden in ("#verdict", "#screen", "#sliders"):
        expect(page.locator(hidden)).to_be_hidden()
    page.set_input_files("#file", films / "film.png")
    explained(page)
    expect(page.locator("#verdict")).to_be_visible()


def test_the_map_says_for_which_class_it_speaks(open_page, films):
    page = image_tab(open_page)
    expect(page.locator("#heat-key")).to_be_hidden()
    page.set_input_files("#file", films / "film.png")
    explained(page)
    spoken = page.get_attribute("#verdict", "data-decision")
    expect(page.locator("#mapped")).to_contain_text(f"Evidence for {spoken}:")


def test_what_is_seen_while_another_film_is_asked_about_is_marked_as_of_before(open_page, films):
    page = image_tab(open_page)
    page.set_input_files("#file", films / "film.png")
    explained(page)
    held = []

    def hold(route):
        held.append(route)

    page.route("**/predict?**", hold)
    page.set_input_files("#file", films / "film.dcm")
    expect(page.locator("#stage")).to_have_attribute("aria-busy", "true")
    expect(page.locator("#verdict")).to_have_css("opacity", "0.4")
    expect(page.locator("#heat-key")).to_be_hidden()
    page.locator("input[name=point]").nth(1).check()  # still of the film before
    expect(page.locator("#verdict")).to_contain_text("film.png, 260")
    held[0].continue_()
    expect(page.locator("#verdict")).to_contain_text("film.dcm, 260")
    expect(page.locator("#verdict")).to_have_css("opacity", "1")


def test_no_answer_of_one_model_stays_under_the_name_of_another(open_page, films):
    page = image_tab(open_page, refused=True)
    page.set_input_files("#file", films / "film.png")
    explained(page)
    page.route("**/predict?**", lambda route: route.fulfill(status=429, json={"detail": "Busy."}))
    page.select_option("#model", index=1)
    expect(page.locator("#trouble")).to_have_text("Busy.")
    expect(page.locator("#verdict")).to_be_hidden()
    page.unroute_all()
    page.select_option("#model", "chest-cnn")
    expect(page.locator("#verdict")).to_contain_text("probability of PNEUMONIA")


def test_a_heat_map_that_nobody_waits_for_is_not_asked_for_any_more(open_page, films):
    page = image_tab(open_page)
    ended = []
    page.on("requestfailed", lambda one: ended.append(one.url))
    page.route("**/explain?**", lambda _: None)
    with page.expect_request("**/explain?**"):
        page.set_input_files("#file", films / "film.png")
    page.unroute_all()
    page.set_input_files("#file", films / "film.jpg")
    explained(page)
    expect(page.locator("#verdict")).to_contain_text("film.jpg")
    assert len(ended) == 1
    assert "explain" in ended[0]
