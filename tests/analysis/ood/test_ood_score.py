"""The OOD score: against an independent library, by its properties, and on real images."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from sklearn.covariance import EmpiricalCovariance
from tests.analysis.ood import strangers

from leadline.analysis.ood.ood_score import false_alarms, fit_ood_score, ood_score_from
from leadline.data.sources.source_list import load_dataset
from leadline.data.splits import split_dataset
from leadline.errors import DataError
from leadline.experiments import Data


def drawn(n, side_px=24, seed=0):
    """Blurred discs of many sizes and places, brighter to the top left, lit differently."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side_px, :side_px] / side_px
    cy, cx, radius = rng.uniform(0.3, 0.5, (3, n, 1, 1))
    disc = 1 / (1 + np.exp(((y - cy) ** 2 + (x - cx) ** 2 - (radius / 2) ** 2) * 60))
    noise = rng.normal(0, 0.02, disc.shape)
    light = rng.uniform(0.5, 1, (n, 1, 1))
    grey = np.clip(255 * light * (0.8 * disc + 0.2 * (1 - y) + noise), 0, 255)
    return grey.astype(np.uint8)[..., None]


@pytest.fixture(scope="module")
def ood_score():
    return fit_ood_score(drawn(400), drawn(300, seed=1))


def test_the_distance_is_mahalanobis_where_all_directions_are_kept():
    """Two by three pixels: twelve numbers, of which the last six never vary."""
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (500, 2, 3, 1)).astype(np.uint8)
    ood_score = fit_ood_score(pixels, pixels)
    thumbnails = ood_score.thumbnails(pixels)
    # Six numbers with mean 0 and variance 1 have four directions; scikit-learn takes those.
    axes = ood_score.directions[:, ood_score.variances > 1e-3]
    assert axes.shape[1] >= 5
    seen = (thumbnails - ood_score.mean) @ axes
    oracle = EmpiricalCovariance(assume_centered=True).fit(seen).mahalanobis(seen)
    distance, _ = ood_score.answers(thumbnails)
    np.testing.assert_allclose(distance * 12, oracle, rtol=0.02)


def test_training_images_are_at_distance_one(ood_score):
    distance, _ = ood_score.answers(ood_score.thumbnails(drawn(400)))
    assert distance.mean() == pytest.approx(1, abs=0.01)


def test_ninety_nine_of_a_hundred_validation_images_stay_in_scope(ood_score):
    flagged = (ood_score.score(drawn(300, seed=1)) > 1).sum()
    assert flagged == 300 - 298  # the 298th smallest, ceil(0.99 * 301), is the limit itself


def test_new_images_of_the_same_kind_are_flagged_about_as_often(ood_score):
    assert (ood_score.score(drawn(2000, seed=2)) > 1).mean() < 0.03


@pytest.mark.parametrize(
    "other",
    [
        lambda images: 255 - images,
        lambda images: images[:, ::-1, ::-1],
        lambda images: np.full_like(images, 128),
        np.zeros_like,
        lambda images: np.random.default_rng(5).integers(0, 256, images.shape).astype(np.uint8),
        lambda images: np.pad(images[:, ::2, ::2], ((0, 0), (0, 12), (0, 12), (0, 0))),
    ],
    ids=["inverted", "turned", "grey", "black", "noise", "small"],
)
def test_other_images_are_flagged(ood_score, other):
    assert (ood_score.score(other(drawn(50, seed=2))) > 1).all()


@given(st.integers(-40, 60), st.floats(0.7, 1.0))
@settings(max_examples=20)
def test_exposure_is_not_flagged(ood_score, lighter, contrast):
    images = np.clip(drawn(20, seed=7) * contrast * 0.7 + lighter + 40, 0, 255).astype(np.uint8)
    assert (ood_score.score(images) > 1).mean() <= 0.1


def test_equal_images_give_equal_scores(ood_score):
    again = fit_ood_score(drawn(400), drawn(300, seed=1))
    np.testing.assert_array_equal(again.score(drawn(9, seed=4)), ood_score.score(drawn(9, seed=4)))


@pytest.mark.parametrize("shape", [(8, 8, 1), (9, 30, 3), (1, 1, 1), (16, 16, 3)])
@pytest.mark.parametrize("n", [2, 7])
def test_few_and_small_images_have_finite_scores(shape, n):
    rng = np.random.default_rng(0)
    train, other = (rng.integers(0, 256, (n, *shape)).astype(np.uint8) for _ in range(2))
    scores = fit_ood_score(train, train).score(other)
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()
    assert (scores >= 0).all()


def test_few_training_images_leave_half_of_their_directions_to_the_rest():
    few = fit_ood_score(drawn(20), drawn(50, seed=1))
    assert few.directions.shape == (272, 10)
    assert few.rest > 1e-4  # 20 images in 19 directions would leave nothing


def test_training_images_that_are_all_alike_are_in_scope_and_others_are_not():
    alike = np.repeat(drawn(1), 5, axis=0)
    ood_score = fit_ood_score(alike, alike)
    assert (ood_score.score(alike) <= 1).all()
    assert (ood_score.score(255 - alike) > 1).all()


def test_colour_counts_as_its_grey(ood_score):
    grey = drawn(400)
    colour = fit_ood_score(np.repeat(grey, 3, axis=3), np.repeat(drawn(300, seed=1), 3, axis=3))
    images = drawn(9, seed=4)
    np.testing.assert_allclose(
        colour.score(np.repeat(images, 3, axis=3)), ood_score.score(images), rtol=1e-3
    )


