"""The metadata of a card, read as YAML by a library that is not ours."""

from dataclasses import replace

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.finished_runs import write_finished
from tests.report.two_classes import judged

from leadline.metrics.estimates import Estimate
from leadline.report.card_metadata import main_metrics, metadata_block, with_licence
from leadline.report.model_card import model_card

CLASSES = ("NORMAL", "PNEUMONIA")


def read(card):
    assert card.startswith("---\n")
    block, _, body = card.removeprefix("---\n").partition("\n---\n")
    return yaml.safe_load(block), body


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """96 of 100 images right, so that Wilson's interval is 0.9016 to 0.9843."""
    right = np.arange(100) >= 4
    return write_finished(tmp_path_factory.mktemp("card") / "run", "mlp-1", right)


@pytest.fixture
def of_two(run):
    """The same with what was found of two classes."""
    content = judged(0, 1.6, CLASSES, validated=True)
    return replace(run.metrics, decided=content.decided, test_detail=content.test)


def test_it_is_what_the_hub_reads(run):
    table, body = read(model_card(run.experiment, run.metrics, run.split))
    assert body.startswith("\n# mlp-1\n")
    assert table == {
        "library_name": "keras",
        "pipeline_tag": "image-classification",
        "tags": ["leadline", "onnx", "image-classification", "pixels"],
        "metrics": ["accuracy"],
        "model-index": [
            {
                "name": "mlp-1",
                "results": [
                    {
                        "task": {"type": "image-classification", "name": "Image classification"},
                        "dataset": {"type": "pets", "name": "pets", "split": "test"},
                        "metrics": [
                            {
                                "type": "accuracy",
                                "name": "Accuracy (95% interval 0.9016 to 0.9843)",
                                "value": 0.96,
                            }
                        ],
                    }
                ],
            }
        ],
    }


def test_known_images_go_by_the_hubs_own_name(run):
    table, _ = read(metadata_block(run.experiment, run.metrics, {"dataset": "mnist"}))
    assert table["datasets"] == ["ylecun/mnist"]
    (found,) = table["model-index"][0]["results"]
    assert found["dataset"] == {"type": "ylecun/mnist", "name": "mnist", "split": "test"}


def test_two_classes_are_told_at_their_thresholds(run, of_two):
    table, _ = read(metadata_block(run.experiment, of_two, run.split))
    assert table["metrics"] == ["accuracy", "roc_auc", "brier_score", "recall", "specificity"]
    (found,) = table["model-index"][0]["results"]
    told = {figure["name"].partition(" (")[0]: figure["value"] for figure in found["metrics"]}
    youden, _ = of_two.test_detail.points
    where = f"threshold {youden.point.threshold:.4f}"
    assert told["AUROC"] == round(of_two.test_detail.auroc.value, 4)
    assert told[f"Sensitivity, {where}"] == round(youden.sensitivity.value, 4)
    assert told[f"Specificity, {where}"] == round(youden.specificity.value, 4)


def test_the_model_file_has_the_same_metrics_as_numbers(of_two):
    youden, sensitive = of_two.test_detail.points
    kept = {(one.key, one.point): one for one in main_metrics(of_two)}
    assert set(kept) == {
        ("accuracy", None), ("auroc", None), ("brier", None),
        ("sensitivity", "youden"), ("specificity", "youden"),
        ("sensitivity", "sensitivity"), ("specificity", "sensitivity"),
    }  # fmt: skip
    found = kept["specificity", "sensitivity"]
    assert found.threshold == sensitive.point.threshold
    assert (found.value, found.low, found.high) == (
        sensitive.specificity.value, sensitive.specificity.low, sensitive.specificity.high
    )  # fmt: skip
    assert kept["accuracy", None].value == of_two.test.accuracy
    assert kept["sensitivity", "youden"].threshold == youden.point.threshold


def test_a_figure_that_is_not_known_is_left_out(run, of_two):
    nothing = replace(
        of_two.test_detail,
        metrics=of_two.test_detail.metrics | {"auroc": Estimate(None, 0.0, 1.0, "unknown")},
    )
    metrics = replace(of_two, test_detail=nothing)
    table, _ = read(metadata_block(run.experiment, metrics, run.split))
    assert "roc_auc" not in table["metrics"]
    assert "auroc" not in {one.key for one in main_metrics(metrics)}


@given(name=st.text(min_size=1).filter(lambda name: name.isprintable() or "\x00" not in name))
def test_any_name_is_read_back(run, name):
    try:
        name.encode()
    except UnicodeEncodeError:  # half a pair, which no file name of ours holds
        return
    table, _ = read(metadata_block(run.experiment, run.metrics, {"dataset": name}))
    assert table["model-index"][0]["results"][0]["dataset"]["type"] == name


@pytest.mark.parametrize(
    "name", ["yes", "null", "on", "1e3", "2026-11-24", "- a", "a: b", "# x", "x---"]
)
def test_a_name_that_yaml_would_take_for_something_else_stays_a_name(run, name):
    block = metadata_block(run.experiment, run.metrics, {"dataset": name})
    table, _ = read(block)
    assert table["model-index"][0]["results"][0]["dataset"]["name"] == name
    assert read(with_licence(block + "\nText.", "mit")) == ({"license": "mit"} | table, "\nText.")


def test_a_licence_is_put_into_the_metadata_alone(run):
    card = model_card(run.experiment, run.metrics, run.split)
    table, body = read(with_licence(card, "apache-2.0"))
    before, text = read(card)
    assert table == {"license": "apache-2.0"} | before
    assert body == text
