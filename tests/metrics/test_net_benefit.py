"""Net benefit: by hand, and by its definition image by image."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.metrics.binary_curves import curves, decision_points, net_benefit


def test_by_hand():
    scores = np.array([0.9, 0.6, 0.4, 0.2, 0.1])
    positive = np.array([True, True, False, True, False])
    # At 0.5: two found, none false. At 0.2: three found, one false at a price of 1/4.
    found = net_benefit(scores, positive, np.array([0.5, 0.2]))
    assert found == pytest.approx([2 / 5, 3 / 5 - 1 / 5 / 4])


def test_a_thousand_men_at_a_risk_of_one_in_five():
    # A biopsy from a risk of 20%: 250 cancers found, 250 men alarmed: 0.25 - 0.25 × 0.2 / 0.8.
    scores = np.repeat([0.9, 0.9, 0.1, 0.1], [250, 250, 50, 450])
    positive = np.repeat([True, False, True, False], [250, 250, 50, 450])
    assert net_benefit(scores, positive, np.array([0.2])) == pytest.approx([0.1875])


@given(st.integers(0, 300), st.floats(0.01, 0.99))
def test_image_by_image(seed, threshold):
    rng = np.random.default_rng(seed)
    positive = rng.random(40) < 0.4
    scores = np.clip(rng.normal(0.3 + 0.3 * positive, 0.2), 0, 1)
    worth = 0.0
    for score, is_so in zip(scores, positive, strict=True):
        if score >= threshold:
            worth += 1 if is_so else -threshold / (1 - threshold)
    found = net_benefit(scores, positive, np.array([threshold]))
    assert found == pytest.approx([worth / 40])


def test_acting_on_all_is_worth_nothing_where_the_risk_is_the_prevalence():
    scores = np.array([0.9, 0.3, 0.2, 0.1])
    positive = np.array([True, False, False, False])
    at = decision_points(scores, positive, np.array([0.0, 0.25, 0.5]))
    assert at[:, 0].tolist() == [0.0, 0.25, 0.5]
    assert at[:, 1] == pytest.approx([0.25, 1 / 4 - 1 / 4 / 3, 0.25])
    assert at[:, 2] == pytest.approx([0.25, 0.0, 0.25 - 0.75])
    assert at[:, 3].tolist() == [0, 0, 0]


def test_curves_are_those_of_their_modules():
    rng = np.random.default_rng(0)
    positive = np.arange(50) % 2 == 0
    scores = np.clip(rng.normal(0.4 + 0.2 * positive, 0.2), 0, 1)
    drawn = curves(scores, positive)
    assert drawn.decision.shape == (99, 4)
    assert drawn.decision[:, 0] == pytest.approx(np.arange(1, 100) / 100)
    assert drawn.roc[-1, :2].tolist() == [1, 1]
    assert drawn.precision_recall[-1, 0] == 1
    assert sum(one.n for one in drawn.reliability) == 50
