"""Names that data sets give to their splits: train, Training, test_set, seg_val, "dev images"."""

from __future__ import annotations

import re
from dataclasses import dataclass

WORDS = {
    "train": ("train", "training", "trn"),
    "validation": ("val", "valid", "validate", "validation", "dev", "devel", "development", "eval",
                   "evaluation"),
    "test": ("test", "testing", "tst", "holdout", "heldout"),
}  # fmt: skip
FILLERS = (
    "set", "sets", "data", "dataset", "datasets", "image", "images", "img", "imgs", "picture",
    "pictures", "pics", "photo", "photos", "split", "splits", "folder", "dir", "files", "part",
    "subset", "seg", "class", "classes", "cropped", "resized", "jpg", "jpeg", "png",
)  # fmt: skip
"""Words around a split's name that say nothing: training_set, train_images."""
SPLIT_OF = {word: split for split, words in WORDS.items() for word in words}
TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W_]+")
COMPOUND = re.compile(
    rf"({'|'.join(sorted(SPLIT_OF, key=len, reverse=True))})({'|'.join(FILLERS)})?"
)
"""One token, as "train" or "trainset"."""


@dataclass(frozen=True)
class SplitName:
    """A folder's name that names a split.

    rest: other words in the name, as ("faces",) in "faces_train"; most have none.
    """

    split: str
    rest: tuple[str, ...] = ()


def split_name(name: str) -> SplitName | None:
    """Read a folder's name; None where it names no split, or two."""
    tokens = [token.lower() for token in TOKEN.findall(name)]
    if "hold" in tokens and "out" in tokens:
        tokens = ["holdout", *(token for token in tokens if token not in ("hold", "out"))]
    named = [match[1] for token in tokens if (match := COMPOUND.fullmatch(token))]
    splits = {SPLIT_OF[word] for word in named}
    if len(splits) != 1:
        return None
    rest = tuple(
        token for token in tokens if not COMPOUND.fullmatch(token) and token not in FILLERS
    )
    return SplitName(splits.pop(), tuple(one for one in rest if not one.isdecimal()))


def is_filler(name: str) -> bool:
    """Return True for a name that says nothing, as "images" does."""
    tokens = [token.lower() for token in TOKEN.findall(name)]
    return bool(tokens) and all(token in FILLERS for token in tokens)
