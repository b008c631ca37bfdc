"""The images beside the confused pairs."""

import numpy as np

from leadline.data.dataset import Images
from leadline.evaluation.metrics import evaluate
from leadline.explain.examples import confused_examples

CLASSES = ("cat", "dog", "owl")


def test_five_a_direction_the_most_confident_first_and_each_image_its_own():
    # 7 cats taken for dogs, ever more confidently; 1 dog taken for a cat; 2 owls are right.
    sure = np.array([0.50, 0.55, 0.60, 0.65, 0.70, 0.75, 0.80])
    cats = np.stack([0.9 - sure, sure, np.full(7, 0.1)], axis=1)
    others = np.array([[0.9, 0.1, 0.0], [0.0, 0.0, 1.0], [0.0, 0.1, 0.9]])
    probabilities = np.concatenate([cats, others]).astype(np.float32)
    labels = np.array([0] * 7 + [1, 2, 2])
    pixels = np.arange(10, dtype=np.uint8).reshape(10, 1, 1, 1)
    images = Images(pixels, labels, tuple("abcdefghij"))

    found = confused_examples(evaluate(probabilities, labels, CLASSES), images, probabilities)

    assert found["index"].tolist() == [6, 5, 4, 3, 2, 7]
    assert found["true"].tolist() == [0, 0, 0, 0, 0, 1]
    assert found["predicted"].tolist() == [1, 1, 1, 1, 1, 0]
    np.testing.assert_allclose(found["probability"], [0.8, 0.75, 0.7, 0.65, 0.6, 0.9], rtol=1e-6)
    assert found["pixels"].ravel().tolist() == [6, 5, 4, 3, 2, 7]


def test_nothing_confused_gives_arrays_of_length_zero():
    probabilities = np.eye(3, dtype=np.float32)
    images = Images(np.zeros((3, 4, 5, 1), np.uint8), np.arange(3), ("a", "b", "c"))
    found = confused_examples(
        evaluate(probabilities, images.labels, CLASSES), images, probabilities
    )
    assert found["pixels"].shape == (0, 4, 5, 1)
    assert {len(array) for array in found.values()} == {0}
