"""Strokes of images whose edges are known, and the other HOG as an oracle."""

import numpy as np
import pytest

from leadline.serving.strokes import hog_strokes


def test_an_even_image_has_none():
    assert not hog_strokes(np.full((28, 28), 9, np.uint8)).any()


@pytest.mark.parametrize(
    ("turned", "expected"),
    [
        # Brightness falls from top to bottom: its edge lies flat, on the border of bins 0 and 11.
        (lambda ramp: ramp, {0}),
        (lambda ramp: ramp.T, {6}),
    ],
)
def test_a_ramp_has_one_direction(turned, expected):
    ramp = np.repeat(np.arange(0, 252, 9, dtype=np.uint8)[:, None], 28, axis=1)
    found = hog_strokes(turned(ramp))
    assert found.shape == (7, 7, 12)
    assert set(found[3, 3].nonzero()[0]) == expected
    assert found.max() == 1


def test_the_same_sums_as_scikit_image():
    feature = pytest.importorskip("skimage.feature")
    image = np.random.default_rng(1).integers(0, 256, (28, 28), np.uint8)
    found = hog_strokes(image)
    # Theirs is normalised by cell, and tells directions of gradients, at 90° to those of strokes.
    theirs = feature.hog(
        image, orientations=12, pixels_per_cell=(4, 4), cells_per_block=(1, 1),
        block_norm="L1", feature_vector=False,
    )[:, :, 0, 0]  # fmt: skip
    ours = np.roll(found, 6, axis=2)
    ours = ours / ours.sum(axis=2, keepdims=True)
    np.testing.assert_allclose(ours, theirs, atol=2e-3)
