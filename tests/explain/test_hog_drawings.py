"""Strokes of images whose edges are known, and both HOGs, ours and scikit-image's, as oracles."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays

from leadline.explain.hog_drawings import hog_settings, hog_strokes, stroke_degrees, usual_cell_px

HOG = {"kind": "hog", "orientations": 9, "cell_px": 16, "block_cells": 2, "block_norm": "L2"}


def corner():
    """12 × 12 px, dark in the upper left quarter, and light elsewhere."""
    image = np.full((12, 12, 1), 200, np.uint8)
    image[:6, :6] = 0
    return image


def test_an_even_image_has_none():
    assert not hog_strokes(np.full((28, 28, 1), 9, np.uint8)).any()


@pytest.mark.parametrize(
    ("turned", "expected"), [(lambda ramp: ramp, 6), (lambda ramp: ramp.transpose(1, 0, 2), 0)]
)
def test_a_ramp_has_one_direction(turned, expected):
    ramp = np.repeat(np.arange(0, 252, 9, dtype=np.uint8)[:, None, None], 28, axis=1)
    found = hog_strokes(turned(ramp))
    assert found.shape == (7, 7, 12)
    assert set(found[3, 3].nonzero()[0]) == {expected}
    assert found.max() == 1


def test_a_stroke_runs_along_its_edge():
    # Gradients around 7.5 degrees from the right are those of an edge that stands.
    assert stroke_degrees(12)[[0, 6]].tolist() == [97.5, 7.5]
    assert stroke_degrees(9).tolist() == [100, 120, 140, 160, 0, 20, 40, 60, 80]


def test_a_corner_by_hand():
    found = hog_strokes(corner(), orientations=2, cell_px=6)
    # Gradients of 200 lie in columns 5 and 6 of rows 0 to 5 (bin 0: the edge stands), and in rows 5
    # and 6 of columns 0 to 5 (bin 1: it lies). Pixel (5, 5) has both: 45 degrees, which is bin 0.
    both = np.hypot(200, 200)
    expected = np.array([[[5 * 200 + both, 5 * 200], [6 * 200, 0]], [[0, 6 * 200], [0, 0]]])
    np.testing.assert_allclose(found, expected / expected.max(), rtol=1e-6)


def images(channels):
    sides = some.tuples(some.integers(1, 21), some.integers(1, 21))
    return sides.flatmap(lambda side: arrays(np.uint8, (*side, channels)))


@settings(max_examples=60, deadline=None)
@given(
    some.sampled_from([1, 3]).flatmap(images),
    some.sampled_from([1, 2, 8, 9, 12, 16]),
    some.integers(1, 8),
)
def test_the_cells_are_those_of_the_features(image, orientations, cell_px):
    pytest.importorskip("keras")
    from leadline.features.hog import cell_histograms

    found = hog_strokes(image, orientations=orientations, cell_px=cell_px)
    if 0 in found.shape:
        assert min(image.shape[:2]) < cell_px
        return
    cells = np.asarray(cell_histograms(image[None], orientations, cell_px))[0]
    np.testing.assert_allclose(found * cells.max(), cells, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("orientations", "cell_px"), [(12, 4), (9, 8)])
def test_the_same_sums_as_scikit_image(orientations, cell_px):
    feature = pytest.importorskip("skimage.feature")
    image = np.random.default_rng(1).integers(0, 256, (28, 28), np.uint8)
    found = hog_strokes(image[..., None], orientations=orientations, cell_px=cell_px)
    theirs = feature.hog(
        image, orientations=orientations, pixels_per_cell=(cell_px, cell_px),
        cells_per_block=(1, 1), block_norm="L1", feature_vector=False,
    )[:, :, 0, 0]  # fmt: skip
    # Theirs is normalised by cell.
    ours = found / found.sum(axis=2, keepdims=True)
    np.testing.assert_allclose(ours, theirs, atol=2e-3)


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        (HOG, (9, 16)),
        ({"kind": "pixels"}, None),
        ({}, None),
        ({"kind": "hog"}, None),
        (HOG | {"orientations": 10**9}, None),
        (HOG | {"orientations": 0}, None),
        (HOG | {"cell_px": 0}, None),
        (HOG | {"cell_px": True}, None),
        (HOG | {"cell_px": "4"}, None),
    ],
)
def test_settings_of_a_model(features, expected):
    assert hog_settings(features) == expected


@pytest.mark.parametrize(
    ("size_px", "expected"),
    [((28, 28), 4), ((64, 64), 4), ((224, 224), 14), ((100, 300), 19), ((3, 90), 3), ((1, 1), 1)],
)
def test_cells_of_images_whose_model_has_none(size_px, expected):
    assert usual_cell_px(*size_px) == expected
