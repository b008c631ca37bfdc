"""The plan of direct calls against Keras's own call, on models of every layer that TOML names."""

from __future__ import annotations

from typing import Any

import keras
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from leadline.training import layer_graph
from leadline.training.forward import Forward

layers = keras.layers
IMAGE = (9, 8, 4)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def head(tensor: Any) -> Any:
    return layers.Dense(3, activation="softmax")(layers.Flatten()(tensor))


def single(layer: Any) -> keras.Model:
    source = keras.Input(IMAGE)
    return keras.Model(source, head(layer(source)))


def assert_same(model: keras.Model, *, training: bool) -> None:
    """Equal outputs, gradients and moving statistics, from equal weights."""
    model.set_weights([w.numpy() + 0.1 * torch.rand(w.shape).numpy() for w in model.weights])
    before = model.get_weights()
    x = torch.rand(5, *model.input_shape[1:])
    forward = Forward(model, generator() if training else None)
    weights = [variable.value for variable in model.trainable_variables]
    ours = forward.probabilities(x)
    our_gradients = torch.autograd.grad(ours[:, 0].sum(), weights)
    our_state = model.get_weights()
    model.set_weights(before)
    theirs = model(x, training=training)
    their_gradients = torch.autograd.grad(theirs[:, 0].sum(), weights)
    assert_near(ours, theirs)
    for one, other in zip(our_gradients, their_gradients, strict=True):
        assert_near(one, other)
    for value, other_value in zip(our_state, model.get_weights(), strict=True):
        assert_near(torch.tensor(value), torch.tensor(other_value))


def assert_near(ours: torch.Tensor, theirs: torch.Tensor) -> None:
    """Equal within 1e-4 of the largest element.

    Processors add in different orders: single precision then differs by about 1e-6 of the largest
    element, where terms cancel also in small ones. A wrong formula differs by 1e-2 and more.
    """
    largest = float(theirs.detach().abs().max()) if theirs.numel() else 0.0
    torch.testing.assert_close(ours, theirs, rtol=0.0, atol=1e-4 * largest)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(
    "layer",
    [
        lambda: layers.Dense(5, activation="relu"),
        lambda: layers.Dense(5, use_bias=False, activation="gelu"),
        lambda: layers.DepthwiseConv2D(3, padding="same"),
        lambda: layers.SeparableConv2D(6, 3, padding="same"),
        lambda: layers.MaxPooling2D((2, 3), strides=2, padding="same"),
        lambda: layers.AveragePooling2D(2),
        lambda: layers.AveragePooling2D((3, 2), strides=2),
        lambda: layers.AveragePooling2D(3, padding="same"),
        layers.GlobalMaxPooling2D,
        layers.GlobalAveragePooling2D,
        lambda: layers.GlobalAveragePooling2D(keepdims=True),
        layers.BatchNormalization,
        lambda: layers.BatchNormalization(center=False, scale=False),
        lambda: layers.BatchNormalization(axis=1),
        layers.LayerNormalization,
        lambda: layers.GroupNormalization(2),
        lambda: layers.Dropout(0.0),
        lambda: layers.SpatialDropout2D(0.0),
        lambda: layers.Activation("relu"),
        lambda: layers.Activation("tanh"),
        lambda: layers.Rescaling(0.5),
    ],
)
def test_each_layer(layer, training):
    assert_same(single(layer()), training=training)


@settings(max_examples=40)
@given(
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.integers(1, 3),
    padding=st.sampled_from(["same", "valid"]),
    groups=st.sampled_from([1, 2, 4]),
    use_bias=st.booleans(),
    activation=st.sampled_from(["linear", "relu", "sigmoid", "tanh", "elu"]),
)
def test_any_convolution(kernel, stride, padding, groups, use_bias, activation):
    arguments = {"padding": padding, "groups": groups, "use_bias": use_bias}
    conv = layers.Conv2D(4, kernel, strides=stride, activation=activation, **arguments)
    assert_same(single(conv), training=True)


@pytest.mark.parametrize("padding", ["same", "valid"])
def test_dilated_convolution(padding):
    assert_same(single(layers.Conv2D(4, (2, 3), dilation_rate=2, padding=padding)), training=True)


@settings(max_examples=20)
@given(pool=st.integers(1, 3), stride=st.one_of(st.none(), st.integers(1, 3)))
def test_any_max_pooling(pool, stride):
    assert_same(single(layers.MaxPooling2D(pool, strides=stride)), training=True)


