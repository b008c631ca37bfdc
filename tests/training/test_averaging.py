"""Averages of weights by hand."""

from __future__ import annotations

import pytest
import torch
from tests.training.conftest import build, experiment, images, split_of

from leadline.experiments.training_settings import EpochAverage, ExponentialAverage
from leadline.training.averaging import Averager
from leadline.training.session import Session


def test_none_averages_nothing():
    weight = torch.ones(2)
    averager = Averager(None, [weight])
    averager.after_step()
    averager.after_epoch(1)
    assert averager.mean() is None


def test_exponential_by_hand():
    """Decay 0.5 over 1, 2, 4: (0.125·1 + 0.25·2 + 0.5·4) / 0.875 = 3."""
    weight = torch.zeros(1)
    averager = Averager(ExponentialAverage(kind="exponential", decay=0.5), [weight])
    for value in (1.0, 2.0, 4.0):
        weight.fill_(value)
        averager.after_step()
    mean = averager.mean()
    assert mean is not None
    assert mean[0].tolist() == pytest.approx([3.0])


def test_exponential_has_no_bias_at_the_start():
    weight = torch.full((3,), 7.0)
    averager = Averager(ExponentialAverage(kind="exponential", decay=0.999), [weight])
    assert averager.mean() is None
    averager.after_step()
    mean = averager.mean()
    assert mean is not None
    assert mean[0].tolist() == pytest.approx([7.0] * 3, rel=1e-4)


def test_epochs_by_hand():
    """From epoch 2 on: the mean of 2 and 4."""
    weight = torch.zeros(1)
    averager = Averager(EpochAverage(kind="epochs", from_epoch=2), [weight])
    for epoch, value in enumerate((100.0, 2.0, 4.0), 1):
        weight.fill_(value)
        averager.after_step()
        averager.after_epoch(epoch)
    mean = averager.mean()
    assert mean is not None
    assert mean[0].tolist() == [3.0]


def test_in_place_gives_the_own_weights_back_even_after_an_error():
    weight = torch.zeros(1)
    averager = Averager(EpochAverage(kind="epochs", from_epoch=1), [weight])
    averager.after_epoch(1)
    weight.fill_(2.0)
    averager.after_epoch(2)

    def fail_inside() -> None:
        with averager.in_place():
            assert weight.tolist() == [1.0]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_inside()
    assert weight.tolist() == [2.0]


def test_moving_statistics_are_averaged_like_weights():
    """Of a network with batch normalisation, after each of three steps, at decay 0.5."""
    made = experiment(
        ({"type": "Flatten"}, {"type": "BatchNormalization"}, {"type": "Dense", "units": 4}),
        flatten=False,
        averaging={"kind": "exponential", "decay": 0.5},
    )
    some = images(48)
    built = build(made)
    session = Session(built, split_of(some, images(9)), made.training, seed=0)
    normal = next(layer for layer in built.classifier.layers if hasattr(layer, "moving_mean"))
    seen = []
    for features, labels in session.train_batches.ordered(16):
        session.step(features, labels)
        seen.append([normal.moving_mean.numpy().copy(), normal.moving_variance.numpy().copy()])
    with session.averager.in_place():
        found = [normal.moving_mean.numpy().copy(), normal.moving_variance.numpy().copy()]
    for value, steps in zip(found, zip(*seen, strict=True), strict=True):
        first, second, third = steps
        expected = (0.125 * first + 0.25 * second + 0.5 * third) / 0.875
        assert abs(third - first).max() > 1e-3
        assert value == pytest.approx(expected, rel=1e-5)
    assert normal.moving_mean.numpy() == pytest.approx(seen[-1][0])
