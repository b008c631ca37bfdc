"""Checks for images that occur twice: with equal pixels, or with nearly the same detail."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from leadline.data.audit.audit_findings import (
    MOST_EXAMPLES,
    Check,
    Finding,
    Searched,
    Severity,
)
from leadline.data.audit.image_scan import SPLITS, ImageRecords
from leadline.data.audit.near_duplicates import find_near_duplicates
from leadline.data.remarks import split_name
from leadline.system.messages import Message, counted, message

PICTURED_GROUPS, PICTURED_COPIES = 4, 4
"""The number of examples that are kept as pictures, and of copies of each."""

Cluster = tuple[int, ...]


class Duplicate(Check):
    """Images whose decoded pixels are equal; counted in images.

    One finding for each way in which copies lie: in two classes, across splits, or in one.
    """

    code = "duplicate"
    title = message("The same image twice")
    advice = message(
        "Keep one copy. An image in two splits is judged after it was learnt; one in two classes "
        "has a wrong label."
    )

    def search(self, searched: Searched) -> Iterator[Finding]:
        records = searched.records
        ways: dict[tuple[bool, tuple[str, ...]], list[Cluster]] = defaultdict(list)
        for cluster in _clusters(records.pixel_sums):
            places = sorted({int(records.splits[index]) for index in cluster})
            classes = {int(records.labels[index]) for index in cluster}
            ways[len(classes) > 1, tuple(SPLITS[place] for place in places)].append(cluster)
        # Wrong labels first, then leaks, then what merely counts twice.
        for two_classes, splits in sorted(ways, key=lambda way: (not way[0], -len(way[1]), way[1])):
            clusters = ways[two_classes, splits]
            same_files, same_file_groups = _byte_identical(records, clusters)
            details = {
                "groups": len(clusters),
                "same_class": not two_classes,
                "from_files": bool(records.file_sums),
                "byte_identical": same_files,
                "byte_identical_groups": same_file_groups,
                "examples": [
                    [records.names[index] for index in cluster]
                    for cluster in clusters[:MOST_EXAMPLES]
                ],
            }
            yield Finding(self.code, splits, sum(map(len, clusters)), details)

    def message(self, finding: Finding) -> Message:
        details, splits = finding.details, [*map(split_name, finding.splits)]
        copies = _copies(finding)
        if not details["same_class"]:
            template = message("the same image under two classes, in {splits:and}: {copies}.")
        elif len(splits) > 1:
            template = message("the same image in {splits:and}: {copies}.")
        else:
            template = message(
                "the same image more than once in {splits:and}, in one class: {copies}."
            )
        return template.filled(splits=splits, copies=copies)

    def figure(self, finding: Finding) -> Message:
        return counted("{n:,} image", "{n:,} images", finding.count, n=finding.count)

    def severity(self, finding: Finding) -> Severity:
        leaks = len(finding.splits) > 1 or not finding.details["same_class"]
        return "serious" if leaks else "minor"

    def pictures(self, finding: Finding) -> tuple[tuple[str, ...], ...]:
        return _pictured(finding.details["examples"])


def _copies(finding: Finding) -> Message:
    details, groups = finding.details, finding.details["groups"]
    if not details["from_files"]:
        return counted(
            "{n:,} images in {groups:,} group", "{n:,} images in {groups:,} groups", groups,
            n=finding.count, groups=groups,
        )  # fmt: skip
    return counted(
        "{n:,} images in {groups:,} group, {same:,} of them byte-identical files",
        "{n:,} images in {groups:,} groups, {same:,} of them byte-identical files",
        groups, n=finding.count, groups=groups, same=details["byte_identical"],
    )  # fmt: skip


def _pictured(groups: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(group[:PICTURED_COPIES]) for group in groups[:PICTURED_GROUPS])


def _clusters(sums: tuple[str, ...]) -> Iterator[Cluster]:
    """Positions of equal sums, where there are two or more."""
    positions: dict[str, list[int]] = defaultdict(list)
    for index, value in enumerate(sums):
        positions[value].append(index)
    return (tuple(indices) for indices in positions.values() if len(indices) > 1)


def _byte_identical(records: ImageRecords, clusters: list[Cluster]) -> tuple[int, int]:
    """Number of these files with a byte-identical twin, and number of groups of such files."""
    if not records.file_sums:
        return 0, 0
    counts = Counter(records.file_sums[index] for cluster in clusters for index in cluster)
    groups = [count for count in counts.values() if count > 1]
    return sum(groups), len(groups)


class NearDuplicate(Check):
    """Pairs of images with nearly the same detail, by pair of splits; counted in pairs."""

    code = "near-duplicate"
    title = message("Nearly the same image twice")
    advice = message(
        "Look at the pairs. Copies that were saved again, resized, shifted or changed in "
        "brightness belong in one split."
    )

    def search(self, searched: Searched) -> Iterator[Finding]:
        records = searched.records
        pairs, correlations = find_near_duplicates(records, searched.on_progress)
        ways: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for row in np.argsort(-correlations, kind="stable"):
            places = records.splits[pairs[row]]
            ways[tuple(sorted({int(place) for place in places}))].append(int(row))
        for way in sorted(ways, key=lambda way: (-len(way), way)):
            examples = [
                {
                    "images": [records.names[index] for index in pairs[row]],
                    "correlation": round(float(correlations[row]), 4),
                }
                for row in ways[way][:MOST_EXAMPLES]
            ]
            splits = tuple(SPLITS[place] for place in way)
            yield Finding(self.code, splits, len(ways[way]), {"examples": examples})

    def message(self, finding: Finding) -> Message:
        n, splits = finding.count, [*map(split_name, finding.splits)]
        if len(splits) > 1:
            return counted(
                "nearly the same image between {first} and {second}: {n:,} pair.",
                "nearly the same image between {first} and {second}: {n:,} pairs.",
                n, first=splits[0], second=splits[1], n=n,
            )  # fmt: skip
        return counted(
            "nearly the same image in {split}: {n:,} pair.",
            "nearly the same image in {split}: {n:,} pairs.",
            n, split=splits[0], n=n,
        )  # fmt: skip

    def figure(self, finding: Finding) -> Message:
        return counted("{n:,} pair", "{n:,} pairs", finding.count, n=finding.count)

    def severity(self, finding: Finding) -> Severity:
        return "serious" if len(finding.splits) > 1 else "minor"

    def pictures(self, finding: Finding) -> tuple[tuple[str, ...], ...]:
        return _pictured([example["images"] for example in finding.details["examples"]])
