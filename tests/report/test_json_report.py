"""Values of a record, worked out by hand or read off the run that they are of."""

import numpy as np
import pytest
from tests.report.conftest import CLASSES, HISTORY, LAYERS, sample_run
from tests.report.two_classes import two_class_run

from leadline.metrics.classification import evaluate
from leadline.report.json_report import run_summary, study_summary
from leadline.report.page_content import StudyPage


def judged(right, n):
    """So many of n images of three classes right."""
    labels = np.arange(n) % 3
    said = np.where(np.arange(n) < right, labels, (labels + 1) % 3)
    return evaluate(np.eye(3)[said] * 0.7 + 0.1, labels, CLASSES)


def member(*runs):
    record = study_summary(StudyPage("s", "S", "", runs), ["r"] * len(runs))
    return record.experiments[0]


def test_an_experiment_is_told_over_its_seeds():
    runs = [
        sample_run(
            "mlp-1", seed, wall_s=wall_s, evaluation_test=judged(right, 50),
            evaluation_validation=judged(45, 90),
        )
        for seed, (right, wall_s) in enumerate(((40, 3.0), (44, 5.0)))
    ]  # fmt: skip
    found = member(*runs)
    assert (found.name, found.family, found.seeds) == ("mlp-1", "pixels", (0, 1))
    assert found.test_accuracy.mean == pytest.approx(0.84)
    # Two values 0.08 apart: sd 0.08 / sqrt(2); t(0.975, 1) is 12.706, so 12.706 * 0.04 each way.
    assert found.test_accuracy.sd == pytest.approx(0.0565685, abs=1e-6)
    assert found.test_accuracy.low == pytest.approx(0.84 - 0.508248, abs=1e-5)
    # Wilson of 40 and of 44 in 50: 0.6696 to 0.8876, 0.7620 to 0.9438; their means.
    assert found.test_accuracy_interval == pytest.approx((0.71579, 0.91570), abs=1e-4)
    assert found.judged_interval == found.test_accuracy_interval
    assert found.validation_accuracy == 0.5
    assert (found.training_s.mean, found.training_s.values) == (4.0, (3.0, 5.0))
    assert (found.weights, found.multiply_adds, found.memory_bytes) == (6403, 6000, 25612)
    assert (found.best_of_family, found.measures) == (True, None)
    assert found.reference is not None
    assert found.reference.accuracy_difference == pytest.approx(0.84 - 0.9726)


def test_two_classes_are_judged_by_their_area():
    run = two_class_run("cnn-1")
    found = member(run)
    assert run.binary is not None
    assert found.judged == run.binary.test.auroc.value
    assert found.measures is not None
    assert found.measures["ece"] == run.binary.test.ece
    youden, sensitive = run.binary.test.points
    assert found.measures["balanced_accuracy"] == youden.balanced_accuracy
    assert found.measures["specificity"] == sensitive.specificity


def test_a_run_is_told_as_its_page_has_it():
    found = run_summary(sample_run("mlp-1", 3))
    assert (found.experiment.name, found.seed) == ("mlp-1", 3)
    assert found.experiment.settings["training"]["batch_size"] == 128
    assert found.command == "leadline train mlp-1 --seed 3"
    assert found.images.counts == {"train": 90, "validation": 15, "test": 30}
    assert (found.images.size_px, found.images.few_validated) == ((28, 28), True)
    assert found.topology.layers == LAYERS
    assert (found.topology.weights, found.topology.trainable) == (6403, 6403)
    assert found.topology.unused_layers[0].name == "l1_mp"
    assert found.training.history == HISTORY
    assert (found.training.best_epoch, found.training.kept_epoch) == (2, 3)
    assert found.test.confusion == (
        (0, 0, 8), (0, 1, 2), (1, 1, 9), (1, 2, 1), (2, 0, 1), (2, 2, 9),
    )  # fmt: skip
    assert found.test.accuracy == 26 / 30
    assert found.beyond_chance == ()
    assert (found.binary_metrics, found.multiclass_metrics, found.decision) == (None, None, None)


def test_optimizer_and_loss_come_with_what_is_in_force():
    training = run_summary(sample_run("mlp-1")).training
    assert training.optimizer.name == "RMSprop"
    assert training.optimizer.arguments["learning_rate"] == 0.001
    assert training.optimizer.arguments["clipnorm"] is None
    assert len(training.optimizer.equations) == 2
    assert training.optimizer.arguments["use_ema"] is False
    assert training.loss.arguments == {
        "from_logits": False, "label_smoothing": 0.0, "axis": -1, "dtype": None,
        "reduction": "sum_over_batch_size", "name": "categorical_crossentropy",
        "class_weights": "none",
    }  # fmt: skip


def test_curves_are_the_points_of_the_pages_tables():
    found = run_summary(two_class_run()).binary_metrics
    assert found is not None
    assert found.curves is not None
    assert found.curves.roc[0] == (0.0, 0.0, float("inf"))
    assert found.curves.roc[-1][:2] == (1.0, 1.0)
    assert len(found.curves.roc) <= 21
    assert len(found.curves.reliability) == 15


def test_the_run_of_a_study_says_where_it_lies_and_all_of_itself():
    runs = sample_run("cnn-1"), sample_run("mlp-1")
    record = study_summary(StudyPage("s", "S", "", runs), ["x/0", "y/0"])
    first, second = record.runs
    assert (first.folder, first.experiment, second.folder) == ("x/0", "cnn-1", "y/0")
    assert second.report == run_summary(runs[1])
    assert second.test_accuracy == second.report.test.accuracy
