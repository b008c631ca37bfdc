"""Images flagged though they are in scope, counted by image and by patient."""

import numpy as np
import pytest
from scipy.stats import binomtest

from leadline.analysis.ood.ood_score import false_alarms
from leadline.errors import DataError


def test_counted_by_image_and_by_patient():
    scores = np.array([0.2, 1.0, 1.5, 3.0, 0.9, 1.01], np.float32)
    found = false_alarms(scores, ["a", "a", "a", "a", "b", "c"])
    assert (found.n, found.flagged) == (6, 3)  # 1.0 itself is in scope
    assert found.share.value == pytest.approx(0.5)
    assert (found.n_groups, found.groups_flagged) == (3, 2)
    assert found.by_patient is not None
    assert found.by_patient.value == pytest.approx(2 / 3)


def test_intervals_are_wilsons_as_scipy_has_them():
    found = false_alarms(np.array([2.0] * 2 + [0.5] * 98))
    expected = binomtest(2, 100).proportion_ci(method="wilson")
    assert (found.share.low, found.share.high) == pytest.approx((expected.low, expected.high))
    assert found.share.method == "wilson"


def test_whose_the_images_are_may_be_unknown():
    found = false_alarms(np.array([0.5]))
    assert (found.n_groups, found.groups_flagged, found.by_patient) == (None, None, None)


def test_of_no_images_nothing_is_known():
    share = false_alarms(np.empty(0)).share
    assert (share.value, share.low, share.high) == (None, 0.0, 1.0)


def test_groups_that_do_not_match_the_images_are_refused():
    with pytest.raises(DataError, match="2 groups for 1 scores"):
        false_alarms(np.array([0.5]), ["a", "b"])
