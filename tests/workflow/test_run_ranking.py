"""Finished runs compared and ranked, as a value: `leadline.compare`."""

import subprocess
import sys

import numpy as np
import pytest
from tests.finished_runs import write_finished

import leadline
from leadline.analysis.significance.comparison import RankedComparison
from leadline.errors import RunError
from leadline.experiments import Study
from leadline.runs import load_run, write_checksums
from leadline.workflow.output_files import write_study_page
from leadline.workflow.report_data import study_page

ALL = np.ones(400, dtype=np.int64)


def wrong(count):
    return (np.arange(400) >= count).astype(np.int64)


@pytest.fixture
def folder(tmp_path):
    """mlp-1 with two seeds, hog-1 and cnn-1; without validation images the best is that on test."""
    write_finished(tmp_path / "m0", "mlp-1", wrong(80))
    write_finished(tmp_path / "m1", "mlp-1", wrong(76), seed=1)
    write_finished(tmp_path / "h", "hog-1", wrong(8))
    write_finished(tmp_path / "c", "cnn-1", wrong(4))
    return tmp_path


def test_the_best_the_next_and_their_pair(folder):
    found = leadline.compare(*(folder / name for name in ("m0", "m1", "h", "c")))
    assert isinstance(found, RankedComparison)
    assert (found.judged_by, found.best, found.next) == ("accuracy", "cnn-1", "hog-1")
    assert found.smallest_equivalent is None  # all have ten weights
    (accuracy,) = found.measures
    assert accuracy.between("cnn-1", "mlp-1").verdict == "better"
    assert accuracy.between("mlp-1", "cnn-1").second_runs == 2


def test_runs_that_are_loaded_and_folders_are_alike(folder):
    names = ("m0", "h")
    by_folder = leadline.compare(*(str(folder / name) for name in names))
    assert leadline.compare(*(load_run(folder / name) for name in names)) == by_folder


def test_the_smallest_that_is_as_good_has_fewer_weights(folder):
    small = load_run(folder / "h")
    large = load_run(folder / "c")
    (layer,) = large.metrics.layers
    object.__setattr__(layer, "weights", 11)
    found = leadline.compare(small, large, margin=0.1)
    assert (found.best, found.smallest_equivalent) == ("cnn-1", "hog-1")
    assert leadline.compare(small, large, margin=0.001).smallest_equivalent is None


def test_two_classes_that_nothing_was_decided_of_are_ranked_by_accuracy(tmp_path):
    for name, count in (("mlp-1", 80), ("cnn-1", 4)):
        write_finished(tmp_path / name, name, wrong(count), classes=("dull", "lit"))
    found = leadline.compare(tmp_path / "mlp-1", tmp_path / "cnn-1")
    assert (found.judged_by, found.best) == ("accuracy", "cnn-1")
    assert [one.measure for one in found.measures] == ["accuracy", "auroc"]


def test_experiments_of_one_name_are_told_apart(folder):
    write_finished(folder / "other", "mlp-1", ALL, settings=["training.epochs=3"])
    found = leadline.compare(folder / "m0", folder / "other")
    assert found.best == f"mlp-1 ({folder / 'other'})"
    assert found.next == f"mlp-1 ({folder / 'm0'})"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ((), "nothing to compare; give two runs"),
        (("m0",), "m0: a single run; give another run"),
        (("m0", "m1"), "m0: all 2 runs are of mlp-1"),
        (("m0", "m0"), "m0: is mlp-1 seed 0, and so is"),
        (("m0", "nix"), "nix: no such run folder"),
    ],
)
def test_what_cannot_be_compared(folder, names, said):
    with pytest.raises(RunError, match=said):
        leadline.compare(*(folder / name for name in names))


def test_pictures_are_not_needed(folder):
    before = leadline.compare(folder / "m0", folder / "h")
    (folder / "h" / "examples.npz").unlink()
    write_checksums(folder / "h")
    assert leadline.compare(folder / "m0", folder / "h") == before


def test_comparing_and_loading_a_study_import_nothing_of_the_report(folder):
    done = [load_run(folder / name) for name in ("m0", "h")]
    study = Study(name="s", experiments=tuple(run.experiment for run in done))
    write_study_page(folder, study_page(study, done), done)
    code = (
        "import pathlib, sys, leadline.runs\n"
        f"folder = pathlib.Path({str(folder)!r})\n"
        "study, runs = leadline.runs.load_study(folder)\n"
        "best = leadline.compare(*runs).best, leadline.compare(folder).best\n"
        "print(study.name, len(runs), *best)\n"
        "print([name for name in sys.modules if name.startswith('leadline.report')])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines() == ["s 2 hog-1 hog-1", "[]"], ran.stderr
