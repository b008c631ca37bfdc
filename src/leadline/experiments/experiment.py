"""Experiments and studies as frozen values."""

from __future__ import annotations

import hashlib
import json
import reprlib
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from leadline.errors import SpecError
from leadline.experiments.citations import ORIGINS
from leadline.experiments.frozen_model import (
    BUILDER,
    NAME,
    Expression,
    Flag,
    Number,
    OpenFraction,
    Part,
    PositiveInt,
)
from leadline.experiments.image_form import Channels, ImageForm, OpenFit, SizePx
from leadline.experiments.layer_settings import LAYER_SETTINGS, AnyLayer, Layer, type_of
from leadline.experiments.training_settings import Decision, Training

NAME_MAX_CHARS = 80
SHOWN_NAMES = 3
"""Experiments that the `repr` of a study names."""
Name = Annotated[str, Field(pattern=NAME, max_length=NAME_MAX_CHARS)]
Family = Literal["pixels", "hog", "cnn"]
NOT_DECISIVE = {"name", "title", "description", "limits", "prepare", "quick", "reference"}
DIGIT_SHAPE = (28, 28, 1)
FORM_SETTINGS = ("size_px", "channels", "fit")
UNDECIDING = {"fit": "stretch", "evaluation_limit": None}
"""Values of [data] that change nothing, so that they leave a digest as it was before the settings
existed: the models that ship carry such digests."""


class Data(Part):
    """Images of an experiment: source, size, split and validation."""

    source: str = "mnist"
    size_px: SizePx = None
    """(height, width) that images are resized to: one side (96), [height, width], "96x128" or
    "auto", which chooses it from the training images (docs/preprocessing.md has the rules)."""
    channels: Channels = None
    """1 or "grey", 3 or "colour", or "auto"."""
    fit: OpenFit = None
    """How an image of another aspect ratio fits: "pad" adds black bars, "crop" cuts the longer side
    at both ends, "stretch" distorts. "auto" pads, but stretches the data sets known by name."""
    validation: Literal["carve", "given", "test"] = "carve"
    """carve: out of train, stratified. given: the data's own. test: as the lab did."""
    validation_fraction: OpenFraction = 0.1
    test_fraction: OpenFraction = 0.2
    """Carved out of train, stratified, where the data have no test split of their own."""
    train_limit: PositiveInt | None = None
    """At most so many training images, drawn class by class; for quick tries."""
    evaluation_limit: PositiveInt | None = None
    """At most so many validation images, and as many test images, drawn class by class; for quick
    tries."""
    split_seed: Annotated[int, Field(ge=0, strict=True)] = 0
    """Decides what is carved; the same for every seed of a run, so that runs can be compared."""
    group_pattern: Expression | None = None
    """A regular expression that finds in a file name, without its folder, whose image it is: its
    groups, joined by "_", or else all that it matches, name the patient. No patient is divided."""

    @property
    def form(self) -> ImageForm:
        """Size, channels and fit; what is open is that of the data set named as the source.

        Raises SpecError where that is not known: then it is chosen from the images first.
        """
        origin = ORIGINS.get(self.source)
        usual = origin.form if origin else None
        if usual is not None:
            return ImageForm(
                self.size_px or usual.size_px,
                self.channels or usual.channels,
                self.fit or usual.fit,
            )
        if self.size_px is None or self.channels is None or self.fit is None:
            unset = ", ".join(f"data.{key}" for key in self.open_settings)
            raise SpecError(f"{unset}: not set, and not chosen from the images yet.")
        return ImageForm(self.size_px, self.channels, self.fit)

    @property
    def open_settings(self) -> tuple[str, ...]:
        """Settings among size_px, channels and fit that are to be chosen from the images."""
        return tuple(key for key in FORM_SETTINGS if getattr(self, key) is None)

    def with_form(self, form: ImageForm) -> Data:
        """The same with these size, channels and fit."""
        return self.model_copy(update={key: getattr(form, key) for key in FORM_SETTINGS})


class Pixels(Part):
    """Pixels, scaled or standardised, as an image or as a flat vector."""

    kind: Literal["pixels"]
    flatten: Flag = False
    normalisation: Literal["scale", "image"] = "scale"
    """scale: value / 255. image: less the image's mean, over its standard deviation + 4."""


class Hog(Part):
    """Histograms of oriented gradients (Dalal and Triggs, CVPR 2005), as scikit-image has them."""

    kind: Literal["hog"]
    orientations: Annotated[int, Field(ge=1, le=180, strict=True)] = 9
    cell_px: PositiveInt = 8
    block_cells: PositiveInt = 1
    block_norm: Literal["L1", "L1-sqrt", "L2", "L2-Hys"] = "L2-Hys"


AnyFeatures = Annotated[Pixels | Hog, Field(discriminator="kind")]


class PythonModel(Part):
    """A user's own builder: `function(feature_shape, classes, **arguments) -> keras.Model`."""

    python: Annotated[str, Field(pattern=BUILDER)]
    arguments: dict[str, Any] = Field(default_factory=dict)


class Reference(Part):
    """Somebody else's figures for the same experiment, shown beside ours."""

    source: str
    test_loss: Number | None = None
    test_accuracy: Number | None = None
    assumed: tuple[str, ...] = ()
    """Settings, as for --set, that the source does not state: the experiment's own are assumed."""


