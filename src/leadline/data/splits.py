"""A data set to the three parts that models are trained, chosen and judged on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from leadline.data.dataset import Dataset, Images, Int64Array, Part, Split
from leadline.data.groups import draw_groups, groups_per_class
from leadline.errors import DataError
from leadline.experiments import Data


def split_dataset(dataset: Dataset, data: Data, rng: np.random.Generator) -> Split:
    """Train, validation and test parts, as `data` asks; indices are sorted.

    What is carved comes out of train, by class, drawn from `rng`: first the test part, where the
    data have none (data.test_fraction); then the validation part (data.validation_fraction of what
    is left); then data.train_limit images of train are kept, and data.evaluation_limit of each
    other part. Where the images have groups, what is carved is
    whole groups, and the shares are as near as these allow.

    Raises DataError where a class has too few images, or groups, for every part, or a split is not
    there.
    """
    # Test images are the same whatever is drawn for validation and training.
    (of_test,) = rng.spawn(1)
    remaining = np.arange(len(dataset.train), dtype=np.int64)
    carve_test = dataset.test is None
    carve_validation = data.validation == "carve"
    _check_counts(dataset, 1 + carve_test + carve_validation)
    if dataset.test is None:
        drawn = _draw(dataset, remaining, data.test_fraction, int(carve_validation) + 1, rng)
        test = _part(dataset.train, "train", drawn)
        remaining = np.setdiff1d(remaining, drawn)
    else:
        test = _whole(dataset.test, "test")
    if carve_validation:
        drawn = _draw(dataset, remaining, data.validation_fraction, 1, rng)
        validation = _part(dataset.train, "train", drawn)
        remaining = np.setdiff1d(remaining, drawn)
    else:
        validation = test if data.validation == "test" else _given(dataset)
    if data.train_limit is not None and data.train_limit < len(remaining):
        remaining = _limit(dataset, remaining, data.train_limit, rng)
    if data.evaluation_limit is not None:
        classes, limit, shared = len(dataset.classes), data.evaluation_limit, validation is test
        test = _limited(test, limit, classes, of_test)
        validation = test if shared else _limited(validation, limit, classes, rng)
    return Split(
        classes=dataset.classes,
        train=_part(dataset.train, "train", remaining),
        validation=validation,
        test=test,
        validation_is_test=data.validation == "test",
    )


def absent_classes(images: Images, classes: Sequence[str]) -> tuple[str, ...]:
    """Classes that no image belongs to, in their order."""
    counts = np.bincount(images.labels, minlength=len(classes))
    return tuple(name for name, count in zip(classes, counts, strict=True) if not count)


def part_digest(part: Part) -> str:
    """SHA-256 (64 hex digits) of the part's pixel bytes, then of its labels as int64, low first."""
    digest = hashlib.sha256(np.ascontiguousarray(part.images.pixels).data)
    digest.update(part.images.labels.astype("<i8").tobytes())
    return digest.hexdigest()


def allot(counts: Int64Array, total: int, leave: int = 0) -> Int64Array:
    """Number to draw of each class, in proportion and `total` together.

    Largest remainders get what rounding down leaves over (ties: the earlier class). Each class
    gives at least 1 and keeps at least `leave`; where these bounds bind, `total` may be missed.
    counts: int64 (classes,), each above `leave`.
    """
    quotas = counts * (total / counts.sum())
    most = counts - leave
    shares: Int64Array = np.clip(np.floor(quotas).astype(np.int64), 1, most)
    while shares.sum() != total:
        step = 1 if shares.sum() < total else -1
        open_to_change = (shares < most) if step == 1 else (shares > 1)
        if not open_to_change.any():
            break
        want = np.where(open_to_change, step * (quotas - shares), -np.inf)
        shares[int(np.argmax(want))] += step
    return shares


def _draw(
    dataset: Dataset, pool: Int64Array, fraction: float, leave: int, rng: np.random.Generator
) -> Int64Array:
    """Sorted positions of that fraction of the pool, by class."""
    total = round(fraction * len(pool))
    if dataset.train.groups is not None:
        return _draw_whole_groups(dataset, pool, total, leave, rng)
    return _draw_total(dataset, pool, total, leave, rng)


def _draw_whole_groups(
    dataset: Dataset, pool: Int64Array, total: int, leave: int, rng: np.random.Generator
) -> Int64Array:
    every = dataset.train.groups or ()
    labels = dataset.train.labels[pool]
    shares = allot(np.bincount(labels, minlength=len(dataset.classes)), total, leave)
    groups = [every[index] for index in pool]
    try:
        return pool[draw_groups(groups, labels, shares, leave, rng)]
    except ValueError as error:
        name = dataset.classes[error.args[0]]
        raise DataError(
            f"class {name!r} cannot be in every part without dividing a group that has several "
            "classes; add images of other groups, or give the data their own splits."
        ) from None


def _draw_total(
    dataset: Dataset, pool: Int64Array, total: int, leave: int, rng: np.random.Generator
) -> Int64Array:
    labels = dataset.train.labels[pool]
    shares = allot(np.bincount(labels, minlength=len(dataset.classes)), total, leave)
    drawn = [
        rng.choice(pool[labels == label], size=share, replace=False)
        for label, share in enumerate(shares)
    ]
    return np.sort(np.concatenate(drawn))


def _limit(dataset: Dataset, pool: Int64Array, limit: int, rng: np.random.Generator) -> Int64Array:
    if limit < len(dataset.classes):
        raise DataError(
            f"data.train_limit = {limit} is less than one image for each of "
            f"{len(dataset.classes)} classes; set it to {len(dataset.classes)} or more."
        )
    return _draw_total(dataset, pool, limit, 0, rng)


def _limited(part: Part, limit: int, classes: int, rng: np.random.Generator) -> Part:
    """At most so many images of a part, by class; at least one of each class that it has."""
    labels = part.images.labels
    if limit >= len(labels):
        return part
    counts = np.bincount(labels, minlength=classes)
    there = np.flatnonzero(counts)
    shares = allot(counts[there], max(limit, len(there)))
    drawn = [
        rng.choice(np.flatnonzero(labels == label), size=share, replace=False)
        for label, share in zip(there, shares, strict=True)
    ]
    kept = np.sort(np.concatenate(drawn))
    return Part(part.images.take(kept), part.origin, part.indices[kept])


def _check_counts(dataset: Dataset, parts: int) -> None:
    """Every class needs an image, and a group of its own, in each part that comes out of train."""
    train, classes = dataset.train, len(dataset.classes)
    if train.groups is None:
        counts, what = np.bincount(train.labels, minlength=classes), "training images"
    else:
        counts = groups_per_class(train.groups, train.labels, classes)
        what = "groups of training images"
    smallest = int(np.argmin(counts))
    if counts[smallest] < parts:
        raise DataError(
            f"class {dataset.classes[smallest]!r} has {counts[smallest]} {what}, too few "
            f"to be in each of {parts} parts; add images, or give the data their own test and "
            'validation splits (data.validation = "given").'
        )


def _given(dataset: Dataset) -> Part:
    if dataset.validation is None:
        raise DataError(
            f'data.validation = "given", but {dataset.name} has no validation split; set it to '
            '"carve" to take one out of the training images (--set data.validation=carve).'
        )
    return _whole(dataset.validation, "validation")


def _whole(images: Images, origin: str) -> Part:
    return Part(images, origin, np.arange(len(images), dtype=np.int64))


def _part(images: Images, origin: str, indices: NDArray[np.int64]) -> Part:
    taken = images if len(indices) == len(images) else images.take(indices)
    return Part(taken, origin, indices)
