"""Exact statistics of batch normalization, against one full batch of Keras and of torch."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import torch
from keras import layers
from tests.training.conftest import CLASSES, build, experiment, images, split_of

from leadline.training.batch_statistics import BatchStatistics
from leadline.training.loop import fit
from leadline.training.session import Session

NET = (
    {"type": "Conv2D", "filters": 6, "kernel_size": 3, "padding": "same", "activation": "relu"},
    {"type": "BatchNormalization"},
    {"type": "MaxPooling2D"},
    {"type": "Conv2D", "filters": 8, "kernel_size": 2, "padding": "same", "activation": "relu"},
    {"type": "BatchNormalization"},
    {"type": "GlobalAveragePooling2D"},
    {"type": "Dropout", "rate": 0.3},
)


def norms(model: keras.Model) -> list[Any]:
    return [one for one in model._flatten_layers() if isinstance(one, layers.BatchNormalization)]


def statistics_of(model: keras.Model) -> list[np.ndarray]:
    return [
        value.numpy().copy()
        for one in norms(model)
        for value in (one.moving_mean, one.moving_variance)
    ]


def of_one_batch(model: keras.Model, features: np.ndarray) -> list[np.ndarray]:
    """What Keras itself takes from all images as one training batch, at momentum 0."""
    before = model.get_weights()
    for one in norms(model):
        one.momentum = 0.0
    model(features, training=True)
    found = statistics_of(model)
    model.set_weights(before)
    return found


def without_dropout() -> keras.Model:
    source = keras.Input((6, 6, 2))
    x = layers.Conv2D(5, 3, padding="same", activation="relu")(source)
    left = layers.BatchNormalization()(x)
    right = layers.BatchNormalization(axis=1)(x)
    x = layers.Add()([left, right])
    x = layers.Activation("relu")(layers.BatchNormalization(scale=False)(x))
    x = layers.Flatten()(x)
    x = layers.BatchNormalization(center=False)(layers.Dense(7)(x))
    return keras.Model(source, layers.Dense(3, activation="softmax")(x))


def nested() -> keras.Model:
    """Normalization inside a model inside a model, which no direct call of torch sees."""
    inner = keras.Sequential([layers.Dense(4), layers.BatchNormalization(), layers.ReLU()])
    middle = keras.Sequential([inner, layers.BatchNormalization()])
    source = keras.Input((9,))
    return keras.Model(source, layers.Dense(3, activation="softmax")(middle(source)))


def shared() -> keras.Model:
    """One layer that is called twice: its statistics are those of both calls together."""
    source = keras.Input((9,))
    norm = layers.BatchNormalization()
    one, other = layers.Dense(4)(source), layers.Dense(4)(source)
    joined = layers.Concatenate()([norm(one), norm(other)])
    return keras.Model(source, layers.Dense(3, activation="softmax")(joined))


@pytest.mark.parametrize(
    ("make", "shape"), [(without_dropout, (6, 6, 2)), (nested, (9,))], ids=["branches", "nested"]
)
@pytest.mark.parametrize("batch", [7, 50])
def test_statistics_are_those_of_one_full_batch(make, shape, batch):
    model = make()
    rng = np.random.default_rng(2)
    features = rng.normal(3, 2, (50, *shape)).astype(np.float32)
    expected = of_one_batch(model, features)
    BatchStatistics(model).compute(lambda: torch.from_numpy(features).split(batch))
    found = statistics_of(model)
    assert len(found) == 2 * len(norms(model))
    for value, one in zip(found, expected, strict=True):
        assert value == pytest.approx(one, rel=1e-4, abs=1e-5)


def test_statistics_are_those_of_torchs_own_layers():
    rng = torch.Generator().manual_seed(0)
    features = torch.randn((40, 5), generator=rng) * 3 + 1
    model = keras.Sequential([keras.Input((5,)), layers.BatchNormalization(), layers.Dense(2)])
    BatchStatistics(model).compute(lambda: features.split(11))
    norm = torch.nn.BatchNorm1d(5, momentum=1.0)
    norm(features)
    ours = norms(model)[0]
    np.testing.assert_allclose(ours.moving_mean.numpy(), norm.running_mean.numpy(), rtol=1e-5)
    # torch divides the variance that it keeps by n - 1.
    biased = norm.running_var.numpy() * 39 / 40
    np.testing.assert_allclose(ours.moving_variance.numpy(), biased, rtol=1e-5)


def test_a_large_mean_does_not_cancel():
    rng = np.random.default_rng(0)
    features = torch.from_numpy(rng.normal(1000.0, 0.1, (600, 3)).astype(np.float32))
    model = keras.Sequential([keras.Input((3,)), layers.BatchNormalization()])
    BatchStatistics(model).compute(lambda: features.split(64))
    expected = features.numpy().astype(np.float64).var(axis=0)
    assert norms(model)[0].moving_variance.numpy() == pytest.approx(expected, rel=1e-3)


def test_a_layer_called_twice_sees_both_calls():
    model = shared()
    features = np.random.default_rng(3).normal(size=(30, 9)).astype(np.float32)
    BatchStatistics(model).compute(lambda: torch.from_numpy(features).split(8))
    both = np.concatenate([model.layers[place](features).detach().numpy() for place in (1, 2)])
    mean, variance = statistics_of(model)
    assert mean == pytest.approx(both.mean(axis=0), abs=1e-5)
    assert variance == pytest.approx(both.var(axis=0), rel=1e-4)


def test_frozen_layers_keep_theirs():
    model = without_dropout()
    frozen = norms(model)[1]
    frozen.trainable = False
    before = frozen.moving_mean.numpy().copy()
    features = np.random.default_rng(1).normal(size=(20, 6, 6, 2)).astype(np.float32)
    statistics = BatchStatistics(model)
    assert statistics.count == 3
    statistics.compute(lambda: torch.from_numpy(features).split(8))
    assert (frozen.moving_mean.numpy() == before).all()
    assert not np.allclose(norms(model)[0].moving_mean.numpy(), 0)


def test_layers_call_keras_again_afterwards_even_after_an_error():
    model = without_dropout()
    with pytest.raises((RuntimeError, ValueError)):
        BatchStatistics(model).compute(lambda: [torch.zeros((2, 6, 6, 2)), torch.zeros((2, 1))])
    assert all("call" not in vars(one) for one in norms(model))


def test_moving_statistics_are_back_after_the_block():
    model = without_dropout()
    before = statistics_of(model)
    features = torch.randn((20, 6, 6, 2), generator=torch.Generator().manual_seed(0))
    with BatchStatistics(model).in_place(lambda: [features]):
        assert not np.allclose(statistics_of(model)[0], before[0])
    for one, other in zip(statistics_of(model), before, strict=True):
        assert (one == other).all()


@pytest.mark.parametrize(
    ("images_", "norms_", "expected"),
    [
        (300, 2, 300),  # all of few
        (2160, 2, 1080),  # 0.25 × 3 × 2160 / 1.5
        (4708, 16, 512),  # 0.25 × 3 × 4708 / 8.5 = 415
        (54000, 5, 4096),  # 13,500
    ],
)
def test_an_epoch_grows_by_a_quarter_at_most(images_, norms_, expected):
    rows = [layer for _ in range(norms_) for layer in (layers.BatchNormalization(),)]
    model = keras.Sequential([keras.Input((4,)), *rows])
    assert BatchStatistics(model).sample_size(images_) == expected


@pytest.mark.parametrize(
    ("images_", "norms_", "expected"),
    [
        (60_000, 5, 60_000),  # three passes, as long as an epoch
        (60_000, 50, 7_058),  # 25.5 passes
        (5_000, 50, 4_096),
        (900, 50, 900),
    ],
)
def test_the_kept_model_costs_an_epoch_at_most(images_, norms_, expected):
    rows = [layer for _ in range(norms_) for layer in (layers.BatchNormalization(),)]
    model = keras.Sequential([keras.Input((4,)), *rows])
    assert BatchStatistics(model).final_size(images_) == expected


def test_statistics_are_put_back_where_they_cannot_be_computed():
    norms = [layers.BatchNormalization(), layers.BatchNormalization()]
    model = keras.Sequential([keras.Input((4,)), *norms])
    statistics = BatchStatistics(model)
    passes = iter(range(3))

    def features() -> Any:
        yield torch.ones(8, 4)
        if next(passes) == 1:  # the first layer has its new statistics
            raise MemoryError

    def use() -> None:
        with statistics.in_place(features):
            pytest.fail("was computed")

    with pytest.raises(MemoryError):
        use()
    assert norms[0].moving_mean.value.tolist() == [0.0] * 4


def trained(**training: Any) -> tuple[Any, Any, Any]:
    made = experiment(NET, flatten=False, epochs=4, **training)
    split = split_of(images(96), images(45, seed=1))
    built = build(made)
    return built, split, fit(built, split, made.training, seed=0)


@pytest.mark.parametrize(
    "training",
    [
        {},
        {"augmentation": {"shift_fraction": 0.1}},
        {"averaging": {"kind": "exponential", "decay": 0.9}},
        {"averaging": {"kind": "epochs", "from_epoch": 2}, "keep_epoch": "last"},
        {"keep_epoch": "best"},
    ],
    ids=["plain", "augmented", "exponential", "mean of epochs", "best"],
)
def test_the_kept_model_has_the_statistics_of_its_training_images(training):
    """Whatever the weights are: those of the last epoch, of the best, or a mean."""
    built, split, fitted = trained(**training)
    features = built.features(torch.from_numpy(split.train.images.pixels)).numpy()
    # Dropout lies behind the last normalization, so that one batch of training sees the same.
    for found, expected in zip(
        statistics_of(built.classifier), of_one_batch(built.classifier, features), strict=True
    ):
        assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)
    assert fitted.statistics.layers == 2
    assert fitted.statistics.steps == 4 * 6
    assert fitted.statistics.images == 96


def test_few_steps_no_longer_leave_a_network_that_guesses():
    """24 steps at momentum 0.99 leave 79% of the initial statistics, which are wrong."""
    _, _, fitted = trained(optimizer={"name": "Adam", "learning_rate": 0.01})
    checked = fitted.statistics
    assert checked.computed_accuracy == fitted.history[-1].validation_accuracy
    assert checked.computed_accuracy > 0.9
    assert checked.moving_accuracy < 0.7


def test_training_itself_is_unchanged():
    """The same losses and moving statistics as without any computed statistics."""
    made = experiment(NET, flatten=False)
    split = split_of(images(96), images(45, seed=1))
    plain, judged = (Session(build(made), split, made.training, 0) for _ in range(2))
    for _ in range(3):
        one = plain.train_epoch(float("inf"))
        other = judged.train_epoch(float("inf"))
        with judged.as_judged():
            judged.validate()
        judged.statistics_checked()
        assert one.batch_losses == other.batch_losses
    for value, same in zip(plain.weights, judged.weights, strict=True):
        assert torch.equal(value, same)


def test_models_without_normalization_have_no_check(split):
    made = experiment(epochs=1)
    assert fit(build(made), split, made.training, seed=0).statistics is None


def test_the_images_of_the_sample_are_drawn_and_not_a_pattern():
    """Classes in turn, a third of the images: every third image would be one class alone."""
    made = experiment(NET, flatten=False)
    many = images(9000)
    session = Session(build(made), split_of(many, images(9)), made.training, seed=0)
    chosen = many.labels[session._sample.numpy()]
    assert 512 < len(chosen) < 9000
    assert np.bincount(chosen, minlength=CLASSES).min() > 0.3 * len(chosen)
