"""Redrawing weights: what falls apart, what does not, and that the model is given back."""

import keras
import numpy as np
import pytest
from scipy.stats import spearmanr

from leadline.explain.grad_cam import find_stage, grad_cam
from leadline.explain.sanity_checks import (
    Randomisation,
    rank_similarity,
    redrawn,
    weight_randomisation,
    weighted_layers,
)


@pytest.fixture
def draw_maps(square_finder, squares):
    some = squares.pixels[squares.labels == 1][:20]
    stage = find_stage(square_finder)
    return lambda: grad_cam(square_finder, some, classes=1, stage=stage).maps


def test_similarity_is_spearmans_whatever_its_sign():
    rng = np.random.default_rng(0)
    ours = rng.random((4, 6, 5)).astype(np.float32)
    theirs = np.where(rng.random((4, 6, 5)) < 0.4, 0, 0.3 * rng.random((4, 6, 5)) - 0.5 * ours**2)
    theirs = np.maximum(theirs + 0.2, 0).astype(np.float32)
    expected = [
        abs(spearmanr(ours[row].ravel(), theirs[row].ravel()).statistic) for row in range(4)
    ]
    np.testing.assert_allclose(rank_similarity(ours, theirs), expected, rtol=1e-9)
    np.testing.assert_allclose(rank_similarity(ours, 1 - ours), 1)
    assert np.isnan(rank_similarity(ours, np.zeros_like(ours))).all()


def test_maps_of_a_trained_network_fall_apart(square_finder, draw_maps):
    found = weight_randomisation(square_finder, draw_maps, np.random.default_rng(0))
    assert (found.images, found.draws) == (20, 8)
    assert found.falls_apart
    assert found.falls_apart
    assert [step.layer for step in found.cascade] == list(reversed(weighted_layers(square_finder)))
    assert [step.layers for step in found.cascade] == [1, 2, 3]
    assert all(0 <= step.similarity <= 1 for step in found.cascade)


def test_maps_that_show_the_image_do_not_fall_apart(square_finder, squares):
    brightness = squares.pixels[..., 0].astype(np.float32)
    found = weight_randomisation(square_finder, lambda: brightness, np.random.default_rng(0))
    assert found.mean == pytest.approx(1)
    assert not found.falls_apart
    # Noise of different images has nothing in common but the square, where there is one.
    assert found.chance < 0.2


def test_the_draws_come_from_the_generator(square_finder, draw_maps):
    def drawn(seed):
        rng = np.random.default_rng(seed)
        found = weight_randomisation(square_finder, draw_maps, rng, draws=2, stops=0)
        assert found.cascade == ()
        return found.similarity

    first = drawn(4)
    np.testing.assert_array_equal(drawn(4), first)
    assert not np.array_equal(drawn(5), first, equal_nan=True)


def test_the_model_is_left_bit_by_bit_as_it_was(square_finder, draw_maps, squares):
    before = square_finder.get_weights()
    said = np.asarray(square_finder.predict(squares.pixels, verbose=0))
    weight_randomisation(square_finder, draw_maps, np.random.default_rng(0))
    for now, then in zip(square_finder.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    np.testing.assert_array_equal(square_finder.predict(squares.pixels, verbose=0), said)


def test_the_weights_come_back_after_a_failure(square_finder):
    before = square_finder.get_weights()
    during = []

    def fail():
        with redrawn(square_finder, np.random.default_rng(0)):
            during.extend(square_finder.get_weights())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert not (during[0] == before[0]).any()
    for now, then in zip(square_finder.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_redrawn_weights_are_glorots_and_only_those_asked_for(square_finder):
    names = weighted_layers(square_finder)
    before = square_finder.get_weights()
    with redrawn(square_finder, np.random.default_rng(0), names[1:2]):
        now = square_finder.get_weights()
    changed = [not np.array_equal(a, b) for a, b in zip(now, before, strict=True)]
    assert changed == [False, False, True, True, False, False]
    # 3 x 3 x 6 x 12: limit sqrt(6 / (9 (6 + 12))) = 0.19245.
    assert now[2].shape == (3, 3, 6, 12)
    assert 0.185 < np.abs(now[2]).max() < 0.19246
    assert now[2].std() == pytest.approx(0.19245 / np.sqrt(3), rel=0.1)
    assert not now[3].any()


def test_normalisation_begins_as_it_was_before_training():
    x = keras.Input((4, 4, 2))
    model = keras.Model(x, keras.layers.BatchNormalization()(x))
    model.set_weights([np.full(2, 7.0)] * 4)
    with redrawn(model, np.random.default_rng(0)):
        gamma, beta, mean, variance = model.get_weights()
    assert [one.tolist() for one in (gamma, beta, mean, variance)] == [
        [1, 1],
        [0, 0],
        [0, 0],
        [1, 1],
    ]
    assert all((one == 7).all() for one in model.get_weights())


def test_the_interval_is_over_images_and_draws_and_the_verdict_hangs_on_all_of_it():
    # Means of images 0.3 and 0.5, of draws 0.35 and 0.45: standard errors 0.1 and 0.05, together
    # sqrt(0.01 + 0.0025) = 0.1118; 1.96 times that around 0.4 is 0.181 to 0.619.
    shaky = Randomisation(np.array([[0.25, 0.35], [0.45, 0.55]]), 0.1)
    assert shaky.mean == pytest.approx(0.4)
    assert shaky.interval == pytest.approx((0.1809, 0.6191), abs=1e-4)
    assert not shaky.falls_apart
    assert Randomisation(np.full((9, 2), 0.45), 0.1).falls_apart
    assert not Randomisation(np.full((9, 2), 0.55), 0.1).falls_apart


def test_empty_maps_of_redrawn_networks_are_counted_not_averaged():
    nan = np.nan
    found = Randomisation(np.array([[0.8, nan], [nan, 0.6], [nan, nan], [0.7, 0.7]]), 0.1)
    assert found.empty_share == 0.5
    assert found.mean == pytest.approx(0.7)
    nothing = Randomisation(np.full((3, 2), nan), 0.0)
    assert (nothing.mean, nothing.falls_apart) == (0.0, True)


def test_where_every_map_is_empty_there_is_nothing_to_check(square_finder, draw_maps):
    nothing = np.zeros_like(draw_maps())
    found = weight_randomisation(square_finder, lambda: nothing, np.random.default_rng(0))
    assert (found.images, found.interval) == (0, None)


def test_one_image_has_no_interval():
    assert Randomisation(np.array([[0.2]]), float("nan")).interval is None
    assert Randomisation(np.array([[0.2]]), float("nan")).falls_apart
