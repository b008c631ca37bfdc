"""Draw: with the mouse, a finger and the keyboard; what the families answer, and what they saw."""

import pytest
from playwright.sync_api import expect
from tests.serving.browsing import DIGITS, SEVEN, WIDTHS_PX, answers, draw, fits, says, tab_to

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DIGITS, reason="needs the zoo's models of digits"),
]
OVERLAPS = """
(tile, share) => {
  const range = document.createRange();
  range.selectNodeContents(share);
  const [over, under] = [tile, range].map(one => one.getBoundingClientRect());
  return over.left < under.right && under.left < over.right
    && over.top < under.bottom && under.top < over.bottom;
}
"""


@pytest.mark.parametrize("size", WIDTHS_PX)
def test_a_seven_is_drawn_and_read(open_page, size):
    page = open_page(size)
    assert fits(page)
    draw(page, SEVEN)
    says(page, "7")
    for name in DIGITS:
        expect(page.locator(f'[data-model="{name}"] .above')).to_be_visible()
        expect(page.locator(f'[data-model="{name}"] .share')).to_contain_text("%")
        expect(page.locator(f'[data-model="{name}"] .facts-line')).to_contain_text("weights")
    expect(page.locator("#seen")).to_be_visible()
    assert page.locator("#seen").evaluate("one => one.naturalWidth") == 28
    assert page.locator("#strokes line").count() > 20
    assert fits(page)
    for name in DIGITS:  # nothing lies over the figure
        share = page.locator(f'[data-model="{name}"] .share').element_handle()
        assert not page.locator(f'[data-model="{name}"] .tile').evaluate(OVERLAPS, share)
    if size == "desktop":
        assert page.evaluate("document.documentElement.scrollHeight") == 800, "one screen"


def test_on_a_phone_all_families_are_seen_beside_each_other_while_one_draws(open_page):
    page = open_page("phone")
    draw(page, SEVEN)
    says(page, "7")
    digits = [page.locator(f'[data-model="{name}"] .digit') for name in DIGITS]
    assert len({one.bounding_box()["y"] for one in digits}) == 1
    for name in DIGITS:
        expect(page.locator(f'[data-model="{name}"] .bars')).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [320, 360, 480, 640, 720, 900, 1025, 1100, 1600])
def test_at_any_width_bars_stand_in_one_row_and_nothing_overlaps(open_page, width):
    page = open_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.click("#examples button:nth-child(8)")
    says(page, "7")
    assert fits(page)
    for name in DIGITS:
        one = page.locator(f'[data-model="{name}"]')
        tops = one.locator(".bar").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().top)"
        )
        assert len(set(tops)) == 1
        share = one.locator(".share").element_handle()
        assert not one.locator(".tile").evaluate(OVERLAPS, share)


