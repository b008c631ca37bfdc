"""Resamples of images and patients: what is drawn, how often it covers, how fast it is."""

import time

import numpy as np
import pytest

from leadline.metrics.bootstrap import (
    BLOCK_VALUES,
    chance_level,
    percentile_interval,
    resample,
    units_of,
)
from leadline.metrics.calibration import expected_calibration_error, residuals


def themselves(weights):
    return weights


def means(values):
    return lambda weights: ((weights @ values) / weights.sum(axis=1))[:, np.newaxis]


def test_images_are_drawn_as_often_as_there_are_images():
    drawn = resample(themselves, units_of(7, None), np.random.default_rng(0), draws=500)
    assert drawn.shape == (500, 7)
    assert (drawn.sum(axis=1) == 7).all()
    # Each image is missing from a resample with probability (6/7)^7 = 0.34.
    assert (drawn == 0).mean() == pytest.approx((6 / 7) ** 7, abs=0.03)


def test_a_patient_is_drawn_with_all_images_or_none():
    units = units_of(5, ["b", "a", "b", "c", "b"])
    assert (units.count, units.kind) == (3, "patient")
    drawn = resample(themselves, units, np.random.default_rng(0), draws=200)
    np.testing.assert_array_equal(drawn[:, 0], drawn[:, 2])
    np.testing.assert_array_equal(drawn[:, 0], drawn[:, 4])
    assert (drawn[:, 0] + drawn[:, 1] + drawn[:, 3] == 3).all()
    assert units.holding(np.array([True, False, True, False, True])) == 1


def test_the_same_generator_gives_the_same_resamples_in_blocks_of_any_size(monkeypatch):
    units = units_of(30, None)
    whole = resample(themselves, units, np.random.default_rng(5), draws=20)
    monkeypatch.setattr("leadline.metrics.bootstrap.BLOCK_VALUES", 100)
    blocks = resample(themselves, units, np.random.default_rng(5), draws=20)
    np.testing.assert_array_equal(whole, blocks)
    assert BLOCK_VALUES > 1_000_000


def test_the_spread_is_that_of_the_mean():
    values = np.random.default_rng(1).normal(0, 2, 400)
    drawn = resample(means(values), units_of(400, None), np.random.default_rng(2))
    assert drawn.std() == pytest.approx(values.std() / 20, rel=0.06)


def test_copies_of_a_patients_image_add_no_certainty():
    values = np.random.default_rng(1).normal(0, 2, 100)
    patients = [f"p{number // 4}" for number in range(400)]
    drawn = resample(means(values.repeat(4)), units_of(400, patients), np.random.default_rng(2))
    assert drawn.std() == pytest.approx(values.std() / 10, rel=0.06)


def test_percentiles_by_hand_without_what_has_no_figure():
    figures = np.append(np.arange(101.0), [np.nan, np.nan])
    assert percentile_interval(figures) == ((2.5, 97.5), 101)
    assert percentile_interval(np.array([np.nan, 1.0, np.nan])) is None


def test_intervals_by_patient_cover_and_those_by_image_do_not():
    rng = np.random.default_rng(11)
    covered = {"patient": 0, "image": 0}
    for _ in range(300):
        # 60 patients of 5 images; what is seen is mostly the patient's.
        right = (rng.normal(0, 1, 60).repeat(5) + rng.normal(0, 0.5, 300)) > 0
        for units in (units_of(300, [str(k // 5) for k in range(300)]), units_of(300, None)):
            found = percentile_interval(resample(means(right), units, rng, 300)[:, 0])
            assert found is not None
            (low, high), _ = found
            covered[units.kind] += low <= 0.5 <= high
    assert 0.91 <= covered["patient"] / 300 <= 0.98
    assert covered["image"] / 300 < 0.8


@pytest.mark.parametrize("size", [1, 4])
def test_chance_reaches_its_level_once_in_forty(size):
    rng = np.random.default_rng(3)
    above = 0
    for _ in range(300):
        said = rng.random(400 // size).repeat(size)
        hits = (rng.random(400 // size).repeat(size)) < said
        units = units_of(400, [str(k // size) for k in range(400)])
        level = chance_level(residuals(said, hits), units, rng, 200)
        above += expected_calibration_error(said, hits) > level
    assert above / 300 < 0.06


def test_two_thousand_resamples_of_624_images_take_a_moment():
    units = units_of(624, [str(k // 2) for k in range(624)])
    values = np.random.default_rng(0).random((624, 40))
    start_s = time.process_time()
    resample(lambda weights: weights @ values, units, np.random.default_rng(0))
    assert time.process_time() - start_s < 1
