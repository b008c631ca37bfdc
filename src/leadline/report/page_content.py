"""Content of a page: values that the workflow fills in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from leadline.data.remarks import Remark
from leadline.experiments import Experiment

if TYPE_CHECKING:
    from leadline.analysis.diagnosis.training_findings import Diagnosis
    from leadline.analysis.failed_runs import FailedRun
    from leadline.analysis.label_errors import LabelRecord
    from leadline.analysis.prediction_time import Timing
    from leadline.analysis.significance.comparison import Comparison
    from leadline.analysis.significance.confusion_change import ConfusionChanges
    from leadline.analysis.significance.confusion_claims import ClaimTest
    from leadline.analysis.significance.guessing import Guessing
    from leadline.data.preprocessing import Preprocessing
    from leadline.explain.explanations import Explanations
    from leadline.explain.gallery import Gallery
    from leadline.metrics.classification import Evaluation
    from leadline.metrics.confusion_matrix import ConfusedPair
    from leadline.models.built_model import DeadLayer
    from leadline.models.weight_table import LayerRow
    from leadline.report.sections.audit_view import AuditView
    from leadline.report.sections.binary_view import BinaryContent, MulticlassContent
    from leadline.report.sections.ood_view import ScopeContent
    from leadline.training.history import EpochRow


@dataclass(frozen=True, eq=False)
class ConfusedExample:
    """One image that was taken for another class.

    image: uint8 (height, width, channels). probability: 0 to 1, of the class it was taken for.
    """

    image: NDArray[np.uint8]
    true: str
    predicted: str
    probability: float


@dataclass(frozen=True, eq=False)
class ConfusedExamples:
    """A confused pair, and up to five images for each direction, the most confident first."""

    pair: ConfusedPair
    a_as_b: tuple[ConfusedExample, ...] = ()
    b_as_a: tuple[ConfusedExample, ...] = ()


@dataclass(frozen=True, eq=False)
class RunPage:
    """One experiment, trained with one seed.

    counts: images of "train", "validation" and "test". wall_s: training alone.
    evaluation_validation: None where the run was validated on the test images.
    data: the path that the images were read from, where the experiment itself names another source.
    command: how to do it again; worked out from experiment and data where empty.
    binary: of two classes; multiclass: of more. scope, diagnosis, timing, gallery, labels: None in
    runs of versions that had no such thing. labels: which are likely wrong, by this run alone.
    preprocessing: what was done to the images; None where none of them could be looked at before.
    guessing: the run against guessing; None in runs of versions that did not test it.
    """

    experiment: Experiment
    seed: int
    dataset_name: str
    source: str
    classes: tuple[str, ...]
    counts: dict[str, int]
    validation_is_test: bool
    layers: tuple[LayerRow, ...]
    history: tuple[EpochRow, ...]
    best_epoch: int
    kept_epoch: int
    stopped: str
    wall_s: float
    evaluation_test: Evaluation
    evaluation_validation: Evaluation | None = None
    dead_layers: tuple[DeadLayer, ...] = ()
    confused: tuple[ConfusedExamples, ...] = ()
    warnings: tuple[Remark, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    data: str = ""
    command: str = ""
    binary: BinaryContent | None = None
    multiclass: MulticlassContent | None = None
    explanations: Explanations | None = None
    scope: ScopeContent | None = None
    diagnosis: Diagnosis | None = None
    timing: Timing | None = None
    gallery: Gallery | None = None
    labels: LabelRecord | None = None
    preprocessing: Preprocessing | None = None
    guessing: Guessing | None = None


@dataclass(frozen=True, eq=False)
class StudyPage:
    """Several experiments on the same split, each with one seed or several.

    wall_s: the whole study, from images to the last run. audit: of its images, where made.
    comparison: of every pair, None for a single experiment. timings: of one prediction, by the
    experiments' names, all taken in turn. confusion_changes: from family to family; None
    where nothing is compared. labels: which are likely wrong, by all runs; None where that was
    not looked at. guessing: each experiment over its seeds against guessing, by its name.
    claims: of the lab's report about confusions, tested, where its models are here.
    failed: runs that failed in training, which have no model.
    """

    name: str
    title: str
    description: str
    runs: tuple[RunPage, ...]
    environment: dict[str, str] = field(default_factory=dict)
    quick: bool = False
    wall_s: float = 0.0
    command: str = ""
    audit: AuditView | None = None
    comparison: Comparison | None = None
    timings: Mapping[str, Timing] = field(default_factory=dict)
    confusion_changes: ConfusionChanges | None = None
    labels: LabelRecord | None = None
    guessing: Mapping[str, Guessing] = field(default_factory=dict)
    claims: tuple[ClaimTest, ...] = ()
    failed: tuple[FailedRun, ...] = ()
