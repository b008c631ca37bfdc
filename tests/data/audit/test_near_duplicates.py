"""Near-duplicates: altered copies are found, look-alikes are not."""

import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance
from tests.data.audit.making import made_records, search, textured

from leadline.data.audit.checks.duplicates import NearDuplicate
from leadline.data.audit.near_duplicates import similar_pairs

PX = 64


def scene(seed: int) -> Image.Image:
    """Smooth blobs, as films have, with some grain; 200 px."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(30, 220, (14, 14)).astype(np.uint8))
    smooth = np.asarray(coarse.resize((200, 200), Image.Resampling.BICUBIC), np.float64)
    return Image.fromarray(np.clip(smooth + rng.normal(0, 3, (200, 200)), 0, 255).astype(np.uint8))


def small(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("L").resize((PX, PX), Image.Resampling.BILINEAR))


def recompressed(image: Image.Image) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=20)
    return Image.open(io.BytesIO(file.getvalue()))


ALTERED = {
    "recompressed": recompressed,
    "halved": lambda image: image.resize((100, 100)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.1),
    "contrast": lambda image: ImageEnhance.Contrast(image).enhance(0.8),
    "gamma": lambda image: image.point(lambda value: 255 * (value / 255) ** 0.8),
}


@pytest.mark.parametrize("change", ALTERED)
def test_an_altered_copy_is_found(change):
    others = [small(scene(seed)) for seed in range(1, 30)]
    images = np.stack([small(scene(0)), *others, small(ALTERED[change](scene(0)))])
    pairs, correlations = similar_pairs(images, np.arange(31))
    assert pairs.tolist() == [[0, 30]]
    assert correlations[0] > 0.9


@pytest.mark.parametrize(
    "change", [lambda i: i.transpose(Image.Transpose.FLIP_LEFT_RIGHT), lambda i: i.rotate(20)]
)
def test_another_image_is_not(change):
    images = np.stack([small(scene(0)), small(change(scene(0)))])
    assert len(similar_pairs(images, np.arange(2))[0]) == 0


def test_the_pairs_are_those_of_an_exhaustive_search():
    rng = np.random.default_rng(1)
    base = textured(rng, 60, PX).astype(np.int64)
    copies = base[:25] + rng.integers(-6, 7, (25, PX, PX))
    images = np.clip(np.concatenate([base, copies]), 0, 255).astype(np.uint8)
    found = {tuple(pair) for pair in similar_pairs(images, np.arange(85))[0].tolist()}
    assert found == {(index, 60 + index) for index in range(25)}


@pytest.mark.parametrize(("share", "found"), [(0.8, False), (0.97, True)])
def test_the_same_blobs_with_other_grain_are_not_enough(share, found):
    rng = np.random.default_rng(5)
    coarse = Image.fromarray(rng.integers(60, 200, (4, 4)).astype(np.uint8))
    blobs = np.asarray(coarse.resize((PX, PX), Image.Resampling.BICUBIC), np.float64)
    one, other = rng.normal(0, 12, (2, PX, PX))
    mixed = share * one + np.sqrt(1 - share**2) * other
    images = np.clip([blobs + one, blobs + mixed], 0, 255).astype(np.uint8)
    # As a whole they are alike either way.
    assert np.corrcoef(images.reshape(2, -1))[0, 1] > 0.95
    assert len(similar_pairs(images, np.arange(2))[0]) == found


def test_blocks_hide_no_pair(monkeypatch):
    images = np.stack([small(scene(seed)) for seed in (0, 1, 2, 3, 0, 1, 0)])
    sums = np.arange(7)
    expected = sorted(similar_pairs(images, sums)[0].tolist())
    assert expected == [[0, 4], [0, 6], [1, 5], [4, 6]]
    monkeypatch.setattr("leadline.data.audit.near_duplicates.BLOCK", 2)
    assert sorted(similar_pairs(images, sums)[0].tolist()) == expected


def test_the_very_same_and_flat_greys_are_no_near_duplicates():
    images = np.stack([small(scene(0)), small(scene(0))])
    assert len(similar_pairs(images, np.zeros(2, np.int64))[0]) == 0
    flat = np.stack([np.full((PX, PX), level, np.uint8) for level in (10, 20, 200)])
    assert len(similar_pairs(flat, np.arange(3))[0]) == 0


def test_a_finding_for_each_pair_of_splits():
    images = np.stack([small(scene(seed)) for seed in (0, 1, 0, 2, 0)])
    sizes = np.tile([200.0, 200.0, 900.0], (5, 1))
    records = made_records({"train": (1, 2), "test": (1, 1)}, thumbnails=images, sizes=sizes)
    across, within = search(NearDuplicate(), records)
    assert (across.kind, across.splits, across.count) == ("near-duplicate", ("train", "test"), 2)
    assert (within.splits, within.count) == (("train",), 1)
    assert within.message == "nearly the same image in train: 1 pair."
    assert within.details["examples"] == [
        {"images": ["train/0.png", "train/2.png"], "correlation": pytest.approx(1, abs=2e-3)}
    ]
