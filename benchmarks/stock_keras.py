"""Stock `Model.fit` on mlp-3, one timing for each line read; needs Keras and NumPy only.

Run by `training.py`, in its own process, so that the backend can be another one.
Each line on standard input is answered by the milliseconds of one training step.
"""

from __future__ import annotations

import sys
import time

import keras
import numpy as np

BATCH = 128


def mlp_3() -> keras.Model:
    """The lab's mlp-3, compiled as the lab did it."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((784,)),
            layers.Dense(512, activation="sigmoid"),
            layers.Dropout(0.5),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
    return model


def main() -> None:
    steps = int(sys.argv[1])
    rng = np.random.default_rng(0)
    images = rng.random((steps * BATCH, 784), dtype=np.float32)
    labels = np.eye(10, dtype=np.float32)[rng.integers(0, 10, steps * BATCH)]
    model = mlp_3()
    model.fit(images, labels, batch_size=BATCH, verbose=0)
    print(f"Keras {keras.__version__} on {keras.backend.backend()}", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        model.fit(images, labels, batch_size=BATCH, verbose=0)
        print((time.perf_counter() - start) / steps * 1e3, flush=True)


if __name__ == "__main__":
    main()
