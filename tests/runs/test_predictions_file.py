"""Predictions through a Parquet file and back."""

from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest

from leadline.errors import DamagedRun, RunError
from leadline.runs.predictions_file import Predictions, read_predictions, write_predictions

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


def test_whose_images_they_are_is_read_back_where_it_was_said(tmp_path):
    path = tmp_path / "predictions.parquet"
    known = replace(said(0, 3), groups=("a", "b", "a"), subgroups=("", "virus", ""))
    write_predictions(path, {"test": known, "validation": said(1, 2)}, NAMES)
    found = read_predictions(path, "test")
    assert (found.groups, found.subgroups) == (("a", "b", "a"), ("", "virus", ""))
    unknown = read_predictions(path, "validation")
    assert (unknown.groups, unknown.subgroups) == (None, None)


def test_a_file_of_before_there_were_groups_reads(tmp_path):
    path = tmp_path / "predictions.parquet"
    write_predictions(path, {"test": said(0, 3)}, NAMES)
    pq.write_table(pq.read_table(path).drop_columns(["group", "subgroup"]), path)
    found = read_predictions(path, "test")
    assert (found.groups, found.subgroups) == (None, None)


def test_scores_are_read_back_and_say_what_is_in_scope(tmp_path):
    path = tmp_path / "predictions.parquet"
    scores = np.array([0.3, 1.0, 1.5], np.float32)
    write_predictions(path, {"test": replace(said(0, 3), ood_scores=scores)}, NAMES)
    np.testing.assert_array_equal(read_predictions(path, "test").ood_scores, scores)
    assert pq.read_table(path)["in_scope"].to_pylist() == [True, True, False]


def test_predictions_of_a_version_without_scores_have_none(tmp_path):
    path = tmp_path / "predictions.parquet"
    write_predictions(path, {"test": said(0, 3)}, NAMES)
    assert read_predictions(path, "test").ood_scores is None


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


def test_a_large_table_is_read_by_the_size_of_its_file(tmp_path, monkeypatch):
    path = tmp_path / "predictions.parquet"
    monkeypatch.setattr("leadline.runs.predictions_file.MOST_UNPACKED_BYTES", 100_000)
    n, classes = 4000, tuple(map(str, range(20)))
    said = Predictions(
        names=tuple(map(str, range(n))),
        indices=np.arange(n, dtype=np.int64),
        labels=np.zeros(n, np.int64),
        probabilities=np.tile(np.eye(20, dtype=np.float32)[0], (n, 1)),
    )
    write_predictions(path, {"test": said}, classes)
    stored = pq.ParquetFile(path).metadata.row_group(0)
    sizes = {stored.column(k).total_compressed_size for k in range(6, 26)}
    assert n * 4 < min(sizes) <= max(sizes) < n * 4 + 100
    assert read_predictions(path, "test").probabilities.sum() == n
    pq.write_table(pq.read_table(path), path)  # columns of one value become short
    assert path.stat().st_size < n * 26
    with pytest.raises(DamagedRun, match=r"claims 832,000 bytes, at most [0-9]{3},[0-9]{3} are"):
        read_predictions(path, "test")
