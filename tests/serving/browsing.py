"""What a person does on the page, and what can be seen of it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from axe_playwright_python.sync_playwright import Axe
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, expect

from leadline import zoo

WIDTHS_PX = {"phone": (390, 844), "tablet": (768, 1024), "desktop": (1280, 800)}
SIZES = ("phone", "desktop")
DIGITS = [name for name in ("digits-pixels", "digits-hog", "digits-cnn") if name in zoo.names()]
SEVEN = [(0.28, 0.25), (0.72, 0.24), (0.45, 0.82)]
HEAT_MAP_MS = 30_000
STICKING_OUT = """
[...document.querySelectorAll('body *')].filter(one => {
  const place = one.getBoundingClientRect();
  return !one.closest('.sr, .skip') && place.width > 1
    && (place.right > innerWidth + 0.5 || place.left < -0.5);
}).map(one => one.outerHTML.slice(0, 120))
"""
DROPPED = """
(stage, [content, name, kind, event]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(content)], name, {type: kind}));
  const dropped = new DragEvent("drop", {dataTransfer: data, bubbles: true});
  if (event === "drop") stage.dispatchEvent(dropped);
  else dispatchEvent(new ClipboardEvent("paste", {clipboardData: data}));
}
"""


def fits(page: Page) -> bool:
    """Nothing sticks out to the side, and so nothing is scrolled to the side."""
    assert page.evaluate(STICKING_OUT) == []
    wide: bool = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return wide


def faults(page: Page) -> list[tuple[str, list[str]]]:
    """What axe-core finds, of whatever weight: rules, and where they are broken."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


def draw(page: Page, *strokes: list[tuple[float, float]]) -> None:
    """Draw with the mouse: strokes of points from 0 to 1."""
    box = page.locator("#paper").bounding_box()
    assert box is not None
    for (x, y), *points in strokes:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.mouse.down()
        for x_to, y_to in points:
            page.mouse.move(
                box["x"] + x_to * box["width"], box["y"] + y_to * box["height"], steps=8
            )
        page.mouse.up()


def answers(page: Page) -> list[str | None]:
    return [one.get_attribute("data-answer") for one in page.query_selector_all(".family")]


def says(page: Page, digit: str) -> None:
    """Wait until all families say this digit."""
    for name in DIGITS:
        expect(page.locator(f'[data-model="{name}"]')).to_have_attribute("data-answer", digit)


def tab_to(page: Page, element_id: str, most: int = 40) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == element_id:
            return
    raise AssertionError(f"#{element_id} is not reached with the keyboard")


def give(page: Page, path: Path, kind: str = "image/png", event: str = "drop") -> None:
    """Drop a file on the page with the mouse, or paste it."""
    content = list(path.read_bytes())
    page.locator("#stage").evaluate(DROPPED, [content, path.name, kind, event])


def explained(page: Page) -> None:
    """Wait until the heat map is there."""
    expect(page.locator("#heat")).to_be_visible(timeout=HEAT_MAP_MS)
    expect(page.locator("#busy")).to_have_text("")


def film_levels(page: Page) -> list[int]:
    """The red of each pixel of the film's canvas, without the heat map."""
    found: list[int] = page.locator("#film").evaluate(
        "one => [...one.getContext('2d').getImageData(0, 0, one.width, one.height).data]"
        ".filter((_, at) => at % 4 === 0)"
    )
    return found


def screen(page: Page) -> NDArray[np.int16]:
    """What the screen with film and heat map looks like: (height, width, 3)."""
    shot = page.locator("#screen").screenshot(animations="disabled")
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(np.int16)


def colour(pixels: NDArray[np.int16]) -> float:
    """How far from grey, on average, 0 to 255: films are grey, heat maps are not."""
    return float((pixels.max(axis=2) - pixels.min(axis=2)).mean())
