"""Colours of the style sheet: text stands out from what lies behind it, in light and in dark."""

import re
from importlib import resources

import pytest

from leadline.report.plots.svg import COLOURS, HEAT_STEPS

TEMPLATES = resources.files("leadline.report").joinpath("templates")
SHEET = "".join(
    TEMPLATES.joinpath(name).read_text("utf-8") for name in ("palette.css", "style.css")
)


def palettes():
    """Custom properties by name: light, dark, print."""
    found = [dict(re.findall(r"--([\w-]+): (#\w+)", block)) for block in re.findall(
        r":root \{(.*?)\}", SHEET, flags=re.DOTALL
    )]  # fmt: skip
    light, dark, paper = found
    return {"light": light, "dark": light | dark, "print": light | paper}


def luminance(colour):
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(params=["light", "dark", "print"])
def palette(request):
    return palettes()[request.param]


def test_contrast_by_hand():
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize(
    "name",
    ["ink", "muted", "link", "pixels", "hog", "cnn", "train", "validation", "caution", "serious"],
)
def test_text_stands_out(palette, name):
    behind = ["paper", "surface"] + ["caution-paper"] * (name in {"ink", "caution"})
    for paper in behind:
        assert contrast(palette[name], palette[paper]) >= 4.5, paper


@pytest.mark.parametrize("step", range(HEAT_STEPS))
def test_numbers_stand_out_on_the_heat_map(palette, step):
    ink = "heat-ink-strong" if step >= HEAT_STEPS // 2 else "heat-ink"
    assert contrast(palette[ink], palette[f"heat-{step}"]) >= 4.5


def test_heat_rises_with_each_step(palette):
    light = [luminance(palette[f"heat-{step}"]) for step in range(HEAT_STEPS)]
    assert light in (sorted(light), sorted(light, reverse=True))


def test_figures_use_only_colours_of_the_sheet(palette):
    assert set(COLOURS) <= set(palette)