def test_a_finger_draws_too(open_page):
    page = open_page("phone", has_touch=True, is_mobile=True)
    box = page.locator("#paper").bounding_box()
    session = page.context.new_cdp_session(page)

    def touch(kind, *points):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [
            {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
            for x, y in points]})  # fmt: skip

    def stroke(*heights):
        for kind, y in zip(["touchStart", *["touchMove"] * 9], heights, strict=False):
            touch(kind, (0.5, y))
        touch("touchEnd")

    stroke(0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
    says(page, "1")
    assert page.evaluate("scrollY") == 0, "drawing does not scroll"
    page.tap("#undo")
    says(page, "")
    stroke(0.2, 0.5, 0.8)
    page.tap("#undo")  # at once, though the finger was fast: no tap that only stops a fling
    expect(page.locator("#undo")).to_be_disabled()
    page.tap("#examples button:nth-child(9)")
    says(page, "8")


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


def test_paper_inked_all_over_is_no_digit(open_page):
    page = open_page()
    draw(page, [(x, (at + 0.5) / 16) for at in range(16) for x in (0.01, 0.99)])
    for name in DIGITS:
        expect(page.locator(f'[data-model="{name}"]')).to_contain_text("Unlike the training images")


def test_with_the_keyboard_alone(open_page):
    page = open_page()
    tab_to(page, "paper")
    for key in [*["ArrowUp"] * 10, "Space", *["ArrowDown"] * 20, "Space"]:
        page.keyboard.press(key)
    says(page, "1")
    expect(page.locator("#pen")).to_contain_text("Pen up")
    expect(page.locator("#spoken")).to_contain_text("digits-cnn: 1")
    page.keyboard.press("Control+z")
    says(page, "")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "0", "nothing to undo or clear"
    page.keyboard.press("Enter")
    says(page, "0")


def test_what_is_drawn_is_told_by_the_tiles(open_page):
    """The heat maps and the strokes follow the drawing, and go when it is cleared."""
    page = open_page()
    heat, seen = [], []
    for digit in (1, 8):
        page.click(f"#examples button:nth-child({digit + 1})")
        says(page, str(digit))
        expect(page.locator('[data-model="digits-cnn"] .above')).to_be_visible()
        heat.append(page.get_attribute('[data-model="digits-cnn"] .above', "src"))
        seen.append(page.get_attribute("#seen", "src"))
    assert len({*heat, *seen}) == 4
    page.click("#clear")
    expect(page.locator("#strokes line")).to_have_count(0)
    for name in DIGITS:
        expect(page.locator(f'[data-model="{name}"] .above')).to_be_hidden()


def test_no_answer_stays_beside_another_drawing(open_page):
    """Where the server does not answer, what it said of the drawing before goes."""
    page = open_page(refused=True)
    page.click("#examples button:nth-child(4)")
    says(page, "3")
    expect(page.locator("#strokes line").first).to_be_attached()
    page.route("**/api/v1/*?**", lambda route: route.abort())
    page.click("#examples button:nth-child(5)")
    expect(page.locator("#trouble")).to_contain_text("Is it still running?")
    says(page, "")
    expect(page.locator("#seen")).to_be_hidden()
    expect(page.locator("#strokes line")).to_have_count(0)
    page.unroute_all()
    page.click("#examples button:nth-child(6)")
    says(page, "5")
    expect(page.locator("#trouble")).to_be_hidden()


@pytest.mark.parametrize("call", ["predict", "explain"])
def test_where_the_server_is_busy_the_page_comes_back(open_page, call):
    page = open_page(refused=True)
    told = []

    def busy(route):
        told.append(route)
        if len(told) > 1:
            route.continue_()
        else:
            route.fulfill(status=429, headers={"Retry-After": "1"}, json={"detail": "Busy."})

    page.route(f"**/{call}?**", busy)
    page.click("#examples button:nth-child(8)")
    says(page, "7")
    expect(page.locator('[data-model="digits-cnn"] .above')).to_be_visible()
    expect(page.locator("#trouble")).to_be_hidden()
    assert len(told) > 1


def test_a_late_answer_does_not_take_the_heat_map_away(open_page):
    page = open_page()

    def late(route):
        page.wait_for_timeout(1200)
        route.continue_()

    page.route("**/predict?**", late)
    with page.expect_response("**/predict?**"):
        page.click("#examples button:nth-child(8)")
    says(page, "7")
    expect(page.locator('[data-model="digits-cnn"] .above')).to_be_visible()
    page.wait_for_timeout(300)
    expect(page.locator('[data-model="digits-cnn"] .above')).to_be_visible()


def test_what_is_cleared_is_gone_at_once_and_no_late_answer_brings_it_back(open_page):
    page = open_page()
    page.click("#examples button:nth-child(8)")
    says(page, "7")
    held = []

    def hold(route):
        held.append(route)

    page.route("**/predict?**", hold)
    with page.expect_request("**/predict?**"):
        page.click("#examples button:nth-child(5)")
    page.click("#clear")
    assert answers(page) == [""] * len(DIGITS)
    with page.expect_response("**/predict?**"):
        held[0].continue_()
    page.wait_for_timeout(300)
    assert answers(page) == [""] * len(DIGITS)
    expect(page.locator("#seen")).to_be_hidden()


def test_bars_are_as_high_as_probabilities(open_page):
    page = open_page(reduced_motion="reduce")
    with page.expect_response("**/predict?**") as answered:
        page.click("#examples button:nth-child(5)")
    says(page, "4")
    for model in answered.value.json()["answers"][0]["models"]:
        bars = page.locator(f'[data-model="{model["model"]}"] .bar b')
        shown = bars.evaluate_all("all => all.map(one => parseFloat(one.style.height))")
        assert shown == pytest.approx(
            [100 * share for share in model["probabilities"].values()], abs=0.06
        )
