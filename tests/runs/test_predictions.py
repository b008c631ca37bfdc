"""Predictions through a Parquet file and back."""

import numpy as np
import pytest

from leadline.errors import RunError
from leadline.runs.predictions import Predictions, read_predictions, write_predictions

NAMES = ("p_x", "p x", 'a, "b"', "日本語", "c.d/e[0]", "part", "label", "")
"""Class names that could be taken for columns, paths or separators."""


def said(seed: int, images: int) -> Predictions:
    rng = np.random.default_rng(seed)
    return Predictions(
        names=tuple(f"{number} é.png" for number in range(images)),
        indices=np.arange(images, dtype=np.int64) + 100,
        labels=rng.integers(0, len(NAMES), images),
        probabilities=rng.dirichlet(np.ones(len(NAMES)), images).astype(np.float32),
    )


def test_each_part_is_read_back_as_it_was_written(tmp_path):
    path = tmp_path / "predictions.parquet"
    parts = {"test": said(0, 5), "validation": said(1, 3)}
    write_predictions(path, parts, NAMES)
    for part, written in parts.items():
        found = read_predictions(path, part)
        assert found.names == written.names
        np.testing.assert_array_equal(found.indices, written.indices)
        np.testing.assert_array_equal(found.labels, written.labels)
        np.testing.assert_array_equal(found.probabilities, written.probabilities)


def test_a_part_that_is_not_there_and_a_file_that_broke_off_are_named(tmp_path):
    path = tmp_path / "predictions.parquet"
    write_predictions(path, {"test": said(0, 5)}, NAMES)
    with pytest.raises(
        RunError, match=r"predictions\.parquet: .*no predictions of part 'validation'"
    ):
        read_predictions(path, "validation")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(RunError, match=r"predictions\.parquet: damaged"):
        read_predictions(path, "test")
