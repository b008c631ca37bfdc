"""From digits to what a model is asked: drawn, saved, and read as `leadline predict` reads."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tests.zoo.digit_ink import Ink
from tests.zoo.digit_scenes import Scene

from leadline.data.formats.image_files import read_image

Drawn = Callable[[int, np.random.Generator], Ink]


def pictures(
    scene: Scene, ink: Drawn, count: int, rng: np.random.Generator
) -> tuple[list[bytes], NDArray[np.int64]]:
    """Files of the digits 0 to 9 by turns, and which digits they are."""
    truth = np.arange(count) % 10
    return [scene(ink(int(digit), rng), rng) for digit in truth], truth


def as_asked(files: list[bytes]) -> NDArray[np.uint8]:
    """uint8 (n, 28, 28, 1)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture"
        images = []
        for content in files:
            path.write_bytes(content)
            images.append(read_image(path, (28, 28), 1, prepare="digit"))
    return np.stack(images)
