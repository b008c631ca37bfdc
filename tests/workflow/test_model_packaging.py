"""What goes into the model file beside the model, and which images set the limits of the score."""

from dataclasses import replace

import numpy as np
import pytest

from leadline.analysis.ood.ood_score import fit_ood_score
from leadline.data.dataset import Images, Part, Split
from leadline.experiments import Data, Experiment, Hog, Pixels, load_experiment
from leadline.metrics.classification import evaluate
from leadline.metrics.estimates import (
    BinaryMetrics,
    DecisionRule,
    Estimate,
    MulticlassMetrics,
    OperatingPoint,
    PredictiveValues,
    ThresholdMetrics,
)
from leadline.runs import Metrics
from leadline.training.history import Fitted
from leadline.workflow.model_packaging import LONGEST_CARD, describe_model_file, fit_and_score

PIXELS = Pixels(kind="pixels")
SOME = Estimate(0.5, 0.4, 0.6, "wilson")


def part(n, seed, groups=None):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (n, 10, 12, 1)).astype(np.uint8)
    names = tuple(f"{seed}-{k}.png" for k in range(n))
    images = Images(pixels, (np.arange(n) % 3 == 0).astype(np.int64), names, groups)
    return Part(images, "train", np.arange(n, dtype=np.int64))


def split(train=200, validation=120, test=50, *, validated_on_test=False, groups=None):
    tested = part(test, 2)
    return Split(
        ("no", "yes"),
        part(train, 0, groups),
        tested if validated_on_test else part(validation, 1),
        tested,
        validated_on_test,
    )


def test_the_validation_images_set_the_limits():
    images = split()
    found = fit_and_score(images)
    expected = fit_ood_score(images.train.images.pixels, images.validation.images.pixels)
    np.testing.assert_array_equal(found.scores["test"], expected.score(images.test.images.pixels))
    assert found.record.limits_from == "validation"
    assert found.record.limits_n == 120
    assert found.record.validation is not None
    assert found.record.validation.flagged <= 1
    assert set(found.scores) == {"test", "validation"}


def test_a_fifth_of_train_sets_them_where_validation_is_test():
    images = split(validated_on_test=True)
    found = fit_and_score(images)
    pixels = images.train.images.pixels
    held_out = np.arange(200) % 5 == 4
    expected = fit_ood_score(pixels[~held_out], pixels[held_out])
    np.testing.assert_array_equal(found.scores["test"], expected.score(images.test.images.pixels))
    assert found.record.limits_from == "train"
    assert (found.record.limits_n, found.record.validation) == (40, None)
    assert set(found.scores) == {"test"}


@pytest.mark.parametrize(
    ("train", "validation", "limits_n"),
    [(200, 16, 40), (200, 40, 40), (1000, 100, 100), (1000, 99, 200), (50, 9, 10), (2, 1, 1)],
)
def test_few_validation_images_set_no_limit(train, validation, limits_n):
    assert fit_and_score(split(train, validation)).record.limits_n == limits_n


def test_the_images_of_a_single_patient_are_held_out_one_by_one():
    assert fit_and_score(split(validation=16, groups=("p",) * 200)).record.limits_n == 40


def test_the_images_of_a_patient_are_held_out_together():
    groups = tuple(f"p{k // 10:02}" for k in range(200))
    images = split(validation=16, groups=groups)
    found = fit_and_score(images)
    pixels = images.train.images.pixels
    held_out = np.isin(groups, ["p04", "p09", "p14", "p19"])
    expected = fit_ood_score(pixels[~held_out], pixels[held_out])
    assert found.record.limits_n == 40
    np.testing.assert_array_equal(found.scores["test"], expected.score(images.test.images.pixels))


def test_the_examples_are_the_most_and_the_least_usual_test_images():
    images = split()
    found = fit_and_score(images)
    order = np.argsort(found.scores["test"])
    shown = [*order[:5], *order[-5:]]
    assert found.examples.names == tuple(images.test.images.names[k] for k in shown)
    np.testing.assert_array_equal(found.examples.pixels, images.test.images.pixels[shown])
    assert (np.diff(found.examples.scores) >= 0).all()


