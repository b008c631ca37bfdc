"""All that a run folder keeps of where a network looks, on the network that finds squares."""

import keras
import numpy as np
import pytest

from leadline.data.dataset import Images
from leadline.explain.explanations import evenly_spaced, explain_model
from leadline.explain.grad_cam import grad_cam


@pytest.fixture(scope="module")
def said(square_finder, squares):
    images = Images(squares.pixels, squares.labels, tuple(map(str, range(60))))
    probabilities = np.asarray(square_finder.predict(squares.pixels, verbose=0))
    return images, probabilities


@pytest.fixture(scope="module")
def found(square_finder, said):
    explained = explain_model(square_finder, said[0], said[1], np.random.default_rng(0))
    assert explained is not None
    return explained


def test_each_image_has_its_maps_and_its_answer(found, said, square_finder):
    images, probabilities = said
    n = len(found.kinds)
    assert (found.method, found.layer, found.size) == ("Grad-CAM", "filters_12", (12, 12))
    assert set(found.kinds) <= {"right", "wrong", "uncertain"}
    assert found.kinds.count("right") == 4
    np.testing.assert_array_equal(found.images, images.pixels[found.indices])
    np.testing.assert_array_equal(found.true, images.labels[found.indices])
    np.testing.assert_array_equal(found.probability, probabilities[found.indices, found.decided])
    again = grad_cam(square_finder, found.images, classes=found.decided)
    np.testing.assert_allclose(found.maps, again.maps, atol=1e-5)
    assert found.random_maps.shape == found.maps.shape
    assert not np.allclose(found.random_maps, found.maps, atol=0.1)
    assert len(found.border) == n
    assert len(found.border_sample) == 60


def test_a_network_that_looks_at_the_square_passes(found):
    assert found.randomisation.images <= 16
    assert found.randomisation.falls_apart
    assert 0 <= np.nanmean(found.border_sample) <= 1


def test_the_same_again(square_finder, said, found):
    again = explain_model(square_finder, said[0], said[1], np.random.default_rng(0))
    assert again is not None
    np.testing.assert_array_equal(again.maps, found.maps)
    np.testing.assert_array_equal(again.random_maps, found.random_maps)
    assert again.randomisation.mean == found.randomisation.mean


def test_the_decision_at_a_threshold_is_what_is_explained(square_finder, said):
    images, probabilities = said
    strict = explain_model(
        square_finder, images, probabilities, np.random.default_rng(0), positive=1, threshold=1.01
    )
    assert strict is not None
    assert set(strict.decided.tolist()) == {0}
    assert (strict.positive, strict.threshold) == (1, 1.01)
    expected = grad_cam(square_finder, strict.images, classes=0)
    np.testing.assert_allclose(strict.maps, expected.maps, atol=1e-5)
    wrong = [kind == "wrong" for kind in strict.kinds]
    assert strict.true[wrong].tolist() == [1, 1, 1, 1]


def test_large_images_are_kept_smaller():
    image = keras.Input((300, 450, 1), dtype="uint8")
    x = keras.layers.Rescaling(1 / 255)(image)
    x = keras.layers.Conv2D(2, 5, strides=50)(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    model = keras.Model(image, keras.layers.Dense(2, activation="softmax")(x))
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (3, 300, 450, 1), dtype=np.uint8)
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]], np.float32)
    images = Images(pixels, np.array([0, 1, 1]), ("a", "b", "c"))
    found = explain_model(model, images, probabilities, rng)
    assert found is not None
    assert found.images.shape == (3, 149, 224, 1)
    assert found.maps.shape == found.random_maps.shape == (3, 149, 224)
    assert found.maps.max() <= 1


def test_without_convolution_there_is_nothing_to_tell(said):
    images, probabilities = said
    x = keras.Input((24, 24, 1), dtype="uint8")
    y = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(x))
    model = keras.Model(x, keras.layers.Dense(2, activation="softmax")(y))
    assert explain_model(model, images, probabilities, np.random.default_rng(0)) is None


@pytest.mark.parametrize(
    ("n", "most", "expected"),
    [(5, 9, [0, 1, 2, 3, 4]), (9, 3, [0, 4, 8]), (1, 4, [0]), (0, 4, [])],
)
def test_a_sample_is_spread_over_all(n, most, expected):
    assert evenly_spaced(n, most).tolist() == expected
