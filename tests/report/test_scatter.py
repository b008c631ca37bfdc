"""Accuracy against weights: marks of families, labels that cover nothing."""

from itertools import combinations
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from leadline.report.scatter import Dot, _shared, label_boxes, scatter_plot

FAMILIES = {"pixels": "pixels", "hog": "HOG", "cnn": "CNN"}
FRAME = (0.0, 0.0, 700.0, 340.0)
LAB = [
    ("mlp-1", "pixels", 407_050, 0.9726),
    ("mlp-2", "pixels", 407_050, 0.9798),
    ("mlp-3", "pixels", 535_818, 0.9817),
    ("hog-1", "hog", 25_802, 0.9776),
    ("hog-2", "hog", 50_890, 0.9794),
    ("hog-3", "hog", 101_770, 0.9808),
    ("cnn-1", "cnn", 410_538, 0.9872),
    ("cnn-2", "cnn", 812_650, 0.9881),
    ("cnn-3", "cnn", 856_330, 0.9921),
]


def dots(reference=None):
    return [Dot(*one, (one[3] - 0.003, one[3] + 0.003), reference) for one in LAB]


def texts(svg):
    return [element.text for element in ET.fromstring(svg).iter("text")]


def test_the_lab_in_words():
    svg = scatter_plot(dots(), uid="s", families=FAMILIES)
    assert ET.fromstring(svg).findtext("desc") == (
        "9 experiments. The most accurate is cnn-3: 99.21% with 856,330 weights. "
        "The table above holds every value."
    )
    assert {name for name, *_ in LAB} | {"pixels", "HOG", "CNN"} <= set(texts(svg))
    tips = [element.text for element in ET.fromstring(svg).findall(".//g/title")]
    assert tips[0] == "mlp-1: 97.26% (96.96–97.56%), 407,050 weights"


def test_families_differ_in_colour():
    svg = scatter_plot(dots(), uid="s", families=FAMILIES)
    assert all(f"fill: var(--{family})" in svg for family in FAMILIES)


def test_a_family_that_is_not_there_is_not_in_the_key():
    svg = scatter_plot(dots()[:3], uid="s", families=FAMILIES)
    assert "CNN" not in texts(svg)


def test_reference_figures_are_hollow_and_named():
    svg = scatter_plot(dots(0.98), uid="s", families=FAMILIES, reference_name="the lab")
    assert "the lab" in texts(svg)
    assert "the lab" not in texts(scatter_plot(dots(), uid="s", families=FAMILIES))


def test_one_experiment_is_enough():
    svg = scatter_plot([Dot("tiny", "cnn", 0, 1.0, (0.9, 1.0))], uid="s", families=FAMILIES)
    assert "tiny" in texts(svg)


def overlaps(boxes):
    return [pair for pair in combinations(boxes, 2) if _shared(*pair) > 0]


def test_labels_step_aside_for_each_other():
    boxes = label_boxes([("one", 300, 100), ("two", 301, 101), ("three", 302, 99)], [], FRAME)
    assert overlaps(boxes) == []


def test_labels_step_aside_for_marks():
    taken = [(305.0, 90.0, 400.0, 110.0)]
    (box,) = label_boxes([("one", 300, 100)], taken, FRAME)
    assert _shared(box, taken[0]) == 0


def test_labels_stay_in_the_frame():
    (box,) = label_boxes([("a long name", 690, 100)], [], FRAME)
    assert box[2] <= FRAME[2]


@given(
    st.lists(
        st.tuples(st.integers(100, 600), st.integers(50, 290)),
        min_size=2,
        max_size=9,
        unique_by=lambda place: (place[0] // 150, place[1] // 40),
    )
)
def test_scattered_labels_never_overlap(places):
    boxes = label_boxes([("cnn-1", x, y) for x, y in places], [], FRAME)
    assert overlaps(boxes) == []
