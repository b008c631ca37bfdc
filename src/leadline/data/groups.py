"""Whose image it is, read from its name; and drawing patients without dividing any."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from leadline.data.dataset import Dataset, Images, Int64Array
from leadline.errors import DataError

SETTING = "data.group_pattern"
NAMED = 3
"""Number of unmatched names that a message lists."""


def with_groups(dataset: Dataset, pattern: str | None) -> Dataset:
    """The data set with `groups` in every split; the very data set where there is no pattern.

    Raises DataError as `group_names` does, for all splits together.
    """
    if pattern is None:
        return dataset
    splits = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
    there = {name: images for name, images in splits.items() if images is not None}
    groups = iter(group_names([name for part in there.values() for name in part.names], pattern))
    grouped: dict[str, Images] = {
        name: replace(part, groups=tuple(next(groups) for _ in part.names))
        for name, part in there.items()
    }
    return replace(
        dataset,
        train=grouped["train"],
        validation=grouped.get("validation"),
        test=grouped.get("test"),
    )


def group_names(
    names: Sequence[str], pattern: str, *, setting: str = f"{SETTING} ="
) -> tuple[str, ...]:
    """For each file name its group: what `pattern` finds in it, its folder left aside.

    The groups of the pattern are joined by "_"; one without groups gives all that it matches.
    setting: what the pattern is called where the user wrote it, for the message.
    Raises DataError, with the count and the first few names, where it finds nothing in some.
    """
    groups = find_groups(names, pattern)
    wrong = [name for name, group in zip(names, groups, strict=True) if not group]
    if wrong:
        every = len(wrong) == len(names)
        which = "any" if every else f"{len(wrong):,}"
        fix, without = "", ""
        if setting.startswith(SETTING):
            fix, without = f" (--set {SETTING}='...')", f" (--set {SETTING}=)"
        raise DataError(
            f"{setting} {pattern!r} does not match {which} of {len(names):,} file "
            f"names: {_first(wrong)}; every image needs a group. Correct the pattern{fix}, or "
            f"leave it out{without} where nothing says whose image it is."
        )
    return groups


def find_groups(names: Sequence[str], pattern: str) -> tuple[str, ...]:
    """As `group_names`, but "" for a file name in which the pattern finds nothing."""
    compiled = re.compile(pattern)
    return tuple(_group(compiled, name) for name in names)


def draw_groups(
    groups: Sequence[str],
    labels: Int64Array,
    shares: Int64Array,
    leave: int,
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    """Which images are drawn: whole groups, near `shares` images of each class; bool (n,).

    Groups come in an order drawn from `rng`; one is taken where that brings the class counts
    nearer to `shares` (in sum of absolute differences), so a class misses its share by at most
    half of its largest group, where each group has one class. Each class is drawn at least once,
    and stays in at least `leave` groups; where that is not to be had, raises ValueError with the
    number of the class.
    """
    members, counts = _tally(groups, labels, len(shares))
    draw = _Draw(counts, shares, leave)
    order = rng.permutation(len(counts))
    for group in order:
        draw.take_if_nearer(group)
    for label in range(len(shares)):
        draw.cover(label, order)
    drawn: NDArray[np.bool_] = draw.taken[members]
    return drawn


def groups_per_class(groups: Sequence[str], labels: Int64Array, classes: int) -> Int64Array:
    """Number of groups with an image of each class: int64 (classes,)."""
    _, counts = _tally(groups, labels, classes)
    per_class: Int64Array = np.count_nonzero(counts, axis=0)
    return per_class


class _Draw:
    """Groups drawn so far. counts: int64 (groups, classes), images of each class."""

    def __init__(self, counts: Int64Array, shares: Int64Array, leave: int) -> None:
        self.counts = counts
        self.taken = np.zeros(len(counts), np.bool_)
        self._missing = shares.copy()
        self._spare = (counts > 0).sum(axis=0) - leave

    def take_if_nearer(self, group: int) -> None:
        after = self._missing - self.counts[group]
        if self._may(group) and np.abs(after).sum() < np.abs(self._missing).sum():
            self._take(group)

    def cover(self, label: int, order: Int64Array) -> None:
        """Take the smallest group with that class, the first in order, unless one is taken."""
        has = self.counts[order, label] > 0
        candidates = order[has]
        if self.taken[candidates].any():
            return
        allowed = [group for group in candidates if self._may(group)]
        if not allowed:
            raise ValueError(label)
        self._take(min(allowed, key=lambda group: int(self.counts[group].sum())))

    def _may(self, group: int) -> bool:
        return bool((self._spare[self.counts[group] > 0] > 0).all())

    def _take(self, group: int) -> None:
        self.taken[group] = True
        self._missing = self._missing - self.counts[group]
        self._spare = self._spare - (self.counts[group] > 0)


def _tally(
    groups: Sequence[str], labels: Int64Array, classes: int
) -> tuple[Int64Array, Int64Array]:
    """For each image the number of its group, and images by group and class."""
    found, members = np.unique(np.asarray(groups), return_inverse=True)
    counts = np.zeros((len(found), classes), np.int64)
    np.add.at(counts, (members, labels), 1)
    return members, counts


def _group(compiled: re.Pattern[str], name: str) -> str:
    match = compiled.search(name.rpartition("/")[2])
    if match is None:
        return ""
    return "_".join(filter(None, match.groups())) if compiled.groups else match.group()


def _first(names: Sequence[str]) -> str:
    more = ", …" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
