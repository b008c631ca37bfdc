"""A run without an ONNX file has no time, and spoils no other's."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tests.export.making import ABOUT, SHAPE, small_model, some_images

from leadline.export import write_model_file
from leadline.workflow.run_evaluation import timed, timed_together

IMAGES = some_images(3)


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    folder = Path(tmp_path_factory.mktemp("run"))
    model, images = small_model(), some_images(4)
    expected = model.predict(images, verbose=0)
    write_model_file(model, folder / "model.onnx", images, expected, ABOUT)
    return folder


def run_of(name, folder):
    return SimpleNamespace(experiment=SimpleNamespace(name=name), folder=folder)


def test_a_run_alone(place):
    found = timed(place, "model.onnx", IMAGES)
    assert found is not None
    assert found.together == 1


def test_a_run_without_model_file_or_images_has_no_time(place, tmp_path):
    assert timed(tmp_path, "no ONNX file: NotImplementedError: no", IMAGES) is None
    assert timed(place, "model.onnx", np.empty((0, *SHAPE), np.uint8)) is None


def test_a_study_times_each_experiment_once_and_all_in_turn(place, tmp_path):
    runs = [run_of("a", place), run_of("a", place), run_of("b", place), run_of("c", tmp_path)]
    found = timed_together((run, IMAGES) for run in runs)
    assert sorted(found) == ["a", "b"]
    assert {one.together for one in found.values()} == {2}


def test_a_spoilt_file_leaves_the_study_without_times(place, tmp_path):
    shutil.copytree(place, tmp_path / "spoilt")
    (tmp_path / "spoilt" / "model.onnx").write_bytes(b"no model")
    runs = [run_of("a", place), run_of("b", tmp_path / "spoilt")]
    assert timed_together((run, IMAGES) for run in runs) == {}


def test_a_file_that_takes_other_images_leaves_the_study_without_times(place):
    assert timed_together([(run_of("a", place), IMAGES[:, 1:])]) == {}
