"""Stock `Model.fit` on mlp-3 or cnn-3, one timing for each line read; needs Keras and NumPy only.

    KERAS_BACKEND=jax python benchmarks/stock_keras.py mlp-3 200

Started by `training.py` in a process of its own, so that each backend can be measured. Each line on
standard input is answered by the milliseconds of one training step.
"""

from __future__ import annotations

import sys
import time

import keras
import numpy as np

BATCH = 128
CLASSES = 10
layers = keras.layers


def mlp_3() -> list[keras.Layer]:
    """The lab's mlp-3."""
    return [
        keras.Input((784,)),
        layers.Dense(512, activation="sigmoid"),
        layers.Dropout(0.5),
        layers.Dense(256, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(CLASSES, activation="softmax"),
    ]


def cnn_3() -> list[keras.Layer]:
    """The lab's cnn-3."""
    convolutions = [layers.Conv2D(32, 5, padding="same", activation="relu") for _ in range(3)]
    return [
        keras.Input((28, 28, 1)),
        *convolutions,
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(CLASSES, activation="softmax"),
    ]


MODELS = {"mlp-3": mlp_3, "cnn-3": cnn_3}


def main() -> None:
    name, steps = sys.argv[1], int(sys.argv[2])
    model = keras.Sequential(MODELS[name]())
    model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
    rng = np.random.default_rng(0)
    images = rng.random((steps * BATCH, *model.input_shape[1:]), dtype=np.float32)
    labels = np.eye(CLASSES, dtype=np.float32)[rng.integers(0, CLASSES, steps * BATCH)]
    model.fit(images, labels, batch_size=BATCH, verbose=0)
    print(f"Keras {keras.__version__} on {keras.backend.backend()}", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        model.fit(images, labels, batch_size=BATCH, verbose=0)
        print((time.perf_counter() - start) / steps * 1e3, flush=True)


if __name__ == "__main__":
    main()
