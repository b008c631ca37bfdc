"""Roles of arrays by their names: the split, and images or labels.

`x_train` (Keras), `train_images` (MedMNIST), `X_test`, `trainLabels`, `val_targets`; `x` and `y`,
`images` and `labels` alone are the training images.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from leadline.errors import DataError

Role = Literal["images", "labels"]
SPLITS = {
    "train": "train", "training": "train", "tr": "train",
    "val": "validation", "valid": "validation", "validation": "validation", "dev": "validation",
    "test": "test", "testing": "test", "te": "test",
}  # fmt: skip
ROLES: Mapping[str, Role] = {
    "x": "images", "images": "images", "image": "images", "imgs": "images", "img": "images",
    "data": "images", "pixels": "images", "features": "images",
    "y": "labels", "labels": "labels", "label": "labels", "targets": "labels", "target": "labels",
    "classes": "labels",
}  # fmt: skip
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
JOINED = re.compile(r"(x|y)(train|val|valid|test)|(train|val|valid|test)(x|y)")


def role_of(name: str) -> tuple[str, Role] | None:
    """Split and role of an array by its name; None for other names."""
    words = [word.lower() for word in WORD.findall(name)]
    if len(words) == 1 and (joined := JOINED.fullmatch(words[0])):
        words = [word for word in joined.groups() if word]
    splits = [SPLITS[word] for word in words if word in SPLITS]
    roles = [ROLES[word] for word in words if word in ROLES]
    if len(splits) + len(roles) != len(words) or len(roles) != 1 or len(splits) > 1:
        return None
    return (splits[0] if splits else "train"), roles[0]


def without_prefix(names: Sequence[str]) -> dict[str, str]:
    """The names by what is left of them without the words that all begin with.

    {"train-imgs": "kmnist-train-imgs", "test-imgs": "kmnist-test-imgs"}; words that name a split or
    a role stay.
    """
    words = [WORD.findall(name) for name in names]
    count = 0
    for same in zip(*words, strict=False):
        word = same[0].lower()
        if len(set(same)) > 1 or word in SPLITS or word in ROLES or JOINED.fullmatch(word):
            break
        count += 1
    if not count:
        return {name: name for name in names}
    return {"-".join(rest[count:]): name for rest, name in zip(words, names, strict=True)}


def _names_split(name: str) -> bool:
    return any(split in name.lower() for split in SPLITS if len(split) > 2)


def pairs_of(
    names: Iterable[str], where: str, *, complete: bool = False
) -> dict[str, tuple[str, str]]:
    """For each split the names of its images and of its labels.

    complete: raise DataError where one of the two is missing; else such a split is left out.
    Raises DataError where two arrays claim the same role.
    """
    found: dict[tuple[str, Role], str] = {}
    # Names with a split first: beside x_train, an array called data is something else.
    for name in sorted(names, key=lambda name: not _names_split(name)):
        place = role_of(name)
        if place is None or (place in found and _names_split(found[place]) > _names_split(name)):
            continue
        if place in found:
            raise DataError(
                f"{where}: {found[place]} and {name} are both the {place[1]} of {place[0]}; keep "
                "one."
            )
        found[place] = name
    pairs = {}
    for split in ("train", "validation", "test"):
        images, labels = found.get((split, "images")), found.get((split, "labels"))
        if images and labels:
            pairs[split] = images, labels
        elif complete and (images or labels):
            lacking = "labels" if images else "images"
            raise DataError(
                f"{where}: has {images or labels}, but no {lacking} of {split}; add them, named "
                f"{'y' if images else 'x'}_{split[:3] if split == 'validation' else split}."
            )
    return pairs
