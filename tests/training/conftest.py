"""Small models and images that can be learnt in a second."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from leadline.data.dataset import Images, Part, Split
from leadline.experiments.experiment import Experiment
from leadline.models.build import build_model
from leadline.models.built_model import BuiltModel

CLASSES = 3
SHAPE = (6, 6, 1)
DENSE = (
    {"type": "Dense", "units": 16, "activation": "sigmoid"},
    {"type": "Dropout", "rate": 0.5},
    {"type": "Dense", "units": 8, "activation": "relu"},
)
Make = Callable[..., Any]


@pytest.fixture(autouse=True)
def _same_draws_each_time():
    """What a test draws from a global generator is the same in every run."""
    keras.utils.set_random_seed(0)


def experiment(layers: Any = DENSE, *, flatten: bool = True, **training: Any) -> Experiment:
    """An experiment on pixels with these layers and settings of training."""
    return Experiment.model_validate(
        {
            "name": "tiny",
            "family": "pixels",
            "features": {"kind": "pixels", "flatten": flatten},
            "layers": layers,
            "training": {"batch_size": 16, "epochs": 3, **training},
        }
    )


def images(count: int, *, seed: int = 0) -> Images:
    """Noise with a bright band of two rows that tells the class."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.int64) % CLASSES
    pixels = rng.integers(0, 120, (count, *SHAPE), dtype=np.uint8)
    for pixel, label in zip(pixels, labels, strict=True):
        pixel[2 * label : 2 * label + 2] += 100
    return Images(pixels, labels, tuple(str(index) for index in range(count)))


def split_of(train: Images, validation: Images) -> Split:
    def part(some: Images, origin: str) -> Part:
        return Part(some, origin, np.arange(len(some)))

    held_out = part(validation, "test")
    return Split(("a", "b", "c"), part(train, "train"), held_out, held_out, True)


def build(made: Experiment, *, seed: int = 0) -> BuiltModel:
    return build_model(made, SHAPE, CLASSES, seed=seed)


def build_with_own_dropout() -> BuiltModel:
    """A user's model inside: its dropout has no seed and draws from torch's global generator."""
    features = build(experiment()).features
    source = keras.Input(SHAPE, dtype="uint8")
    inner = keras.Sequential([keras.Input((36,)), keras.layers.Dropout(0.5)])
    flat = features(source)
    start = keras.initializers.GlorotUniform(seed=0)
    head = keras.layers.Dense(CLASSES, activation="softmax", kernel_initializer=start)
    out = head(inner(flat))
    return BuiltModel(keras.Model(source, out), features, keras.Model(flat, out))


@pytest.fixture(scope="session")
def split() -> Split:
    """90 training and 30 validation images of three classes, in turn."""
    return split_of(images(90), images(30, seed=1))
