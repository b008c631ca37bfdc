"""Fronts of four costs, and the least of those equivalent to the best."""

import dataclasses
import re

import pytest
from tests.report.comparisons import comparison, pair
from tests.report.conftest import LAYERS
from tests.report.svg_reading import description, lines, marks, texts

from leadline.analysis.prediction_time import Timing
from leadline.models.weight_table import LayerRow
from leadline.report.html_pages import render_study
from leadline.report.page_content import StudyPage
from leadline.report.plots.tradeoff_plot import Layout, Panel, Point, tradeoff_plot
from leadline.report.sections.study_view import StudyView
from leadline.report.sections.tradeoff_view import said_cost, tick

NAMES = ("mlp-1", "hog-1", "cnn-1")
FIGURES = {"mlp-1": (0.97, 400, 8.0), "hog-1": (0.98, 20, 5.0), "cnn-1": (0.99, 900, 100.0)}
"""Accuracy, weights and seconds of training: hog-1 is better than mlp-1 for less of everything."""


def took(median_ms, together=3):
    return Timing(median_ms, median_ms - 0.01, median_ms + 0.01, 200, 1, together, "R 1", "A Chip")


TIMES = {"mlp-1": took(0.05), "hog-1": took(0.2), "cnn-1": took(0.4)}


@pytest.fixture
def page(make_run):
    def build(*names, **changes):
        runs = []
        for name in names or NAMES:
            accuracy, weights, wall_s = FIGURES[name]
            run = make_run(name, wall_s=wall_s, layers=layers(weights), unused_layers=())
            test = dataclasses.replace(
                run.evaluation_test, accuracy=accuracy,
                accuracy_interval=(accuracy - 0.002, accuracy + 0.002),
            )  # fmt: skip
            judged = {"evaluation_test": test, "evaluation_validation": test}
            runs.append(dataclasses.replace(run, **judged))
        return StudyPage("s", "S", "", tuple(runs), **changes)

    return build


def layers(weights):
    head = LayerRow("head", "Dense", (None, 3), weights, weights, (weights,), weights, 4 * weights)
    return (LAYERS[0], head)


COMPARED = comparison(
    pair("cnn-1", "hog-1", 0.002, verdict="equivalent"),
    pair("cnn-1", "mlp-1", 0.02),
    pair("hog-1", "mlp-1", 0.01, verdict="no difference shown"),
)


def view(page):
    return StudyView(page).tradeoffs


def test_the_front_of_each_cost(page):
    found = view(page(timings=TIMES))
    fronts = {cost.kind: cost.front for cost in found.tradeoffs.costs}
    assert fronts == {
        "weights": ("hog-1", "cnn-1"),
        "multiply_adds": ("hog-1", "cnn-1"),
        "training_s": ("hog-1", "cnn-1"),
        "prediction_ms": ("mlp-1", "hog-1", "cnn-1"),
    }
    assert (found.tradeoffs.on_every_front, found.tradeoffs.on_no_front) == (("hog-1", "cnn-1"), ())


def test_who_is_on_no_front(page):
    assert view(page()).tradeoffs.on_no_front == ("mlp-1",)


def test_who_is_not_shown_to_be_beaten(page):
    """hog-1 is ahead of mlp-1 and costs less, but no difference is shown."""
    weights = view(page(comparison=COMPARED)).tradeoffs.costs[0]
    assert weights.unbeaten == ("cnn-1", "hog-1", "mlp-1")
    shown = comparison(*COMPARED.measures[0].pairs[:2], pair("hog-1", "mlp-1"))
    assert view(page(comparison=shown)).tradeoffs.costs[0].unbeaten == ("cnn-1", "hog-1")


def test_the_least_of_those_equivalent_to_the_best(page):
    found = view(page(comparison=COMPARED, timings=TIMES))
    assert [(one.cost.kind, one.name, *one.amounts) for one in found.equivalents] == [
        ("weights", "hog-1", "20", "900"),
        ("multiply_adds", "hog-1", "20", "900"),
        ("training_s", "hog-1", "5.0 s", "1 min 40 s"),
        ("prediction_ms", "hog-1", "0.2 ms", "0.4 ms"),
    ]


def test_without_times_there_are_three_costs(page):
    found = view(page())
    assert [cost.kind for cost in found.costs] == ["weights", "multiply_adds", "training_s"]
    assert found.how_timed is None


def test_the_runs_own_times_stand_in(page):
    whole = page()
    alone = dataclasses.replace(
        whole,
        runs=tuple(
            dataclasses.replace(run, timing=took(0.1, together=1) if place else None)
            for place, run in enumerate(whole.runs)
        ),
    )
    found = view(alone)
    assert list(found.timings) == ["hog-1", "cnn-1"]
    assert not found.in_turn
    assert [row.name for row in found.costs[-1].rows] == ["hog-1", "cnn-1"]
    html = render_study(alone)
    assert "Each model was timed when its run was written" in html
    assert '<td class="num" data-value="">–</td>' in html


