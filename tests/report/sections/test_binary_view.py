"""A run of two classes: what its page is told, by hand and by what it was made of."""

import dataclasses
import re

import numpy as np
import pytest
from tests.report.svg_reading import description, marks, texts
from tests.report.test_html_pages import outline
from tests.report.two_classes import answers, two_class_content, two_class_run

from leadline.metrics.binary import BinaryPredictions
from leadline.metrics.estimates import Estimate, OperatingPoint
from leadline.report.html_pages import render_run
from leadline.report.sections.binary_view import BinaryView
from leadline.report.sections.threshold_view import point_name

# 8 positives and 4 negatives, each an image of its own. At 0.5: 6 found, 2 missed, 1 false alarm.
SCORES = np.array([0.9, 0.8, 0.8, 0.7, 0.6, 0.55, 0.4, 0.2, 0.75, 0.3, 0.2, 0.1])
SMALL = BinaryPredictions(SCORES, np.arange(12) < 8, None, None)


@pytest.fixture(scope="module")
def by_hand():
    return BinaryView(two_class_content(SMALL, None), "one")


@pytest.fixture(scope="module")
def drawn():
    return BinaryView(two_class_content(answers(160, 0), answers(120, 1)), "two")


@pytest.fixture(scope="module")
def page():
    return render_run(two_class_run())


def test_cells_are_found_missed_false_alarms_passed(by_hand):
    (point,) = by_hand.points
    assert point.cells == (6, 2, 1, 3)
    assert [metric.title for metric, _, _ in point.measures][:4] == [
        "sensitivity",
        "specificity",
        "PPV",
        "NPV",
    ]
    said = {metric.title: now.value for metric, now, _ in point.measures}
    assert said["sensitivity"] == 6 / 8
    assert said["specificity"] == 3 / 4
    assert said["PPV"] == pytest.approx(6 / 7)
    assert said["balanced accuracy"] == 0.75


def test_what_is_not_validated_has_no_figures_there(by_hand):
    assert [then for _, _, then in by_hand.summary] == [None] * 4
    assert by_hand.points[0].validation is None
    assert "validation" not in texts(by_hand.roc_svg)


def test_the_prevalence_is_that_of_test(by_hand):
    assert by_hand.prevalence == pytest.approx(2 / 3)
    assert "guessing: 66.7%" in texts(by_hand.precision_recall_svg)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("youden", "Youden"), ("sensitivity", "sensitivity ≥ 97.5%"), ("half", "likelier class")],
)
def test_thresholds_have_names(name, expected):
    assert point_name(OperatingPoint(name, 0.3), 0.975) == expected


def test_operating_points_lie_on_the_roc_curve(drawn):
    found = marks(drawn.roc_svg)
    assert len(found) == 2
    for point in drawn.points:
        place = next(at for tip, at in found.items() if tip.startswith(point.name))
        x, y = 1 - point.test.specificity.value, point.test.sensitivity.value
        assert place == pytest.approx(
            (58 + (x + 0.02) * 324 / 1.04, 10 + (1.02 - y) * 324 / 1.04), abs=0.01
        )
        curve = drawn.content.curves.roc
        assert np.isclose(curve[:, :2], (x, y)).all(axis=1).any()


def test_transfer_shows_both_parts_of_both_thresholds(drawn):
    said = [
        tip.partition(":")[0] + tip.partition(":")[2].split(":")[0]
        for tip in marks(drawn.transfer_svg)
    ]
    assert [sum(", validation" in tip for tip in said), sum(", test" in tip for tip in said)] == [
        4,
        4,
    ]
    first = drawn.points[0]
    then, now = first.validation.sensitivity.value, first.test.sensitivity.value
    assert f"{100 * then:.1f}% → {100 * now:.1f}%" in texts(drawn.transfer_svg)


def test_both_thresholds_are_drawn_on_one_scale(drawn):
    ticks = [
        [text for text in texts(one.forest_svg) if re.fullmatch(r"\d+%", text)]
        for one in drawn.points
    ]
    assert ticks[0] == ticks[1]


def test_a_long_curve_is_thinned_but_keeps_its_ends(drawn):
    whole, rows = drawn.content.curves.roc, drawn.content.roc_rows
    assert len(whole) > len(rows) == 21
    assert (rows[0] == whole[0]).all()
    assert (rows[-1] == whole[-1]).all()


