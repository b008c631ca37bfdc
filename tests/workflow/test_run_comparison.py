"""Run folders gathered by experiment and compared, and those that cannot be."""

import json

import numpy as np
import pytest
from tests.finished_runs import write_finished

from leadline.errors import DataError, OtherFormat, RunError, SpecError
from leadline.experiments import Study, load_experiment
from leadline.runs import load_run, study_margin, write_checksums
from leadline.workflow import report_writing
from leadline.workflow.events import Event, WarningMessage
from leadline.workflow.output_files import write_study_page
from leadline.workflow.report_data import study_page
from leadline.workflow.run_comparison import compare_runs
from leadline.workflow.run_ranking import compare

ALL = np.ones(60, dtype=np.int64)


def write_study(folder, study, done, comparison):
    write_study_page(folder, study_page(study, done, None, comparison), done)


def wrong(*places):
    right = ALL.copy()
    right[list(places)] = 0
    return right


@pytest.fixture
def folder(tmp_path):
    """Three experiments, the first with two seeds."""
    write_finished(tmp_path / "a0", "mlp-1", wrong(*range(12)))
    write_finished(tmp_path / "a1", "mlp-1", wrong(*range(10)), seed=1)
    write_finished(tmp_path / "b0", "hog-1", wrong(0))
    write_finished(tmp_path / "c0", "cnn-1", wrong(0, 1))
    return tmp_path


def compared(folder, *names, **options):
    return compare(*(folder / name for name in names), **options)


def test_two_runs_are_a_pair(folder):
    found = compared(folder, "a0", "b0")
    (accuracy,) = found.measures
    (pair,) = accuracy.pairs
    assert (pair.first, pair.second) == ("hog-1", "mlp-1")
    assert pair.difference == pytest.approx(11 / 60)
    # 11 images that hog-1 alone has right.
    assert pair.p == pytest.approx(2 / 2**11)
    assert pair.verdict == "better"
    assert found.n == 60


def test_seeds_of_one_experiment_are_gathered(folder):
    found = compared(folder, "a0", "b0", "a1", "c0")
    pairs = found.measures[0].pairs
    assert {(pair.first, pair.second) for pair in pairs} == {
        ("hog-1", "mlp-1"), ("cnn-1", "mlp-1"), ("hog-1", "cnn-1"),
    }  # fmt: skip
    assert (pairs[0].first_runs, pairs[0].second_runs) == (1, 2)
    assert pairs[0].second_value == pytest.approx(1 - 11 / 60)


def test_the_margin_is_the_users(folder):
    assert compared(folder, "b0", "c0").measures[0].pairs[0].verdict == "no difference shown"
    wide = compared(folder, "b0", "c0", margin=0.1)
    assert wide.margin == 0.1
    assert wide.measures[0].pairs[0].verdict == "equivalent"
    with pytest.raises(DataError, match="margin = 0; give a difference"):
        compared(folder, "b0", "c0", margin=0)


def test_a_study_stands_for_its_runs(folder):
    study = Study(name="s", experiments=(load_experiment("mlp-1"), load_experiment("hog-1")))
    done = [load_run(folder / name) for name in ("a0", "b0")]
    comparison = compare_runs(done, margin=0.02)
    write_study(folder, study, done, comparison)
    assert comparison is not None
    assert compare(folder, margin=0.02).measures == comparison.measures
    table = json.loads((folder / "report.json").read_text())["comparison"]
    assert table["margin"] == study_margin(folder) == 0.02
    assert table["measures"][0]["pairs"][0]["verdict"] == "better"


def test_the_page_made_again_keeps_the_margin(folder):
    study = Study(name="s", experiments=(load_experiment("hog-1"), load_experiment("cnn-1")))
    done = [load_run(folder / name) for name in ("b0", "c0")]
    write_study(folder, study, done, compare_runs(done, margin=0.1))
    page = report_writing.report(folder, folder / "again.html").read_text(encoding="utf-8")
    assert "Which differences are significant" in page
    assert "are equivalent within 10.00 percentage points" in page


def test_a_study_that_cannot_be_compared_says_why_and_stands(folder):
    write_finished(folder / "other", "hog-2", ALL, sha256="b")
    events: list[Event] = []
    done = [load_run(folder / name) for name in ("a0", "other")]
    assert report_writing.compared(done, 0.005, events.append) is None
    (warned,) = events
    assert isinstance(warned, WarningMessage)
    assert warned.text.startswith("the experiments are not compared: ")
    study = Study(name="s", experiments=tuple(run.experiment for run in done))
    write_study(folder, study, done, None)
    page = report_writing.report(folder, folder / "again.html").read_text(encoding="utf-8")
    assert "Which differences are significant" not in page


def test_one_experiment_has_nothing_to_be_compared_with(folder):
    assert compare_runs([load_run(folder / "a0"), load_run(folder / "a1")]) is None


