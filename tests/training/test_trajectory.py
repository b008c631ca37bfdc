"""The loop and `Model.fit` on the same batches, dropout off: the same losses."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import torch
from tests.training.conftest import CLASSES, build, experiment, images, split_of

from leadline.data.dataset import Images
from leadline.training.batches import compute_features
from leadline.training.optimizers import build_optimizer
from leadline.training.session import Session

STEPS = 50
BATCH = 16
LAYERS = (
    {"type": "Dense", "units": 16, "activation": "sigmoid"},
    {"type": "Dense", "units": 8, "activation": "relu"},
)
NAMES = ("RMSprop", "SGD", "Adam", "AdamW", "Nadam", "Adamax", "Adagrad", "Adadelta", "Lion")
VARIANTS: tuple[dict[str, Any], ...] = (
    *({"name": name, "learning_rate": 0.01} for name in NAMES),
    {"name": "RMSprop", "momentum": 0.5, "centered": True, "weight_decay": 0.01},
    {"name": "RMSprop", "weight_decay": 0.02},
    {"name": "AdamW", "weight_decay": 0.5, "exclude_from_weight_decay": ["bias"]},
    {"name": "SGD", "weight_decay": 0.5, "exclude_from_weight_decay": ["kernel"]},
    {"name": "RMSprop", "clipvalue": 0.001},
    {"name": "SGD", "momentum": 0.9, "nesterov": True, "global_clipnorm": 0.5},
    {"name": "Adam", "amsgrad": True, "clipnorm": 0.1},
)


def losses_of_fit(made: Any, batches: list[tuple[Any, Any]], **arguments: Any) -> list[float]:
    built = build(made)
    built.classifier.compile(
        build_optimizer(made.training, STEPS),
        keras.losses.CategoricalCrossentropy(label_smoothing=made.training.label_smoothing),
    )
    losses = []
    for features, labels in batches:
        history = built.classifier.fit(
            features.numpy(),
            np.eye(CLASSES, dtype=np.float32)[labels.numpy()],
            batch_size=BATCH,
            shuffle=False,
            verbose=0,
            **arguments,
        )
        losses += history.history["loss"]
    return losses


def losses_of_loop(made: Any, split: Any, batches: list[tuple[Any, Any]]) -> list[float]:
    session = Session(build(made), split, made.training, seed=0)
    return [session.step(features, labels)[0].item() for features, labels in batches]


def both(
    layers: Any = LAYERS,
    *,
    flatten: bool = True,
    some: Images | None = None,
    class_weight: dict[int, float] | None = None,
    **training: Any,
) -> tuple[list[float], list[float]]:
    made = experiment(layers, flatten=flatten, **training)
    some = some or images(BATCH * STEPS)
    features = compute_features(
        build(made).features, torch.from_numpy(some.pixels), torch.device("cpu")
    )
    labels = torch.from_numpy(some.labels)
    batches = list(zip(features.split(BATCH), labels.split(BATCH), strict=True))
    loop = losses_of_loop(made, split_of(some, images(30)), batches)
    return loop, losses_of_fit(made, batches, class_weight=class_weight)


@pytest.mark.parametrize("optimizer", VARIANTS, ids=lambda said: "-".join(map(str, said.values())))
def test_losses_are_those_of_fit(optimizer):
    loop, fit = both(optimizer=optimizer)
    assert len(set(loop)) > STEPS // 2
    assert loop == pytest.approx(fit, abs=1e-5)


@pytest.mark.parametrize(
    "schedule",
    [
        {"kind": "cosine", "warmup_epochs": 0.5},
        {"kind": "exponential", "factor_per_epoch": 0.1},
        {"kind": "step", "at_epochs": [1], "factor": 0.5},
    ],
    ids=lambda said: said["kind"],
)
def test_schedules_count_the_steps_that_fit_counts(schedule):
    loop, fit = both(optimizer={"name": "RMSprop"}, schedule=schedule, epochs=1)
    assert loop == pytest.approx(fit, abs=1e-5)


def test_label_smoothing_is_that_of_fit():
    loop, fit = both(label_smoothing=0.2)
    assert loop == pytest.approx(fit, abs=1e-5)


def test_class_weights_are_those_of_fit():
    """Of 160 images 80 are of class 0, 48 of 1, 32 of 2: 160 / (3 × 80) and so on."""
    labels = np.array([0, 1, 0, 2, 0, 1, 0, 2, 0, 1] * 16)
    some = Images(images(160).pixels, labels, images(160).names)
    weights = {0: 2 / 3, 1: 10 / 9, 2: 5 / 3}
    loop, fit = both(some=some, class_weight=weights, class_weights="balanced")
    assert loop == pytest.approx(fit, abs=1e-5)


@pytest.mark.parametrize("kernel_px", [2, 3])
def test_convolutions_follow_fit(kernel_px):
    layers = (
        {"type": "Conv2D", "filters": 4, "kernel_size": kernel_px, "padding": "same"},
        {"type": "BatchNormalization"},
        {"type": "Activation", "activation": "relu"},
        {"type": "MaxPooling2D"},
        {"type": "Flatten"},
    )
    loop, fit = both(layers, flatten=False, some=images(320))
    assert loop == pytest.approx(fit, abs=1e-5)
