"""Near-duplicates of small images: planted copies are found, look-alikes are not."""

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.data.audit.making import made_records

from leadline.data.audit.neighbours import nearest
from leadline.data.audit.similar import similar_images
from leadline.data.audit.small_copies import small_copies

COPIES = 60


def halved(image):
    return np.asarray(Image.fromarray(image).resize((14, 14)).resize((28, 28)))


def recompressed(image):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=10)
    return np.asarray(Image.open(file))


CHANGES = {
    "down": (lambda image: np.roll(image, 1, axis=0), 0.95),
    "left": (lambda image: np.roll(image, -1, axis=1), 0.95),
    "halved": (halved, 0.95),
    "recompressed": (recompressed, 0.8),
}


@pytest.mark.parametrize("change", CHANGES)
def test_planted_copies_of_digits_are_found_and_nothing_else(digits, change):
    images = digits.train.pixels[..., 0]
    alter, at_least = CHANGES[change]
    originals = np.arange(0, len(images), len(images) // COPIES)[:COPIES]
    together = np.concatenate([images, [alter(images[index]) for index in originals]])
    pairs, correlations = small_copies(together, np.arange(len(together)))
    expected = {(int(index), len(images) + n) for n, index in enumerate(originals)}
    found = set(map(tuple, pairs.tolist()))
    assert len(found & expected) >= at_least * COPIES
    # Of 2,000 digits by hundreds of writers, hardly any two are as alike as a copy.
    assert len(found - expected) <= 2
    assert ((correlations > 0.8) & (correlations <= 1 + 1e-6)).all()


def test_equal_pixels_are_no_near_duplicates(digits):
    images = digits.train.pixels[:1_000, ..., 0]
    sums = np.concatenate([np.arange(1_000), np.arange(1_000)])
    pairs, _ = small_copies(np.concatenate([images, images]), sums)
    assert (sums[pairs[:, 0]] != sums[pairs[:, 1]]).all()
    assert len(pairs) <= 8


def test_flat_images_are_near_to_none():
    flat = np.stack([np.full((28, 28), level, np.uint8) for level in range(0, 200, 10)])
    assert len(small_copies(flat, np.arange(20))[0]) == 0


def test_two_images_are_too_few_to_tell():
    images = np.random.default_rng(0).integers(0, 256, (2, 28, 28), dtype=np.uint8)
    assert len(small_copies(images, np.arange(2))[0]) == 0


def test_digits_saved_as_files_are_compared_at_their_own_size(digits):
    """The audit enlarges small files to 64 px; a shift by one pixel is found all the same."""
    images = digits.train.pixels[:300, ..., 0]
    together = np.concatenate([images, np.roll(images[:20], 1, axis=2)])
    enlarged = [np.asarray(Image.fromarray(image).resize((64, 64))) for image in together]
    records = made_records({"train": (300,), "test": (20,)}, thumbnails=np.stack(enlarged))
    sizes = records.sizes.copy()
    sizes[:, :2] = 28
    across = similar_images(replace(records, sizes=sizes))[0]
    assert across.splits == ("train", "test")
    assert 18 <= across.count <= 24


@settings(max_examples=30)
@given(
    n=st.integers(1, 40),
    k=st.integers(1, 8),
    block=st.sampled_from([3, 8, 64]),
    seed=st.integers(0, 99),
)
def test_neighbours_are_those_of_a_full_sort(n, k, block, seed):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    same = rng.integers(0, n, n)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("leadline.data.audit.neighbours.BLOCK", block)
        found = nearest(vectors, k, same)
    cosines = vectors @ vectors.T
    cosines[same[:, None] == same] = -np.inf
    expected = -np.sort(-cosines, axis=1)[:, :k]
    width = expected.shape[1]
    np.testing.assert_allclose(found.similarities[:, :width], expected, atol=1e-5)
    assert ((found.positions < 0) == np.isneginf(found.similarities)).all()