def test_a_study_of_one_experiment_has_the_usual_margin(folder):
    done = [load_run(folder / "a0")]
    write_study(folder, Study(name="s", experiments=(load_experiment("mlp-1"),)), done, None)
    assert study_margin(folder) == 0.005


def test_a_margin_edited_by_hand_is_named(folder):
    (folder / "report.json").write_text('{"comparison": {"margin": 7}}')
    with pytest.raises(RunError, match=r"report\.json: damaged \(margin = 7\.0"):
        study_margin(folder)


def test_one_name_with_other_settings_is_another_experiment(folder):
    write_finished(folder / "d0", "mlp-1", ALL, settings=["training.epochs=3"])
    (pair,) = compared(folder, "a0", "d0").measures[0].pairs
    assert pair.first == f"mlp-1 ({folder / 'd0'})"
    assert pair.second == f"mlp-1 ({folder / 'a0'})"


def test_patients_are_known_where_one_run_knows_them(tmp_path):
    groups = tuple(str(place // 6) for place in range(60))
    write_finished(tmp_path / "a", "mlp-1", wrong(*range(6)), groups=groups)
    write_finished(tmp_path / "b", "hog-1", ALL)
    found = compared(tmp_path, "a", "b")
    assert found.n_groups == 10
    assert found.measures[0].pairs[0].p == 1.0


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a0"], "a0: a single run; give another run to compare it with, or a study's folder."),
        (["a0", "a1"], "a0: all 2 runs are of mlp-1, with different seeds; give runs of"),
        (["a0", "a0"], "a0: is mlp-1 seed 0, and so is .*a0; give each run once."),
        (["a0", "nix"], "nix: no such run folder"),
    ],
)
def test_what_is_not_to_be_compared(folder, names, said):
    with pytest.raises(RunError, match=said):
        compared(folder, *names)


NAMES = [f"{place}.png" for place in range(60)]
GROUPS = tuple(str(place // 2) for place in range(60))


@pytest.mark.parametrize(
    ("right", "changes", "said"),
    [
        (ALL[:50], {}, "tested on different images than .*a0 .50 images there, 60 here"),
        (
            ALL,
            {"names": ["x.png", *NAMES[1:-1], "y.png"]},
            "2 of 60, as 'x.png' there, '0.png' here",
        ),
        (ALL, {"shift": 1}, "60 of 60, as '0.png', of class 1 there and 0 here"),
        (ALL, {"sha256": "b"}, "images with the same names but different pixels"),
        (
            ALL,
            {"classes": ("cat", "dog", "emu")},
            "tells cat, dog, emu apart, but .*a0 cat, dog, owl; compare runs of the same classes",
        ),
    ],
)
def test_other_images_and_other_tasks_are_named(folder, right, changes, said):
    write_finished(folder / "other", "hog-2", right, **changes)
    with pytest.raises(RunError, match=f"other: .*{said}"):
        compared(folder, "a0", "other")


def test_images_of_another_size_are_told_by_name(folder):
    write_finished(folder / "small", "hog-2", ALL, sha256="b", settings=["data.size_px=[14, 14]"])
    assert compared(folder, "a0", "small").n == 60


def test_patients_that_do_not_agree_are_named(folder):
    write_finished(folder / "x", "hog-2", ALL, groups=GROUPS)
    write_finished(folder / "y", "hog-3", ALL, groups=("one", *GROUPS[1:]))
    with pytest.raises(RunError, match=r"y: its patients differ from those of .*x; train both"):
        compared(folder, "x", "y")


@pytest.mark.parametrize("name", ["predictions.parquet", "metrics.json", "experiment.toml"])
def test_a_missing_or_damaged_file_is_named(folder, name):
    path = folder / "b0" / name
    path.write_bytes(b"\x00nonsense")
    with pytest.raises((RunError, SpecError), match=f"b0.{name}: "):
        compared(folder, "a0", "b0")
    path.unlink()
    with pytest.raises(RunError, match=f"b0.{name}: missing"):
        compared(folder, "a0", "b0")


def test_a_run_of_another_version_is_named(folder):
    path = folder / "b0" / "metrics.json"
    path.write_text(path.read_text().replace('"format": 2', '"format": 1'))
    write_checksums(folder / "b0")
    with pytest.raises(OtherFormat, match=r"metrics\.json: written by an earlier .*\(format 1,"):
        compared(folder, "a0", "b0")


def test_predictions_of_other_classes_than_the_run_are_damaged(folder):
    write_finished(folder / "two", "hog-2", ALL, classes=("cat", "dog"))
    taken = (folder / "two" / "predictions.parquet").read_bytes()
    (folder / "b0" / "predictions.parquet").write_bytes(taken)
    write_checksums(folder / "b0")
    with pytest.raises(RunError, match=r"b0.predictions.parquet: damaged .probabilities of 2 "):
        compared(folder, "a0", "b0")