@pytest.mark.parametrize("merge", [layers.Add, layers.Multiply])
def test_inputs_of_different_ranks_are_joined_as_keras_does(merge):
    """As in squeeze-and-excitation: one factor for each channel of an image."""
    source = keras.Input(IMAGE)
    factors = layers.Dense(IMAGE[-1])(layers.GlobalAveragePooling2D()(source))
    assert_same(keras.Model(source, head(merge()([source, factors]))), training=True)


def test_branches_that_meet_again():
    source = keras.Input(IMAGE)
    first = layers.Conv2D(4, 3, padding="same", activation="relu")(source)
    second = layers.Conv2D(4, 1)(first)
    third = layers.Add()([first, second, source])
    joined = layers.Concatenate()([third, source, first])
    assert_same(keras.Model(source, head(joined)), training=True)


def test_what_two_layers_read_is_not_changed_by_one_of_them():
    """As in a residual block: the sum is rectified, and both branches go on from before it."""
    source = keras.Input(IMAGE)
    normal = layers.BatchNormalization()(source)
    rectified = layers.Activation("relu")(normal)
    assert_same(keras.Model(source, head(layers.Add()([normal, rectified]))), training=True)


def test_a_layer_that_reaches_nothing_is_not_run():
    source = keras.Input((4,))
    used = layers.Dense(3, activation="softmax", name="used")
    layers.Dense(2, name="unused")(source)
    assert [step.name for step in layer_graph.steps(keras.Model(source, used(source)))] == ["used"]


def test_part_of_a_longer_model():
    """As the classifier is: it begins at the output of another layer."""
    source = keras.Input((4, 4, 1))
    middle = layers.Flatten()(source)
    out = layers.Dense(3, activation="softmax")(layers.Dense(6, activation="relu")(middle))
    whole = keras.Model(source, out)
    part = keras.Model(middle, whole.output)
    assert len(layer_graph.steps(part)) == 2
    assert_same(part, training=True)


def test_sequential():
    model = keras.Sequential([keras.Input((6,)), layers.Dense(4, "relu"), layers.Dense(3)])
    assert len(layer_graph.steps(model)) == 2
    assert not Forward(model).gives_logits
    assert_same(model, training=True)


@pytest.mark.parametrize(
    "last", [layers.Dense(3), layers.Dense(3, "sigmoid"), layers.Activation("softmax")]
)
def test_only_a_softmax_head_gives_logits(last):
    model = keras.Sequential([keras.Input((3,)), last])
    x = torch.rand(2, 3)
    forward = Forward(model)
    assert not forward.gives_logits
    torch.testing.assert_close(forward(x), model(x))


class Doubled(keras.Model):  # type: ignore[misc]  # Keras has no types
    """A model that is not a graph of layers."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(3, activation="softmax")

    def call(self, inputs: Any) -> Any:
        return self.dense(2 * inputs)


def test_a_model_that_is_no_graph_is_called_whole():
    model = Doubled()
    model(torch.rand(1, 4))
    assert [step.layer for step in layer_graph.steps(model)] == [model]
    x = torch.rand(5, 4)
    torch.testing.assert_close(Forward(model).probabilities(x), model(x))


def test_a_layer_called_twice_is_called_whole():
    source = keras.Input((4,))
    dense = layers.Dense(4, "relu")
    model = keras.Model(source, head(dense(dense(source))))
    assert len(layer_graph.steps(model)) == 1
    assert_same(model, training=True)


def test_a_nested_model_is_a_step_and_keeps_its_own_call():
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(4, "relu")])
    source = keras.Input((4,))
    assert_same(keras.Model(source, head(inner(source))), training=True)


def test_training_draws_dropout_from_the_generator_and_prediction_does_not():
    model = keras.Sequential([keras.Input((50,)), layers.Dropout(0.5), layers.Dense(3, "softmax")])
    x = torch.rand(4, 50)
    first, second = (Forward(model, generator())(x) for _ in range(2))
    assert torch.equal(first, second)
    training = Forward(model, generator())
    assert not torch.equal(training(x), training(x))
    assert torch.equal(Forward(model)(x), Forward(model)(x))


def test_dropout_with_a_noise_shape_keeps_its_meaning():
    model = keras.Sequential(
        [keras.Input((6, 5)), layers.Dropout(0.5, noise_shape=(None, 1, 5), seed=1)]
    )
    out = Forward(model, generator())(torch.ones(3, 6, 5))
    assert torch.equal(out, out[:, :1].expand_as(out))
    assert out.unique().tolist() == [0.0, 2.0]
