"""A run says how its training went: of its own images, as the history saw them."""

from dataclasses import replace

import numpy as np
import pytest

import leadline
from leadline import runs
from leadline.data.sources.source_list import load_dataset
from leadline.data.splits import split_dataset
from leadline.metrics.classification import evaluate
from leadline.report.html_pages import render_run
from leadline.workflow import run_evaluation
from leadline.workflow.report_data import run_page


@pytest.fixture(scope="module")
def done(even_and_odd, tmp_path_factory):
    experiment = leadline.load_experiment("first-hog", ["training.epochs=6"])
    return leadline.run(experiment, data=even_and_odd, out=tmp_path_factory.mktemp("run") / "run")


def test_it_is_read_back_from_the_folder(done):
    found = done.metrics.diagnosis
    assert found == runs.load_run(done.folder).metrics.diagnosis
    assert found.epochs == 6
    losses = [row.validation_loss for row in done.metrics.fitted.history]
    assert found.best_epoch == int(np.argmin(losses)) + 1
    assert runs.metrics_record(done)["diagnosis"]["gap"]["held_part"] == "validation"
    assert "How the training went" in done.report.read_text()


def test_the_gap_is_that_of_the_model_that_was_kept(done, even_and_odd):
    """Asked again, of the file, about the very training images."""
    gap = done.metrics.diagnosis.gap
    split = split_dataset(
        load_dataset(done.experiment.data, path=even_and_odd),
        done.experiment.data,
        np.random.default_rng(done.experiment.data.split_seed),
    )
    train = split.train.images
    said = np.asarray(done.model().predict(train.pixels, verbose=0))
    again = evaluate(said, train.labels, split.classes)
    assert gap.train.n == len(train)
    assert gap.train.accuracy.value == pytest.approx(again.accuracy, abs=1e-9)
    assert gap.train.loss.value == pytest.approx(again.loss, abs=1e-5)
    assert gap.held.accuracy.value == done.metrics.validation.accuracy
    assert gap.held.loss.value == pytest.approx(done.metrics.validation.loss, abs=1e-6)


def test_noise_is_that_of_the_losses_before_calibration(done):
    assert done.metrics.decided.temperature != 1
    said = done.predictions("validation")
    raw = said.probabilities.astype(np.float64) ** done.metrics.decided.temperature
    losses = -np.log((raw / raw.sum(axis=1, keepdims=True))[np.arange(len(raw)), said.labels])
    # The last epoch is kept, so the history has this very loss.
    assert losses.mean() == pytest.approx(done.metrics.fitted.history[-1].validation_loss, rel=1e-3)
    error = losses.std(ddof=1) / np.sqrt(len(losses)) / losses.mean()
    assert done.metrics.diagnosis.relative_error == pytest.approx(error, rel=1e-3)


def test_of_many_training_images_some_are_judged(done, even_and_odd, monkeypatch, tmp_path):
    monkeypatch.setattr(run_evaluation, "TRAIN_JUDGED", 50)
    again = leadline.run(done.experiment, data=even_and_odd, out=tmp_path / "run")
    assert runs.metrics_record(again)["diagnosis"]["gap"]["train"]["n"] == 50


def test_a_run_without_one_still_has_a_page(done):
    older = replace(done, metrics=replace(done.metrics, diagnosis=None))

    assert "How the training went" not in render_run(run_page(older))
