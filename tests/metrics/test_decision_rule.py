"""What is fitted on validation: a temperature, thresholds, or why neither."""

import numpy as np
import pytest

from leadline.errors import SpecError
from leadline.experiments import Decision
from leadline.metrics.calibration import at_temperature
from leadline.metrics.classification import cross_entropy
from leadline.metrics.decision_rule import Calibration, calibrate, decide, positive_class
from leadline.metrics.estimates import NotFitted

CLASSES = ("NORMAL", "PNEUMONIA")


def answers(n=400, sharpness=2.0, seed=0):
    """Probabilities of two classes that are too sure of themselves, and labels."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, n)
    labels = (rng.random(n) < 1 / (1 + np.exp(-logits))).astype(np.int64)
    positive = 1 / (1 + np.exp(-sharpness * logits))
    return np.column_stack([1 - positive, positive]).astype(np.float32), labels


def decided(decision=None, positive=1):
    """As a run does it: fitted on one draw, judged on another."""
    decision = decision or Decision()
    validation, test = answers(seed=0), answers(seed=1)
    calibration = calibrate(decision, validation)
    said = {
        name: (at_temperature(rows, calibration.temperature), labels)
        for name, (rows, labels) in {"validation": validation, "test": test}.items()
    }
    return decide(decision, positive, CLASSES, calibration, said), said


def test_temperature_and_thresholds_come_from_validation():
    found, said = decided()
    assert found.positive == "PNEUMONIA"
    assert found.temperature == pytest.approx(2, rel=0.25)
    assert (found.no_temperature, found.no_thresholds) == (None, None)
    assert [point.name for point in found.points] == ["youden", "sensitivity"]
    scores, labels = said["validation"][0][:, 1], said["validation"][1]
    kept = (scores[labels == 1] >= found.points[1].threshold).mean()
    assert 0.95 <= kept < 0.96
    other = {**said, "test": answers(seed=7)}
    again = decide(Decision(), 1, CLASSES, Calibration(found.temperature), other)
    assert again.points == found.points


def test_what_calibration_did_is_told_of_both_parts():
    found, _ = decided()
    assert [one.part for one in found.calibration] == ["validation", "test"]
    for one, seed in zip(found.calibration, (0, 1), strict=True):
        rows, labels = answers(seed=seed)
        assert one.loss_before == pytest.approx(cross_entropy(rows, labels).mean(), abs=1e-6)
        assert one.loss_after < one.loss_before
        assert one.ece_after < one.ece_before


def test_the_floor_is_the_experiments():
    low = decided(Decision(sensitivity=0.5))[0].points[1]
    assert low.threshold > decided()[0].points[1].threshold
    assert low.floor == 0.5


def test_the_other_class_may_be_the_one_looked_for():
    found, said = decided(positive=0)
    assert found.positive == "NORMAL"
    scores, labels = said["validation"][0][:, 0], said["validation"][1]
    assert (scores[labels == 0] >= found.points[1].threshold).mean() >= 0.95


def test_calibration_may_be_declined():
    found, _ = decided(Decision(calibration="none"))
    assert found.temperature == 1.0
    assert found.no_temperature == NotFitted("turned_off")
    assert found.calibration == ()
    assert found.no_thresholds is None


def test_nothing_is_fitted_on_test_images():
    calibration = calibrate(Decision(), None)
    assert calibration.temperature == 1.0
    found = decide(Decision(), 1, CLASSES, calibration, {"test": answers()})
    why = NotFitted("validated_on_test")
    assert (found.no_temperature, found.no_thresholds) == (why, why)
    assert [(point.name, point.threshold) for point in found.points] == [("half", 0.5)]
    assert found.calibration == ()


def test_a_validation_without_a_mistake_fits_no_temperature():
    rows = np.array([[0.9, 0.1], [0.2, 0.8]], np.float32)
    calibration = calibrate(Decision(), (rows, np.array([0, 1])))
    assert calibration.temperature == 1.0
    assert calibration.not_fitted == NotFitted("no_minimum", n=2, count=0)


def test_a_validation_of_one_class_has_no_threshold():
    rows, _ = answers(5)
    one = rows, np.ones(5, np.int64)
    found = decide(Decision(), 1, CLASSES, Calibration(1.0), {"validation": one, "test": answers()})
    assert found.no_thresholds == NotFitted("one_class", n=5, count=5)
    assert [point.name for point in found.points] == ["half"]


def test_many_classes_are_calibrated_and_have_no_threshold():
    rng = np.random.default_rng(0)
    rows, labels = rng.dirichlet(np.ones(3), 50), rng.integers(0, 3, 50)
    said = {"validation": (rows, labels), "test": (rows, labels)}
    found = decide(Decision(), None, ("a", "b", "c"), Calibration(3.0), said)
    assert (found.positive, found.points) == (None, ())
    assert found.no_thresholds == NotFitted("multiclass")
    assert len(found.calibration) == 2


def test_the_second_class_is_looked_for_unless_another_is_named():
    assert positive_class(Decision(), CLASSES, "x") == 1
    assert positive_class(Decision(positive="NORMAL"), CLASSES, "x") == 0
    assert positive_class(Decision(), ("a", "b", "c"), "x") is None


def test_a_class_with_other_capitals():
    assert positive_class(Decision(positive="PNEUMONIA"), ("normal", "Pneumonia"), "x") == 1
    assert positive_class(Decision(positive="a"), ("A", "a"), "x") == 1
    assert positive_class(Decision(positive="cre\u0302pe"), ("cr\u00eape", "gaufre"), "x") == 0
    with pytest.raises(SpecError, match="'ab' is not a class"):
        positive_class(Decision(positive="ab"), ("AB", "Ab"), "x")


def test_a_class_that_the_data_do_not_have():
    with pytest.raises(SpecError) as raised:
        positive_class(Decision(positive="pneumonias"), CLASSES, "x")
    assert str(raised.value) == (
        "x: decision.positive = 'pneumonias' is not a class of these data; choose one of NORMAL, "
        "PNEUMONIA (--set decision.positive=PNEUMONIA)."
    )


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"positive": "a"}, "positive = 'a'"),
        ({"prevalence": [0.1]}, "prevalence = (0.1,)"),
        ({"subgroup_pattern": "b"}, "subgroup_pattern = 'b'"),
    ],
)
def test_what_is_for_two_classes_is_refused_for_three(table, said):
    with pytest.raises(SpecError) as raised:
        positive_class(Decision.model_validate(table), ("a", "b", "c"), "x")
    assert str(raised.value) == (
        f"x: decision.{said} is for two classes, and these data have 3: a, b, c; leave it out "
        f"(--set decision.{said.split()[0]}=)."
    )


def test_all_that_is_for_two_classes_is_left_out_in_one_go():
    said = Decision(positive="a", subgroup_pattern="b")
    with pytest.raises(SpecError, match=r"decision\.positive= --set decision\.subgroup_pattern="):
        positive_class(said, ("a", "b", "c"), "x")