def test_one_experiment_trades_nothing(page):
    assert view(page("mlp-1")) is None
    assert 'id="tradeoffs"' not in render_study(page("mlp-1"))


def words(html):
    section = html.partition('id="tradeoffs"')[2].partition("</table>")[0]
    section = re.sub(r"<svg.*?</svg>", "", section, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", section).split())


def test_what_the_page_says(page):
    said = words(render_study(page(comparison=COMPARED, timings=TIMES)))
    assert (
        "The smallest model that is equivalent to the best, cnn-1, is hog-1 , with 20 weights "
        "instead of 900 (equivalent: shown to differ by less than 0.50 percentage points)." in said
    )
    assert "By training time it is hog-1 : 5.0 s instead of 1 min 40 s." in said
    assert "hog-1 98.00% 20 front 20 front 5.0 s front 0.2 ms 0.19 to 0.21 ms front" in said


def test_where_none_is_equivalent_the_page_says_so(page):
    judged = comparison(pair("cnn-1", "hog-1"))
    assert "No model with fewer weights is shown to be equivalent to the best, cnn-1" in words(
        render_study(page("cnn-1", "hog-1", comparison=judged))
    )


def test_where_the_best_is_the_smallest(page):
    judged = comparison(pair("hog-1", "mlp-1"))
    assert "no experiment has fewer weights" in words(
        render_study(page("hog-1", "mlp-1", comparison=judged))
    )


def test_a_mark_for_each_experiment_in_each_panel(page):
    wide, narrow = view(page(timings=TIMES)).svgs
    assert len(marks(wide)) == len(marks(narrow)) == 12
    assert "hog-1: 98.00% (97.80–98.20%); Weights: 20" in marks(wide)
    assert texts(wide).count("cnn-1") == 4
    assert {"front", "pixels", "HOG", "CNN"} <= set(texts(wide))
    assert description(wide).startswith("On the front: Weights: hog-1, cnn-1; ")


def test_the_front_is_drawn_in_steps(page):
    """Three panels: from a mark to the right, then up to the next."""
    wide, _narrow = view(page()).svgs
    fronts = [line for line in lines(wide, "muted") if len(line) == 4]
    assert len(fronts) == 3
    for (x0, y0), (x1, y1), (x2, y2), (x3, y3) in fronts:
        assert x0 < x1 == x2 < x3
        assert y0 == y1 > y2 == y3


def test_costs_in_words_and_on_axes():
    assert said_cost("weights", 407050.0) == "407,050"
    assert said_cost("multiply_adds", 6_924_928.0) == "6.92 M"
    assert [tick("weights", value) for value in (0, 500, 20_000, 1e6)] == [
        "0",
        "500",
        "20 k",
        "1 M",
    ]
    assert tick("training_s", 30.0) == "30 s"
    assert tick("prediction_ms", 0.2) == "0.2 ms"


def test_an_equivalent_that_costs_more_is_not_named(page):
    slow = TIMES | {"hog-1": took(0.9)}
    found = view(page(comparison=COMPARED, timings=slow))
    assert [one.cost.kind for one in found.equivalents] == [
        "weights", "multiply_adds", "training_s",
    ]  # fmt: skip


def test_a_name_far_from_its_mark_is_tied_to_it():
    """Marks on one spot: most of their names must go further away."""

    def ties(n):
        spot = (Point(f"one-{place}", "cnn", 5.0, 0.9, (0.8, 0.95), "") for place in range(n))
        svg = tradeoff_plot(
            [Panel("cost", tuple(spot), (0,), str)],
            uid="t", title="t", description="d", merit="m", say=str, families={"cnn": "CNN"},
            layout=Layout(1, 380.0),
        )  # fmt: skip
        return svg.count('stroke-width: 0.8; stroke-linecap: round"')

    assert ties(1) == 0
    assert 0 < ties(9) <= 9


def test_times_of_other_experiments_are_passed_over(page):
    found = view(page(timings={"gone": took(0.1), **TIMES}))
    assert set(found.timings) == set(NAMES)
    gone = view(page(timings={"gone": took(0.1)}))
    assert gone.how_timed is None
    assert [cost.kind for cost in gone.costs] == ["weights", "multiply_adds", "training_s"]


@pytest.mark.slow
def test_of_very_many_only_the_front_is_named(make_run):
    runs = []
    for number in range(13):
        run = make_run(wall_s=1.0 + number, layers=layers(100 + number), unused_layers=())
        named = run.experiment.model_copy(update={"name": f"m{number}"})
        runs.append(dataclasses.replace(run, experiment=named))
    many = StudyPage("s", "S", "", tuple(runs))
    tapped = "Only experiments on the front are named; point at any other mark"
    # All are as good, so the front is the first, which costs least.
    names = [text for text in texts(view(many).svgs[0]) if re.fullmatch(r"m\d+", text)]
    assert set(names) == {"m0"}
    assert tapped in render_study(many)
    few = StudyPage("s", "S", "", tuple(runs[:12]))
    assert {f"m{number}" for number in range(12)} <= set(texts(view(few).svgs[0]))
    assert tapped not in render_study(few)
