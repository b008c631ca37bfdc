"""Sections of a study's page as plain values: trade-offs, the seven questions, likely wrong labels.

Each is made of the section's own view, by one function.
"""

from __future__ import annotations

from dataclasses import dataclass

from leadline.analysis.label_errors import LabelErrors, NotSearched
from leadline.analysis.prediction_time import Timing
from leadline.analysis.significance.comparison import Pair
from leadline.analysis.significance.confusion_claims import ClaimTest
from leadline.models.weight_arithmetic import Counted
from leadline.report.sections.gallery_view import GalleryImage, GalleryView
from leadline.report.sections.label_errors_view import LabelsView
from leadline.report.sections.questions import AnswersView
from leadline.report.sections.questions.confusion_pairs import PairTable
from leadline.report.sections.questions.confusions_answer import Drawn
from leadline.report.sections.questions.lab_errata import LabView
from leadline.report.sections.questions.lab_networks import Redrawn
from leadline.report.sections.questions.weights_answer import Weighed
from leadline.report.sections.tradeoff_view import TradeoffView


@dataclass(frozen=True)
class Cost:
    """One cost of each experiment of which it is known.

    kind: weights, multiply_adds (of one image), training_s, prediction_ms. front: those that no
    other beats in merit and in this cost, the cheapest first. unbeaten: than which none at no
    higher cost is shown to be better.
    """

    kind: str
    values: dict[str, float]
    front: tuple[str, ...]
    unbeaten: tuple[str, ...]


@dataclass(frozen=True)
class Cheapest:
    """The experiment that costs least of those equivalent to the best and cheaper than it."""

    kind: str
    name: str


@dataclass(frozen=True)
class Tradeoffs:
    """What accuracy costs. timings: of one prediction, by experiment."""

    costs: tuple[Cost, ...]
    on_every_front: tuple[str, ...]
    on_no_front: tuple[str, ...]
    equivalents: tuple[Cheapest, ...]
    timings: dict[str, Timing]


@dataclass(frozen=True)
class Flat:
    """Maps (height, width, channels) that a dense layer of so many units reads in a row.

    if_pooled, if_averaged: the model's weights with a pooling of 2 by 2 before it, and with the
    mean of each map alone.
    """

    maps: tuple[int, int, int]
    units: int
    if_pooled: int
    if_averaged: int


@dataclass(frozen=True)
class Weights:
    """Where the weights of an experiment's model sit, and what one image costs.

    depth: layers that multiply. places: weights by where they sit; first is the first dense layer.
    per_weight: how often a weight is used for one image. Bytes: of what layers put out for one
    image, all together and the most that is held at once; null where a size is not known.
    """

    name: str
    depth: int
    places: dict[str, int]
    per_weight: float | None
    activations_bytes: int | None
    peak_bytes: int | None
    flattened: Flat | None


@dataclass(frozen=True)
class SeenIn:
    """A kind of finding, and in how many of an experiment's seeds it is made."""

    kind: str
    seeds: int


@dataclass(frozen=True)
class Course:
    """How an experiment's trainings went. Epochs: fewest and most, earliest and latest best.

    gap: of accuracy, training less held-out images, with its 95% bounds, means over the seeds.
    """

    name: str
    epochs: tuple[int, int]
    best_epochs: tuple[int, int]
    found: tuple[SeenIn, ...]
    gap: tuple[float, float, float] | None


@dataclass(frozen=True)
class Confused:
    """What an experiment confuses over its seeds: means over them.

    errors: images that are taken for another class. drawn: beyond chance in more than half of the
    seeds, the furthest beyond it first, at most six; none for two classes.
    """

    name: str
    errors: float
    drawn: tuple[Drawn, ...]


@dataclass(frozen=True)
class ConfusedByModel:
    """Pairs of classes that stand out in some experiment, and how often each confuses them.

    images: by experiment, of each pair, those of either class taken for the other; means over the
    seeds.
    """

    pairs: tuple[tuple[str, str], ...]
    images: dict[str, tuple[float, ...]]


@dataclass(frozen=True)
class LabPair:
    """Two models that the lab's report ranks, by which accuracies, and what was found here."""

    ahead: str
    behind: str
    was: tuple[float, float]
    found: Pair


