"""The out-of-distribution score of a run, through its file and back."""

import numpy as np
import pytest

from leadline.analysis.ood.ood_score import fit_ood_score
from leadline.errors import RunError
from leadline.runs import OODExamples, read_ood_score, write_ood_score


def images(n, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, 9, 8, 3)).astype(np.uint8)


@pytest.fixture
def examples():
    return OODExamples(images(3), np.array([0.1, 0.7, 1.5], np.float32), ("a.png", "日本.png", ""))


def test_score_and_examples_are_read_back_as_they_were_written(tmp_path, examples):
    ood_score = fit_ood_score(images(30), images(20, seed=1))
    write_ood_score(tmp_path, ood_score, examples)
    found, shown = read_ood_score(tmp_path)
    np.testing.assert_array_equal(found.score(images(9, 2)), ood_score.score(images(9, 2)))
    np.testing.assert_array_equal(shown.pixels, examples.pixels)
    np.testing.assert_array_equal(shown.scores, examples.scores)
    assert shown.names == examples.names


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("example_pixels", None),
        ("example_pixels", np.zeros((3, 9, 9, 3), np.uint8)),
        ("example_pixels", np.zeros((3, 9, 8, 3), np.float32)),
        ("example_names", np.array(["a"])),
        ("example_names", np.array([{}], dtype=object)),
        ("mean", np.zeros(3)),
    ],
)
def test_what_is_damaged_is_named(tmp_path, examples, key, value):
    write_ood_score(tmp_path, fit_ood_score(images(30), images(20, seed=1)), examples)
    with np.load(tmp_path / "ood.npz") as file:
        arrays = {**file, key: value}
    arrays = {name: array for name, array in arrays.items() if array is not None}
    np.savez(tmp_path / "ood.npz", allow_pickle=True, **arrays)
    with pytest.raises(RunError, match=r"ood\.npz: damaged .*; train the run again"):
        read_ood_score(tmp_path)


def test_a_missing_and_a_broken_file_are_named(tmp_path):
    with pytest.raises(RunError, match=r"ood\.npz: missing"):
        read_ood_score(tmp_path)
    (tmp_path / "ood.npz").write_bytes(b"PK\x03\x04half")
    with pytest.raises(RunError, match=r"ood\.npz: damaged"):
        read_ood_score(tmp_path)
