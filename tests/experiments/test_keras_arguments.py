"""Arguments of optimizers and loss, against the signatures and the update steps of Keras itself."""

import inspect
from typing import get_args

import pytest

from leadline.experiments.keras_arguments import (
    HONOURED_BY_OWN_STEP,
    NOT_OF_KERAS,
    loss_arguments,
    optimizer_arguments,
    uses_own_step,
)
from leadline.experiments.training_settings import SGD, Adam, AdamW, AnyOptimizer, RMSprop, Training

keras = pytest.importorskip("keras")
OPTIMIZERS = get_args(get_args(AnyOptimizer)[0])


def signature(kind):
    parameters = inspect.signature(kind).parameters.values()
    return {one.name: one.default for one in parameters if one.kind is not one.VAR_KEYWORD}


@pytest.mark.parametrize("kind", OPTIMIZERS, ids=lambda one: one.__name__)
def test_optimizer_arguments_are_those_of_keras_in_its_order(kind):
    known = signature(getattr(keras.optimizers, kind.__name__))
    found = optimizer_arguments(kind(name=kind.__name__))
    assert list(found.items()) == list(known.items())


def test_loss_arguments_are_those_of_keras_and_the_class_weights():
    known = signature(keras.losses.CategoricalCrossentropy)
    assert loss_arguments(Training(label_smoothing=0.1, class_weights="balanced")) == {
        **known,
        "label_smoothing": 0.1,
        "class_weights": "balanced",
    }


def test_weights_left_out_of_the_decay_are_listed_where_there_are_any():
    decaying = AdamW(name="AdamW", exclude_from_weight_decay=("bias",))
    assert optimizer_arguments(decaying)["exclude_from_weight_decay"] == ("bias",)
    assert "exclude_from_weight_decay" not in optimizer_arguments(AdamW(name="AdamW"))


def step_is_own(optimizer):
    """As `training.updates` decides for a Keras optimizer of these values."""
    from leadline.training.optimizer_steps import _fused
    from leadline.training.optimizers import build_optimizer

    built = build_optimizer(Training(optimizer=optimizer), 10)
    weights = keras.Variable([1.0, 2.0], name="kernel")
    built.build([weights])
    return _fused(built, [weights]) is not None


UNUSUAL = {
    "momentum": 0.5, "centered": True, "nesterov": True, "amsgrad": True, "clipnorm": 1.0,
    "clipvalue": 1.0, "global_clipnorm": 1.0, "weight_decay": 0.01, "rho": 0.5, "beta_1": 0.5,
    "beta_2": 0.5, "epsilon": 1e-3, "learning_rate": 0.5, "initial_accumulator_value": 0.3,
}  # fmt: skip


@pytest.mark.parametrize("kind", OPTIMIZERS, ids=lambda one: one.__name__)
def test_the_step_that_is_shown_is_the_step_that_is_taken(kind):
    fields = [name for name in UNUSUAL if name in kind.model_fields]
    for changes in ({}, *({name: UNUSUAL[name]} for name in fields)):
        optimizer = kind(name=kind.__name__, **changes)
        assert uses_own_step(optimizer) == step_is_own(optimizer), changes
        if uses_own_step(optimizer):
            assert changes.keys() <= set(HONOURED_BY_OWN_STEP[kind.__name__])


@pytest.mark.parametrize(
    ("optimizer", "own"),
    [
        (RMSprop(name="RMSprop", rho=0.5, weight_decay=0.1), True),
        (RMSprop(name="RMSprop", momentum=0.1), False),
        (Adam(name="Adam", amsgrad=True), False),
        (SGD(name="SGD"), False),
    ],
)
def test_own_step(optimizer, own):
    assert uses_own_step(optimizer) is own


def test_what_is_honoured_is_an_argument():
    for name, honoured in HONOURED_BY_OWN_STEP.items():
        known = signature(getattr(keras.optimizers, name))
        assert set(honoured) - set(NOT_OF_KERAS) <= known.keys()
