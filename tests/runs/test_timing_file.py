"""The times of a study, written and read back."""

import json
from dataclasses import asdict

import pytest

from leadline.analysis.prediction_time import Timing
from leadline.errors import RunError
from leadline.runs import read_timings, write_timings

ONE = Timing(0.25, 0.2, 0.5, 200, 1, 2, "ONNX Runtime 1", "A Chip")


def test_what_was_written_is_read_back(tmp_path):
    write_timings(tmp_path, {"a": ONE, "b": ONE})
    assert read_timings(tmp_path) == {"a": ONE, "b": ONE}


def test_an_older_study_has_none(tmp_path):
    assert read_timings(tmp_path) == {}


@pytest.mark.parametrize("text", ["[]", '{"a": {}}', '{"a": {"median_ms": "fast"}}', "{"])
def test_a_damaged_file_is_named(tmp_path, text):
    (tmp_path / "timings.json").write_text(text)
    with pytest.raises(RunError, match=r"timings\.json: damaged"):
        read_timings(tmp_path)


@pytest.mark.parametrize(
    "changed",
    [
        {"median_ms": float("nan")},
        {"median_ms": 0.7},
        {"high_ms": float("inf")},
        {"low_ms": 0.0},
        {"low_ms": -1.0},
        {"n": 0},
        {"threads": 0},
        {"together": -2},
    ],
)
def test_times_that_no_clock_gives_are_damage(tmp_path, changed):
    table = {"a": asdict(ONE) | changed}
    (tmp_path / "timings.json").write_text(json.dumps(table))
    with pytest.raises(RunError, match=r"timings\.json: damaged"):
        read_timings(tmp_path)
