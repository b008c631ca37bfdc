"""Learning rates at steps worked out by hand, four steps an epoch."""

from __future__ import annotations

import math

import pytest

from leadline.errors import TrainingError
from leadline.experiments.training_settings import Training
from leadline.training.optimizers import learning_rate


def rates(schedule: dict[str, object], steps: list[int], epochs: int = 4) -> list[float]:
    training = Training.model_validate(
        {
            "optimizer": {"name": "SGD", "learning_rate": 0.1},
            "epochs": epochs,
            "schedule": schedule,
        }
    )
    schedule_of_keras = learning_rate(training, 4)
    return [float(schedule_of_keras(step)) for step in steps]


def test_without_a_schedule_the_rate_is_a_number():
    assert learning_rate(Training(), 4) == 0.001


def test_cosine_falls_over_all_steps():
    """Sixteen steps: half way at step 8, cos(pi / 4) at a quarter."""
    found = rates({"kind": "cosine"}, [0, 4, 8, 16])
    quarter = 0.1 * (1 + math.sqrt(0.5)) / 2
    assert found == pytest.approx([0.1, quarter, 0.05, 0.0], abs=1e-8)


def test_cosine_ends_at_its_final_fraction():
    found = rates({"kind": "cosine", "final_fraction": 0.2}, [8, 16])
    assert found == pytest.approx([0.1 * (0.8 * 0.5 + 0.2), 0.02])


def test_cosine_warms_up_from_zero():
    """Two epochs of warm-up are eight steps; then eight steps of decay."""
    found = rates({"kind": "cosine", "warmup_epochs": 2}, [0, 2, 4, 8, 12, 16])
    assert found == pytest.approx([0.0, 0.025, 0.05, 0.1, 0.05, 0.0], abs=1e-8)


def test_warm_up_over_every_epoch_is_an_error():
    with pytest.raises(TrainingError, match=r"warmup_epochs = 4\.0 .*epochs = 4"):
        rates({"kind": "cosine", "warmup_epochs": 4}, [0])


def test_exponential_is_smooth():
    found = rates({"kind": "exponential", "factor_per_epoch": 0.25}, [0, 2, 4, 8])
    assert found == pytest.approx([0.1, 0.05, 0.025, 0.00625])


def test_step_changes_at_the_first_step_of_an_epoch():
    """Epoch 2 begins with step 4, epoch 4 with step 12; order and repeats do not matter."""
    schedule = {"kind": "step", "at_epochs": [4, 2, 2], "factor": 0.5}
    found = rates(schedule, [0, 3, 4, 11, 12, 15])
    assert found == pytest.approx([0.1, 0.1, 0.05, 0.05, 0.025, 0.025])


def test_step_in_the_first_epoch_counts_from_the_start():
    assert rates({"kind": "step", "at_epochs": [1]}, [0]) == pytest.approx([0.01])
