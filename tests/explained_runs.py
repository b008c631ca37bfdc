"""A run small enough to be trained in a second, and images to ask it about."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

import leadline
from leadline.experiments import Experiment

SIDE_PX = 16
LIMITS = "This is no medical device. Its images are noise."


def write_films(folder: Path) -> Path:
    """Forty images of noise in two classes; in "lit" a bright square lies in the middle."""
    rng = np.random.default_rng(0)
    for name in ("dull", "lit"):
        (folder / name).mkdir(parents=True)
        for index in range(40):
            pixels = rng.integers(0, 90, (SIDE_PX, SIDE_PX), dtype=np.uint8)
            if name == "lit":
                pixels[5:11, 5:11] = 250
            Image.fromarray(pixels).save(folder / name / f"{index}.png")
    return folder


def experiment(family: str = "cnn") -> Experiment:
    """A network with one convolution, or ("pixels") with none."""
    convolution = [
        {"type": "Conv2D", "filters": 4, "kernel_size": 3, "activation": "relu"},
        {"type": "GlobalAveragePooling2D"},
    ]
    return Experiment.model_validate(
        {
            "name": f"tiny-{family}",
            "family": family,
            "limits": LIMITS,
            "data": {"size_px": [SIDE_PX, SIDE_PX], "validation_fraction": 0.3},
            "features": {"kind": "pixels", "flatten": family == "pixels"},
            "layers": convolution if family == "cnn" else [],
            "training": {
                "epochs": 12,
                "batch_size": 8,
                "optimizer": {"name": "Adam", "learning_rate": 0.05},
            },
        }
    )


def train(films: Path, folder: Path, family: str = "cnn") -> leadline.Run:
    return leadline.run(experiment(family), data=films, out=folder)