def measured(detail, ood, seed=0):
    decided = DecisionRule("yes", 1.5, (), (OperatingPoint("youden", 0.3),))
    labels = np.array([0, 1, 0])
    return Metrics(
        seed=seed, fitted=Fitted((), 0, 0, "finished", 0.0), classes=("no", "yes"), layers=(),
        unused_layers=(), test=evaluate(np.full((3, 2), 0.5, np.float32), labels, ("no", "yes")),
        validation=None, total_s=0.0, model_file="", decided=decided, test_detail=detail,
        ood=ood,
    )  # fmt: skip


def binary():
    return BinaryMetrics(
        "yes", "no", 9, 4, None, {"auroc": SOME, "brier": SOME},
        (
            ThresholdMetrics(
                OperatingPoint("youden", 0.3), ((4, 1), (1, 3)), {"sensitivity": SOME},
                (PredictiveValues(0.02, SOME, SOME), PredictiveValues(0.5, SOME, SOME)),
            ),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(("dataset", "expected"), [("mnist", "digit"), ("my-images", "none")])
def test_only_digits_are_made_like_those_of_mnist(dataset, expected):
    images = split()
    about = describe_model_file(
        load_experiment("first-cnn"), images, measured(binary(), fit_and_score(images).record),
        dataset=dataset, source="here", versions={}, card="",
    )  # fmt: skip
    assert about.prepare == expected


def described(detail, dataset="drawn", features=PIXELS, card="# e\n"):
    family = "hog" if features.kind == "hog" else "pixels"
    experiment = Experiment(
        name="e", family=family, features=features, limits="Not for use.",
        data=Data(size_px=(10, 12)),
    )  # fmt: skip
    images = split()
    return describe_model_file(
        experiment, images, measured(detail, fit_and_score(images).record, seed=4),
        dataset=dataset, source="from here", versions={"keras": "3"}, card=card,
    )  # fmt: skip


def test_the_model_file_says_what_was_decided_and_of_how_many():
    about = described(binary())
    assert (about.name, about.seed, about.size_px, about.limits) == (
        "e",
        4,
        (10, 12),
        "Not for use.",
    )
    assert (about.data, about.credit) == ("drawn, from here", "")
    assert about.counts == {"train": (133, 67), "validation": (80, 40), "test": (33, 17)}
    assert about.decision is not None
    assert about.decision.temperature == 1.5
    assert [(one.point, one.prevalence) for one in about.predictive] == [
        ("youden", 0.02),
        ("youden", 0.5),
    ]
    assert about.scope is not None
    assert about.scope.limits_n == 120


def test_the_model_file_names_licence_and_authors_of_known_images():
    assert described(binary(), "chest-xray").credit.startswith("CC BY 4.0. D. S. Kermany")


def test_of_many_classes_there_is_no_predictive_value():
    assert described(MulticlassMetrics(9, None, {"auroc": SOME})).predictive == ()


def test_the_model_file_has_the_card_and_the_settings_of_the_features():
    about = described(binary(), features=Hog(kind="hog", cell_px=4, block_cells=2), card="# 7 é")
    assert about.card == "# 7 é"
    assert about.features == {
        "kind": "hog", "orientations": 9, "cell_px": 4, "block_cells": 2, "block_norm": "L2-Hys",
    }  # fmt: skip
    pixels = {"kind": "pixels", "flatten": False, "normalisation": "scale"}
    assert described(binary()).features == pixels


def test_a_card_that_would_make_the_file_unreadable_is_left_out():
    assert described(binary(), card="x" * LONGEST_CARD).card != ""
    assert described(binary(), card="x" * (LONGEST_CARD + 1)).card == ""


def test_runs_of_versions_that_decided_nothing_are_described_too():
    experiment = load_experiment("first-cnn")
    nothing = replace(measured(None, None), decided=None)
    about = describe_model_file(
        experiment, split(), nothing, dataset="d", source="s", versions={}, card=""
    )
    assert (about.decision, about.scope, about.predictive) == (None, None, ())
