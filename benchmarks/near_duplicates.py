"""Near-duplicates planted among MNIST's test images: how many the audit finds, how many others.

    python benchmarks/near_duplicates.py [--copies N]

Copies are shifted by one pixel, halved and enlarged again, or saved as JPEG of quality 10. Printed
are the share found of each kind, and the pairs reported that were not planted.
"""

from __future__ import annotations

import argparse
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from leadline.data.audit.small_near_duplicates import small_copies
from leadline.data.sources.source_list import load_dataset
from leadline.experiments import Data

Pixels = NDArray[np.uint8]


def shifted(image: Pixels) -> Pixels:
    return np.roll(image, 1, axis=1)


def halved(image: Pixels) -> Pixels:
    height, width = image.shape
    small = Image.fromarray(image).resize((width // 2, height // 2))
    return np.asarray(small.resize((width, height)))


def recompressed(image: Pixels) -> Pixels:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=10)
    return np.asarray(Image.open(file))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--copies", type=int, default=300, help="of each kind")
    copies = parser.parse_args().copies
    test = load_dataset(Data()).test
    if test is None:
        raise SystemExit("this benchmark needs the test images of MNIST")
    images = test.pixels[..., 0]
    originals = np.random.default_rng(0).choice(len(images), copies, replace=False)
    for change in (shifted, halved, recompressed):
        planted = np.stack([change(images[index]) for index in originals])
        together = np.concatenate([images, planted])
        pairs, _ = small_copies(together, np.arange(len(together)))
        expected = {(int(index), len(images) + n) for n, index in enumerate(originals)}
        found = set(map(tuple, pairs.tolist()))
        print(
            f"{change.__name__:14}found {len(found & expected) / copies:.3f} of {copies}, "
            f"other pairs reported {len(found - expected)}"
        )


if __name__ == "__main__":
    main()
