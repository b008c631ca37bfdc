"""From an experiment to a run folder, on a few hundred real digits."""

import errno
import json
import sys

import keras
import numpy as np
import onnxruntime
import pytest
from tests.small_runs import small

import leadline
from leadline import runs
from leadline.errors import RunError, SpecError, StorageError
from leadline.experiments import Experiment
from leadline.experiments.image_form import ImageForm
from leadline.workflow import report_writing, run_training
from leadline.workflow.events import EpochDone, Event, RunDone
from leadline.workflow.preparation import prepare

WHOLE_RUN = {
    "experiment.toml", "environment.json", "split.json", "history.csv", "predictions.parquet",
    "metrics.json", "examples.npz", "label_errors.npz", "ood.npz", "model.keras", "model.onnx",
    "card.md", "report.html", "report.json", "checksums.json",
}  # fmt: skip


@pytest.fixture(scope="module")
def run(few_digits, tmp_path_factory) -> leadline.Run:
    folder = tmp_path_factory.mktemp("runs") / "first-hog"
    return leadline.run(small(), seed=3, data=few_digits, out=folder)


def test_a_run_folder_holds_all_that_is_promised_and_nothing_else(run):
    assert {path.name for path in run.folder.iterdir()} == WHOLE_RUN
    assert list(run.folder.parent.iterdir()) == [run.folder]


def test_what_is_read_back_is_what_was_asked_for(run):
    asked = small()
    assert asked.data.open_settings == ("size_px", "channels", "fit")
    resolved = asked.data.with_form(ImageForm((28, 28), 1, "pad"))
    assert run.experiment == asked.model_copy(update={"data": resolved})
    assert run.metrics.seed == 3
    assert [row.epoch for row in run.metrics.fitted.history] == [1, 2]
    assert {name: part["count"] for name, part in run.split["parts"].items()} == {
        "train": 540, "validation": 60, "test": 200,
    }  # fmt: skip


def test_predictions_give_the_metrics_again(run):
    for part, expected in (("test", run.metrics.test), ("validation", run.metrics.validation)):
        said = run.predictions(part)
        again = leadline.evaluate(said.probabilities, said.labels, run.metrics.classes)
        assert again.accuracy == expected.accuracy
        assert again.loss == pytest.approx(expected.loss, abs=1e-6)


def test_train_and_validation_share_no_image(run):
    parts = run.split["parts"]
    train, validation = (
        set(runs.from_ranges(parts[name]["indices"]).tolist()) for name in ("train", "validation")
    )
    assert parts["train"]["origin"] == parts["validation"]["origin"] == "train"
    assert not train & validation
    assert train | validation == set(range(600))


def test_the_keras_file_and_the_onnx_file_answer_as_the_run_did(run, digits):
    images = digits.test.pixels[:200]
    expected = run.predictions().probabilities
    keras_says = run.model().predict(images, verbose=0)
    session = onnxruntime.InferenceSession(run.folder / "model.onnx")
    onnx_says = session.run(None, {session.get_inputs()[0].name: images})[0]
    np.testing.assert_allclose(keras_says, expected, atol=1e-5)
    np.testing.assert_allclose(onnx_says, expected, atol=1e-4)
    about = session.get_modelmeta().custom_metadata_map
    assert json.loads(about["leadline.classes"]) == [str(digit) for digit in range(10)]
    assert about["leadline.digest"] == run.experiment.digest()
    assert about["leadline.card"] == (run.folder / "card.md").read_text(encoding="utf-8")
    assert json.loads(about["leadline.versions"]) == run.environment
    assert json.loads(about["leadline.features"]) == run.experiment.features.model_dump()


def test_examples_are_the_images_that_were_confused(run, digits):
    shown = run.examples()
    assert len(shown["true"]) > 0
    assert (shown["true"] != shown["predicted"]).all()
    np.testing.assert_array_equal(shown["pixels"], digits.test.pixels[shown["index"]])
    np.testing.assert_array_equal(shown["true"], digits.test.labels[shown["index"]])


def test_the_same_seed_gives_the_same_numbers_and_another_one_does_not(run, few_digits, tmp_path):
    same = leadline.run(small(), seed=3, data=few_digits, out=tmp_path / "same")
    other = leadline.run(small(), seed=4, data=few_digits, out=tmp_path / "other")

    def losses(one):
        return [(row.train_loss, row.validation_loss) for row in one.metrics.fitted.history]

    assert losses(same) == losses(run)
    assert losses(other) != losses(run)
    np.testing.assert_array_equal(same.predictions().probabilities, run.predictions().probabilities)


