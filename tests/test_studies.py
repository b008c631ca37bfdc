"""Several experiments on the same images: what a study refuses, reuses and writes."""

import contextlib
import json
from pathlib import Path

import numpy as np
import pytest
from tests.small_runs import small

import leadline
from leadline.data.image_fitting import fit_dataset
from leadline.data.remarks import Remark
from leadline.data.sources import pneumonia_mnist
from leadline.data.sources.pneumonia_mnist import stored_side
from leadline.errors import DataError, RunError, SpecError
from leadline.experiments import Data, Decision, Study
from leadline.workflow import report_writing, study_training
from leadline.workflow.events import Event, RunDone, StudyProgress, WarningMessage
from leadline.workflow.preparation import prepare, prepare_all


def test_a_margin_that_is_none_is_said_before_anything_is_trained(tmp_path):
    study = Study(name="one", experiments=(small(),))
    with pytest.raises(DataError, match="margin = 2; give a difference above 0 and below 1"):
        leadline.study(study, margin=2, data=tmp_path / "nix", out=tmp_path)


@pytest.mark.parametrize("seeds", [0, -1])
def test_a_study_needs_a_seed(few_digits, tmp_path, seeds):
    study = Study(name="one", experiments=(small(),))
    with pytest.raises(SpecError, match=f"seeds = {seeds}; give 1 or more"):
        leadline.study(study, seeds=seeds, data=few_digits, out=tmp_path)


def test_a_study_does_not_go_where_another_study_or_a_run_is(few_digits, tmp_path):
    study = Study(name="one", experiments=(small(),))
    leadline.study(study, data=few_digits, out=tmp_path)
    with pytest.raises(RunError, match="holds the study 'one', not 'two'"):
        leadline.study(study.model_copy(update={"name": "two"}), data=few_digits, out=tmp_path)
    with pytest.raises(RunError, match="holds a run, not a study"):
        leadline.study(study, data=few_digits, out=tmp_path / "first-hog" / "seed-0")


def test_the_name_of_a_quick_study_is_cut_and_its_report_reads(few_digits, tmp_path):
    study = Study(name="s" * 78, experiments=(small("first-pixels"),))
    done = leadline.study(study, quick=True, data=few_digits, out=tmp_path)
    assert done.study.name == "s" * 74 + "-quick"
    assert report_writing.report(tmp_path) == tmp_path / "report.html"


def test_a_study_refuses_a_folder_in_the_way_before_it_reads_images(tmp_path):
    study = Study(name="one", experiments=(small(),))
    (tmp_path / "first-hog" / "seed-1" / "notes").mkdir(parents=True)
    with pytest.raises(RunError, match=r"seed-1: exists and is not a run"):
        leadline.study(study, seeds=2, data=tmp_path / "no-images", out=tmp_path)


@pytest.mark.slow
def test_a_study_writes_its_page_and_reuses_its_runs(few_digits, tmp_path):
    study = Study(name="two", experiments=(small(), small("first-pixels")))
    first = leadline.study(study, seeds=2, data=few_digits, out=tmp_path)
    assert [run.folder.relative_to(tmp_path).as_posix() for run in first.runs] == [
        "first-hog/seed-0", "first-hog/seed-1", "first-pixels/seed-0", "first-pixels/seed-1",
    ]  # fmt: skip
    page = first.report.read_text(encoding="utf-8")
    assert "<svg" in page
    assert "Is it significantly better than the next?" in page
    table = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["comparison"]
    (pair,) = table["measures"][0]["pairs"]
    assert {pair["first"], pair["second"]} == {"first-hog", "first-pixels"}
    assert pair["of_seeds"]
    assert {table["best"], table["next"]} == {"first-hog", "first-pixels"}
    assert table["judged_by"] == "accuracy"
    events: list[Event] = []
    leadline.study(study, seeds=2, data=few_digits, out=tmp_path, on_event=events.append)
    assert [event.reused for event in events if isinstance(event, RunDone)] == [True] * 4
    assert [event.index for event in events if isinstance(event, StudyProgress)] == [1, 2, 3, 4]
    summaries = leadline.list_runs(tmp_path)
    assert [(one.experiment, one.seed) for one in summaries] == [
        ("first-hog", 0), ("first-hog", 1), ("first-pixels", 0), ("first-pixels", 1),
    ]  # fmt: skip


def test_a_study_of_other_images_leaves_what_is_there(few_digits, tmp_path, monkeypatch):
    """The second of its runs is there; neither is the first trained nor are the images audited."""
    out = tmp_path / "study"
    leadline.run(small("first-pixels"), data=few_digits, out=out / "first-pixels" / "seed-0")
    monkeypatch.setattr(study_training, "audit_once", lambda *_: pytest.fail("was audited"))
    other = tmp_path / "other.npz"
    rng = np.random.default_rng(0)
    np.savez(
        other,
        x_train=rng.integers(0, 256, (60, 28, 28), dtype=np.uint8),
        y_train=np.arange(60) % 10,
        x_test=rng.integers(0, 256, (20, 28, 28), dtype=np.uint8),
        y_test=np.arange(20) % 10,
    )
    study = Study(name="two", experiments=(small(), small("first-pixels")))
    with pytest.raises(RunError, match="trained on other images"):
        leadline.study(study, data=other, out=out)
    assert [path.name for path in out.iterdir()] == ["first-pixels"]


