"""What finished runs make of the labels of their test images, and of each other's confusions."""

import numpy as np
import pytest
from tests.finished_runs import CLASSES, write_finished
from tests.small_runs import small

from leadline.analysis.label_errors import LabelErrors
from leadline.data.dataset import Images
from leadline.errors import RunError
from leadline.experiments import Study
from leadline.runs import read_label_errors, write_checksums
from leadline.workflow.report_data import run_page, study_page
from leadline.workflow.report_writing import report
from leadline.workflow.run_comparison import (
    compare_runs,
    confusion_changes_of,
    write_shared_suspects,
    write_suspects,
)
from leadline.workflow.study_training import repeat

N = 90
LABELS = np.arange(N) % 3
IMAGES = Images(
    np.arange(N, dtype=np.uint8)[:, None, None, None].repeat(4, axis=1),
    LABELS,
    tuple(f"{at}.png" for at in range(N)),
)


def right_but(*wrong):
    right = np.ones(N, np.int64)
    right[list(wrong)] = 0
    return right


@pytest.fixture
def three(tmp_path):
    """Image 4 is wrong by all three, 8 by one. Pixels takes 20 cats for dogs, the CNN none."""
    cats = range(0, 60, 3)
    return [
        write_finished(tmp_path / "a", "mlp-1", right_but(4, 8, *cats)),
        write_finished(tmp_path / "b", "hog-1", right_but(4, *cats)),
        write_finished(tmp_path / "c", "cnn-1", right_but(4)),
    ]


def test_one_run_is_asked_alone(three, tmp_path):
    run = three[2]
    write_suspects(run.folder, run.predictions(), CLASSES, IMAGES)
    record = read_label_errors(run.folder)
    assert record is not None
    assert isinstance(record.found, LabelErrors)
    [suspect] = record.found.suspects
    assert (suspect.index, suspect.name, record.found.experiments) == (4, "4.png", 1)
    assert (suspect.given, suspect.suggested) == ("dog", "owl")
    assert (record.pixels == 4).all()
    assert run_page(run).labels is not None


def test_the_runs_of_a_study_vote(three, tmp_path):
    write_shared_suspects(tmp_path, three, IMAGES)
    record = read_label_errors(tmp_path)
    assert record is not None
    assert isinstance(record.found, LabelErrors)
    assert (record.found.experiments, record.found.runs) == (3, 3)
    shown = {one.index: one for one in record.found.suspects}
    assert shown[4].agreeing == 3
    assert 8 not in shown
    assert len(record.pixels) == len(record.found.suspects)
    for one, pixels in zip(record.found.suspects, record.pixels, strict=True):
        assert (pixels == one.index).all()


def test_runs_of_other_images_do_not_vote(three, tmp_path):
    odd = write_finished(tmp_path / "odd", "cnn-2", right_but(1), shift=1)
    write_shared_suspects(tmp_path, three, IMAGES)
    write_shared_suspects(tmp_path, [*three, odd], IMAGES)
    assert read_label_errors(tmp_path) is None


def test_a_file_of_other_images_is_refused(three, tmp_path):
    write_shared_suspects(tmp_path, three, IMAGES)
    assert read_label_errors(tmp_path, N) is not None
    with pytest.raises(RunError, match=r"label_errors\.npz: damaged \(of 90 test images, not of 7"):
        read_label_errors(tmp_path, 7)


def test_the_steps_are_those_that_are_named_in_their_order(tmp_path):
    """Of 45 images of class n the first takes 20 for p, the second none."""
    groups = tuple(f"g{at // 2}" for at in range(N))
    right = {"cnn-1": right_but(), "hog-1": right_but(1), "mlp-1": right_but(*range(0, 40, 2))}
    done = [
        write_finished(tmp_path / name, name, one, classes=("n", "p"), groups=groups)
        for name, one in right.items()
    ]
    found = confusion_changes_of(done, ("mlp-1", "cnn-1"))
    assert found is not None
    [step] = found.steps
    assert (step.first, step.second, found.n_groups) == ("mlp-1", "cnn-1", 45)
    there, back = step.changes
    assert (there.a, there.before.images, there.after.images) == ("n", 20, 0)
    assert (there.verdict, back.verdict) == ("fixed", "no change shown")
    assert there.method == "permutation_bootstrap_by_patient"


