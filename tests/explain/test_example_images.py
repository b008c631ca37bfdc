"""The images beside the confused pairs, and those that are explained."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from leadline.data.dataset import Images
from leadline.explain.example_images import confused_examples, decisions, telling_examples
from leadline.metrics.classification import evaluate

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


def two_classes(positive):
    positive = np.array(positive, np.float32)
    return np.stack([1 - positive, positive], axis=1)


def test_the_surest_right_and_wrong_and_the_least_sure_of_both_classes():
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    probabilities = two_classes([0.1, 0.05, 0.9, 0.45, 0.99, 0.7, 0.2, 0.52])
    found = telling_examples(probabilities, labels, each=2)
    assert [(one.kind, one.index) for one in found] == [
        ("right", 1), ("right", 4), ("wrong", 2), ("wrong", 6), ("uncertain", 3), ("uncertain", 7),
    ]  # fmt: skip


def test_an_operating_point_decides_what_is_right_and_what_is_near():
    labels = np.array([0, 0, 1, 1])
    probabilities = two_classes([0.1, 0.28, 0.35, 0.9])
    found = telling_examples(probabilities, labels, positive=1, threshold=0.3, each=1)
    assert [(one.kind, one.index) for one in found] == [("right", 0), ("uncertain", 1)]
    assert decisions(probabilities, 1, 0.3).tolist() == [0, 0, 1, 1]
    assert decisions(probabilities, 0, 0.85).tolist() == [0, 1, 1, 1]
    assert decisions(probabilities).tolist() == [0, 0, 0, 1]


def test_a_threshold_between_neighbouring_numbers_decides_as_the_figures_do():
    """Rounded to single precision it would be the lower number, and call that positive."""
    high = np.float32(0.75)
    low = np.nextafter(high, np.float32(0))
    threshold = (float(low) + float(high)) / 2 - 1e-12
    probabilities = np.array([[1 - low, low], [1 - high, high]], np.float32)
    assert np.float32(threshold) == low
    assert decisions(probabilities, 1, threshold).tolist() == [0, 1]


def test_classes_take_turns_and_stand_together():
    # Class 2 is surest by far, and still gives way to one image of each other class.
    probabilities = np.array(
        [[0.6, 0.3, 0.1], [0.3, 0.7, 0], [0, 0, 1], [0.01, 0, 0.99], [0.02, 0, 0.98]], np.float32
    )
    found = telling_examples(probabilities, np.array([0, 1, 2, 2, 2]), each=4)
    assert [one.index for one in found if one.kind == "right"] == [0, 1, 2, 3]
    assert [one.index for one in found if one.kind == "uncertain"] == [4]


@given(
    st.integers(0, 30).flatmap(
        lambda n: st.tuples(
            st.lists(st.floats(0, 1, width=32), min_size=n, max_size=n),
            st.lists(st.integers(0, 1), min_size=n, max_size=n),
        )
    )
)
def test_no_image_twice_and_kinds_are_true(drawn):
    probabilities, labels = two_classes(drawn[0]).reshape(-1, 2), np.array(drawn[1], np.int64)
    found = telling_examples(probabilities, labels)
    indices = [one.index for one in found]
    assert len(set(indices)) == len(indices)
    decided = decisions(probabilities)
    for one in found:
        if one.kind != "uncertain":
            assert (decided[one.index] == labels[one.index]) == (one.kind == "right")
