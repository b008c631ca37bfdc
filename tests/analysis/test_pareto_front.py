"""The front by hand, and against every pair tried."""

from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.analysis.pareto_front import pareto_front, unbeaten

OPTIONS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12)
"""Few values, so that ties are frequent."""


@pytest.mark.parametrize(
    ("merits", "costs", "expected"),
    [
        ([], [], ()),
        ([0.9], [10], (0,)),
        ([0.9, 0.8, 0.95], [10, 20, 30], (0, 2)),
        ([0.9, 0.95, 0.8], [30, 20, 10], (2, 1)),
        ([0.9, 0.9], [10, 20], (0,)),
        ([0.9, 0.8], [10, 10], (0,)),
        # Of 10,000 images two seeds got 9871 and 9873, and two 9865 and 9879.
        ([fmean([0.9871, 0.9873]), fmean([0.9865, 0.9879])], [10, 20], (0,)),
        ([0.9, 0.9], [10, 10], (0, 1)),
        ([0.9, 0.8, 0.9], [10, 10, 10], (0, 2)),
    ],
)
def test_the_front_by_hand(merits, costs, expected):
    assert pareto_front(merits, costs) == expected


@given(OPTIONS)
def test_the_front_is_what_no_option_beats(options):
    merits, costs = [one[0] for one in options], [one[1] for one in options]

    def beats(one, other):
        return (
            merits[one] >= merits[other]
            and costs[one] <= costs[other]
            and (merits[one] > merits[other] or costs[one] < costs[other])
        )

    places = range(len(options))
    expected = {place for place in places if not any(beats(other, place) for other in places)}
    found = pareto_front(merits, costs)
    assert set(found) == expected
    assert [costs[place] for place in found] == sorted(costs[place] for place in found)


def test_unbeaten_by_hand():
    """c is better than a, which costs less, and than b, which costs as much."""
    better = {("c", "a"), ("c", "b")}
    assert unbeaten(["a", "b", "c"], [10, 30, 30], better) == (0, 2)


@given(OPTIONS, st.integers(0, 4))
def test_the_front_is_among_the_unbeaten(options, least):
    """Where a merit that is ahead by enough is shown to be better, and no other."""
    merits, costs = [one[0] for one in options], [one[1] for one in options]
    names = [str(place) for place in range(len(options))]
    better = {
        (one, other)
        for one in names
        for other in names
        if merits[int(one)] > merits[int(other)] + least
    }
    assert set(pareto_front(merits, costs)) <= set(unbeaten(names, costs, better))
    everything_shown = unbeaten(names, costs, better) if least == 0 else ()
    for place in everything_shown:
        assert all(
            merits[rival] <= merits[place] or costs[rival] > costs[place]
            for rival in range(len(names))
        )
