"""Errors in the lab's report, recounted."""

import pytest
from tests.report.comparisons import comparison, pair
from tests.report.sections.questions.studies import rows, run, view

from leadline.analysis.lab_errata import LabErrata, lab_errata, worked_example
from leadline.models.layers.layer_type import formula_text
from leadline.report.page_content import RunPage

CNNS, DIGITS = ("cnn-1", "cnn-2", "cnn-3"), tuple("0123456789")


def lab_of(*pages: RunPage) -> LabErrata:
    found = lab_errata(rows(*pages), None)
    assert found is not None
    return found


def test_the_networks_as_drawn_and_as_trained():
    found = lab_of(*(run(name, classes=DIGITS) for name in CNNS))
    told = {one.name: (one.trained, one.drawn, one.unused, one.into) for one in found.redrawn}
    unused, maps = ("l1_mp", "l2_mp"), (3, 3, 32)
    assert told == {
        "cnn-1": (410_538, 27_562, unused, maps),
        "cnn-2": (812_650, 160 + 2 * 4128 + 288 * 128 + 128 + 1290, unused, maps),
        "cnn-3": (856_330, 832 + 2 * 25_632 + 288 * 128 + 128 + 1290, unused, maps),
    }


def test_the_sums_that_slipped():
    found = lab_of(run("hog-1"), run("hog-2"), run("cnn-2"), run("cnn-3"))
    assert [row.name for row in found.narrow] == ["hog-1", "hog-2"]
    assert (formula_text(found.right_sum), found.wrong_sum) == ("(64 × 10) + 10 = 650", 6410)
    assert found.totals is not None
    large, small = found.totals
    assert (large.totals.weights, small.totals.weights) == (856_330, 812_650)
    assert found.more_in_convolutions == 856_330 - 812_650
    assert found.wrong_products == (18_432, 73_728)
    assert found.turns_features


def test_the_worked_example_by_hand():
    """Shallow: 28 × 28 × 16 values are read; deep: 28, 14, 7 and 3 pixels a side."""
    example = worked_example()
    assert example.totals == (
        (9 + 1) * 16 + (12_544 + 1) * 128 + 129 * 10,
        (9 + 1) * 32 + 2 * (9 * 32 + 1) * 32 + (288 + 1) * 256 + 257 * 10,
    )
    assert example.totals == (1_607_210, 95_370)


def test_only_the_labs_own_models_are_spoken_of():
    assert lab_errata(rows(run("first-cnn"), run("cnn-1-pooled")), None) is None
    found = lab_of(run("mlp-1"), run("first-hog"))
    assert list(found.rows) == ["mlp-1"]
    assert found.example is None
    assert found.narrow == ()
    assert not found.turns_features


def test_a_name_alone_does_not_make_it_the_labs():
    other = run("cnn-1").experiment.model_copy(update={"name": "mlp-1"})
    assert lab_errata(rows(run("cnn-1", experiment=other)), None) is None


def test_what_the_comparison_says_of_neighbours():
    pages = (run("hog-1"), run("hog-2"), run("mlp-1"))
    judged = comparison(
        pair("hog-1", "hog-2", 0.0007, verdict="equivalent"),
        pair("hog-1", "mlp-1"),
        pair("hog-2", "mlp-1"),
    )
    lab = view(*pages, comparison=judged).answers.lab
    assert lab is not None
    [one] = lab.ranked
    assert (one.ahead, one.behind, one.was) == ("hog-2", "hog-1", (0.9794, 0.9776))
    assert lab.verdict(one.pair) == "equivalent within 0.50 percentage points"
    assert lab.difference(one.pair).startswith("hog-1 is ahead by 0.07")


@pytest.mark.parametrize("name", ["mlp-1", "cnn-1"])
def test_nothing_is_ranked_without_a_comparison(name):
    found = lab_of(run(name))
    assert (found.ranked, found.curves) == ((), ())
