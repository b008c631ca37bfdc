"""Explanations written, read back, bounded in size, and refused when damaged."""

import numpy as np
import pytest

from leadline.analysis.run_summary import CascadeStep
from leadline.errors import RunError
from leadline.explain.explanations import Explanations
from leadline.explain.sanity_checks import Randomisation
from leadline.runs.explanation_file import FILE, read_explanations, write_explanations


def made_up(m=3, side=6, **changes) -> Explanations:
    rng = np.random.default_rng(0)
    content = {
        "method": "Grad-CAM",
        "layer": "conv",
        "size": (3, 4),
        "images": rng.integers(0, 256, (m, side, side, 1), dtype=np.uint8),
        "maps": rng.integers(0, 256, (m, side, side)).astype(np.float32) / 255,
        "random_maps": rng.integers(0, 256, (m, side, side)).astype(np.float32) / 255,
        "kinds": ("right", "wrong", "uncertain")[:m],
        "indices": np.arange(m) + 7,
        "true": np.arange(m) % 2,
        "decided": np.zeros(m, np.int64),
        "probability": np.linspace(0, 1, m, dtype=np.float32),
        "border": np.array([0.25, np.nan, 0.5])[:m],
        "border_sample": np.array([0.1, np.nan, 0.5, 0.4]),
        "randomisation": Randomisation(
            np.array([[0.1, np.nan], [0.3, 0.2]]), 0.15, (CascadeStep("head", 1, 0.8),)
        ),
    }
    return Explanations(**(content | changes))  # type: ignore[arg-type]  # values of many types


@pytest.mark.parametrize("decision", [{}, {"positive": 1, "threshold": 0.3}])
def test_what_is_written_is_read_back(tmp_path, decision):
    written = made_up(**decision)
    write_explanations(tmp_path, written)
    found = read_explanations(tmp_path, classes=2)
    assert found is not None
    for name in ("method", "layer", "size", "kinds", "positive", "threshold"):
        assert getattr(found, name) == getattr(written, name)
    for name in (
        "images", "maps", "random_maps", "indices", "true", "decided", "probability", "border",
        "border_sample",
    ):  # fmt: skip
        expected = getattr(written, name)
        np.testing.assert_array_equal(getattr(found, name), expected)
        assert getattr(found, name).dtype == expected.dtype
    np.testing.assert_array_equal(found.randomisation.similarity, written.randomisation.similarity)
    assert found.randomisation.chance == 0.15
    assert found.randomisation.cascade == (CascadeStep("head", 1, 0.8),)


def test_a_run_without_has_none(tmp_path):
    assert read_explanations(tmp_path, classes=2) is None


def test_twelve_films_of_224_px_are_below_1_mb(tmp_path):
    # Noise that a film never has: pixels that no compression can make smaller.
    rng = np.random.default_rng(0)
    places = np.linspace(0, 1, 224, dtype=np.float32)
    smooth = np.repeat((places[:, None] * places)[None], 12, axis=0)
    images = rng.integers(0, 256, (12, 224, 224, 1), dtype=np.uint8)
    big = made_up(
        images=images,
        maps=smooth,
        random_maps=smooth[:, ::-1],
        kinds=("right",) * 12,
        indices=np.arange(12),
        true=np.zeros(12, np.int64),
        decided=np.zeros(12, np.int64),
        probability=np.ones(12, np.float32),
        border=np.ones(12),
    )
    write_explanations(tmp_path, big)
    assert (tmp_path / FILE).stat().st_size < 1_000_000


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"true": np.array([0, 1, 2])}, "labels beyond the 2 classes"),
        ({"positive": 2}, "labels beyond the 2 classes"),
        ({"decided": np.array([0, -1, 0])}, "labels beyond the 2 classes"),
        ({"kinds": ("right", "odd", "wrong")}, "unknown kinds odd"),
        ({"probability": np.ones(2, np.float32)}, "probability of another length than 3 images"),
        ({"maps": np.ones((3, 5, 6), np.float32)}, "images uint8"),
        ({"random_maps": np.ones((2, 6, 6), np.float32)}, "do not belong together"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, changes, said):
    write_explanations(tmp_path, made_up(**changes))
    with pytest.raises(RunError, match=rf"explanations\.npz: damaged .*{said}"):
        read_explanations(tmp_path, classes=2)


def test_a_damaged_file_is_named(tmp_path):
    write_explanations(tmp_path, made_up())
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole[:-100])
    with pytest.raises(RunError, match=r"explanations\.npz: damaged"):
        read_explanations(tmp_path, classes=2)
    np.savez(tmp_path / FILE, images=np.zeros(1))
    with pytest.raises(RunError, match=r"explanations\.npz: damaged"):
        read_explanations(tmp_path, classes=2)
