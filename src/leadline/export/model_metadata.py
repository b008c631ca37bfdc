"""Metadata of a model file: a key for each fact."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import inf
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import from_json, to_jsonable_python

from leadline.analysis.ood.ood_score import OODRecord
from leadline.analysis.significance.guessing import Guessing
from leadline.data.digits.mnist_style import SIDE_PX
from leadline.errors import ModelFileError
from leadline.experiments.image_form import FitMode, ImageForm
from leadline.metrics.estimates import DecisionRule, Estimate

FORMAT = "2"
PREFIX = "leadline."
MOST_CHARACTERS = 1_000_000
"""Of all keys and values together: a file that says more is none of ours."""
TEXTS = ("name", "title", "family", "data", "credit", "limits", "digest", "card")
"""Keys whose values are plain text; all others are JSON."""

SidePx = Annotated[int, Field(ge=1, le=4096)]
ClassName = Annotated[str, Field(min_length=1, max_length=1000)]


class Predictive(BaseModel):
    """PPV and NPV at one operating point, were this share (0 to 1) of the images positive."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    point: str
    prevalence: float
    ppv: Estimate
    npv: Estimate


class TestMetric(BaseModel):
    """A metric of the test images with its 95% interval.

    `key` names the metric, such as "auroc". `point` names the operating point of a metric that
    depends on one, and `threshold` is its probability threshold, 0 to 1.
    """

    __test__ = False  # not a class of tests
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    key: Annotated[str, Field(max_length=100)]
    value: float
    low: float
    high: float
    point: Annotated[str, Field(max_length=100)] | None = None
    threshold: float | None = None


class Metadata(BaseModel):
    """Description of a model, the meaning of its predictions, and their limits.

    Parameters
    ----------
    family, weights
        The experiment's family, "" where unknown; the number of weights, None where unknown.
    size_px : (height, width)
    channels
        1 for grey, 3 for colour (red, green, blue).
    fit
        How an image of another aspect ratio is made to fit.
    prepare
        "digit" for pictures that are first converted to the form of MNIST's.
    data, credit
        The training images in words; their licence and citation.
    digest, seed
        SHA-256 of the experiment's settings; seed of the run.
    counts
        Images of each class in "train", "validation" and "test".
    versions
        Of the packages that made the file.
    decision
        Calibration and thresholds, from validation images.
    test_metrics, predictive, guessing
        From the test images; `guessing` compares the model with guessing.
    scope
        How the out-of-distribution score was fitted.
    features
        Settings of the features, "kind" first.
    card
        The model card, in Markdown.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    name: str
    title: str = ""
    family: Literal["pixels", "hog", "cnn", ""] = ""
    weights: Annotated[int, Field(ge=0)] | None = None
    classes: Annotated[tuple[ClassName, ...], Field(min_length=2)]
    size_px: tuple[SidePx, SidePx]
    channels: Literal[1, 3]
    fit: FitMode = "stretch"
    prepare: Literal["none", "digit"] = "none"
    data: str = ""
    credit: str = ""
    limits: str = ""
    digest: str = ""
    seed: int = 0
    counts: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)
    decision: DecisionRule | None = None
    test_metrics: Annotated[tuple[TestMetric, ...], Field(max_length=100)] = ()
    predictive: tuple[Predictive, ...] = ()
    scope: OODRecord | None = None
    guessing: Guessing | None = None
    features: dict[str, str | int | float | bool] = Field(default_factory=dict)
    card: str = ""

    @property
    def form(self) -> ImageForm:
        """Size, channels and fit of the images that the model takes."""
        return ImageForm(self.size_px, self.channels, self.fit)

    @model_validator(mode="after")
    def _classes_differ(self) -> Self:
        if len(set(self.classes)) < len(self.classes):
            raise ValueError("two classes have one name")
        return self

    @model_validator(mode="after")
    def _digits_have_their_form(self) -> Self:
        if self.prepare == "digit" and (*self.size_px, self.channels) != (SIDE_PX, SIDE_PX, 1):
            height, width = self.size_px
            raise ValueError(
                f"prepare is 'digit', whose images are grey and {SIDE_PX} x {SIDE_PX} px, and "
                f"these have {height} x {width} px and {self.channels} channels"
            )
        return self

    @model_validator(mode="after")
    def _decision_can_be(self) -> Self:
        decided = self.decision
        if decided is None:
            return self
        if decided.positive is not None and decided.positive not in self.classes:
            raise ValueError(f"the positive class {decided.positive!r} is not one of the classes")
        if decided.positive is not None and len(self.classes) > 2:
            raise ValueError(f"a positive class of {len(self.classes)} classes, not of two")
        if not 0 < decided.temperature < inf:
            raise ValueError(f"the temperature {decided.temperature} is not above 0")
        for point in decided.points:
            if not 0 <= point.threshold <= 1:
                raise ValueError(f"the threshold {point.threshold} is not between 0 and 1")
        return self

    def as_properties(self) -> dict[str, str]:
        """The key-value pairs of the ONNX file; `metadata_from` takes them back."""
        table = {name: getattr(self, name) for name in type(self).model_fields}
        said = {
            PREFIX + name: value if name in TEXTS else _json(value)
            for name, value in table.items()
            if value is not None
        }
        return {PREFIX + "format": FORMAT, **said}


def metadata_from(properties: Mapping[str, str]) -> Metadata:
    """What these key-value pairs of an ONNX file say; keys of others are passed over.

    Raises ModelFileError where they are not ours, of a later format, too long or damaged.
    """
    found = properties.get(PREFIX + "format")
    if found is None:
        raise ModelFileError(
            f"not a leadline model file: its metadata lack the key {PREFIX}format; give the "
            "model.onnx of a run."
        )
    if found != FORMAT:
        raise ModelFileError(
            f"its metadata have format {found[:20]!r}, and this version of leadline reads "
            f"{FORMAT!r}; export the model again with it."
        )
    length = sum(len(key) + len(value) for key, value in properties.items())
    if length > MOST_CHARACTERS:
        raise ModelFileError(
            f"its metadata have {length:,} characters, and at most {MOST_CHARACTERS:,} are read; "
            "export the model again."
        )
    known = [name for name in Metadata.model_fields if PREFIX + name in properties]
    try:
        return Metadata.model_validate({name: _value(name, properties) for name in known})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or "decision"
        raise ModelFileError(
            f"damaged: its metadata {PREFIX}{where} do not read ({first['msg']}); export the model "
            "again."
        ) from None


def _value(name: str, properties: Mapping[str, str]) -> Any:
    text = properties[PREFIX + name]
    if name in TEXTS:
        return text
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise ModelFileError(
            f"damaged: its metadata {PREFIX}{name} are not JSON ({error}); export the model again."
        ) from None


def _json(value: Any) -> str:
    return json.dumps(to_jsonable_python(value), ensure_ascii=False)