@dataclass(frozen=True)
class Lab:
    """What went astray in the lab's report, put right. redrawn: networks as they were drawn.

    shallow, deep: the worked example, counted, and totals, their weights; null where the study has
    no convolutional model.
    """

    redrawn: tuple[Redrawn, ...]
    ranked: tuple[LabPair, ...]
    shallow: tuple[Counted, ...] | None
    deep: tuple[Counted, ...] | None
    totals: tuple[int, int] | None


@dataclass(frozen=True)
class Answers:
    """The facts behind the seven questions that have no section of their own.

    deeper_is_heavier: in how many of how many pairs of different depth the deeper has more weights.
    confused: of every experiment. lab_claims: those of the lab's report on confusions, tested.
    """

    weights: tuple[Weights, ...]
    deeper_is_heavier: tuple[int, int]
    courses: tuple[Course, ...]
    confused: tuple[Confused, ...]
    lab: Lab | None
    confused_pairs: ConfusedByModel | None = None
    lab_claims: tuple[ClaimTest, ...] = ()


@dataclass(frozen=True)
class Labels:
    """Test images whose label is likely wrong, or why nobody could look; one of the two is null.

    ceiling: the accuracy of a perfect model here, if the likely errors are errors. reversible: the
    difference of two accuracies that putting them right may turn round; both 0 to 1.
    """

    found: LabelErrors | None
    not_searched: NotSearched | None
    ceiling: float | None
    reversible: float


@dataclass(frozen=True)
class Pictured:
    """A test image of the gallery: its class, the two most probable ones, their probabilities."""

    name: str
    true: str
    first: str
    second: str
    p_first: float
    p_second: float


@dataclass(frozen=True)
class Pictures:
    """The surest mistakes, the surest first, and the closest calls, the closest first."""

    wrong: tuple[Pictured, ...]
    unsure: tuple[Pictured, ...]


def tradeoffs_record(found: TradeoffView) -> Tradeoffs:
    return Tradeoffs(
        costs=tuple(
            Cost(one.kind, dict(one.values), one.front, tuple(sorted(one.unbeaten)))
            for one in found.costs
        ),
        on_every_front=found.on_all,
        on_no_front=found.on_none,
        equivalents=tuple(Cheapest(one.cost.kind, one.name) for one in found.equivalents),
        timings=dict(found.timings),
    )


def answers_record(found: AnswersView) -> Answers:
    return Answers(
        weights=tuple(_weights(model) for model in found.models),
        deeper_is_heavier=found.deeper,
        courses=tuple(
            Course(
                name=one.name,
                epochs=one.epochs,
                best_epochs=one.best_epochs,
                found=tuple(SeenIn(kind.kind, kind.seeds) for kind in one.found),
                gap=one.gap,
            )
            for one in found.courses
        ),
        confused=tuple(Confused(one.name, one.errors, one.drawn) for one in found.every_confused),
        lab=None if found.lab is None else _lab(found.lab),
        confused_pairs=None if found.pairs is None else _pairs(found.pairs),
        lab_claims=() if found.claims is None else found.claims.tests,
    )


def _pairs(found: PairTable) -> ConfusedByModel:
    images = {model.name: tuple(cell.count for cell in cells) for model, cells in found.rows}
    return ConfusedByModel(found.pairs, images)


def labels_record(found: LabelsView) -> Labels:
    ceiling = None if found.found is None else found.found.ceiling
    return Labels(found.found, found.not_searched, ceiling, found.reversible)


def pictures_record(found: GalleryView) -> Pictures:
    return Pictures(
        tuple(_pictured(one) for one in found.wrong), tuple(_pictured(one) for one in found.unsure)
    )


def _pictured(one: GalleryImage) -> Pictured:
    return Pictured(
        **{key: value for key, value in vars(one).items() if key != "image"},
    )


def _weights(model: Weighed) -> Weights:
    maps = model.flattened
    return Weights(
        name=model.name,
        depth=model.depth,
        places=model.places,
        per_weight=model.per_weight,
        activations_bytes=model.activations_bytes,
        peak_bytes=model.peak_bytes,
        flattened=None
        if maps is None
        else Flat(maps.maps, maps.units, maps.if_pooled, maps.if_averaged),
    )


def _lab(found: LabView) -> Lab:
    example = found.example
    return Lab(
        redrawn=found.redrawn,
        ranked=tuple(LabPair(one.ahead, one.behind, one.was, one.pair) for one in found.ranked),
        shallow=None if example is None else example.shallow,
        deep=None if example is None else example.deep,
        totals=None if example is None else example.totals,
    )
