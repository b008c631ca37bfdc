"""One run as plain values: everything that its page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadline.evaluation.attraction import Attraction
from leadline.evaluation.calibration import Bin
from leadline.evaluation.estimates import Decided, Detection, ManyClass
from leadline.evaluation.false_alarms import ScopeRecord
from leadline.evaluation.findings import Diagnosis
from leadline.evaluation.metrics import ClassScores, ConfusedPair, Evaluation
from leadline.evaluation.timing import Timing
from leadline.explain.sanity import CascadeStep
from leadline.models.built import DeadLayer
from leadline.models.weights import LayerRow
from leadline.report.detection_view import DetectionView
from leadline.report.explanation_view import ExplanationView
from leadline.report.record.of_sections import Labels, Pictures, labels_record, pictures_record
from leadline.report.run_view import RunView
from leadline.spec.limits import limits_of
from leadline.statistics.intervals import Interval
from leadline.training.history import EpochRow

Setting = bool | int | float | str | tuple[str, ...] | None
"""The value of an argument; null where it is off."""


@dataclass(frozen=True)
class Settings:
    """An experiment: what it is called, for whom it stands, and every setting in force.

    settings: as `experiment.toml` has them, defaults written out.
    """

    name: str
    title: str
    description: str
    family: str
    limits: str
    settings: dict[str, Any]


@dataclass(frozen=True)
class Images:
    """The images of a run. counts: of "train", "validation" and "test".

    source: where they came from, in words. few_validated: whether the validation images are too
    few to choose anything by. warnings: what is to be known of the data.
    """

    dataset: str
    source: str
    classes: tuple[str, ...]
    size_px: tuple[int, int]
    channels: int
    counts: dict[str, int]
    validation_is_test: bool
    few_validated: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Topology:
    """The layers with the sum behind the weights of each, and the sums of the columns.

    multiply_adds: of one image. dead_layers: defined, but reaching nothing.
    """

    layers: tuple[LayerRow, ...]
    dead_layers: tuple[DeadLayer, ...]
    weights: int
    trainable: int
    multiply_adds: int
    memory_bytes: int


@dataclass(frozen=True)
class Rule:
    """An optimizer or a loss: its equations as text, and every argument in force."""

    name: str
    equations: tuple[str, ...]
    arguments: dict[str, Setting]


@dataclass(frozen=True)
class Training:
    """How it was trained. wall_s: training alone. best_epoch: by the monitored value."""

    optimizer: Rule
    loss: Rule
    stopped: str
    best_epoch: int
    kept_epoch: int
    wall_s: float
    history: tuple[EpochRow, ...]


@dataclass(frozen=True)
class Judged:
    """How the model did on n images of one part.

    loss: mean cross-entropy in nats. accuracy: 0 to 1. Intervals are of 95%; Wilson's where they
    are of shares. confusion: rows are true classes, columns what they were taken for.
    """

    n: int
    loss: float
    loss_interval: Interval | None
    accuracy: float
    accuracy_interval: Interval
    confusion: tuple[tuple[int, ...], ...]
    per_class: tuple[ClassScores, ...]
    confused_pairs: tuple[ConfusedPair, ...]


@dataclass(frozen=True)
class Difference:
    """What somebody else reported, and ours less theirs; null where they did not."""

    source: str
    test_accuracy: float | None
    test_loss: float | None
    accuracy_difference: float | None
    loss_difference: float | None


@dataclass(frozen=True)
class CurvePoints:
    """Points of the curves of two classes on the test images, as the page's tables have them.

    roc: 1 - specificity, sensitivity, threshold (null at the start). precision_recall: recall,
    precision, threshold. decision: threshold, net benefit of the model, of treating all, of none.
    """

    roc: tuple[tuple[float, ...], ...]
    precision_recall: tuple[tuple[float, ...], ...]
    reliability: tuple[Bin, ...]
    decision: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class TwoClasses:
    """A model of two classes, judged at its frozen thresholds.

    validation: null where that is the test images. curves: null where these lack a class.
    """

    test: Detection
    validation: Detection | None
    curves: CurvePoints | None


@dataclass(frozen=True)
class Looked:
    """An image whose map the page shows. border: share of the map in the border tenth."""

    index: int
    kind: str
    true: str
    decided: str
    probability: float
    border: float | None


@dataclass(frozen=True)
class Looking:
    """Where a convolutional network looks, and whether its maps fall apart at random weights.

    border: the mean share of a map in the border tenth over a sample of test images; an even map
    has `even`. similarity: rank correlation with the maps of random weights, its sign left out.
    """

    method: str
    layer: str
    border: float | None
    border_interval: Interval | None
    border_images: int
    even: float
    similarity: float | None
    similarity_interval: Interval | None
    chance: float | None
    falls_apart: bool
    cascade: tuple[CascadeStep, ...]
    images: tuple[Looked, ...]


@dataclass(frozen=True)
class RunRecord:
    """One experiment, trained with one seed: everything that its page shows.

    many_class, two_classes: one of them is there in runs of a version that decides; beyond_chance
    is null for two classes. timing: of one prediction. What a run of an older version does not
    have is null.
    """

    experiment: Settings
    seed: int
    command: str
    images: Images
    topology: Topology
    training: Training
    diagnosis: Diagnosis | None
    test: Judged
    validation: Judged | None
    reference: Difference | None
    beyond_chance: tuple[Attraction, ...] | None
    decision: Decided | None
    two_classes: TwoClasses | None
    many_class: ManyClass | None
    looking: Looking | None
    scope: ScopeRecord | None
    pictures: Pictures | None
    labels: Labels | None
    timing: Timing | None
    environment: dict[str, str]


def run_record(run: RunView) -> RunRecord:
    """What the page of a run shows."""
    page = run.page
    decides = page.many or (run.detection.content if run.detection else None)
    checked = page.evaluation_validation
    return RunRecord(
        experiment=_settings(run),
        seed=page.seed,
        command=run.command,
        images=_images(run),
        topology=Topology(layers=page.layers, dead_layers=page.dead_layers, **vars(run.totals)),
        training=_training(run),
        diagnosis=page.diagnosis,
        test=_judged(page.evaluation_test),
        validation=None if checked is None else _judged(checked),
        reference=_difference(run),
        beyond_chance=run.attractions,
        decision=None if decides is None else decides.decided,
        two_classes=None if run.detection is None else _two_classes(run.detection),
        many_class=None if page.many is None else page.many.test,
        looking=None if run.explanation is None else _looking(run.explanation),
        scope=None if page.scope is None else page.scope.record,
        pictures=None if run.gallery is None else pictures_record(run.gallery),
        labels=None if run.labels is None else labels_record(run.labels),
        timing=page.timing,
        environment=dict(page.environment),
    )


def _settings(run: RunView) -> Settings:
    experiment = run.experiment
    told = {"name", "title", "description", "limits", "reference"}
    return Settings(
        name=experiment.name,
        title=experiment.title,
        description=experiment.description,
        family=experiment.family,
        limits=limits_of(experiment, run.page.dataset_name),
        settings=experiment.model_dump(mode="json", exclude=told),
    )


def _images(run: RunView) -> Images:
    page, data = run.page, run.experiment.data
    return Images(
        dataset=page.dataset_name,
        source=page.source,
        classes=page.classes,
        size_px=data.size_px,
        channels=data.channels,
        counts=dict(page.counts),
        validation_is_test=page.validation_is_test,
        few_validated=run.few_validated,
        warnings=page.warnings,
    )


def _training(run: RunView) -> Training:
    page, training = run.page, run.experiment.training
    arguments = training.optimizer.model_dump(mode="json", exclude={"name"})
    loss = {key: getattr(training, key) for key in ("label_smoothing", "class_weights")}
    return Training(
        optimizer=Rule(run.optimizer.name, run.optimizer.text, arguments),
        loss=Rule(run.loss.name, run.loss.text, loss),
        stopped=page.stopped,
        best_epoch=page.best_epoch,
        kept_epoch=page.kept_epoch,
        wall_s=page.wall_s,
        history=page.history,
    )


def _judged(found: Evaluation) -> Judged:
    return Judged(
        n=found.n,
        loss=found.loss,
        loss_interval=found.loss_interval,
        accuracy=found.accuracy,
        accuracy_interval=found.accuracy_interval,
        confusion=tuple(tuple(int(count) for count in row) for row in found.confusion),
        per_class=found.per_class,
        confused_pairs=found.confused_pairs,
    )


def _difference(run: RunView) -> Difference | None:
    reference, test = run.experiment.reference, run.page.evaluation_test
    if reference is None:
        return None
    accuracy, loss = reference.test_accuracy, reference.test_loss
    return Difference(
        source=reference.source,
        test_accuracy=accuracy,
        test_loss=loss,
        accuracy_difference=None if accuracy is None else test.accuracy - accuracy,
        loss_difference=None if loss is None else test.loss - loss,
    )


def _two_classes(found: DetectionView) -> TwoClasses:
    curves = found.content.curves
    points = None
    if curves is not None:
        points = CurvePoints(
            roc=_rows(found.roc_rows),
            precision_recall=_rows(found.precision_recall_rows),
            reliability=curves.reliability,
            decision=_rows(found.decision_rows),
        )
    return TwoClasses(found.test, found.content.validation, points)


def _rows(table: NDArray[Any]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in row) for row in table)


def _looking(seen: ExplanationView) -> Looking:
    found, check = seen.found, seen.found.randomisation
    return Looking(
        method=found.method,
        layer=found.layer,
        border=seen.border,
        border_interval=seen.border_interval,
        border_images=len(seen.borders),
        even=seen.even,
        similarity=_known(check.mean),
        similarity_interval=check.interval,
        chance=_known(check.chance),
        falls_apart=check.falls_apart,
        cascade=check.cascade,
        images=tuple(
            Looked(
                index=int(found.indices[row]),
                kind=kind,
                true=seen.classes[found.true[row]],
                decided=seen.classes[found.decided[row]],
                probability=float(found.probability[row]),
                border=_known(found.border[row]),
            )
            for row, kind in enumerate(found.kinds)
        ),
    )


def _known(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else float(value)
