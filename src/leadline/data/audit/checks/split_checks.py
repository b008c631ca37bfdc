"""Checks of splits: patients, subtypes and classes, and how many of each lie in which split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np

from leadline.data.audit.audit_findings import (
    MOST_EXAMPLES,
    Check,
    Examples,
    Finding,
    IntervalBar,
    Searched,
    Severity,
    ShareTable,
)
from leadline.data.audit.share_tests import same_shares
from leadline.data.remarks import split_name
from leadline.statistics.intervals import wilson_interval
from leadline.system.messages import Message, counted, message

TYPICAL_ACCURACY = 0.94
MAX_WIDTH = 0.10
"""A 95% interval of accuracy wider than this tells no two usable models apart."""
MIN_CLASS_IMAGES = 20
"""With all 20 right, the 95% interval of a recall still begins at 84%."""
MAX_P = 0.01
MIN_SHIFT = 0.05
"""Smaller shifts of the class shares change little, however sure they are in large sets."""


class SharedGroup(Check):
    """Patients whose images are in two splits; counted in patients."""

    code = "shared-group"
    title = message("Patients in two splits")
    advice = message(
        "Move every image of a patient to one split, or let leadline carve the splits with "
        "data.group_pattern; figures on the split as it is are too good."
    )

    def search(self, searched: Searched) -> Iterator[Finding]:
        records, identities = searched.records, searched.identities
        if identities.groups is None:
            return
        groups = np.array(identities.groups)
        for first, second in combinations(records.split_names(), 2):
            left, right = groups[records.of(first)], groups[records.of(second)]
            both = np.intersect1d(left, right)
            if not len(both):
                continue
            images = int(np.isin(right, both).sum())
            details = {
                "images": images,
                "share": images / len(right),
                "examples": both[:MOST_EXAMPLES].tolist(),
            }
            yield Finding(self.code, (first, second), len(both), details)

    def message(self, finding: Finding) -> Message:
        images, share = finding.details["images"], finding.details["share"]
        first, second = map(split_name, finding.splits)
        return message(
            "patients in both {first} and {second}: {n:,}; {images:,} of {all:,} {second} images "
            "({share:.1%}) show one of them.",
            first=first, second=second, n=finding.count, images=images, all=round(images / share),
            share=share,
        )  # fmt: skip

    def figure(self, finding: Finding) -> Message:
        return counted("{n:,} patient", "{n:,} patients", finding.count, n=finding.count)

    def severity(self, finding: Finding) -> Severity:
        del finding
        return "serious"

    def exhibit(self, finding: Finding) -> Examples:
        return Examples(tuple(finding.details["examples"]))


class SmallSplit(Check):
    """Validation and test splits whose accuracy is too uncertain; counted in images."""

    code = "small-split"
    title = message("Too few images to choose or judge by")
    advice = message(
        'Carve validation out of train (data.validation = "carve"), and choose nothing by this '
        "split."
    )

    def search(self, searched: Searched) -> Iterator[Finding]:
        records = searched.records
        for split in records.split_names()[1:]:
            n = len(records.of(split))
            right = round(TYPICAL_ACCURACY * n)
            low, high = wilson_interval(right, n)
            if high - low > MAX_WIDTH:
                yield Finding(self.code, (split,), n, {"right": right, "interval": [low, high]})

    def message(self, finding: Finding) -> Message:
        low, high = finding.details["interval"]
        return message(
            "{split} has {n:,} images: {right:,} right of {n:,} would have a 95% interval of "
            "{low:.0f} to {high:.0%}, too wide to choose or judge by.",
            split=split_name(finding.splits[0]), n=finding.count, right=finding.details["right"],
            low=100 * low, high=high,
        )  # fmt: skip

    def figure(self, finding: Finding) -> Message:
        return counted("{n:,} image", "{n:,} images", finding.count, n=finding.count)

    def exhibit(self, finding: Finding) -> IntervalBar:
        low, high = finding.details["interval"]
        share = finding.details["right"] / finding.count if finding.count else 0.0
        return IntervalBar(low, high, share)


class SmallClass(Check):
    """Splits with classes of too few images, or none; counted in classes."""

    code = "small-class"
    title = message("Classes of too few images")
    advice = message("Recall on so few images is a guess: add images, or carve larger splits.")

    def search(self, searched: Searched) -> Iterator[Finding]:
        for split, counts in searched.records.counts().items():
            few = {name: count for name, count in counts.items() if count < MIN_CLASS_IMAGES}
            if few:
                yield Finding(self.code, (split,), len(few), {"classes": few})

    def message(self, finding: Finding) -> Message:
        classes = finding.details["classes"].items()
        return message(
            "{split} has classes of fewer than {least} images: {classes}.",
            split=split_name(finding.splits[0]), least=MIN_CLASS_IMAGES,
            classes=[Message("{name} ({n:,})", {"name": name, "n": n}) for name, n in classes],
        )  # fmt: skip

    def figure(self, finding: Finding) -> Message:
        return counted("{n:,} class", "{n:,} classes", finding.count, n=finding.count)


class MissingSubgroup(Check):
    """Subtypes that some split has and another has not; counted in subtypes."""

    code = "missing-subgroup"
    title = message("Subtypes missing from a split")
    advice = message(
        "What is chosen or judged on this split says nothing of these subgroups; carve it again, "
        "stratified."
    )

    def search(self, searched: Searched) -> Iterator[Finding]:
        records, identities = searched.records, searched.identities
        subgroups = np.array(identities.subgroups)
        held = {split: subgroups[records.of(split)] for split in records.split_names()}
        every = sorted(set(identities.subgroups) - {""})
        for split, here in held.items():
            elsewhere = {
                name: {
                    other: int((there == name).sum())
                    for other, there in held.items()
                    if other != split
                }
                for name in every
                if name not in here
            }
            if elsewhere:
                yield Finding(self.code, (split,), len(elsewhere), {"subgroups": elsewhere})

    def message(self, finding: Finding) -> Message:
        missing = [
            Message("{name} ({counts})", {"name": name, "counts": _counts(counts)})
            for name, counts in finding.details["subgroups"].items()
        ]
        return message(
            "{split} has no image of subtype {missing:;}.",
            split=split_name(finding.splits[0]), missing=missing,
        )  # fmt: skip

    def figure(self, finding: Finding) -> Message:
        return counted("{n:,} subtype", "{n:,} subtypes", finding.count, n=finding.count)


def _counts(counts: Mapping[str, int]) -> list[Message]:
    return [
        message("{n:,} in {split}", n=n, split=split_name(split))
        for split, n in counts.items()
        if n
    ]


class PrevalenceShift(Check):
    """Splits whose class shares differ from those of train; counted in images."""

    code = "prevalence-shift"
    title = message("Class shares that differ between splits")
    advice = message(
        "Choose thresholds at the prevalence where they will be used, and do not read accuracies "
        "of the two splits side by side."
    )

    def search(self, searched: Searched) -> Iterator[Finding]:
        counts = searched.records.counts()
        splits = list(counts)
        for split in splits[1:]:
            table = np.array([list(counts[splits[0]].values()), list(counts[split].values())])
            shares = table / table.sum(axis=1, keepdims=True)
            test, p = same_shares(table)
            shift = float(np.abs(shares[0] - shares[1]).sum() / 2)
            if p >= MAX_P / (len(splits) - 1) or shift < MIN_SHIFT:
                continue
            by_split = {
                name: dict(zip(searched.records.classes, row.tolist(), strict=True))
                for name, row in zip((splits[0], split), shares, strict=True)
            }
            details = {"test": test, "p_value": p, "shares": by_split}
            yield Finding(self.code, (splits[0], split), int(table[1].sum()), details)

    def message(self, finding: Finding) -> Message:
        first, second = finding.details["shares"].values()
        name = _most_shifted(first, second)
        one, other = map(split_name, finding.splits)
        return message(
            "class {name} is {share:.1%} of {first} and {other:.1%} of {second} ({test} test, p = "
            "{p:.2g}).",
            name=name, share=first[name], other=second[name], first=one, second=other,
            test=TESTS[finding.details["test"]], p=finding.details["p_value"],
        )  # fmt: skip

    def figure(self, finding: Finding) -> Message:
        first, second = finding.details["shares"].values()
        name = _most_shifted(first, second)
        return message("{low:.1%} to {high:.1%}", low=first[name], high=second[name])

    def exhibit(self, finding: Finding) -> ShareTable:
        return ShareTable(finding.details["shares"])


TESTS = {"chi-square": message("chi-square"), "Fisher's exact": message("Fisher's exact")}
"""Tests of `same_shares`, in words."""


def _most_shifted(first: Mapping[str, float], second: Mapping[str, float]) -> str:
    """The second of two classes, or the one of several whose share differs most."""
    classes = list(first)
    if len(classes) == 2:
        return classes[1]
    return max(classes, key=lambda name: abs(first[name] - second[name]))
