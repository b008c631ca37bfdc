"""A forest plot: marks lie where their values say, within the frame, and speak for themselves."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report.svg_reading import description, lines, marks, size, texts

from leadline.report.plots.forest_plot import ForestRow, Mark, Reference, forest_plot

ROWS = (
    ForestRow("a", "0.90 (0.80–0.95)", (Mark(0.9, (0.8, 0.95), "test", "a: 0.9"),)),
    ForestRow("b", "0.60", (Mark(0.6, None, "seed", "b: 0.6"),)),
)


def plot(rows=ROWS, **changes):
    given = {"uid": "f", "title": "T", "description": "In words.", "span": (0.5, 1.0)}
    return forest_plot(rows, **(given | changes))


def test_marks_lie_on_the_scale_row_by_row():
    # The scale is 384 px wide, 18 px from the left, and begins 8 px from the top; rows are 52 px.
    assert marks(plot()) == {
        "a: 0.9": pytest.approx((18 + 0.8 * 384, 8 + 32), abs=0.01),
        "b: 0.6": pytest.approx((18 + 0.2 * 384, 8 + 52 + 32), abs=0.01),
    }


def test_the_bar_spans_the_interval():
    (bar,) = lines(plot(), "ink")
    assert [x for x, _ in bar] == pytest.approx([18 + 0.6 * 384, 18 + 0.9 * 384], abs=0.01)


def test_names_and_figures_are_written_out():
    assert {"a", "0.90 (0.80–0.95)", "b", "0.60"} <= set(texts(plot()))
    assert description(plot()) == "In words."


def test_the_line_across_has_its_name():
    svg = plot(reference=Reference(0.5, "guessing"))
    assert "guessing" in texts(svg)
    assert "stroke-dasharray" in svg


def test_two_bars_of_one_row_do_not_touch():
    two = (Mark(0.9, (0.8, 0.95), "validation", "v"), Mark(0.8, (0.7, 0.9), "test", "t"))
    found = marks(plot((ForestRow("a", "", two),), legend={"validation": "then", "test": "now"}))
    assert found["t"][1] - found["v"][1] == pytest.approx(9, abs=0.01)
    svg = plot((ForestRow("a", "", two),), legend={"validation": "then", "test": "now"})
    assert {"then", "now"} <= set(texts(svg))


def test_a_long_name_gives_way_to_its_figures():
    long = ForestRow("x" * 90, "0.90 (0.80–0.95)", ROWS[0].marks)
    name = next(text for text in texts(plot((long,))) if text.startswith("xx"))
    assert "x…x" in name
    assert len(name) + len(long.said) == 52


@pytest.mark.parametrize(
    ("names", "fitting"),
    [
        (("cnn-02", "hog-01"), "cnn-02 over hog-01"),
        (("pixels-with-a-long-name-00", "hog-01"), "pixels-…ame-00 over hog-01"),
        (("hog-01", "pixels-with-a-long-name-00"), "hog-01 over pixels-…ame-00"),
        # Of two long ones each has half of the 20 characters beside " over ".
        (("pixels-with-a-long-name-00", "cnn-with-a-long-name-04"), "pixel…e-00 over cnn-w…e-04"),
    ],
)
def test_of_two_names_both_can_be_told(names, fitting):
    row = ForestRow(" over ".join(names), "", (), names, "{0} over {1}")
    assert row.fitting(26) == fitting


@pytest.mark.parametrize("rows", [1, 12])
def test_a_row_has_its_own_room(rows):
    assert size(plot(ROWS[:1] * rows))[1] == 8 + 52 * rows + 30


@settings(max_examples=15)
@given(
    st.lists(
        st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=3, max_size=3).map(sorted),
        min_size=1,
        max_size=4,
    )
)
def test_nothing_lies_outside(values):
    rows = [
        ForestRow(str(place), "", (Mark(middle, (low, high), "test", str(place)),))
        for place, (low, middle, high) in enumerate(values)
    ]
    svg = forest_plot(rows, uid="f", title="T", description="", reference=Reference(0.0, "zero"))
    places = [*marks(svg).values(), *(point for bar in lines(svg, "ink") for point in bar)]
    width, height = size(svg)
    assert all(18 <= x <= width - 18 and 0 <= y <= height for x, y in places)


def shaded(svg: str) -> list[tuple[float, float]]:
    """From where to where the ground is shaded, in pixels."""
    found = []
    for path in ET.fromstring(svg).iter("path"):
        if "opacity: 0.5" in path.get("style", ""):
            across = [float(x) for x in re.findall(r"[ML] ([\d.]+) ", path.attrib["d"])]
            found.append((min(across), max(across)))
    return found


def test_the_ground_is_shaded_on_both_sides_of_the_reference():
    svg = plot(reference=Reference(0.5, "guessing", 0.05), span=(0.0, 1.0))
    grounds = shaded(svg)
    # The plot is 384 px wide between its margins of 18; each row has its own piece.
    assert len(grounds) == len(ROWS)
    for low, high in grounds:
        assert (low, high) == pytest.approx((18 + 0.45 * 384, 18 + 0.55 * 384), abs=0.1)
    assert shaded(plot(reference=Reference(0.5, "guessing"), span=(0.0, 1.0))) == []
