"""Schemas of the API's responses. Pictures are base64-encoded files."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from leadline.analysis.significance.guessing import Verdict
from leadline.experiments.image_form import FitMode
from leadline.export.model_metadata import TestMetric
from leadline.metrics.estimates import OperatingPoint

StudyState = Literal["finished", "running", "interrupted", "damaged"]
RunState = Literal["finished", "running", "interrupted", "waiting", "damaged", "failed"]


class Value(BaseModel):
    """A frozen part of an answer."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)


class ModelResponse(Value):
    """A model that is served. size_px: (height, width). fit: how an image of another aspect ratio
    is made to fit: "pad", "crop" or "stretch". digits: it knows the ten of MNIST."""

    name: str
    title: str
    family: str
    classes: tuple[str, ...]
    size_px: tuple[int, int]
    channels: int
    fit: FitMode
    weights: int | None
    digits: bool
    usual: bool
    positive: str | None
    point: str | None
    points: tuple[OperatingPoint, ...]
    test_metrics: tuple[TestMetric, ...]
    share_in_scope: float | None
    trained_on: int | None
    tested_on: int | None
    data: str
    credit: str
    limits: str


class ModelsResponse(Value):
    """All models, in the order in which they were given."""

    models: tuple[ModelResponse, ...]


class Decision(Value):
    """Decision at one operating point."""

    point: str
    threshold: float
    decision: str


class ModelAnswer(Value):
    """Prediction of one model for one image.

    decision: the class decided for, at the point and threshold that are named; the likeliest where
    these are null. in_scope: false where the image is unlike those that the model was trained on,
    and the rest means nothing; null where it has no such score. latency_ms: of the network, for the
    whole batch that the image was in. prepared: digit where it was made as MNIST's are.
    """

    model: str
    class_: str = Field(alias="class")
    probability: float
    runner_up: str
    runner_up_probability: float
    probabilities: dict[str, float]
    decision: str
    point: str | None
    threshold: float | None
    positive: str | None
    decisions: tuple[Decision, ...]
    in_scope: bool | None
    ood_score: float | None
    prepared: Literal["digit", "none"]
    latency_ms: float
    batch: int
    weights: int | None
    limits: str


class ImageAnswer(Value):
    """One image with the predictions of all models.

    seen_png: of a digit, the 28 × 28 px that the networks see; null for other images. picture_jpeg:
    the image as it was read, where it was asked for.
    """

    image: str
    width_px: int
    height_px: int
    seen_png: str | None
    picture_jpeg: str | None
    models: tuple[ModelAnswer, ...]


class PredictResponse(Value):
    """An answer for each image, in the order in which they were sent."""

    answers: tuple[ImageAnswer, ...]


class Strokes(Value):
    """Strengths of edges, 0 to 1, by row, column and direction; cell_px: the side of a cell;
    degrees: how strokes of each direction run, clockwise from the right."""

    cell_px: int
    degrees: tuple[float, ...]
    values: tuple[tuple[tuple[float, ...], ...], ...]


class Explanation(Value):
    """Where one model looks. heat_png: with transparency, of the size of its input; what speaks
    for the class that is explained. border_share: of the map in its border tenth; null where
    nothing speaks for the class."""

    model: str
    class_: str = Field(alias="class")
    probability: float
    runner_up: str
    runner_up_probability: float
    method: str
    heat_png: str
    seen_png: str
    border_share: float | None
    wall_ms: float


class ExplainResponse(Value):
    """An explanation by each model. strokes: of a digit."""

    image: str
    strokes: Strokes | None
    explanations: tuple[Explanation, ...]


class Health(Value):
    """Result of the health check."""

    status: Literal["ok"]
    version: str
    models: int


class RunResponse(Value):
    """A run: finished, in progress, interrupted, damaged, failed, or waiting for its turn.

    epoch: how many are done of at most `epochs`, or in which it failed; null where nothing tells.
    step: what a run in progress does now. validation_accuracy: after its last epoch. test_interval:
    low and high end of the 95% interval of test_accuracy. guessing: whether the run is shown to be
    better than guessing; null where that was not tested, and of quick trials. report: where its
    page is; null without. code: why it cannot be read, of a damaged one; why it failed, of a failed
    one.
    """

    path: str
    experiment: str
    seed: int | None
    state: RunState
    step: Literal["training", "judging"] | None = None
    epoch: int | None = None
    epochs: int | None = None
    validation_accuracy: float | None = None
    test_accuracy: float | None = None
    test_interval: tuple[float, float] | None = None
    guessing: Verdict | None = None
    report: str | None = None
    code: Literal["damaged-run", "diverged"] | None = None


class StudyResponse(Value):
    """A folder of runs: a study's, or "" for runs that stand alone. code: as of a run.

    guessing: verdicts on whole experiments, all seeds together and corrected for their number, by
    the experiment's name; only those that were tested. They go before the verdicts of single runs.
    """

    path: str
    name: str
    state: StudyState
    report: str | None
    changed_s: float
    runs: tuple[RunResponse, ...]
    guessing: dict[str, Verdict] = Field(default_factory=dict)
    code: Literal["damaged-study"] | None = None


class StudiesResponse(Value):
    """Studies in the server's folder of runs; folder is null if none is shown."""

    folder: str | None
    studies: tuple[StudyResponse, ...]