class Experiment(Part):
    """One model to be trained: data, features, layers, training."""

    name: Name
    title: str = ""
    description: str = ""
    limits: str = ""
    """Population that the images represent, and limits of use; shown with results."""
    prepare: Literal["none", "digit"] = "none"
    """How a picture of somebody else's is made like the training images before it is answered."""
    quick: Flag = False
    """A trial shortened by --quick, which shows that everything works. Nothing is claimed about its
    model: no verdict, no ranking, no comparison with published figures."""
    family: Family
    data: Data = Data()
    features: AnyFeatures
    layers: tuple[AnyLayer, ...] = ()
    model: PythonModel | None = None
    training: Training = Training()
    decision: Decision = Decision()
    reference: Reference | None = None

    @model_validator(mode="after")
    def _layers_or_model(self) -> Self:
        if self.model is not None and self.layers:
            raise ValueError("give either layers or model.python, not both")
        return self

    @model_validator(mode="after")
    def _family_has_its_features(self) -> Self:
        if (self.family == "hog") != isinstance(self.features, Hog):
            raise ValueError(
                f"family = {self.family!r} does not go with features.kind = "
                f"{self.features.kind!r}; set both to 'hog', or neither"
            )
        return self

    @model_validator(mode="after")
    def _nothing_chosen_on_test(self) -> Self:
        chosen = {
            "training.early_stopping": self.training.early_stopping is not None,
            "training.keep_epoch = 'best'": self.training.keep_epoch == "best",
        }
        choosing = " and ".join(setting for setting, used in chosen.items() if used)
        if choosing and self.data.validation == "test":
            raise ValueError(
                f"data.validation = 'test' with {choosing} would choose the epoch on test data; "
                "set data.validation = 'carve'"
            )
        return self

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Show a summary: all settings of an experiment fill a screen."""
        yield "name", self.name
        yield "family", self.family
        yield "source", _Brief(reprlib.repr(self.data.source))
        if self.model is not None:
            yield "model", _Brief(reprlib.repr(self.model.python))
        else:
            yield "layers", _Brief(f"<{len(self.layers)} layers>")
        yield "epochs", self.training.epochs

    def prepare_as(self, dataset: str) -> Literal["none", "digit"]:
        """`prepare`, where the images were those of the experiment's own source, else "none".

        Digits are made as large and as grey as MNIST's, so a model of other sizes takes none.
        """
        fits = self.data.form.shape == DIGIT_SHAPE
        return self.prepare if dataset == self.data.source and fits else "none"

    def digest(self) -> str:
        """SHA-256 (64 hex digits) of what decides a run; names, titles and references do not.

        Size, channels and fit that are open count as those of the data set named as the source.
        """
        origin = ORIGINS.get(self.data.source)
        known = origin is not None and origin.form is not None
        closed = self.data.with_form(self.data.form) if known else self.data
        settings = self.model_copy(update={"data": closed}).model_dump(
            mode="json", exclude=NOT_DECISIVE
        )
        settings["data"] = {
            key: value
            for key, value in settings["data"].items()
            if key not in UNDECIDING or value != UNDECIDING[key]
        }
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()

    @property
    def assumed(self) -> dict[str, object]:
        """Settings that the reference does not state, with the values taken: as for --set."""
        if self.reference is None:
            return {}
        settings = dict(_flat(self.model_dump(mode="json", exclude=NOT_DECISIVE)))
        return {key: settings.get(key) for key in self.reference.assumed}

    def differences(self, other: Experiment) -> tuple[tuple[str, object, object], ...]:
        """Settings that decide a run and differ: (key as in --set, value here, value there).

        None stands for a setting that is not there. Empty where both have the same digest.
        """
        here, there = (
            dict(_flat(one.model_dump(mode="json", exclude=NOT_DECISIVE))) for one in (self, other)
        )
        keys = dict.fromkeys([*here, *there])
        found = ((key, here.get(key), there.get(key)) for key in keys)
        return tuple(change for change in found if change[1] != change[2])


class _Brief(str):
    """Text that a `repr` shows as it is, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in tables and lists with its key, such as layers.1.units."""
    if not isinstance(value, dict | list) or not value:
        yield key, value
        return
    items = value.items() if isinstance(value, dict) else enumerate(value, start=1)
    for step, inner in items:
        yield from _flat(inner, f"{key}.{step}" if key else str(step))


class Study(Part):
    """Several experiments on the same split, compared."""

    name: Name
    title: str = ""
    description: str = ""
    seeds: PositiveInt = 1
    experiments: Annotated[tuple[Experiment, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [experiment.name for experiment in self.experiments]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"experiments appear twice: {', '.join(twice)}")
        return self

    @property
    def quick(self) -> bool:
        """True where an experiment is a quick trial, so that nothing is claimed about the study."""
        return any(experiment.quick for experiment in self.experiments)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Show the experiments by name; the first of many."""
        names = [experiment.name for experiment in self.experiments]
        more = ", ..." if len(names) > SHOWN_NAMES else ""
        listed = ", ".join(names[:SHOWN_NAMES]) + more
        yield "name", self.name
        yield "seeds", self.seeds
        yield "experiments", _Brief(f"<{len(names)}: {listed}>")


def add_layer_settings(name: str, settings: type[Layer] | None) -> None:
    """Let experiments name one more layer type; None removes it.

    Use `leadline.models.register_layer`, which also adds what the type computes.
    """
    if settings is None:
        del LAYER_SETTINGS[name]
    elif type_of(settings) != name:
        raise SpecError(f"{settings.__name__}.type should be Literal[{name!r}].")
    else:
        LAYER_SETTINGS[name] = settings
    for model in (Experiment, Study):
        model.model_rebuild(force=True)