def test_a_score_goes_through_a_file(ood_score, tmp_path):
    np.savez(tmp_path / "ood.npz", **ood_score.arrays())
    with np.load(tmp_path / "ood.npz", allow_pickle=False) as file:
        again = ood_score_from(file)
    np.testing.assert_array_equal(again.score(drawn(9)), ood_score.score(drawn(9)))


def test_a_score_is_small(ood_score):
    assert sum(array.nbytes for array in ood_score.arrays().values()) < 40_000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mean", None),
        ("mean", np.zeros(5, np.float32)),
        ("variances", np.zeros(32, np.float32)),
        ("rest", np.array(np.nan)),
        ("farthest", np.array(-1.0)),
        ("image_shape", np.array([24, 24])),
        ("image_shape", np.array([0, 24, 1])),
        ("directions", np.array("text")),
    ],
)
def test_damaged_arrays_are_refused(ood_score, name, value):
    arrays = {**ood_score.arrays(), name: value}
    if value is None:
        del arrays[name]
    with pytest.raises(DataError):
        ood_score_from(arrays)


def test_too_few_images_are_refused():
    with pytest.raises(DataError, match=r"2 training images and 1 to validate it. Received: 1 and"):
        fit_ood_score(drawn(1), drawn(5))
    with pytest.raises(DataError, match=r"Received: 5 and 0\."):
        fit_ood_score(drawn(5), drawn(5)[:0])


def test_another_size_is_refused(ood_score):
    with pytest.raises(DataError, match=r"Received: uint8 \(2, 28, 28, 1\)"):
        ood_score.score(drawn(2, side_px=28))


@pytest.mark.slow
def test_five_thousand_films_are_fitted_quickly():
    images = np.random.default_rng(0).integers(0, 256, (5000, 224, 224, 1), dtype=np.uint8)
    before = time.process_time()
    fit_ood_score(images, images[:500])
    assert time.process_time() - before < 5


@pytest.mark.slow
def test_digits_know_digits(mnist):
    train, test = mnist.train.pixels, mnist.test.pixels
    ood_score = fit_ood_score(train[:54_000], train[54_000:])
    assert 0.005 < (ood_score.score(test) > 1).mean() < 0.015
    assert (ood_score.score(255 - test[:1000]) > 1).mean() > 0.99
    noise = np.random.default_rng(0).integers(0, 256, (100, 28, 28, 1)).astype(np.uint8)
    assert (ood_score.score(noise) > 1).all()
    smooth = ndimage.gaussian_filter(noise.astype(float), (0, 4, 4, 0))
    stretched = (255 * (smooth - smooth.min()) / np.ptp(smooth)).astype(np.uint8)
    assert (ood_score.score(stretched) > 1).mean() > 0.95


FLAGGED_AT_LEAST = {
    "faces": 0.95,
    "noise smoothed by 48 px": 0.9,
    "one soft blob": 0.6,
    "tilted by 30°": 0.9,
    "tilted by 20°": 0.3,
    "tilted by 10°": 0,
    "mirrored": 0,
    "middle, half of the side": 0.2,
    "much noise (σ = 40)": 0,
    "strongly blurred (σ = 8 px)": 0,
}
"""Of each kind; of all others at least 0.99. What is 0 here docs/model-file.md says it misses."""


@pytest.fixture(scope="module")
def films(chest_folder):
    """Train, validation and test films, 64 px, carved by patient."""
    data = Data(
        source="chest-xray",
        size_px=(64, 64),
        group_pattern=r"^(person\d+_(?:bacteria|virus)|(?:NORMAL2-)?IM-\d+)",
    )
    return split_dataset(load_dataset(data, path=chest_folder), data, np.random.default_rng(0))


@pytest.fixture(scope="module")
def film_score(films):
    return fit_ood_score(films.train.images.pixels, films.validation.images.pixels)


@pytest.mark.slow
def test_films_are_in_scope(films, film_score):
    test = films.test.images
    found = false_alarms(film_score.score(test.pixels), test.groups)
    assert found.n == 624
    assert found.flagged <= 12  # 2%; 1% is expected of films drawn as the validation films were
    for name, change in strangers.harmless(np.random.default_rng(0)).items():
        spoilt = change(test.pixels[::4, ..., 0])[..., None]
        assert (film_score.score(spoilt) > 1).mean() < 0.06, name


@pytest.mark.slow
def test_what_is_no_film_is_flagged(film_score, mnist):
    digits = np.stack([strangers.resized(one[..., 0], 64) for one in mnist.test.pixels[:200]])
    found = [("digits", digits), *strangers.pictures(64, np.random.default_rng(0))]
    for name, pictures in found:
        share = (film_score.score(pictures[..., None]) > 1).mean()
        assert share >= FLAGGED_AT_LEAST.get(name, 0.99), name


@pytest.mark.slow
def test_films_as_they_should_not_be_are_flagged(films, film_score):
    some = films.test.images.pixels[::4, ..., 0]
    for name, change in strangers.changes(np.random.default_rng(0)).items():
        share = (film_score.score(change(some)[..., None]) > 1).mean()
        assert share >= FLAGGED_AT_LEAST.get(name, 0.99), name
