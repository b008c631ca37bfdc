"""Metadata and out-of-distribution score that are packaged into the model file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from leadline.analysis.ood.ood_score import (
    IN_SCOPE,
    FalseAlarms,
    OODRecord,
    OODScore,
    false_alarms,
    fit_ood_score,
)
from leadline.data.dataset import Images, Split
from leadline.experiments import Experiment
from leadline.experiments.citations import credit_of
from leadline.experiments.intended_use import limits_of
from leadline.export import Metadata, Predictive
from leadline.export.model_metadata import MOST_CHARACTERS
from leadline.metrics.estimates import BinaryMetrics, MulticlassMetrics
from leadline.report.card_metadata import main_metrics
from leadline.runs import Metrics, OODExamples

ENOUGH_TO_LIMIT = 100
"""Images by which a limit that 1% overstep can be set."""
HELD_OUT = 5
"""One training image in so many sets the limits where validation cannot."""

LONGEST_CARD = MOST_CHARACTERS // 4
"""In characters; the names of the classes, which make cards long, stand in the metadata too."""

SHOWN = 5
"""Test images that are most usual, and as many that are least."""


@dataclass(frozen=True, eq=False)
class OODResult:
    """A run's out-of-distribution detector, and its scores for each part: float32 (n,)."""

    score: OODScore
    scores: dict[str, NDArray[np.float32]]
    record: OODRecord
    examples: OODExamples
    """Examples from the test images."""


def fit_and_score(split: Split) -> OODResult:
    """Fit the score on the training images, and count its false alarms.

    The limits are set by the validation images. Where these are the test images, or fewer than 100
    and than a fifth of train, a fifth of the training images (of the patients, where they are
    known) is held out from the fit and sets them.
    """
    train, validation = split.train.images, split.validation.images
    few = len(validation) < min(ENOUGH_TO_LIMIT, len(train) / HELD_OUT)
    if split.validation_is_test or few:
        held_out = _every_fifth(train)
        fitting, limiting = train.pixels[~held_out], train.pixels[held_out]
        limits_from: Literal["validation", "train"] = "train"
    else:
        fitting, limiting, limits_from = train.pixels, validation.pixels, "validation"
    ood_score = fit_ood_score(fitting, limiting)
    parts = {"test": split.test.images}
    if not split.validation_is_test:
        parts["validation"] = validation
    scores = {name: ood_score.score(images.pixels) for name, images in parts.items()}
    alarms = {name: _alarms(scores[name], images) for name, images in parts.items()}
    record = OODRecord(
        share_in_scope=IN_SCOPE,
        limits_from=limits_from,
        limits_n=len(limiting),
        validation=alarms.get("validation"),
        test=alarms["test"],
    )
    return OODResult(ood_score, scores, record, _examples(split.test.images, scores["test"]))


def _examples(images: Images, scores: NDArray[np.float32]) -> OODExamples:
    """The images of the lowest and of the highest scores."""
    order = np.argsort(scores, kind="stable")
    chosen = np.unique(np.r_[np.arange(len(order))[:SHOWN], np.arange(len(order))[-SHOWN:]])
    shown = order[chosen]
    names = tuple(images.names[index] for index in shown)
    return OODExamples(images.pixels[shown], scores[shown], names)


def _every_fifth(images: Images) -> NDArray[np.bool_]:
    """Every fifth patient's images, in the order of their names; or every fifth image."""
    if images.groups is None or len(set(images.groups)) == 1:  # who cannot be held out from the fit
        order = np.arange(len(images))
    else:
        _, order = np.unique(np.array(images.groups), return_inverse=True)
    held_out: NDArray[np.bool_] = order % HELD_OUT == HELD_OUT - 1
    if not held_out.any():  # of fewer than five, the last
        held_out = order == order.max()
    return held_out


def _alarms(scores: NDArray[np.float32], images: Images) -> FalseAlarms:
    return false_alarms(scores, images.groups)


def describe_model_file(
    experiment: Experiment,
    split: Split,
    metrics: Metrics,
    *,
    dataset: str,
    source: str,
    versions: Mapping[str, str],
    card: str,
) -> Metadata:
    """Return the metadata of the model file.

    dataset: the name of the images' data set. source: where it came from. card: the run's, in
    Markdown; left out where it is so long that the file would not be read.
    """
    form = experiment.data.form
    return Metadata(
        name=experiment.name,
        title=experiment.title,
        classes=split.classes,
        size_px=form.size_px,
        channels=form.channels,
        fit=form.fit,
        data=f"{dataset}, {source}",
        credit=credit_of(dataset),
        limits=limits_of(experiment, dataset),
        prepare=experiment.prepare_as(dataset),
        digest=experiment.digest(),
        seed=metrics.seed,
        counts=_counts(split),
        versions=dict(versions),
        decision=metrics.decided,
        family=experiment.family,
        weights=sum(row.weights for row in metrics.layers),
        test_metrics=main_metrics(metrics),
        predictive=_predictive(metrics.test_detail),
        scope=metrics.ood,
        guessing=metrics.guessing,
        features=experiment.features.model_dump(mode="json"),
        card=card if len(card) <= LONGEST_CARD else "",
    )


def _predictive(test: BinaryMetrics | MulticlassMetrics | None) -> tuple[Predictive, ...]:
    if not isinstance(test, BinaryMetrics):
        return ()
    return tuple(
        Predictive(point=at.point.name, prevalence=one.prevalence, ppv=one.ppv, npv=one.npv)
        for at in test.points
        for one in at.at_prevalence
    )


def _counts(split: Split) -> dict[str, tuple[int, ...]]:
    parts = {"train": split.train, "validation": split.validation, "test": split.test}
    return {
        name: tuple(np.bincount(part.images.labels, minlength=len(split.classes)).tolist())
        for name, part in parts.items()
    }
