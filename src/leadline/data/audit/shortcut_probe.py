"""The shortcut probe: how well size, border and brightness alone separate the classes.

A logistic regression on a few numbers of each image is fitted on train and judged on test. Where
these numbers come from how the images were made, a network can learn them instead of the subject
(Geirhos et al., Nature Machine Intelligence 2020). They can also belong to the classes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from leadline.data.audit.audit_findings import Measured
from leadline.data.audit.image_scan import ImageRecords
from leadline.statistics.delong import auc_interval, macro_auc

LEVEL = 0.6
"""A lower bound of AUC above this is a finding: 0.5 is guessing."""
BORDER_SHARE = 0.1
MIN_IMAGES = 20
"""Fewer to fit on, or to judge by, measure nothing."""

Features = dict[str, NDArray[np.float64]]


def probe_shortcuts(
    records: ImageRecords, groups: tuple[str, ...] | None
) -> tuple[tuple[Measured, ...], tuple[str, ...]]:
    """Measure what each kind of feature reaches alone, and all together.

    The second value names the splits that it was fitted and evaluated on.
    """
    fit_on, judged_by, names = _parts(records)
    if min(len(fit_on), len(judged_by)) < MIN_IMAGES or len(set(records.labels[judged_by])) < 2:
        return (), ()
    kinds = features(records)
    varying = {name: values for name, values in kinds.items() if np.ptp(values, axis=0).any()}
    if len(varying) > 1:
        varying["together"] = np.column_stack(list(varying.values()))
    own = records.names if groups is None else groups
    numbers = np.unique(own, return_inverse=True)[1]
    probe = tuple(
        _measure(name, values, records, fit_on, judged_by, numbers)
        for name, values in varying.items()
    )
    return probe, names


def features(records: ImageRecords) -> Features:
    """For each kind its numbers, float64 (n, k); all alike where they are not known."""
    width, height, size_bytes = records.sizes.T
    grey = records.thumbnails
    px = grey.shape[1]
    margin = max(1, round(BORDER_SHARE * px))
    border = np.ones((px, px), np.bool_)
    border[margin:-margin, margin:-margin] = False
    outer = grey[:, border].astype(np.float64)
    return {
        "image size": np.column_stack([np.log(width), np.log(height), width / height]),
        "file size": np.log1p(size_bytes)[:, None],
        "border pixels": np.column_stack([outer.mean(axis=1), outer.std(axis=1)]),
        "brightness": grey.mean(axis=(1, 2))[:, None],
    }


def _parts(records: ImageRecords) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[str, ...]]:
    """Images to fit on, images to judge by, and the splits that these are."""
    names = records.split_names()
    if len(names) > 1:
        return records.of(names[0]), records.of(names[-1]), (names[0], names[-1])
    # Neighbours in a folder are often one patient's, so whole thirds are held out, class by class.
    rank = np.empty(len(records))
    for label in np.unique(records.labels):
        own = np.flatnonzero(records.labels == label)
        rank[own] = np.arange(len(own)) / len(own)
    held = rank >= 2 / 3
    return np.flatnonzero(~held), np.flatnonzero(held), names


def _measure(
    name: str,
    values: NDArray[np.float64],
    records: ImageRecords,
    fit_on: NDArray[np.int64],
    judged_by: NDArray[np.int64],
    groups: NDArray[np.int64],
) -> Measured:
    spread = values[fit_on].std(axis=0)
    scaled = (values - values[fit_on].mean(axis=0)) / np.where(spread > 0, spread, 1)
    weights = fit_logistic(scaled[fit_on], records.labels[fit_on], len(records.classes))
    auc, variance = macro_auc(
        scores(scaled[judged_by], weights), records.labels[judged_by], groups[judged_by]
    )
    interval = auc_interval(auc, variance)
    return Measured(name, auc, interval, interval[0] > LEVEL)


RIDGE = 1e-3
"""Per image: keeps weights finite where classes are separable; too weak to move an AUC."""
MOST_STEPS = 50
TOLERANCE = 1e-8


def fit_logistic(
    features: NDArray[np.float64], labels: NDArray[np.int64], classes: int
) -> NDArray[np.float64]:
    """Weights (features + 1, classes), the last row the bias: each class against the rest.

    Minimises mean log loss + RIDGE / 2 * |weights|^2, the bias left free.
    """
    inputs = np.column_stack([features, np.ones(len(features))])
    return np.column_stack([_newton(inputs, labels == label) for label in range(classes)])


def scores(features: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log odds (n, classes)."""
    odds: NDArray[np.float64] = features @ weights[:-1] + weights[-1]
    return odds


def _newton(inputs: NDArray[np.float64], positive: NDArray[np.bool_]) -> NDArray[np.float64]:
    weights = np.zeros(inputs.shape[1])
    # A class without images, or without others, has no finite bias but with a trace of a ridge.
    ridge = np.full(len(weights), RIDGE)
    ridge[-1] = 1e-9
    for _ in range(MOST_STEPS):
        chance = 0.5 * (1 + np.tanh(inputs @ weights / 2))
        gradient = inputs.T @ (chance - positive) / len(inputs) + ridge * weights
        curvature = (inputs.T * (chance * (1 - chance))) @ inputs / len(inputs) + np.diag(ridge)
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if np.abs(step).max() < TOLERANCE:
            break
    return weights
