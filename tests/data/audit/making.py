"""Records and folders of images made for tests of the audit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from leadline.data.audit.audit_findings import Searched
from leadline.data.audit.file_name_facts import Identities
from leadline.data.audit.image_scan import SPLITS, ImageRecords

PX = 32


def textured(rng: np.random.Generator, count: int, px: int = PX) -> np.ndarray:
    """uint8 (count, px, px): images of random blobs and grain that are unlike each other."""
    coarse = rng.integers(0, 200, (count, px // 4, px // 4)).repeat(4, 1).repeat(4, 2)
    return (coarse + rng.integers(0, 56, (count, px, px))).astype(np.uint8)


def made_records(
    counts: Mapping[str, tuple[int, ...]],
    *,
    names: tuple[str, ...] | None = None,
    thumbnails: np.ndarray | None = None,
    sums: tuple[str, ...] | None = None,
    sizes: np.ndarray | None = None,
) -> ImageRecords:
    """Records of so many images by split and class; each image its own unless said otherwise."""
    splits = [s for s, per_class in counts.items() for _ in range(sum(per_class))]
    labels = [c for per in counts.values() for c, n in enumerate(per) for _ in range(n)]
    n = len(labels)
    return ImageRecords(
        classes=tuple("abcdef"[: len(next(iter(counts.values())))]),
        names=names or tuple(f"{split}/{index}.png" for index, split in enumerate(splits)),
        splits=np.array([SPLITS.index(split) for split in splits], np.int64),
        labels=np.array(labels, np.int64),
        file_sums=sums or tuple(map(str, range(n))),
        pixel_sums=sums or tuple(map(str, range(n))),
        sizes=np.tile([32.0, 32.0, 900.0], (n, 1)) if sizes is None else sizes,
        thumbnails=textured(np.random.default_rng(0), n) if thumbnails is None else thumbnails,
    )


def search(check, records, groups=None, subgroups=()):
    """Findings of a check in these records; the probe and the patterns left aside."""
    identities = Identities(groups, tuple(subgroups), ())
    return list(check.search(Searched(records, identities)))


def clean_folder(root: Path, counts: Mapping[str, tuple[int, int]], seed: int = 0) -> Path:
    """A data set without fault: classes "cat" and "dog", patients pN, nothing said by brightness.

    Files are BMP, which has one size for all; a patient has two images, both in one split.
    """
    rng = np.random.default_rng(seed)
    person = 0
    for split, per_class in counts.items():
        for name, count in zip(("cat", "dog"), per_class, strict=True):
            folder = root / split / name
            folder.mkdir(parents=True)
            for index, pixels in enumerate(textured(rng, count)):
                person += index % 2 == 0
                save(folder / f"p{person}_{index}.bmp", pixels)
    return root


def save(path: Path, pixels: np.ndarray) -> None:
    Image.fromarray(pixels).save(path)