def test_a_finished_run_is_returned_not_trained_again(run, few_digits):
    before = (run.folder / "metrics.json").stat().st_mtime_ns
    events: list[Event] = []
    again = leadline.run(small(), seed=3, data=few_digits, out=run.folder, on_event=events.append)
    assert again.metrics.test.accuracy == run.metrics.test.accuracy
    assert (run.folder / "metrics.json").stat().st_mtime_ns == before
    assert [event.reused for event in events if isinstance(event, RunDone)] == [True]
    assert not [event for event in events if isinstance(event, EpochDone)]


@pytest.mark.parametrize(
    ("overrides", "seed", "said"),
    [
        ((), 4, "holds first-hog seed 3, not first-hog seed 4; give another folder"),
        (("training.batch_size=64",), 3, r"\(training\.batch_size: there 256, here 64\); give"),
        (
            ("training.batch_size=64", "layers.1.units=9", "training.time_limit_s=60"),
            3,
            r"\(layers\.1\.units: there 128, here 9 and 2 more\); give",
        ),
    ],
    ids=["seed", "a setting", "settings"],
)
def test_a_folder_that_holds_another_run_is_refused(run, few_digits, overrides, seed, said):
    with pytest.raises(RunError, match=said):
        leadline.run(small("first-hog", *overrides), seed=seed, data=few_digits, out=run.folder)


def test_a_folder_whose_run_saw_other_images_is_refused(run, digits, tmp_path):
    other = tmp_path / "other.npz"
    np.savez(
        other,
        x_train=digits.train.pixels[600:1200, ..., 0],
        y_train=digits.train.labels[600:1200],
        x_test=digits.test.pixels[:200, ..., 0],
        y_test=digits.test.labels[:200],
    )
    with pytest.raises(RunError, match="other images"):
        leadline.run(small(), seed=3, data=other, out=run.folder)


def test_validated_on_test_is_recorded_and_judged_once(few_digits, tmp_path):
    lab = leadline.run(
        small("mlp-1", "training.epochs=1", "layers.1.units=16"),
        data=few_digits,
        out=tmp_path / "lab",
    )
    assert lab.split["validation_is_test"]
    assert lab.metrics.validation is None
    np.testing.assert_array_equal(
        lab.predictions("validation").probabilities, lab.predictions("test").probabilities
    )
    assert "nothing may be chosen by it" in (lab.folder / "card.md").read_text(encoding="utf-8")


class Halt(Exception):
    """Stands for Ctrl-C, after the first epoch."""


def test_an_interrupted_run_leaves_no_run_and_goes_on_where_it_was(run, few_digits, tmp_path):
    folder = tmp_path / "halted"

    def halt(event):
        if isinstance(event, EpochDone):
            raise Halt

    with pytest.raises(Halt):
        leadline.run(small(), seed=3, data=few_digits, out=folder, on_event=halt)
    assert not folder.exists()
    seen: list[Event] = []
    done = leadline.run(
        small(), seed=3, data=few_digits, out=folder, resume=True, on_event=seen.append
    )
    assert len([event for event in seen if isinstance(event, EpochDone)]) == 1
    assert [row.validation_loss for row in done.metrics.fitted.history] == [
        row.validation_loss for row in run.metrics.fitted.history
    ]
    assert {path.name for path in folder.iterdir()} == WHOLE_RUN


@pytest.mark.parametrize("change", ["data.split_seed=7", "layers.2.rate=0.1"])
def test_a_checkpoint_of_something_else_is_not_gone_on_from(few_digits, tmp_path, change):
    folder = tmp_path / "halted"

    def halt(event):
        if isinstance(event, EpochDone):
            raise Halt

    with pytest.raises(Halt):
        leadline.run(small(), data=few_digits, out=folder, on_event=halt)
    with pytest.raises(
        RunError, match=r"checkpoint\.npz: belongs to another experiment or to other im"
    ):
        leadline.run(small("first-hog", change), data=few_digits, out=folder, resume=True)
    done = leadline.run(small(), data=few_digits, out=folder, resume=True)
    assert len(done.metrics.fitted.history) == 2


def test_other_class_names_are_another_run(run, digits, tmp_path):
    named = tmp_path / "named.npz"
    np.savez(
        named,
        x_train=digits.train.pixels[:600, ..., 0],
        y_train=np.array([f"digit {label}" for label in digits.train.labels[:600]]),
        x_test=digits.test.pixels[:200, ..., 0],
        y_test=np.array([f"digit {label}" for label in digits.test.labels[:200]]),
    )
    with pytest.raises(RunError, match="other images"):
        leadline.run(small(), seed=3, data=named, out=run.folder)


def test_only_what_a_model_was_asked_about_has_predictions(run):
    with pytest.raises(RunError, match="no predictions of 'train'; choose test or validation"):
        run.predictions("train")


def test_paths_may_be_plain_text(run, few_digits):
    again = leadline.run(small(), seed=3, data=str(few_digits), out=str(run.folder))
    assert again.folder == run.folder


