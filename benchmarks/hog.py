"""HOG of MNIST digits: leadline beside scikit-image and OpenCV, microseconds an image.

Result, one thread: leadline 10.7 us, scikit-image 408 us (37 x), OpenCV 8.3 us (0.7 x);
two threads: leadline 7.6 us, scikit-image 409 us (54 x), OpenCV 8.4 us (1.1 x).
On two shared cores of an AMD EPYC, 10 rounds: one thread 14.4 us, 788 us (53 x), 15.3 us (1.1 x);
two threads 18.8 us, 777 us (42 x), 15.5 us (0.8 x).
Hardware: two cores of an Intel Xeon, otherwise idle.
Versions: Python 3.11.7, torch 2.13.0+cpu, Keras 3.15.1, scikit-image 0.26.0, OpenCV 4.14.0.
n: 40 rounds, each of 5,120 digits (leadline), 100 (scikit-image) and 2,000 (OpenCV).

Run: `python benchmarks/hog.py [--threads N] [--rounds N]`, on all cores by default. OpenCV is
measured where `cv2.HOGDescriptor` exists: in `opencv-python-headless` 4.x, and in
`opencv-contrib-python-headless` 5.x (OpenCV 5 moved it out of the main package). OpenCV shares
votes between neighbouring bins, so its values differ.
Each round times all of them, one after the other; the table shows the fastest round of each, the
ratio is the median of the rounds' own ratios.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np

from leadline.data.dataset import UInt8Array
from leadline.data.sources.source_list import load_dataset
from leadline.experiments import Data

ORIENTATIONS, CELL_PX = 16, 4
BATCH_SIZE = 256
IMAGES = {"leadline": 20 * BATCH_SIZE, "scikit-image": 100}
OPENCV_IMAGES = 2_000


def leadline_hog(threads: int) -> Callable[[UInt8Array], Any]:
    """The layer as the training loop runs it, in batches."""
    import torch

    from leadline.features.hog import Hog

    torch.set_num_threads(threads)
    layer = Hog(ORIENTATIONS, CELL_PX)

    def compute(images: UInt8Array) -> Any:
        with torch.no_grad():
            return [layer(batch) for batch in torch.tensor(images).split(BATCH_SIZE)]

    return compute


def scikit_image_hog() -> Callable[[UInt8Array], Any]:
    """`skimage.feature.hog`, which takes one image at a time."""
    from skimage.feature import hog

    cell = (CELL_PX, CELL_PX)
    return lambda images: [hog(image[..., 0], ORIENTATIONS, cell, (1, 1)) for image in images]


def opencv_with_hog() -> Any | None:
    """Import `cv2` if it is installed and has `HOGDescriptor`; otherwise print why not."""
    try:
        cv2 = importlib.import_module("cv2")
    except ImportError as error:
        print(f"OpenCV is not measured: {error}")
        return None
    if not hasattr(cv2, "HOGDescriptor"):
        print(
            f"OpenCV is not measured: {cv2.__version__} has no HOGDescriptor; install "
            "opencv-contrib-python-headless, or opencv-python-headless 4.x"
        )
        return None
    return cv2


def opencv_hog(cv2: Any, threads: int) -> Callable[[UInt8Array], Any]:
    """`cv2.HOGDescriptor`, one image at a time, with the settings nearest to ours."""
    cv2.setNumThreads(threads)
    cell = (CELL_PX, CELL_PX)
    descriptor = cv2.HOGDescriptor((28, 28), cell, cell, cell, ORIENTATIONS)
    return lambda images: [descriptor.compute(image) for image in images]


def images_per_pass(name: str) -> int:
    """Images in one pass of a contestant."""
    return IMAGES.get(name, OPENCV_IMAGES)


def microseconds(compute: Callable[[UInt8Array], Any], images: UInt8Array) -> float:
    """Wall time of one pass, a single image's share."""
    begun = time.perf_counter()
    compute(images)
    return (time.perf_counter() - begun) / len(images) * 1e6


def main() -> None:
    """Print one line a library."""
    parser = argparse.ArgumentParser(description="HOG, microseconds an image")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=30)
    arguments = parser.parse_args()
    contestants = {
        "leadline": leadline_hog(arguments.threads),
        "scikit-image": scikit_image_hog(),
    }
    if (cv2 := opencv_with_hog()) is not None:
        contestants[f"OpenCV {cv2.__version__}"] = opencv_hog(cv2, arguments.threads)
    test = load_dataset(Data()).test
    if test is None:
        raise SystemExit("this benchmark needs the test images of MNIST")
    rounds = [
        {
            name: microseconds(run, test.pixels[: images_per_pass(name)])
            for name, run in contestants.items()
        }
        for _ in range(arguments.rounds + 1)
    ][1:]
    print(
        f"{platform.processor() or platform.machine()}, {arguments.threads} thread(s), "
        f"{arguments.rounds} rounds after one to warm up, {ORIENTATIONS} orientations, "
        f"{CELL_PX} px cells, batches of {BATCH_SIZE}; Python {platform.python_version()}, "
        f"torch {version('torch')}, scikit-image {version('scikit-image')}"
    )
    for name in contestants:
        fastest_us = min(row[name] for row in rounds)
        ratio = float(np.median([row[name] / row["leadline"] for row in rounds]))
        print(
            f"{name:14}{fastest_us:9.1f} us an image  n = {images_per_pass(name):6}  {ratio:6.1f} x"
        )


if __name__ == "__main__":
    main()
