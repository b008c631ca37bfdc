"""Runs arranged for the report and for the card, on a run made up of plain values."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import leadline
from leadline.data.remarks import remark
from leadline.experiments import Study
from leadline.metrics.classification import evaluate
from leadline.models.weight_table import LayerRow
from leadline.report.model_card import model_card
from leadline.runs import Metrics, Run
from leadline.training.history import EpochRow, Fitted
from leadline.workflow.report_data import run_page, study_page

CLASSES = tuple(str(digit) for digit in range(10))


class MadeUp(Run):
    """A run whose confused images are given, not read from a folder."""

    def examples(self):
        # 4 taken for 9 with three probabilities, 9 taken for 4 once.
        return {
            "pixels": np.arange(4, dtype=np.uint8).reshape(4, 1, 1, 1),
            "true": np.array([4, 4, 4, 9]),
            "predicted": np.array([9, 9, 9, 4]),
            "probability": np.array([0.9, 0.8, 0.7, 0.6], np.float32),
        }

    def gallery(self):
        return None


@pytest.fixture
def run() -> Run:
    # Of 100 images, 3 fours are taken for nines and 1 nine for a four: accuracy 0.96.
    labels = np.arange(100) % 10
    said = labels.copy()
    said[[4, 14, 24]], said[9] = 9, 4
    probabilities = np.full((100, 10), 0.02)
    probabilities[np.arange(100), said] = 0.82
    row = EpochRow(1, 0.5, 0.8, 0.3, 0.9, 2.0, 1000.0, 1e-3)
    layer = LayerRow(
        "d",
        "Dense",
        (None, 10),
        7850,
        7850,
        ("(", 784, "×", 10, ")", "+", 10, "=", 7850),
        7840,
        31400,
    )
    metrics = Metrics(
        seed=5,
        fitted=Fitted((row,), 1, 1, "finished", 2.0),
        classes=CLASSES,
        layers=(layer,),
        unused_layers=(),
        test=evaluate(probabilities, labels, CLASSES),
        validation=None,
        total_s=3.0,
        model_file="model.onnx",
    )
    parts = {"train": {"count": 60000}, "validation": {"count": 100}, "test": {"count": 100}}
    split = {"dataset": "mnist", "source": "cache", "parts": parts, "validation_is_test": True,
             "warnings": [{"code": "transposed", "values": {}}]}  # fmt: skip
    return MadeUp(Path("x"), leadline.load_experiment("mlp-1"), metrics, split, {"python": "3.11"})


def test_a_page_has_what_the_run_has(run):
    page = run_page(run)
    assert (page.seed, page.dataset_name, page.source, page.warnings) == (
        5, "mnist", "cache", (remark("transposed"),),
    )  # fmt: skip
    assert page.counts == {"train": 60000, "validation": 100, "test": 100}
    assert page.evaluation_test.accuracy == 0.96
    (pair,) = page.confused
    assert (pair.pair.a, pair.pair.b, pair.pair.a_as_b, pair.pair.b_as_a) == ("4", "9", 3, 1)
    assert [round(one.probability, 3) for one in pair.a_as_b] == [0.9, 0.8, 0.7]
    assert [one.image.item() for one in pair.b_as_a] == [3]


def test_the_labs_figures_stand_beside_its_own_experiment_on_its_own_images_alone(run):
    theirs = run_page(run).experiment.reference
    assert theirs is not None
    assert theirs.test_accuracy == 0.9726
    others = replace(run, split={**run.split, "dataset": "my-photos"})
    assert run_page(others).experiment.reference is None
    changed = replace(run, experiment=leadline.load_experiment("mlp-1", ["training.epochs=3"]))
    assert run_page(changed).experiment.reference is None


def test_a_users_own_reference_is_kept(run):
    mine = leadline.load_experiment("mlp-1", ["name=mine", "training.epochs=3"])
    assert run_page(replace(run, experiment=mine)).experiment.reference is not None


def test_a_quick_trial_is_not_set_beside_published_figures(run):
    mine = leadline.load_experiment("mlp-1", ["name=mine", "training.epochs=3"])
    assert run_page(replace(run, experiment=mine)).experiment.reference is not None
    quick = mine.model_copy(update={"quick": True})
    assert run_page(replace(run, experiment=quick)).experiment.reference is None


def test_a_study_adds_up_its_runs(run):
    study = Study(name="two", experiments=(run.experiment,))
    page = study_page(study, [run, run])
    assert (page.title, page.wall_s, page.quick, len(page.runs)) == ("two", 6.0, False, 2)
    assert not study_page(study.model_copy(update={"name": "two-quick"}), [run]).quick
    quick = study.experiments[0].model_copy(update={"quick": True})
    assert study_page(study.model_copy(update={"experiments": (quick,)}), [run]).quick


def test_the_card_says_what_it_takes_gives_and_cannot(run):
    card = model_card(run.experiment, run.metrics, run.split)
    # Wilson: 96 of 100 is 0.9016 to 0.9843.
    for said in (
        "# mlp-1", "uint8 grey images of 28 × 28 px", "10 classes: 0, 1, 2", "**Weights**: 7,850.",
        "60,000 images of mnist", "seed 5, 1 epoch.",
        "0.9600 (95% Wilson interval 0.9016 to 0.9843)", "the test images themselves",
        "EMNIST's files hold the images transposed",
    ):  # fmt: skip
        assert said in card


def test_the_card_begins_with_the_limits(run):
    films = {**run.split, "dataset": "chest-xray"}
    card = model_card(run.experiment, run.metrics, films)
    assert card.partition("\n---\n\n")[2].startswith(
        "# mlp-1\n\n> **This is no medical device.** Its images are chest X-rays"
    )
    assert "medical" not in model_card(run.experiment, run.metrics, run.split)


def test_the_card_names_no_folder_of_its_makers_machine(run):
    split = {**run.split, "data": "/home/somebody/films", "source": "/home/somebody/films"}
    card = model_card(run.experiment, run.metrics, split)
    assert "somebody" not in card
    assert "from a folder given by hand" in card


def test_the_card_says_whose_films_they_are(run):
    card = model_card(run.experiment, run.metrics, {**run.split, "dataset": "chest-xray"})
    assert "- **Data**: CC BY 4.0. D. S. Kermany, K. Zhang, M. Goldbaum" in card
    assert "no medical device" in card
