"""A network that finds a bright square, trained once for all tests of this room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from leadline.features.pixels import Pixels
from leadline.models.seeds import global_seed

SIDE_PX = 24
SQUARE_PX = 6


@dataclass(frozen=True)
class Squares:
    """Noise, in half of the images with a bright square (class 1). corners: its first pixel."""

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    corners: NDArray[np.int64]


def draw_squares(n: int, rng: np.random.Generator) -> Squares:
    pixels = rng.integers(0, 120, (n, SIDE_PX, SIDE_PX, 1), dtype=np.uint8)
    labels = np.arange(n) % 2
    corners = rng.integers(0, SIDE_PX - SQUARE_PX, (n, 2))
    for image, label, (top, left) in zip(pixels, labels, corners, strict=True):
        if label:
            bright = rng.integers(190, 256, (SQUARE_PX, SQUARE_PX, 1), dtype=np.uint8)
            image[top : top + SQUARE_PX, left : left + SQUARE_PX] = bright
    return Squares(pixels, labels, corners)


@pytest.fixture(scope="session")
def squares() -> Squares:
    """60 images that the network has not seen."""
    return draw_squares(60, np.random.default_rng(1))


@pytest.fixture(scope="session")
def square_finder() -> Any:
    """A small network that tells images with the square from those without."""
    data = draw_squares(400, np.random.default_rng(0))
    with global_seed(0):
        image = keras.Input((SIDE_PX, SIDE_PX, 1), dtype="uint8")
        x = Pixels()(image)
        for filters in (6, 12):
            name = f"filters_{filters}"  # its own, for Keras counts on over all models
            x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu", name=name)(x)
            x = keras.layers.MaxPooling2D()(x) if filters == 6 else x
        x = keras.layers.GlobalAveragePooling2D()(x)
        model = keras.Model(image, keras.layers.Dense(2, activation="softmax")(x))
    labels = torch.as_tensor(data.labels)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for step in range(120):
        some = slice(step % 8 * 50, step % 8 * 50 + 50)
        answer = model(data.pixels[some], training=False)
        loss = torch.nn.functional.nll_loss(torch.log(answer + 1e-7), labels[some])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model