def test_decision_in_words(by_hand):
    assert re.fullmatch(
        r"The model is better than treating all or none between thresholds of \d+% and \d+%\.",
        description(by_hand.decision_svg),
    )


def test_what_the_images_cannot_tell_has_no_mark(drawn):
    nothing = Estimate(None, 0, 1, "unknown")
    points = tuple(
        dataclasses.replace(one, metrics=one.metrics | {"ppv": nothing, "specificity": nothing})
        for one in drawn.test.points
    )
    content = dataclasses.replace(
        drawn.content, test=dataclasses.replace(drawn.test, points=points)
    )
    view = BinaryView(content, "x")
    assert marks(view.roc_svg) == {}
    assert len(marks(view.points[0].forest_svg)) == 5
    assert "unknown" in texts(view.points[0].forest_svg)


def test_the_page_begins_with_the_area_and_the_sensitive_threshold(page):
    content = two_class_run().binary
    assert content is not None
    test, (_, at) = content.test, content.test.points
    said = outline(page).text()
    assert (
        f"AUROC {test.auroc.value:.3f} (95% interval {test.auroc.low:.3f}–{test.auroc.high:.3f})"
        in said
    )
    assert "on 160 test images, 100 of them PNEUMONIA , of 100 patients." in said
    found = f"{100 * (at.sensitivity.value or 0):.1f}%"
    assert f"a sensitivity of at least 95%, it finds {found} of PNEUMONIA" in said
    assert f"AUROC {test.auroc.value:.3f}</title>" in page


def test_the_page_shows_who_was_found_and_who_missed(page):
    content = two_class_run().binary
    assert content is not None
    for at in content.test.points:
        (passed, alarms), (missed, found) = at.confusion
        for side, count, word in (
            ("right", found, "found"), ("wrong", missed, "missed"),
            ("wrong", alarms, "false alarms"), ("right", passed, "passed"),
        ):  # fmt: skip
            assert f'<td class="num {side}">{count} <small>{word}</small></td>' in page


def test_validation_stands_beside_test(page):
    content = two_class_run().binary
    assert content is not None
    assert content.validation is not None
    then = content.validation.points[0].sensitivity
    said = f"{100 * (then.value or 0):.1f}%"
    assert f'<td class="num nowrap">{said} <small class="interval">{100 * then.low:.1f}–' in page


def test_the_page_names_every_method(page):
    said = outline(page).text()
    assert {"DeLong, by patient", "patient bootstrap"} <= set(
        re.findall(r"DeLong, by patient|patient bootstrap", said)
    )


def test_the_page_tells_subgroups_prevalences_and_calibration(page):
    said = outline(page).text()
    assert re.search(r"bacteria 66 \d+ 0\.\d{3}", said)
    assert re.search(r"5\.0% \d+\.\d%", said)
    assert "softened by one number fitted on validation, a temperature of 1.250" in said
    assert "Do the thresholds carry over?" in said


def test_every_figure_has_its_table(page):
    said = outline(page).text()
    for name in ("ROC curve", "Precision-recall curve", "Reliability", "Decision curve"):
        assert f"{name} as a table" in said
    assert said.count("The same as a table") >= 2


def test_nothing_fitted_is_said_with_the_reason():
    said = outline(render_run(two_class_run(validated=False))).text()
    assert "No threshold was fitted: the validation images are the test images" in said
    assert "At a threshold of 0.5" in said
    assert "Do the thresholds carry over?" not in said
    assert "The probabilities are as the model was trained to give them: the validation" in said


def test_hostile_class_names_stay_text():
    page = render_run(two_class_run(classes=("<img src=x>", "</svg><script>alert(1)</script>")))
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    outline(page)


def test_a_page_holds_no_id_twice(page):
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(set(ids)) == len(ids)


def test_no_curves_without_both_classes():
    run = two_class_run()
    assert run.binary is not None
    lacking = dataclasses.replace(run.binary, curves=None)
    said = outline(render_run(dataclasses.replace(run, binary=lacking))).text()
    assert "The test images lack a class, so there are no curves." in said