def test_a_model_that_cannot_be_exported_is_kept_whatever_the_exporter_says(
    few_digits, tmp_path, monkeypatch
):
    def refuse(*_, **__):
        raise NotImplementedError

    monkeypatch.setattr(run_training, "write_with_score", refuse)
    done = leadline.run(small(), data=few_digits, out=tmp_path / "run")
    assert done.metrics.model_file.startswith("no ONNX file: NotImplementedError")
    assert not (done.folder / "model.onnx").exists()


def test_a_disk_that_fills_up_at_the_model_file_leaves_no_run_without_it(
    few_digits, tmp_path, monkeypatch
):
    def fill(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(run_training, "write_with_score", fill)
    with pytest.raises(StorageError, match="the disk is full"):
        leadline.run(small(), data=few_digits, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_place_that_cannot_be_written_is_said_by_name(few_digits, tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(StorageError, match="file"):
        leadline.run(small(), data=few_digits, out=tmp_path / "file" / "run")


def test_a_folder_of_other_things_is_refused_before_anything_is_trained(few_digits, tmp_path):
    (tmp_path / "thesis.txt").write_text("precious", encoding="utf-8")
    events: list[Event] = []
    with pytest.raises(RunError, match="exists and is not a run"):
        leadline.run(small(), data=few_digits, out=tmp_path, on_event=events.append)
    assert not [event for event in events if isinstance(event, EpochDone)]
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("out", [".", "..", "/"])
def test_a_folder_that_no_run_can_replace_is_refused_before_images_are_read(
    tmp_path, monkeypatch, out
):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(RunError, match=r"give another (folder|one) with --out"):
        leadline.run(small(), data=tmp_path / "no-images", out=out)
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


def test_a_run_in_the_current_folder_is_returned(run, few_digits, monkeypatch):
    monkeypatch.chdir(run.folder)
    done = leadline.run(small(), seed=3, data=few_digits, out=".")
    assert done.folder == run.folder


def test_an_error_of_a_users_callback_is_not_taken_for_one_of_the_folder(few_digits, tmp_path):
    class Reads(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
        def on_epoch_end(self, epoch, logs=None):
            (tmp_path / "labels.txt").read_bytes()

    with pytest.raises(FileNotFoundError, match=r"labels\.txt"):
        leadline.run(small(), data=few_digits, out=tmp_path / "run", callbacks=[Reads()])


def test_an_empty_folder_is_as_good_as_none(few_digits, tmp_path):
    (tmp_path / "empty").mkdir()
    done = leadline.run(small(), data=few_digits, out=tmp_path / "empty")
    assert {path.name for path in done.folder.iterdir()} == WHOLE_RUN


def test_the_split_says_by_what_it_was_grouped(run, few_digits):
    assert run.split["grouped_by"] is None
    each_its_own = small().data.model_copy(update={"group_pattern": "^[0-9]+"})
    prepared = prepare(each_its_own, few_digits)
    assert prepared.record["grouped_by"] == "^[0-9]+"


def test_the_report_says_with_which_images_to_do_it_again(run, few_digits):
    assert run.split["data"] == str(few_digits)
    assert f"--seed 3 --data {few_digits}" in run.report.read_text(encoding="utf-8")


def test_reports_are_written_again_from_the_folders_alone(run, tmp_path):
    again = report_writing.report(run.folder, tmp_path / "sub" / "again.html")
    assert again.read_text(encoding="utf-8") == run.report.read_text(encoding="utf-8")


def test_a_folder_of_nothing_has_no_report(tmp_path):
    with pytest.raises(RunError, match="neither a run nor a study"):
        report_writing.report(tmp_path)


def test_a_run_of_other_code_is_refused(few_digits, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "my_builder", raising=False)
    code = (
        "import keras\n\ndef net(shape, classes):\n"
        "    return keras.Sequential([keras.Input(shape), keras.layers.Flatten(),\n"
        "                             keras.layers.Dense(classes, activation='softmax')])\n"
    )
    module = tmp_path / "my_builder.py"
    module.write_text(code, encoding="utf-8")
    mine = Experiment.model_validate(
        {
            "name": "mine", "family": "cnn", "features": {"kind": "pixels"},
            "model": {"python": "my_builder:net"}, "training": {"epochs": 1},
        }
    )  # fmt: skip
    done = leadline.run(mine, data=few_digits, out=tmp_path / "run")
    assert leadline.run(mine, data=few_digits, out=done.folder).folder == done.folder
    module.write_text(code + "# another thought\n", encoding="utf-8")
    with pytest.raises(
        RunError, match=r"built by a different version of the code that model\.python names"
    ):
        leadline.run(mine, data=few_digits, out=done.folder)


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_that_no_generator_takes_is_refused(few_digits, seed):
    with pytest.raises(SpecError, match=rf"seed = {seed}; give 0 to 9,223,372,036,854,775,807"):
        leadline.run(small(), seed=seed, data=few_digits)
