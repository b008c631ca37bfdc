"""A folder of IDX files under MNIST's names, raw or .gz.

Data sets made like MNIST have the same names with their own in front, as
`emnist-balanced-train-images-idx3-ubyte`. EMNIST keeps its images with rows and columns exchanged;
they are turned upright.
"""

from __future__ import annotations

import re
from pathlib import Path

from leadline.data.dataset import Dataset
from leadline.data.formats.idx import decode_idx, read_idx_bytes
from leadline.data.raw_arrays import RawSplit, assemble
from leadline.data.remarks import remark
from leadline.errors import DataError

NAME = re.compile(
    r"(?:(?P<set>.+?)[-_.])?(?P<split>train|t10k|test|val|validation)"
    r"[-_.](?P<role>images|labels)[-_.]idx[13][-_.]ubyte(\.gz)?",
    re.IGNORECASE,
)
SPLITS = {"train": "train", "t10k": "test", "test": "test", "val": "validation",
          "validation": "validation"}  # fmt: skip
PLACES = (".", "raw", "*/raw", "gzip", "*-ubyte")
"""torchvision keeps the files in MNIST/raw under the folder that it is given; EMNIST's archive has
them in gzip; and some programs unpack each file into a folder of its name."""
TRANSPOSED = "emnist"

IdxFiles = dict[tuple[str, str], Path]
"""Files by (split, images or labels)."""


def find_idx_files(folder: Path) -> IdxFiles:
    """The IDX files in a folder; an unpacked file is preferred to its .gz. Empty if none.

    Raises DataError where the folder holds several data sets.
    """
    for place in PLACES:
        sets: dict[str, IdxFiles] = {}
        # In reverse, so that "x" is met after "x.gz" and takes its place.
        for path in sorted(folder.glob(f"{place}/*ubyte*"), reverse=True):
            match = NAME.fullmatch(path.name)
            if match and path.is_file():
                found = sets.setdefault((match["set"] or "").lower(), {})
                found[SPLITS[match["split"].lower()], match["role"].lower()] = path
        if len(sets) > 1:
            names = ", ".join(sorted(name or "MNIST's own" for name in sets))
            raise DataError(
                f"{folder}: holds several sets of IDX files ({names}); put the four files of one "
                "into a folder of their own."
            )
        if sets:
            return next(iter(sets.values()))
    return {}


def read_idx_folder(folder: Path, idx_files: IdxFiles) -> Dataset:
    """The data set in these files. Raises DataError if one is missing, damaged or does not fit."""
    splits = sorted({split for split, _ in idx_files}, reverse=True)
    named = NAME.fullmatch(next(iter(idx_files.values())).name)
    own_set = (named["set"] or "").lower() if named else ""
    if "train" not in splits:
        raise DataError(f"{folder}: train-images-idx3-ubyte is missing; put it beside the others.")
    transposed = own_set.startswith(TRANSPOSED)
    raw = {split: _read_split(folder, idx_files, split, transposed=transposed) for split in splits}
    warnings = (remark("transposed"),) if transposed else ()
    return assemble(folder, raw, poses_as_mnist=not own_set, warnings=warnings)


def _read_split(folder: Path, idx_files: IdxFiles, split: str, *, transposed: bool) -> RawSplit:
    for kind in ("images", "labels"):
        if (split, kind) not in idx_files:
            raise DataError(f"{folder}: the file of {split} {kind} is missing; put it there too.")
    images_at, labels_at = idx_files[split, "images"], idx_files[split, "labels"]
    images = decode_idx(read_idx_bytes(images_at), str(images_at), 3)
    return RawSplit(
        images.transpose(0, 2, 1) if transposed else images,
        decode_idx(read_idx_bytes(labels_at), str(labels_at), 1),
        str(images_at),
        str(labels_at),
    )