def test_one_experiment_has_no_next(three):
    assert confusion_changes_of(three, ("mlp-1",)) is None


def test_runs_of_one_name_with_other_settings_are_nobody_s_next(three, tmp_path):
    other = write_finished(
        tmp_path / "other", "cnn-1", right_but(), settings=["training.epochs=9"], seed=1
    )
    assert confusion_changes_of([*three, other], ("mlp-1", "cnn-1")) is None


def test_runs_of_other_images_mend_nothing(three, tmp_path):
    odd = write_finished(tmp_path / "odd", "cnn-2", right_but(1), shift=1)
    with pytest.raises(RunError, match="tested on different images"):
        confusion_changes_of([*three, odd], ("mlp-1", "cnn-2"))


def test_a_study_goes_from_family_to_family(three):
    study = Study(name="s", experiments=tuple(run.experiment for run in three))
    page = study_page(study, three, comparison=compare_runs(three))
    assert page.confusion_changes is not None
    assert [(step.first, step.second) for step in page.confusion_changes.steps] == [
        ("mlp-1", "hog-1"),
        ("hog-1", "cnn-1"),
    ]


def test_a_study_of_one_family_goes_from_the_second_best_to_the_best(tmp_path):
    done = [
        write_finished(tmp_path / "a", "mlp-1", right_but(*range(30))),
        write_finished(tmp_path / "b", "mlp-2", right_but()),
        write_finished(tmp_path / "c", "mlp-3", right_but(*range(10))),
    ]
    study = Study(name="s", experiments=tuple(run.experiment for run in done))
    page = study_page(study, done, comparison=compare_runs(done))
    assert page.confusion_changes is not None
    assert [(step.first, step.second) for step in page.confusion_changes.steps] == [
        ("mlp-3", "mlp-2")
    ]


def test_what_was_not_compared_mends_nothing(three):
    study = Study(name="s", experiments=tuple(run.experiment for run in three))
    assert study_page(study, three).confusion_changes is None


@pytest.fixture(scope="module")
def trained(few_digits, tmp_path_factory):
    """Two seeds of a small experiment, and their study's folder."""
    out = tmp_path_factory.mktemp("digits") / "runs"
    return repeat(small(), seeds=2, data=few_digits, out=out)


def test_training_keeps_what_the_pages_show(trained):
    run = trained.runs[0]
    gallery, record = run.gallery(), read_label_errors(run.folder)
    assert gallery is not None
    assert len(gallery.unsure) == 12
    said = run.predictions()
    assert [one.name for one in gallery.unsure] == [said.names[one.index] for one in gallery.unsure]
    assert record is not None
    assert record.found.n == 200
    page = run.report.read_text(encoding="utf-8")
    assert "The surest mistakes, the closest calls" in page
    assert "by this model alone" in page or "This model holds none" in page


def test_the_study_s_list_lies_beside_its_page_and_is_shown_again(trained, tmp_path):
    record = read_label_errors(trained.folder)
    assert record is not None
    assert isinstance(record.found, LabelErrors)
    assert (record.found.experiments, record.found.runs) == (1, 2)
    again = report(trained.folder, tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Likely label errors" in again


def test_a_run_of_an_older_version_has_no_gallery_and_still_a_page(three):
    run = three[0]
    assert run.gallery() is None
    assert (run_page(run).gallery, run_page(run).labels) == (None, None)


def test_a_damaged_gallery_is_named(three):
    run = three[0]
    path = run.folder / "examples.npz"
    with np.load(path) as file:
        arrays = dict(file)
    np.savez(path, **arrays, gallery_kind=np.array(["wrong"]), gallery_pixels=np.zeros(3))
    write_checksums(run.folder)
    with pytest.raises(RunError, match=r"examples\.npz: damaged"):
        run.gallery()
