"""Batch normalisation by hand, and where Keras and torch could part."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import torch

from leadline.training.forward import kernel


def batch_normalization(layer: Any, *, training: bool) -> Any:
    return kernel(layer, torch.Generator() if training else None)


def built(channels: int = 3, **arguments: Any) -> Any:
    """A layer whose every variable has values of its own."""
    layer = keras.layers.BatchNormalization(**arguments)
    layer.build((None, 4, 5, channels))
    rng = torch.Generator().manual_seed(1)
    layer.set_weights([0.5 + torch.rand(w.shape, generator=rng).numpy() for w in layer.weights])
    return layer


def learnt(layer: Any, x: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Ours on a batch of training, and the variables after it."""
    before = layer.get_weights()
    out = batch_normalization(layer, training=True)(x)
    after = [torch.tensor(weight) for weight in layer.get_weights()]
    layer.set_weights(before)
    return out.detach(), after


def assert_as_keras(layer: Any, x: torch.Tensor) -> None:
    ours, our_state = learnt(layer, x)
    theirs = layer(x, training=True).detach()
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)
    for one, other in zip(our_state, layer.get_weights(), strict=True):
        torch.testing.assert_close(one, torch.tensor(other), rtol=1e-5, atol=1e-5)


def test_by_hand():
    """1 and 5: mean 3, variance 4 over n. At momentum 0.75 a quarter of both is taken in."""
    layer = keras.layers.BatchNormalization(momentum=0.75, epsilon=1e-9)
    layer.build((None, 1))
    out, (gamma, beta, mean, variance) = learnt(layer, torch.tensor([[1.0], [5.0]]))
    assert out.flatten().tolist() == pytest.approx([-1.0, 1.0])
    assert (gamma.tolist(), beta.tolist()) == ([1.0], [0.0])
    assert mean.tolist() == pytest.approx([0.75])
    assert variance.tolist() == pytest.approx([0.75 + 4 / 4])
    layer.set_weights([np.array([value], np.float32) for value in (2, 10, 3, 4)])
    apply = batch_normalization(layer, training=False)
    assert apply(torch.tensor([[7.0]])).tolist() == [[pytest.approx(14.0)]]
    assert [value.tolist() for value in layer.get_weights()[2:]] == [[3.0], [4.0]]


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"center": False},
        {"scale": False},
        {"center": False, "scale": False},
        {"momentum": 0.0},
        {"momentum": 0.5, "epsilon": 0.3},
        {"axis": 3},
    ],
    ids=str,
)
def test_arguments_are_those_of_keras(arguments):
    assert_as_keras(built(**arguments), 3 * torch.randn(6, 4, 5, 3) + 2)


@pytest.mark.parametrize(
    "x",
    [
        torch.randn(1, 4, 5, 3),
        torch.randn(1, 1, 1, 3),
        torch.full((6, 4, 5, 3), 7.0),
        1e-3 * torch.randn(6, 4, 5, 3),
        300 * torch.randn(6, 4, 5, 3),
    ],
    ids=["one image", "one value", "all equal", "tiny", "large"],
)
def test_batches_at_the_edge(x):
    assert_as_keras(built(), x)


def test_an_axis_that_is_not_the_last_is_left_to_keras():
    layer = keras.layers.BatchNormalization(axis=1)
    layer.build((None, 4, 5, 3))
    x = torch.randn(6, 4, 5, 3)
    before = layer.get_weights()
    ours = kernel(layer, torch.Generator())(x).detach()
    state = layer.get_weights()
    layer.set_weights(before)
    torch.testing.assert_close(ours, layer(x, training=True).detach())
    assert all((a == b).all() for a, b in zip(state, layer.get_weights(), strict=True))
    assert state[2].shape == (4,)


def test_a_frozen_layer_takes_and_keeps_its_own_statistics():
    """Also where it is frozen after the function was made, and thawed again."""
    layer, x = built(), torch.randn(6, 4, 5, 3)
    call = batch_normalization(layer, training=True)
    before = layer.get_weights()
    layer.trainable = False
    frozen = call(x)
    torch.testing.assert_close(frozen, batch_normalization(layer, training=False)(x))
    assert all((a == b).all() for a, b in zip(before, layer.get_weights(), strict=True))
    layer.trainable = True
    assert not torch.allclose(call(x), frozen)


def test_sixteen_bits_in_and_out_but_statistics_in_thirty_two():
    layer, x = built(), 3 * torch.randn(64, 4, 5, 3) + 2
    whole, whole_state = learnt(layer, x)
    half, half_state = learnt(layer, x.bfloat16())
    assert half.dtype == torch.bfloat16
    torch.testing.assert_close(half.float(), whole, rtol=0.02, atol=0.02)
    for one, other in zip(half_state, whole_state, strict=True):
        assert one.dtype == torch.float32
        torch.testing.assert_close(one, other, rtol=5e-3, atol=5e-3)
