"""The shorter updates against Keras's own `apply`, on the same gradients."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import torch

from leadline.training import optimizer_steps
from leadline.training.optimizer_steps import update_for

SHAPES = ((7, 5), (5,), (3, 3, 2, 4))
NAMES = ("kernel", "beta", "gamma_2")
STEPS = 200

CLAIMED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("RMSprop", {}),
    ("RMSprop", {"rho": 0.5, "epsilon": 1e-3, "learning_rate": 0.01}),
    ("RMSprop", {"weight_decay": 0.05}),
    ("Adam", {}),
    ("Adam", {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3, "weight_decay": 0.05}),
    ("AdamW", {"learning_rate": 0.01}),
)
LEFT_TO_KERAS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("RMSprop", {"momentum": 0.5}),
    ("RMSprop", {"centered": True}),
    ("RMSprop", {"clipnorm": 1.0}),
    ("RMSprop", {"gradient_accumulation_steps": 2}),
    ("Adam", {"amsgrad": True}),
    ("Adam", {"clipvalue": 1.0}),
    ("AdamW", {"global_clipnorm": 1.0}),
    ("AdamW", {"use_ema": True}),
    ("SGD", {}),
    ("Lion", {}),
)


def make(name: str, arguments: dict[str, Any]) -> tuple[Any, list[Any]]:
    rng = np.random.default_rng(0)
    optimizer = getattr(keras.optimizers, name)(**arguments)
    return optimizer, [
        keras.Variable(rng.normal(size=shape).astype(np.float32), name=name)
        for shape, name in zip(SHAPES, NAMES, strict=True)
    ]


def gradients(rng: np.random.Generator) -> list[torch.Tensor]:
    """Of very different sizes, with zeros among them."""
    sizes = 10.0 ** rng.integers(-6, 2, len(SHAPES))
    return [
        torch.tensor(rng.normal(size=shape) * size * (rng.random(shape) > 0.1), dtype=torch.float32)
        for shape, size in zip(SHAPES, sizes, strict=True)
    ]


def values(variables: list[Any]) -> list[Any]:
    return [variable.numpy() for variable in variables]


def assert_alike(ours: list[Any], theirs: list[Any]) -> None:
    for one, other in zip(values(ours), values(theirs), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


def is_fused(name: str, arguments: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> bool:
    optimizer, variables = make(name, arguments)
    update = update_for(optimizer, variables)
    called = []
    monkeypatch.setattr(optimizer, "apply", lambda *_: called.append(True))
    update(gradients(np.random.default_rng(0)))
    return not called


@pytest.mark.parametrize(("name", "arguments"), CLAIMED)
def test_weights_and_state_are_those_of_keras(name, arguments, monkeypatch):
    ours, our_variables = make(name, arguments)
    theirs, their_variables = make(name, arguments)
    update = update_for(ours, our_variables)
    rng = np.random.default_rng(1)
    for _ in range(STEPS):
        step = gradients(rng)
        update(step)
        theirs.apply([gradient.clone() for gradient in step], their_variables)
    assert_alike(our_variables, their_variables)
    assert [slot.name.split("_")[-1] for slot in ours.variables] == [
        slot.name.split("_")[-1] for slot in theirs.variables
    ]
    assert_alike(ours.variables, theirs.variables)
    assert int(ours.iterations.value) == STEPS
    assert is_fused(name, arguments, monkeypatch)


@pytest.mark.parametrize("name", ["RMSprop", "Adam"])
def test_schedules_are_followed(name):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 5, 0.5)
    ours, our_variables = make(name, {"learning_rate": schedule, "weight_decay": 0.1})
    theirs, their_variables = make(name, {"learning_rate": schedule, "weight_decay": 0.1})
    update = update_for(ours, our_variables)
    rng = np.random.default_rng(2)
    for _ in range(20):
        step = gradients(rng)
        update(step)
        theirs.apply(step, their_variables)
    assert_alike(our_variables, their_variables)


@pytest.mark.parametrize("name", ["RMSprop", "AdamW"])
def test_what_is_kept_from_decay_is_what_keras_keeps(name):
    (ours, our_variables), (theirs, their_variables) = [
        make(name, {"learning_rate": 0.01, "weight_decay": 0.5}) for _ in range(2)
    ]
    for optimizer in (ours, theirs):
        optimizer.exclude_from_weight_decay(var_names=["gamma", "beta"])
    update = update_for(ours, our_variables)
    rng = np.random.default_rng(3)
    for _ in range(20):
        step = gradients(rng)
        update(step)
        theirs.apply([gradient.clone() for gradient in step], their_variables)
    assert_alike(our_variables, their_variables)


def test_only_what_is_not_excluded_shrinks():
    """At a gradient of zero RMSprop moves nothing: 1 - 0.5 × 0.1 = 0.95 is decay alone."""
    optimizer = keras.optimizers.RMSprop(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    weights = [keras.Variable(np.ones(1, np.float32), name=name) for name in ("kernel", "bias")]
    update_for(optimizer, weights)([torch.zeros(1), torch.zeros(1)])
    assert [float(weight.numpy()[0]) for weight in weights] == pytest.approx([0.95, 1.0])


@pytest.mark.parametrize(("name", "arguments"), LEFT_TO_KERAS)
def test_what_is_not_claimed_is_left_to_keras(name, arguments, monkeypatch):
    assert not is_fused(name, arguments, monkeypatch)


def test_a_constraint_is_left_to_keras():
    optimizer = keras.optimizers.RMSprop(0.5)
    weight = keras.Variable(np.ones(3, np.float32))
    weight.constraint = keras.constraints.NonNeg()
    update_for(optimizer, [weight])([torch.ones(3)])
    assert weight.numpy().tolist() == [0.0, 0.0, 0.0]


def test_a_missing_gradient_is_left_to_keras():
    optimizer, variables = make("RMSprop", {})
    before = values(variables)[0].copy()
    update = update_for(optimizer, variables)
    with pytest.warns(UserWarning, match="Gradients do not exist"):
        update([None, *gradients(np.random.default_rng(0))[1:]])
    np.testing.assert_array_equal(values(variables)[0], before)


def test_a_rate_set_by_a_callback_is_used_from_the_next_step():
    optimizer = keras.optimizers.RMSprop(0.1, rho=0.0, epsilon=1e-30)
    weight = keras.Variable(np.zeros(1, np.float32))
    update = update_for(optimizer, [weight])
    update([torch.ones(1)])
    optimizer.learning_rate = 0.01
    update([torch.ones(1)])
    assert weight.numpy().tolist() == pytest.approx([-0.11])


def test_every_claim_is_tested():
    assert {name for name, _ in CLAIMED} == set(optimizer_steps.FUSED)
