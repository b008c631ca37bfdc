"""Near-duplicates of small images: planted copies are found, look-alikes are not."""

import io
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.data.audit.making import made_records, search

from leadline.data.audit import nearest_neighbours
from leadline.data.audit.checks.duplicates import NearDuplicate
from leadline.data.audit.nearest_neighbours import Neighbours, nearest
from leadline.data.audit.small_near_duplicates import _matched_distances, small_copies

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
    across = search(NearDuplicate(), replace(records, sizes=sizes))[0]
    assert across.splits == ("train", "test")
    assert 18 <= across.count <= 24


def test_copies_among_very_many_images_are_found(digits, monkeypatch):
    """Beyond a number, images are compared with those of the nearest cells only."""
    images = digits.train.pixels[..., 0]
    together = np.concatenate([images, np.roll(images[::40], 1, axis=1)])
    sums = np.arange(len(together))
    exact, _ = small_copies(together, sums)
    compared = 0
    compare = nearest_neighbours._compare

    def counting(vectors, rows, columns, *others):
        nonlocal compared
        compared += len(rows) * len(columns)
        compare(vectors, rows, columns, *others)

    monkeypatch.setattr(nearest_neighbours, "MOST_COMPARED", 100)
    monkeypatch.setattr(nearest_neighbours, "_compare", counting)
    found, _ = small_copies(together, sums)
    assert compared < len(together) ** 2 / 5
    assert len(exact) >= 45
    both = set(map(tuple, found.tolist())) & set(map(tuple, exact.tolist()))
    assert len(both) >= 0.95 * len(exact)


@pytest.mark.parametrize("most_compared", [1000, 100])
def test_progress_counts_images(digits, monkeypatch, most_compared):
    monkeypatch.setattr(nearest_neighbours, "BLOCK", 100)
    monkeypatch.setattr(nearest_neighbours, "MOST_COMPARED", most_compared)
    reports: list[tuple[str, int, int]] = []
    images = digits.train.pixels[:300, ..., 0]
    small_copies(images, np.arange(300), lambda *report: reports.append(report))
    assert reports[-1] == ("compare", 300, 300)
    assert reports == sorted(reports)
    assert len(reports) >= 3


def test_images_are_in_memory_as_floats_twice_at_most():
    """A data set of a million small images has 3 GB of float32 pixels."""
    n = 6_000
    images = np.random.default_rng(0).integers(0, 256, (n, 28, 28), dtype=np.uint8)
    near = Neighbours(np.arange(n)[::-1, None].copy(), np.ones((n, 1), np.float32))
    tracemalloc.start()
    _matched_distances(images, near)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 3.5 * 4 * images.size


@settings(max_examples=30)
@given(
    n=st.integers(1, 40),
    k=st.integers(1, 8),
    block=st.sampled_from([3, 8, 64]),
    most_compared=st.sampled_from([0, 40]),
    seed=st.integers(0, 99),
)
def test_neighbours_are_those_of_a_full_sort(n, k, block, most_compared, seed):
    """Also with cells, if each vector looks into all of them."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    same = rng.integers(0, n, n)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest_neighbours, "BLOCK", block)
        patch.setattr(nearest_neighbours, "MOST_COMPARED", most_compared)
        patch.setattr(nearest_neighbours, "PROBES", 7)
        found = nearest(vectors, k, same)
    cosines = vectors @ vectors.T
    cosines[same[:, None] == same] = -np.inf
    expected = -np.sort(-cosines, axis=1)[:, :k]
    width = expected.shape[1]
    np.testing.assert_allclose(found.similarities[:, :width], expected, atol=1e-5)
    assert ((found.positions < 0) == np.isneginf(found.similarities)).all()
