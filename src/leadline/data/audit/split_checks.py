"""What lies in which split: patients, subtypes, classes, and how many of each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from leadline.data.audit.audit_findings import MOST_EXAMPLES, Finding
from leadline.data.audit.file_name_facts import Identities
from leadline.data.audit.image_scan import Records
from leadline.data.audit.share_tests import same_shares
from leadline.statistics.intervals import wilson_interval

TYPICAL_ACCURACY = 0.94
MAX_WIDTH = 0.10
"""A 95% interval of accuracy wider than this tells no two usable models apart."""
MIN_CLASS_IMAGES = 20
"""With all 20 right, the 95% interval of a recall still begins at 84%."""
MAX_P = 0.01
MIN_SHIFT = 0.05
"""Smaller shifts of the class shares change little, however sure they are in large sets."""


def shared_groups(records: Records, identities: Identities) -> Iterator[Finding]:
    """For each pair of splits, the patients who are in both."""
    if identities.groups is None:
        return
    groups = np.array(identities.groups)
    for first, second in combinations(records.split_names(), 2):
        left, right = groups[records.of(first)], groups[records.of(second)]
        both = np.intersect1d(left, right)
        if not len(both):
            continue
        images = int(np.isin(right, both).sum())
        share = images / len(right)
        yield Finding(
            "shared-group",
            (first, second),
            len(both),
            f"patients in both {first} and {second}: {len(both):,}; {images:,} of {len(right):,} "
            f"{second} images ({100 * share:.1f}%) show one of them.",
            {"images": images, "share": share, "examples": both[:MOST_EXAMPLES].tolist()},
        )


def small_splits(records: Records) -> Iterator[Finding]:
    """Validation and test splits whose accuracy is too unsure to choose by."""
    for split in records.split_names()[1:]:
        n = len(records.of(split))
        right = round(TYPICAL_ACCURACY * n)
        low, high = wilson_interval(right, n)
        if high - low <= MAX_WIDTH:
            continue
        yield Finding(
            "small-split",
            (split,),
            n,
            f"{split} has {n:,} images: {right:,} right of {n:,} would have a 95% interval of "
            f"{100 * low:.0f} to {100 * high:.0f}%, too wide to choose or judge by.",
            {"right": right, "interval": [low, high]},
        )


def missing_subgroups(records: Records, identities: Identities) -> Iterator[Finding]:
    """Subtypes that some split has and another has not."""
    subgroups = np.array(identities.subgroups)
    held = {split: subgroups[records.of(split)] for split in records.split_names()}
    every = sorted(set(identities.subgroups) - {""})
    for split, here in held.items():
        elsewhere = {
            name: {
                other: int((there == name).sum()) for other, there in held.items() if other != split
            }
            for name in every
            if name not in here
        }
        if elsewhere:
            beside = "; ".join(
                f"{name} ({', '.join(f'{n:,} in {other}' for other, n in counts.items() if n)})"
                for name, counts in elsewhere.items()
            )
            yield Finding(
                "missing-subgroup",
                (split,),
                len(elsewhere),
                f"{split} has no image of subtype {beside}.",
                {"subgroups": elsewhere},
            )


def prevalence_shifts(records: Records) -> Iterator[Finding]:
    """Splits whose class shares differ from those of train."""
    counts = records.counts()
    splits = list(counts)
    for split in splits[1:]:
        table = np.array([list(counts[splits[0]].values()), list(counts[split].values())])
        shares = table / table.sum(axis=1, keepdims=True)
        test, p = same_shares(table)
        shift = float(np.abs(shares[0] - shares[1]).sum() / 2)
        if p >= MAX_P / (len(splits) - 1) or shift < MIN_SHIFT:
            continue
        most = int(np.argmax(np.abs(shares[0] - shares[1]))) if len(shares[0]) > 2 else 1
        yield Finding(
            "prevalence-shift",
            (splits[0], split),
            int(table[1].sum()),
            f"{records.classes[most]} is {100 * shares[0, most]:.1f}% of {splits[0]} and "
            f"{100 * shares[1, most]:.1f}% of {split} ({test} test, p = {p:.2g}).",
            {
                "test": test,
                "p_value": p,
                "shares": {
                    name: dict(zip(records.classes, row.tolist(), strict=True))
                    for name, row in zip((splits[0], split), shares, strict=True)
                },
            },
        )


def small_classes(records: Records) -> Iterator[Finding]:
    """Splits with classes of too few images, or none."""
    for split, counts in records.counts().items():
        few = {name: count for name, count in counts.items() if count < MIN_CLASS_IMAGES}
        if few:
            said = ", ".join(f"{name} ({count})" for name, count in few.items())
            yield Finding(
                "small-class",
                (split,),
                len(few),
                f"{split} has classes of fewer than {MIN_CLASS_IMAGES} images: {said}.",
                {"classes": few},
            )