@pytest.fixture(scope="module")
def whole_splits(digits, tmp_path_factory) -> Path:
    """An NPZ file of real digits, with validation images and without a test split."""
    path = Path(tmp_path_factory.mktemp("data")) / "splits.npz"
    np.savez(
        path,
        x_train=digits.train.pixels[:300, ..., 0],
        y_train=digits.train.labels[:300],
        x_val=digits.train.pixels[300:400, ..., 0],
        y_val=digits.train.labels[300:400],
    )
    return path


@pytest.mark.parametrize(("validation", "said"), [("carve", 1), ("test", 1), ("given", 0)])
def test_validation_images_that_lie_idle_are_said_aloud(whole_splits, validation, said):
    events: list[Event] = []
    prepared = prepare(Data(validation=validation), whole_splits, events.append)
    warned = [event.text for event in events if isinstance(event, WarningMessage)]
    assert [str(Remark(**kept)) for kept in prepared.record["warnings"]] == warned
    assert ["The data set's own 100 validation images" in text for text in warned] == [True] * said


@pytest.mark.parametrize(
    ("test", "warned"),
    [
        ([0, 0], ["All test images are of one class, '0': metrics that need two classes"]),
        ([0, 2], ["No test image is of class '1': nothing is measured"]),
        ([2, 1, 0], []),
    ],
)
def test_classes_that_the_test_part_lacks_are_named(tmp_path, test, warned):
    labels = np.arange(30) % 3
    pixels = np.tile((60 * labels).astype(np.uint8)[:, None, None], (1, 28, 28))
    np.savez(
        tmp_path / "some.npz",
        x_train=pixels, y_train=labels, x_test=pixels[: len(test)], y_test=np.array(test),
    )  # fmt: skip
    record = prepare(Data(), tmp_path / "some.npz").record
    texts = [str(Remark(**kept)) for kept in record["warnings"]]
    assert len(texts) == len(warned)
    assert all(map(str.startswith, texts, warned))


def test_a_study_warns_once_of_what_each_of_its_experiments_would(whole_splits):
    """Of two sizes, so that the images are read and split twice."""
    other = small("first-pixels")
    other = other.model_copy(update={"data": other.data.model_copy(update={"size_px": (14, 14)})})
    events: list[Event] = []
    prepared = prepare_all((small(), other), whole_splits, events.append)
    assert [images.split.test.images.pixels.shape[1:] for _, images in prepared] == [
        (28, 28, 1),
        (14, 14, 1),
    ]
    assert len([event for event in events if isinstance(event, WarningMessage)]) == 1


def test_each_size_of_pneumonia_mnist_is_surveyed_by_itself(digits, monkeypatch):
    """Its archive has files of 28, 64, 128 and 224 px."""

    def load(_folder, side_px, _on_progress):
        return fit_dataset(digits, (stored_side(side_px),) * 2, 1, lambda *_: None)

    monkeypatch.setattr(pneumonia_mnist, "load_pneumonia_mnist", load)
    experiments = [
        small(
            "first-pixels",
            "data.source=pneumoniamnist",
            "data.channels=1",
            "data.fit=pad",
            f"data.size_px={px}",
        )
        for px in (28, 100, 128)
    ]
    prepared = prepare_all(experiments, None, lambda _event: None)
    found = [images.preprocessing for _, images in prepared]
    assert [(one.width_px.median, one.reduced, one.enlarged) for one in found if one] == [
        (28, 0, 0),
        (128, 1, 0),
        (128, 0, 0),
    ]


def test_a_class_that_is_none_is_said_before_images_are_audited(few_digits, tmp_path, monkeypatch):
    monkeypatch.setattr(study_training, "audit_once", lambda *_: pytest.fail("was audited"))
    wrong = small().model_copy(update={"decision": Decision(positive="PNEUMONIA")})
    with pytest.raises(SpecError, match="'PNEUMONIA'"):
        leadline.study(Study(name="s", experiments=(wrong,)), data=few_digits, out=tmp_path / "s")


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"split_seed": 1}, True),
        ({"test_fraction": 0.3}, True),
        ({"size_px": (14, 14), "validation_fraction": 0.2, "train_limit": 100}, False),
    ],
)
def test_a_study_compares_on_the_same_test_images(whole_splits, tmp_path, changes, refused):
    other = small("first-pixels")
    other = other.model_copy(update={"data": other.data.model_copy(update=changes)})
    study = Study(name="apart", experiments=(small(), other))
    expected = pytest.raises(SpecError, match="first-hog and first-pixels would be tested on diff")
    with expected if refused else contextlib.nullcontext():
        done = leadline.study(study, data=whole_splits, out=tmp_path / "study")
        assert len(done.runs) == 2
    assert (tmp_path / "study").exists() != refused
