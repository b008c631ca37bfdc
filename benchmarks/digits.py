"""Digits that were made in other ways than MNIST, asked of the models of the zoo.

    python benchmarks/digits.py

Nothing was trained or chosen on them: the digits of UCI (Alpaydin and Kaynak, 1998) enlarged to
64 px, both ways round, and MNIST's own test digits enlarged, moved and drawn on a page that was
photographed in uneven light. Shares recognised.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_digits

from leadline import zoo
from leadline.artefact import open_artefact
from leadline.data.digit import normalise_digit
from leadline.data.sources import load_dataset
from leadline.spec import Data

NAMES = ("digits-pixels", "digits-hog", "digits-cnn")
PHOTOGRAPHED = 1000

Pixels = NDArray[np.uint8]


def main() -> None:
    test = load_dataset(Data()).test
    if test is None:
        raise SystemExit("MNIST has no test images here")
    rng = np.random.default_rng(0)
    uci = load_digits()
    light = [_large((image * 255 / 16).astype(np.uint8)) for image in uci.images]
    labels = test.labels[:PHOTOGRAPHED]
    paper = [photographed(image, rng) for image in test.pixels[:PHOTOGRAPHED, ..., 0]]
    sets = {
        "UCI, light on dark": (light, uci.target),
        "UCI, dark on light": ([255 - image for image in light], uci.target),
        "MNIST on photographed paper": (paper, labels),
        "MNIST as it is": (list(test.pixels[..., 0]), test.labels),
    }
    print(f"{'':30}{'n':>7}" + "".join(f"{name:>16}" for name in NAMES))
    for title, (images, truth) in sets.items():
        shares = "".join(f"{share:>16.4f}" for share in _shares(images, truth))
        print(f"{title:30}{len(images):>7,}{shares}")


def photographed(digit: Pixels, rng: np.random.Generator) -> Pixels:
    """A digit of 28 px on a page of 200 × 300 px: dark ink, light that falls off, noise."""
    side = int(rng.integers(40, 120))
    ink = np.zeros((200, 300))
    top, left = int(rng.integers(0, 200 - side)), int(rng.integers(0, 300 - side))
    ink[top : top + side, left : left + side] = _resized(digit, side)
    rows, columns = np.mgrid[-0.5:0.5:200j, -0.5:0.5:300j]
    slopes, fall = rng.uniform(-0.3, 0.3, 2), rng.uniform(0, 0.3)
    light = 1 + slopes[0] * rows + slopes[1] * columns - fall * (rows**2 + columns**2)
    page = rng.uniform(140, 230) * light * (1 - rng.uniform(0.4, 0.85) * ink / 255)
    noisy = page + rng.normal(0, rng.uniform(1, 8), page.shape)
    photograph: Pixels = np.clip(noisy, 0, 255).astype(np.uint8)
    return photograph


def _shares(images: Iterable[Pixels], truth: NDArray[np.int64]) -> list[float]:
    """Of each model."""
    pictures = np.stack([normalise_digit(Image.fromarray(image)) for image in images])[..., None]
    found = []
    for name in NAMES:
        said, _ = open_artefact(zoo.artefact_path(name)).answer(pictures)
        found.append(float(np.mean(said.argmax(axis=1) == truth)))
    return found


def _large(image: Pixels) -> Pixels:
    return _resized(image, 64)


def _resized(image: Pixels, side_px: int) -> Pixels:
    resized = Image.fromarray(image).resize((side_px, side_px), Image.Resampling.BICUBIC)
    return np.asarray(resized, np.uint8)


if __name__ == "__main__":
    main()
