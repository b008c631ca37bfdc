"""Frozen values through JSON and back; what is not whole is refused by name."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from leadline.metrics.binary import BinaryPredictions, binary_metrics
from leadline.metrics.estimates import (
    BinaryMetrics,
    DecisionRule,
    Estimate,
    NotFitted,
    OperatingPoint,
    Unknown,
)
from leadline.metrics.thresholds import HALF
from leadline.runs.typed_json import typed


def binary() -> BinaryMetrics:
    rng = np.random.default_rng(0)
    positive = np.arange(12) % 2 == 0
    answers = BinaryPredictions(
        rng.random(12), positive, list("aabbccddeeff"), ["k"] * 6 + [""] * 6
    )
    return binary_metrics(answers, ("no", "yes"), [HALF], rng, prevalences=(0.1,))


def through_json(value):
    return json.loads(json.dumps(asdict(value), allow_nan=False))


def test_binary_metrics_read_back_equal():
    assert typed(BinaryMetrics, through_json(binary())) == binary()


def test_what_was_not_measured_reads_back_as_none():
    unknown = Estimate(None, 0.0, 1.0, "unknown", Unknown("one_class", "cat"))
    assert typed(Estimate, through_json(unknown)) == unknown
    decided = DecisionRule(None, 1.0, (), (HALF,), NotFitted("no_minimum", 2, 0))
    assert typed(DecisionRule, through_json(decided)) == decided


def test_a_whole_number_is_a_number_and_a_new_key_is_passed_over():
    table = {"value": 1, "low": 0, "high": 1, "method": "wilson", "newer": []}
    found = typed(Estimate, table)
    assert found == Estimate(1.0, 0.0, 1.0, "wilson")
    assert isinstance(found.value, float)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"method": ...}, "Estimate has no key method"),
        ({"method": "guess"}, "method = 'guess'"),
        ({"low": "0"}, "low = '0'"),
        ({"low": None}, "low = None"),
        ({"low": True}, "low = True"),
        ({"value": []}, r"value = \[\]"),
        ({"kept": 1.5}, "kept = 1.5"),
    ],
)
def test_an_estimate_that_is_not_whole(change, said):
    table = {"value": 0.5, "low": 0.1, "high": 0.9, "method": "wilson"} | change
    table = {key: value for key, value in table.items() if value is not ...}
    with pytest.raises(ValueError, match=said):
        typed(Estimate, table)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("points", 0, "confusion"), [[1, 2]], r"no key points\.0\.confusion\.1"),
        (("points", 0, "confusion", 0), [1, 2, 3], r"confusion\.0 = \[1, 2, 3\]"),
        (("points", 0, "point", "name"), "best", "name = 'best'"),
        (("points",), "all", "points = 'all'"),
        (("metrics", "auroc"), [0.5], r"metrics\.auroc = \[0\.5\]"),
    ],
)
def test_binary_metrics_that_is_not_whole(path, value, said):
    table = through_json(binary())
    place = table
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(ValueError, match=said):
        typed(BinaryMetrics, table)


def test_a_point_knows_its_name():
    with pytest.raises(ValueError, match="name = 'cut'"):
        typed(OperatingPoint, {"name": "cut", "threshold": 0.5})
