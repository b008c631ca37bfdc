"""The loss against Keras's own, and by hand."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest
import torch

from leadline.experiments.training_settings import Training
from leadline.training.loss import Objective, class_weights

LOGITS = [[2.0, 1.0, 0.0], [-3.0, 0.5, 8.0], [40.0, 0.0, -40.0], [0.0, 30.0, 0.0]]
LABELS = [0, 1, 2, 1]


def of_keras(logits: torch.Tensor, smoothing: float, weights: list[float] | None) -> torch.Tensor:
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
    labels = torch.tensor(LABELS)
    sample_weights = None if weights is None else torch.tensor(weights)[labels]
    return loss(
        torch.nn.functional.one_hot(labels, 3).float(),
        torch.softmax(logits, dim=1),
        sample_weight=sample_weights,
    )


@pytest.mark.parametrize("from_logits", [True, False])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weights", [None, [0.5, 2.0, 1.5]])
def test_value_and_gradient_are_those_of_keras(from_logits, smoothing, weights):
    """Among the rows are two beyond the clip at 1e-7, where the gradient is zero."""
    objective = Objective(
        from_logits=from_logits,
        label_smoothing=smoothing,
        weights=None if weights is None else torch.tensor(weights),
    )
    ours, theirs = (torch.tensor(LOGITS, requires_grad=True) for _ in range(2))
    loss = objective(ours if from_logits else torch.softmax(ours, dim=1), torch.tensor(LABELS))
    expected = of_keras(theirs, smoothing, weights)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    loss.backward()
    expected.backward()
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-5, atol=1e-5)


def test_by_hand():
    """Probabilities 1/2 and 1/4: (ln 2 + ln 4) / 2."""
    probabilities = torch.tensor([[0.5, 0.25, 0.25], [0.5, 0.25, 0.25]])
    loss = Objective(from_logits=False)(probabilities, torch.tensor([0, 1]))
    assert float(loss) == pytest.approx(1.5 * math.log(2))


def test_balanced_weights_by_hand():
    """Six images, two classes seen four and two times, one never: 6 / (3 × 4), 6 / (3 × 2), 0."""
    training = Training(class_weights="balanced")
    weights = class_weights(training, np.array([0, 0, 1, 0, 1, 0]), 3)
    assert weights is not None
    assert weights.tolist() == pytest.approx([0.5, 1.0, 0.0])
    assert class_weights(Training(), np.array([0, 1]), 2) is None
