"""Names beside marks: they cover neither each other nor what is drawn."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from leadline.report.plots.label_placement import _shared, label_boxes

FRAME = (0.0, 0.0, 700.0, 340.0)


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
