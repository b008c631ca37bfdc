"""Fitting and predicting, whole."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from tests.training.conftest import DENSE, build, build_with_own_dropout, experiment, split_of

from leadline.data.dataset import Images
from leadline.errors import TrainingError
from leadline.models.built_model import BuiltModel
from leadline.training.history import EpochRow, Fitted
from leadline.training.loop import fit, predict

CONV = (
    {"type": "Conv2D", "filters": 4, "kernel_size": 2, "padding": "same", "activation": "relu"},
    {"type": "BatchNormalization"},
    {"type": "SpatialDropout2D", "rate": 0.2},
    {"type": "MaxPooling2D"},
    {"type": "Flatten"},
    {"type": "Dropout", "rate": 0.3},
)
ALL_CHANGES = {"rotation_deg": 5, "shift_fraction": 0.05, "brightness_fraction": 0.1}


def values(fitted: Fitted) -> list[EpochRow]:
    """The history without what the clock says."""
    return [replace(row, wall_s=0.0, images_per_s=0.0) for row in fitted.history]


def judge(built: BuiltModel, images) -> tuple[float, float]:
    """Loss and accuracy by NumPy, from Keras's own predictions."""
    p = built.model.predict(images.pixels, verbose=0)
    right = p[np.arange(len(images)), images.labels]
    return float(-np.log(right).mean()), float((p.argmax(1) == images.labels).mean())


def test_it_learns_and_says_so(split):
    made = experiment(epochs=30, optimizer={"name": "Adam", "learning_rate": 0.01})
    rows: list[EpochRow] = []
    built = build(made)
    fitted = fit(built, split, made.training, seed=0, on_epoch=rows.append)
    assert fitted.history == tuple(rows)
    assert [row.epoch for row in rows] == list(range(1, 31))
    assert rows[-1].validation_accuracy == 1.0
    assert rows[-1].train_loss < rows[0].train_loss
    assert (fitted.stopped, fitted.kept_epoch) == ("finished", 30)
    assert fitted.wall_s >= sum(row.wall_s for row in rows)
    assert all(row.images_per_s * row.wall_s >= 90 for row in rows)


@pytest.mark.parametrize(("layers", "flatten"), [(DENSE, True), (CONV, False)])
def test_validation_values_are_those_of_the_model_handed_back(layers, flatten, split):
    made = experiment(layers, flatten=flatten, epochs=2, label_smoothing=0.1)
    built = build(made)
    last = fit(built, split, made.training, seed=0).history[-1]
    expected = judge(built, split.validation.images)
    assert (last.validation_loss, last.validation_accuracy) == pytest.approx(expected, abs=1e-5)


def test_training_values_are_means_over_images_not_batches(split):
    """90 images in batches of 64 and 26; nothing moves at a rate of 1e-30."""
    layers = [{"type": "Dense", "units": 4}]
    made = experiment(
        layers, epochs=1, batch_size=64, optimizer={"name": "SGD", "learning_rate": 1e-30}
    )
    built = build(made)
    row = fit(built, split, made.training, seed=0).history[0]
    expected = judge(built, split.train.images)
    assert (row.train_loss, row.train_accuracy) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    "training",
    [
        {},
        {"augmentation": ALL_CHANGES},
        {"averaging": {"kind": "exponential", "decay": 0.9}, "class_weights": "balanced"},
    ],
    ids=["plain", "augmentation", "averaging"],
)
def test_the_seed_decides_the_history(training, split):
    made = experiment(CONV, flatten=False, **training)
    torch.manual_seed(1)
    first = fit(build(made), split, made.training, seed=3)
    torch.manual_seed(2)
    keras.utils.set_random_seed(9)
    second = fit(build(made), split, made.training, seed=3)
    other = fit(build(made), split, made.training, seed=4)
    assert values(first) == values(second)
    assert values(first) != values(other)


def test_the_seed_decides_for_layers_with_their_own_dropout(split):
    made = experiment()
    found = []
    for number, seed in enumerate((3, 3, 4)):
        built = build_with_own_dropout()
        torch.manual_seed(number)
        found.append(values(fit(built, split, made.training, seed=seed)))
    assert found[0] == found[1]
    assert found[0] != found[2]


def test_exponential_averages_are_evaluated_and_kept(split):
    """Of many steps at a decay of 0.5, nearly all weight lies on the last few."""
    plain = experiment(epochs=2)
    averaged = experiment(epochs=2, averaging={"kind": "exponential", "decay": 0.5})
    one, other = build(plain), build(averaged)
    row = fit(one, split, plain.training, seed=0).history[-1]
    mean_row = fit(other, split, averaged.training, seed=0).history[-1]
    assert row.train_loss == mean_row.train_loss
    assert row.validation_loss != mean_row.validation_loss
    expected = judge(other, split.validation.images)[0]
    assert mean_row.validation_loss == pytest.approx(expected, abs=1e-5)


def test_the_callers_generator_is_left_alone(split):
    made = experiment(epochs=1)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    fit(build(made), split, made.training, seed=0)
    assert torch.equal(torch.rand(3), expected)


def test_best_keeps_the_weights_of_the_best_epoch(split):
    """From the fourth epoch on the rate is so high that all is lost."""
    made = experiment(epochs=6, keep_epoch="best", optimizer={"name": "SGD", "clipvalue": 1.0})
    built = build(made)
    scheduler = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 if epoch < 3 else 1e3)
    fitted = fit(built, split, made.training, seed=0, callbacks=[scheduler])
    losses = [row.validation_loss for row in fitted.history]
    assert fitted.kept_epoch == fitted.best_epoch == 1 + losses.index(min(losses)) <= 3
    assert judge(built, split.validation.images)[0] == pytest.approx(min(losses), abs=1e-5)


