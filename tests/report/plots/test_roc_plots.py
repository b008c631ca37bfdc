"""Curves lie where their numbers say: 0 to 1 is 0.02 of the side within the frame."""

import numpy as np
import pytest
from tests.report.svg_reading import description, lines, marks, texts

from leadline.report.plots.roc_plots import (
    Curve,
    MarkedPoint,
    decision_plot,
    precision_recall_plot,
    roc_plot,
)

# The frame is 324 px wide and high, 58 px from the left and 10 px from the top, from -0.02 to 1.02.
UNIT_PX = 324 / 1.04


def at(x, y):
    return 58 + (x + 0.02) * UNIT_PX, 10 + (1.02 - y) * UNIT_PX


STEPS = Curve("test", np.array([0, 0, 0.5, 1]), np.array([0, 0.8, 0.9, 1]))
SECOND = Curve("validation", np.array([0, 1]), np.array([0.5, 1]), "validation", 1)
HALF = MarkedPoint("Youden", 0.5, 0.9, "at 0.41")


def roc(*curves, uid="roc"):
    return roc_plot(curves or (STEPS, SECOND), (HALF,), uid=uid, description="In words.")


def test_a_curve_goes_through_its_points():
    (curve,) = lines(roc(), "ink")[:1]
    assert curve == [
        pytest.approx(at(x, y), abs=0.01) for x, y in zip(STEPS.x, STEPS.y, strict=True)
    ]


def test_the_line_of_guessing_is_the_diagonal():
    (diagonal,) = [one for one in lines(roc(), "muted") if len(one) == 2 and one[0][0] < 70]
    assert diagonal == [pytest.approx(at(0, 0), abs=0.01), pytest.approx(at(1, 1), abs=0.01)]


def test_an_operating_point_lies_on_its_curve_and_speaks():
    assert marks(roc()) == {"at 0.41": pytest.approx(at(0.5, 0.9), abs=0.01)}


def test_every_curve_and_point_is_named():
    assert {"test", "validation", "Youden", "guessing"} <= set(texts(roc()))
    assert description(roc()) == "In words."


def test_curves_differ_in_more_than_colour():
    assert roc(STEPS, SECOND).count("stroke-dasharray") > roc(STEPS).count("stroke-dasharray")


def test_names_cannot_leave_their_text():
    svg = roc(Curve("<script>x</script>$a$", STEPS.x, STEPS.y))
    assert "<script" not in svg
    assert "<script>x</script>$a$" in texts(svg)


def test_guessing_has_the_precision_of_the_prevalence():
    svg = precision_recall_plot((STEPS,), (), 0.625, uid="pr", description="")
    assert "guessing: 62.5%" in texts(svg)
    level = [one for one in lines(svg, "muted") if len(one) == 2 and one[0][1] == one[1][1]]
    assert pytest.approx(at(0, 0.625)[1], abs=0.01) in [one[0][1] for one in level]


# Half the images positive: treating all is worth 0.5 - 0.5 t / (1 - t).
THRESHOLDS = np.array([0.0, 0.25, 0.5, 0.75])
TREAT_ALL = 0.5 - 0.5 * THRESHOLDS / (1 - THRESHOLDS)


def decision(model):
    return decision_plot(THRESHOLDS, model, TREAT_ALL, uid="d", description="")


def test_net_benefit_of_all_crosses_none_at_the_prevalence():
    everybody = lines(decision(np.full(4, 0.5)), "hog")[0]
    none = lines(decision(np.full(4, 0.5)), "muted")[0]
    assert len(everybody) == 4
    assert everybody[2][1] == pytest.approx(none[0][1], abs=0.01)
    assert everybody[0][1] < none[0][1] < everybody[3][1]


def test_a_useless_model_still_has_a_plot():
    svg = decision_plot(THRESHOLDS, np.zeros(4), -TREAT_ALL, uid="d", description="")
    assert {"model", "treat all", "treat none"} <= set(texts(svg))


def test_ticks_of_net_benefit_have_no_needless_zeros():
    said = texts(decision(np.array([0.5, 0.4, 0.3, 0.2])))
    assert {"0", "0.1", "0.5", "−0.1"} <= set(said)
