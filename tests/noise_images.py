"""Small data sets of random images, in folders by class."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image


def write_noise(folder: Path, classes: Iterable[str], count: int, side_px: int) -> None:
    """Write so many square grey images of each class: folder/CLASS/0.png and so on."""
    rng = np.random.default_rng(0)
    for name in classes:
        (folder / name).mkdir(parents=True)
        for number in range(count):
            pixels = rng.integers(0, 256, (side_px, side_px), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