def test_early_stopping_stops(split):
    made = experiment(
        epochs=50,
        early_stopping={"patience": 2, "min_delta": 100.0},
    )
    fitted = fit(build(made), split, made.training, seed=0)
    assert (len(fitted.history), fitted.stopped, fitted.kept_epoch) == (3, "early stopping", 3)


def test_the_time_limit_cuts_an_epoch_short(split):
    made = experiment(epochs=10_000, time_limit_s=0.5)
    fitted = fit(build(made), split, made.training, seed=0)
    assert fitted.stopped == "time limit"
    assert len(fitted.history) < 10_000
    made = experiment(epochs=3, time_limit_s=1e-9)
    assert len(fit(build(made), split, made.training, seed=0).history) == 1


def test_averaged_weights_are_evaluated_and_kept(split):
    plain = experiment(epochs=4)
    averaged = experiment(epochs=4, averaging={"kind": "epochs", "from_epoch": 3})
    snapshots = []
    built = build(plain)
    fit(
        built,
        split,
        plain.training,
        seed=0,
        on_epoch=lambda _: snapshots.append(built.classifier.get_weights()),
    )
    other = build(averaged)
    fitted = fit(other, split, averaged.training, seed=0)
    for index, weight in enumerate(other.classifier.get_weights()):
        mean = (snapshots[2][index] + snapshots[3][index]) / 2
        np.testing.assert_allclose(weight, mean, atol=1e-5)
    last = fitted.history[-1].validation_loss
    assert judge(other, split.validation.images)[0] == pytest.approx(last, abs=1e-5)


def test_penalties_of_a_users_layers_count(split):
    """0.5 × the sum of squares of the kernel, as Keras's L2 has it."""
    made = experiment([], epochs=1, optimizer={"name": "SGD", "learning_rate": 1e-30})
    built = build(made)
    plain = fit(built, split, made.training, seed=0).history[0]
    head = built.classifier.layers[-1]
    head.kernel.regularizer = keras.regularizers.L2(0.5)
    penalised = fit(built, split, made.training, seed=0).history[0]
    expected = 0.5 * float((head.kernel.numpy() ** 2).sum())
    assert penalised.train_loss - plain.train_loss == pytest.approx(expected, rel=1e-4)
    assert penalised.validation_loss == plain.validation_loss


def test_the_saved_model_holds_plain_keras_layers(split, tmp_path):
    made = experiment(epochs=1)
    built = build(made)
    fit(built, split, made.training, seed=0)
    built.model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert [type(layer) for layer in loaded.layers] == [type(layer) for layer in built.model.layers]


@pytest.mark.parametrize(("layers", "flatten"), [(DENSE, True), (CONV, False)])
@pytest.mark.parametrize("batch_size", [1, 7, 512])
def test_predictions_are_those_of_keras(layers, flatten, batch_size, split):
    built = build(experiment(layers, flatten=flatten))
    pixels = split.validation.images.pixels
    found = predict(built, pixels, batch_size=batch_size)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, built.model.predict(pixels, verbose=0), atol=1e-5)


def test_no_images_give_no_predictions():
    assert predict(build(experiment()), np.zeros((0, 6, 6, 1), np.uint8)).shape == (0, 3)


def test_sixteen_bits_train_nearly_the_same_and_leave_float32_behind(split):
    """Weights, validation and prediction are float32's; only the steps' arithmetic is short."""
    histories, predictions = [], []
    for precision in ("float32", "bfloat16"):
        made = experiment(CONV, flatten=False, epochs=4, precision=precision)
        built = build(made)
        histories.append(fit(built, split, made.training, seed=0).history)
        predictions.append(predict(built, split.test.images.pixels))
        assert {str(weight.dtype) for weight in built.model.weights} == {"float32"}
        assert {layer.compute_dtype for layer in built.classifier.layers} == {"float32"}
        expected = built.model.predict(split.test.images.pixels, verbose=0)
        np.testing.assert_allclose(predictions[-1], expected, atol=1e-5)
        assert histories[-1][-1].validation_loss == pytest.approx(
            judge(built, split.validation.images)[0], abs=1e-5
        )
    whole, half = ([row.train_loss for row in history] for history in histories)
    assert half == pytest.approx(whole, rel=0.05)
    assert half != whole
    assert half[-1] < half[0]
    assert predictions[1].dtype == np.float32


def test_auroc_is_told_only_where_it_is_monitored(split):
    rows = {}
    for monitor in ("validation_loss", "validation_auroc"):
        made = experiment(epochs=1, monitor=monitor)
        built = build(made)
        rows[monitor] = fit(built, split, made.training, seed=0).history[0]
    assert rows["validation_loss"].validation_auroc is None
    held_out = split.validation.images
    expected = roc_auc_score(held_out.labels, predict(built, held_out.pixels), multi_class="ovr")
    assert rows["validation_auroc"].validation_auroc == pytest.approx(expected)


def test_a_class_that_cannot_be_ranked_stops_before_training(split):
    held_out = split.validation.images
    two = Images(held_out.pixels[:2], held_out.labels[:2], held_out.names[:2])
    made = experiment(monitor="validation_auroc")
    with pytest.raises(TrainingError, match="there are none of c"):
        fit(build(made), split_of(split.train.images, two), made.training, seed=0)
