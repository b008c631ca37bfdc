"""Experiments with the same optimizer and loss are told together."""

import math
from dataclasses import replace

from tests.report.sections.questions.studies import rows, run

from leadline.experiments import load_experiment
from leadline.report.sections.questions.settings_answer import (
    binary_cross_entropy,
    by_loss,
    by_optimizer,
)


def other(name, *settings):
    return replace(run(name), experiment=load_experiment(name, list(settings)))


def test_one_optimizer_for_all():
    [only] = by_optimizer(rows(run("mlp-1"), run("mlp-2"), run("hog-3")))
    assert only.names == ("mlp-1", "mlp-2", "hog-3")
    assert (only.formula.name, only.rate) == ("RMSprop", "0.001")
    assert only.batches == (32, 128, 256)


def test_other_rates_optimizers_and_schedules_are_other_settings():
    found = by_optimizer(
        rows(
            run("mlp-1"),
            other("mlp-2", "training.optimizer.learning_rate=0.01"),
            other("mlp-3", "training.schedule={kind='cosine'}"),
            run("hog-1"),
        )
    )
    assert [shared.names for shared in found] == [("mlp-1", "hog-1"), ("mlp-2",), ("mlp-3",)]
    assert found[1].rate == "0.01"


def test_losses_differ_by_smoothing_and_class_weights():
    found = by_loss(
        rows(
            run("mlp-1"),
            other("mlp-2", "training.label_smoothing=0.1"),
            other("mlp-3", "training.class_weights='balanced'"),
            run("hog-1"),
        )
    )
    assert [shared.names for shared in found] == [("mlp-1", "hog-1"), ("mlp-2",), ("mlp-3",)]
    assert found[1].in_numbers
    assert not found[0].in_numbers


def test_two_class_softmax_is_the_sigmoid_of_the_difference():
    """The identity that the two equations state, at a point."""
    first, second = 1.3, -0.4
    softmax = math.exp(first) / (math.exp(first) + math.exp(second))
    assert math.isclose(softmax, 1 / (1 + math.exp(second - first)))
    loss, sigmoid = binary_cross_entropy()
    assert "log" in loss
    assert sigmoid.index("<mn>2</mn>") < sigmoid.rindex("<mn>1</mn>")
