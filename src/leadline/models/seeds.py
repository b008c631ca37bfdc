"""One seed becomes one for each layer, and user code runs as if the program had just started."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


def layer_seed(seed: int, number: int, which: int) -> int:
    """A seed (0 to 2^31 - 1) for one array of one layer: it hangs on nothing but these three.

    So a layer starts from the same weights in two experiments that agree up to it.
    """
    state = np.random.SeedSequence([seed, number, which]).generate_state(1)
    return int(state[0]) >> 1


@contextmanager
def global_seed(seed: int) -> Iterator[None]:
    """Seed every global generator for the length of a block; Python's, NumPy's and torch's go back.

    Keras's own global generator has no public way back: it stays as if just seeded.
    """
    import keras
    import torch

    before = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002 - saved
    keras.utils.set_random_seed(layer_seed(seed, 0, 0))
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])  # noqa: NPY002 - put back
        torch.set_rng_state(before[2])
