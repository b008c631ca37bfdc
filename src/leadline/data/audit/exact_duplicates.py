"""The same image twice: equal pixels, and perhaps equal files."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from leadline.data.audit.audit_findings import MOST_EXAMPLES, Finding, counted
from leadline.data.audit.image_scan import SPLITS, Records

Cluster = tuple[int, ...]


def identical_images(records: Records) -> tuple[Finding, ...]:
    """One finding for each way in which copies lie: in two classes, across splits, or in one."""
    ways: dict[tuple[bool, tuple[str, ...]], list[Cluster]] = defaultdict(list)
    for cluster in _clusters(records.pixel_sums):
        places = sorted({int(records.splits[index]) for index in cluster})
        classes = {int(records.labels[index]) for index in cluster}
        ways[len(classes) > 1, tuple(SPLITS[place] for place in places)].append(cluster)
    # Wrong labels first, then leaks, then what merely counts twice.
    order = sorted(ways, key=lambda way: (not way[0], -len(way[1]), way[1]))
    return tuple(_finding(records, way, ways[way]) for way in order)


def _clusters(sums: tuple[str, ...]) -> Iterator[Cluster]:
    """Positions of equal sums, where there are two or more."""
    found: dict[str, list[int]] = defaultdict(list)
    for index, value in enumerate(sums):
        found[value].append(index)
    return (tuple(indices) for indices in found.values() if len(indices) > 1)


def _finding(
    records: Records, way: tuple[bool, tuple[str, ...]], clusters: list[Cluster]
) -> Finding:
    two_classes, splits = way
    images = sum(map(len, clusters))
    same_files, same_file_groups = _byte_identical(records, clusters)
    if two_classes:
        what = f"the same image under two classes, in {' and '.join(splits)}"
    elif len(splits) > 1:
        what = f"the same image in {' and '.join(splits)}"
    else:
        what = f"the same image more than once in {splits[0]}, in one class"
    message = f"{what}: {images:,} images in {counted(len(clusters), 'group')}"
    if records.file_sums:
        message += f", {same_files:,} of them byte-identical files"
    details = {
        "groups": len(clusters),
        "same_class": not two_classes,
        "byte_identical": same_files,
        "byte_identical_groups": same_file_groups,
        "examples": [
            [records.names[index] for index in cluster] for cluster in clusters[:MOST_EXAMPLES]
        ],
    }
    return Finding("duplicate", splits, images, f"{message}.", details)


def _byte_identical(records: Records, clusters: list[Cluster]) -> tuple[int, int]:
    """How many files of these have a byte-identical twin, and in how many groups."""
    if not records.file_sums:
        return 0, 0
    counts = Counter(records.file_sums[index] for cluster in clusters for index in cluster)
    groups = [count for count in counts.values() if count > 1]
    return sum(groups), len(groups)
