"""Digits that were made in other ways than MNIST's, asked of the models of the zoo.

    python -m benchmarks.digits [--each N]

Shares recognised. Nothing was trained on these digits: those of UCI (Alpaydin and Kaynak, 1998)
enlarged to 64 px, both ways round, MNIST's own test digits, and the scenes of
`tests/zoo/digit_scenes.py`, N pictures of each, read as `leadline predict` reads a file: half of
them written with strokes, half UCI's; then printed ones on coloured paper.

Result: the table of docs/predict.md.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_digits
from tests.zoo.digit_ink import by_others, printed, written
from tests.zoo.digit_reading import as_asked, pictures
from tests.zoo.digit_scenes import SCENES, on_coloured_paper

from leadline import zoo
from leadline.data.digits.mnist_style import normalise_digit
from leadline.data.sources.source_list import load_dataset
from leadline.experiments import Data
from leadline.export import ModelFile, open_model_file

NAMES = ("digits-pixels", "digits-hog", "digits-cnn")
SEED = 1
"""Another one than that of the pictures at which the normalisation's settings were chosen."""
LARGE, FEW = {"4,000 px"}, 40
"""Scenes that take a second a picture, and how many of them are enough."""

Pixels = NDArray[np.uint8]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--each", type=int, default=100, help="pictures of each scene")
    each = parser.parse_args().each
    models = [open_model_file(zoo.model_file_path(name)) for name in NAMES]
    print(f"{'':34}{'n':>7}" + "".join(f"{name:>16}" for name in NAMES))
    for title, (images, truth) in _sets().items():
        started_s = time.perf_counter()
        seen = np.stack([normalise_digit(Image.fromarray(image)) for image in images])[..., None]
        each_ms = (time.perf_counter() - started_s) * 1000 / len(images)
        print(_row(title, models, seen, truth) + f"{each_ms:>10.2f} ms to normalise")
    for title, scene in SCENES.items():
        rng = np.random.default_rng(SEED)
        half = (min(each, FEW) if title in LARGE else each) // 2
        files = [pictures(scene, ink, half, rng) for ink in (written, by_others)]
        seen = as_asked([file for some, _ in files for file in some])
        print(_row(title, models, seen, np.concatenate([truth for _, truth in files])))
    rng = np.random.default_rng(SEED)
    some, truth = pictures(on_coloured_paper, printed, each, rng)
    print(_row("printed, eight typefaces", models, as_asked(some), truth))


def _sets() -> dict[str, tuple[list[Pixels], NDArray[np.int64]]]:
    test = load_dataset(Data()).test
    if test is None:
        raise SystemExit("MNIST has no test images here")
    uci = load_digits()
    light = [_large((image * 255 / 16).astype(np.uint8)) for image in uci.images]
    return {
        "MNIST as it is": (list(test.pixels[..., 0]), test.labels),
        "UCI, light on dark": (light, uci.target),
        "UCI, dark on light": ([255 - image for image in light], uci.target),
    }


def _row(title: str, models: list[ModelFile], seen: Pixels, truth: NDArray[np.int64]) -> str:
    shares = [float(np.mean(one.answer(seen)[0].argmax(axis=1) == truth)) for one in models]
    return f"{title:34}{len(truth):>7,}" + "".join(f"{share:>16.4f}" for share in shares)


def _large(image: Pixels) -> Pixels:
    resized = Image.fromarray(image).resize((64, 64), Image.Resampling.BICUBIC)
    return np.asarray(resized, np.uint8)


if __name__ == "__main__":
    main()
