"""Maps scaled, classes asked for, log-odds: by hand."""

import numpy as np
import pytest

from leadline.errors import DataError
from leadline.explain.heat_maps import asked_classes, log_odds, scaled


def test_what_speaks_against_is_dropped_and_the_peak_is_1():
    evidence = np.array([[[-4, 2], [1, 0]], [[-1, -2], [0, -3]]], np.float32)
    maps, empty = scaled(evidence)
    assert maps.dtype == np.float32
    assert maps.tolist() == [[[0, 1], [0.5, 0]], [[0, 0], [0, 0]]]
    assert empty.tolist() == [False, True]


def test_tiny_evidence_keeps_its_shape():
    maps, empty = scaled(np.array([[[1e-42, 2e-42]]], np.float32))
    assert not empty[0]
    np.testing.assert_allclose(maps[0], [[0.5, 1]], rtol=1e-2)


def test_log_odds_where_single_precision_has_no_1_minus_p():
    probabilities = np.array([[1.0, 1e-20], [0.25, 0.75]], np.float32)
    np.testing.assert_allclose(
        log_odds(probabilities, np.array([0, 1])), [np.log(1e20), np.log(3)], rtol=1e-6
    )
    assert np.isfinite(log_odds(np.array([[1.0, 0.0]], np.float32), np.array([1]))).all()


def test_classes_for_all_for_each_and_of_themselves():
    probabilities = np.array([[0.1, 0.9], [0.8, 0.2]], np.float32)
    assert asked_classes(None, probabilities).tolist() == [1, 0]
    assert asked_classes(1, probabilities).tolist() == [1, 1]
    assert asked_classes(np.array([0, 1]), probabilities).tolist() == [0, 1]
    with pytest.raises(DataError, match="class -1 of a model with classes 0 to 1"):
        asked_classes(-1, probabilities)
