"""A folder of IDX files under MNIST's names, raw or .gz."""

from __future__ import annotations

import re
from pathlib import Path

from leadline.data.dataset import Dataset
from leadline.data.idx import decode_idx, read_idx_bytes
from leadline.data.raw import RawSplit, assemble
from leadline.errors import DataError

NAME = re.compile(r"(train|t10k|test)-(images|labels)[.-]idx[13]-ubyte(\.gz)?", re.IGNORECASE)
PLACES = (".", "raw", "MNIST/raw")
"""torchvision keeps the files in MNIST/raw under the folder that it is given."""

Found = dict[tuple[str, str], Path]
"""Files by (train or test, images or labels)."""


def find_idx_files(folder: Path) -> Found:
    """The IDX files in a folder; an unpacked file is preferred to its .gz. Empty if none."""
    for place in PLACES:
        found: Found = {}
        # In reverse, so that "x" is met after "x.gz" and takes its place.
        for path in sorted((folder / place).glob("*-ubyte*"), reverse=True):
            match = NAME.fullmatch(path.name)
            if match:
                split = "train" if match[1].lower() == "train" else "test"
                found[split, match[2].lower()] = path
        if found:
            return found
    return {}


def read_idx_folder(folder: Path, found: Found) -> Dataset:
    """The data set in these files. Raises DataError if one is missing, damaged or does not fit."""
    splits = sorted({split for split, _ in found}, reverse=True)
    if "train" not in splits:
        raise DataError(f"{folder}: train-images-idx3-ubyte is missing; put it beside the others.")
    raw = {split: _read_split(folder, found, split) for split in splits}
    return assemble(folder, raw, poses_as_mnist=True)


def _read_split(folder: Path, found: Found, split: str) -> RawSplit:
    for kind in ("images", "labels"):
        if (split, kind) not in found:
            raise DataError(f"{folder}: the file of {split} {kind} is missing; put it there too.")
    images_at, labels_at = found[split, "images"], found[split, "labels"]
    return RawSplit(
        decode_idx(read_idx_bytes(images_at), str(images_at), 3),
        decode_idx(read_idx_bytes(labels_at), str(labels_at), 1),
        str(images_at),
        str(labels_at),
    )
