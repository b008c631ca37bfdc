"""Training settings: optimizer, schedule, stopping, averaging, augmentation.

Optimizers have Keras's own names, arguments and defaults.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from leadline.experiments.frozen_model import (
    Expression,
    Flag,
    Fraction,
    NonNegativeFloat,
    OpenFraction,
    Part,
    PositiveFloat,
    PositiveInt,
)


class OptimizerBase(Part):
    """The arguments that all Keras optimizers share."""

    learning_rate: PositiveFloat = 1e-3
    weight_decay: PositiveFloat | None = None
    exclude_from_weight_decay: tuple[Annotated[Expression, Field(min_length=1)], ...] = ()
    """Weights in whose name one of these is found do not decay: ["gamma", "beta", "bias"]."""
    clipnorm: PositiveFloat | None = None
    clipvalue: PositiveFloat | None = None
    global_clipnorm: PositiveFloat | None = None

    @model_validator(mode="after")
    def _one_way_to_clip(self) -> Self:
        ways = ("clipnorm", "clipvalue", "global_clipnorm")
        given = [f"{way} = {getattr(self, way)}" for way in ways if getattr(self, way) is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} exclude one another; keep one")
        return self

    @model_validator(mode="after")
    def _excludes_from_something(self) -> Self:
        if self.exclude_from_weight_decay and self.weight_decay is None:
            raise ValueError(
                f"exclude_from_weight_decay = {list(self.exclude_from_weight_decay)} has no effect "
                f"without weight_decay; set weight_decay, or remove it"
            )
        return self


class RMSprop(OptimizerBase):
    name: Literal["RMSprop"]
    rho: Fraction = 0.9
    momentum: Fraction = 0.0
    epsilon: PositiveFloat = 1e-7
    centered: Flag = False


class SGD(OptimizerBase):
    name: Literal["SGD"]
    learning_rate: PositiveFloat = 1e-2
    momentum: Fraction = 0.0
    nesterov: Flag = False


class Adam(OptimizerBase):
    name: Literal["Adam"]
    beta_1: Fraction = 0.9
    beta_2: Fraction = 0.999
    epsilon: PositiveFloat = 1e-7
    amsgrad: Flag = False


class AdamW(OptimizerBase):
    name: Literal["AdamW"]
    weight_decay: PositiveFloat = 4e-3
    beta_1: Fraction = 0.9
    beta_2: Fraction = 0.999
    epsilon: PositiveFloat = 1e-7
    amsgrad: Flag = False


class Nadam(OptimizerBase):
    name: Literal["Nadam"]
    beta_1: Fraction = 0.9
    beta_2: Fraction = 0.999
    epsilon: PositiveFloat = 1e-7


class Adamax(OptimizerBase):
    name: Literal["Adamax"]
    beta_1: Fraction = 0.9
    beta_2: Fraction = 0.999
    epsilon: PositiveFloat = 1e-7


class Adagrad(OptimizerBase):
    name: Literal["Adagrad"]
    initial_accumulator_value: NonNegativeFloat = 0.1
    epsilon: PositiveFloat = 1e-7


class Adadelta(OptimizerBase):
    name: Literal["Adadelta"]
    rho: Fraction = 0.95
    epsilon: PositiveFloat = 1e-7


class Lion(OptimizerBase):
    name: Literal["Lion"]
    beta_1: Fraction = 0.9
    beta_2: Fraction = 0.99


AnyOptimizer = Annotated[
    RMSprop | SGD | Adam | AdamW | Nadam | Adamax | Adagrad | Adadelta | Lion,
    Field(discriminator="name"),
]


class CosineSchedule(Part):
    """Linear warm-up from zero, then a half cosine down to `final_fraction` of the rate."""

    kind: Literal["cosine"]
    warmup_epochs: NonNegativeFloat = 0.0
    final_fraction: Fraction = 0.0


class ExponentialSchedule(Part):
    """The rate is multiplied by `factor_per_epoch` each epoch, smoothly."""

    kind: Literal["exponential"]
    factor_per_epoch: OpenFraction


class StepSchedule(Part):
    """The rate is multiplied by `factor` at the start of each listed epoch (counted from 1)."""

    kind: Literal["step"]
    at_epochs: tuple[PositiveInt, ...]
    factor: OpenFraction = 0.1


AnySchedule = Annotated[
    CosineSchedule | ExponentialSchedule | StepSchedule, Field(discriminator="kind")
]


class EarlyStopping(Part):
    """Stop when the monitored value has not improved by `min_delta` for `patience` epochs."""

    patience: PositiveInt = 5
    min_delta: NonNegativeFloat = 0.0


class ExponentialAverage(Part):
    """Weights are averaged over steps with this decay; the average is what is evaluated."""

    kind: Literal["exponential"]
    decay: OpenFraction = 0.999


class EpochAverage(Part):
    """The plain mean of the weights at the ends of epochs, from `from_epoch` on (from 1)."""

    kind: Literal["epochs"]
    from_epoch: PositiveInt


AnyAveraging = Annotated[ExponentialAverage | EpochAverage, Field(discriminator="kind")]


class Augmentation(Part):
    """Random changes of each training image, drawn again for each batch; zero is off."""

    rotation_deg: Annotated[float, Field(ge=0, le=180, strict=True)] = 0.0
    shift_fraction: Annotated[float, Field(ge=0, le=0.5, strict=True)] = 0.0
    zoom_fraction: Annotated[float, Field(ge=0, le=0.5, strict=True)] = 0.0
    brightness_fraction: Annotated[float, Field(ge=0, le=1, strict=True)] = 0.0
    contrast_fraction: Annotated[float, Field(ge=0, le=1, strict=True)] = 0.0
    flip_horizontal: Flag = False
    stretch_fraction: Annotated[float, Field(ge=0, le=1, strict=True)] = 0.0
    """Width over height changes by a factor from 1 / (1 + s) to 1 + s."""
    fill: Literal["border", "black", "either"] = "border"
    """What comes from outside the image: its border repeated, black, or one of both for each."""
    blur_px: Annotated[float, Field(ge=0, le=10, strict=True)] = 0.0
    """Between sharpened and blurred by a Gaussian of 0.3 to 0.3 + b px; see `training.optics`."""
    exposure_fraction: Annotated[float, Field(ge=0, le=4, strict=True)] = 0.0
    """Values, as shares of 255, are raised to a power from 1 / (1 + e) to 1 + e."""
    shade_fraction: Annotated[float, Field(ge=0, le=1, strict=True)] = 0.0
    """Lighter towards one side, darker towards the other, by at most this share of 255 there."""
    noise_fraction: Annotated[float, Field(ge=0, le=1, strict=True)] = 0.0
    """Gaussian noise whose deviation is at most this share of 255."""
    erase_fraction: Annotated[float, Field(ge=0, le=1, strict=True)] = 0.0
    """So many of the images get one rectangle, 1/8 to 1/3 of each side, in one random grey."""


class Training(Part):
    """Training settings of one model."""

    optimizer: AnyOptimizer = RMSprop(name="RMSprop")
    loss: Literal["categorical_crossentropy"] = "categorical_crossentropy"
    label_smoothing: Fraction = 0.0
    class_weights: Literal["none", "balanced"] = "none"
    batch_size: PositiveInt = 128
    precision: Literal["float32", "bfloat16"] = "float32"
    """Of the arithmetic while training; weights, validation and the model file stay float32."""
    epochs: PositiveInt = 10
    time_limit_s: PositiveFloat | None = None
    schedule: AnySchedule | None = None
    monitor: Literal["validation_loss", "validation_accuracy", "validation_auroc"] = (
        "validation_loss"
    )
    keep_epoch: Literal["last", "best"] = "last"
    early_stopping: EarlyStopping | None = None
    averaging: AnyAveraging | None = None
    augmentation: Augmentation | None = None

    @model_validator(mode="after")
    def _averages_an_epoch(self) -> Self:
        averaging = self.averaging
        if isinstance(averaging, EpochAverage) and averaging.from_epoch > self.epochs:
            raise ValueError(
                f"averaging.from_epoch = {averaging.from_epoch} with epochs = {self.epochs} "
                "averages nothing; lower it"
            )
        return self


class Decision(Part):
    """Settings of what is fitted on validation images after training, and then frozen.

    All but `calibration` is for two classes; `data.validation = "test"` fits nothing.
    """

    positive: str | None = None
    """The positive class, as the data name it. Unless given: the one whose name says so, as
    "abnormal" beside "normal"; else the second of the two."""
    calibration: Literal["temperature", "none"] = "temperature"
    """temperature: one number that softens or sharpens all probabilities (Guo et al., ICML 2017)"""
    sensitivity: Annotated[float, Field(gt=0, le=1, strict=True)] = 0.95
    """The share of positive validation images that the second operating point finds at least."""
    prevalence: tuple[OpenFraction, ...] = ()
    """Shares of positives in other places, for which PPV and NPV are told as well."""
    subgroup_pattern: Expression | None = None
    """A regular expression that finds in a positive image's file name, without its folder, its
    subgroup, as `data.group_pattern` finds the patient."""
