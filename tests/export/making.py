"""A small model, images for it, and what its model file says."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.ood.ood_score import OODRecord, false_alarms
from leadline.export import Metadata
from leadline.export.model_metadata import TestMetric
from leadline.metrics.estimates import DecisionRule, Estimate, OperatingPoint

SHAPE = (20, 17, 3)


def some_images(n: int, seed: int = 0, shape: tuple[int, ...] = SHAPE) -> NDArray[np.uint8]:
    """Each a brighter corner, top left, and noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    corner = 160 * np.exp(-(y + x) / rng.uniform(4, 12, (n, 1, 1)))
    noise = rng.integers(0, 60, (n, *shape))
    images: NDArray[np.uint8] = (corner[..., None] + noise).astype(np.uint8)
    return images


def small_model(shape: tuple[int, ...] = SHAPE, units: int = 4) -> Any:
    import keras

    keras.utils.set_random_seed(0)
    inputs = keras.Input(shape, dtype="uint8")
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(inputs))
    hidden = keras.layers.Dense(units, activation="relu")(x)
    return keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(hidden))


ABOUT = Metadata(
    name="small",
    title="A small model, für “all”",
    family="hog",
    weights=4086,
    classes=("no", "yes"),
    size_px=SHAPE[:2],
    channels=3,
    data="drawn images",
    limits="This is a test. Nothing follows from it.",
    digest="0" * 64,
    seed=3,
    counts={"train": (20, 30), "validation": (2, 3), "test": (5, 0)},
    versions={"keras": "3.0"},
    decision=DecisionRule(
        positive="yes",
        temperature=1.25,
        calibration=(),
        points=(OperatingPoint("youden", 0.4, 0.8, 0.81, 0.02),),
    ),
    test_metrics=(
        TestMetric(key="auroc", value=0.9, low=0.8, high=0.95),
        TestMetric(key="sensitivity", value=1.0, low=0.5, high=1.0, point="youden", threshold=0.4),
    ),
    predictive=(
        {
            "point": "youden",
            "prevalence": 0.1,
            "ppv": Estimate(0.5, 0.4, 0.6, "wilson"),
            "npv": Estimate(None, 0.0, 1.0, "unknown"),
        },
    ),
    features={"kind": "hog", "orientations": 12, "even": True, "share": 0.5},
    card="# small\n\nFor “all”.\n",
    scope=OODRecord(0.99, "validation", 5, false_alarms(np.array([0.5, 2.0]))),
)
