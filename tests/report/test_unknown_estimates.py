"""Pages of runs whose test images lack a class: metrics without a value give their reason."""

import re
from html import unescape

import numpy as np
import pytest
from tests.report.conftest import CLASSES, sample_run
from tests.report.two_classes import two_class_content, two_class_run

from leadline.analysis.run_results import MulticlassResults
from leadline.experiments.training_settings import Decision
from leadline.metrics.binary import BinaryPredictions
from leadline.metrics.classification import evaluate
from leadline.metrics.decision_rule import Calibration, decide
from leadline.metrics.estimates import NotFitted
from leadline.metrics.multiclass import multiclass_metrics
from leadline.report.html_pages import render_run
from leadline.report.json_report import plain, run_summary
from leadline.report.page_content import RunPage
from leadline.report.translations.language import speaking

ROWS = np.array([[0.8, 0.1, 0.1], [0.7, 0.2, 0.1], [0.6, 0.3, 0.1]])


def of_three(labels: list[int]) -> RunPage:
    truth = np.array(labels)
    calibration = Calibration(1.0, NotFitted("turned_off"))
    decided = decide(Decision(), None, CLASSES, calibration, {"test": (ROWS, truth)})
    found = multiclass_metrics(ROWS, truth, CLASSES, np.random.default_rng(0))
    return sample_run(
        evaluation_test=evaluate(ROWS, truth, CLASSES), multiclass=MulticlassResults(decided, found)
    )


def text_of(page: RunPage, language: str = "en") -> str:
    """What a reader sees, as one line."""
    with speaking(language):
        html = render_run(page)
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(html)).split())


def of_two(positive: bool) -> RunPage:
    answers = BinaryPredictions(np.array([0.2, 0.6, 0.9]), np.full(3, positive))
    content = two_class_content(answers, None)
    return two_class_run(binary=content)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_three_classes_of_which_the_test_holds_one(language):
    text = text_of(of_three([0, 0, 0]), language)
    reason = {
        "en": "undefined: all images are of class cat",
        "fr": "non défini : toutes les images sont de la classe cat",
    }[language]
    assert reason in text


def test_a_class_that_the_test_lacks_is_named():
    text = text_of(of_three([0, 0, 1]))
    assert f"No test image belongs to {CLASSES[2]}" in text
    assert "undefined:" not in text


@pytest.mark.parametrize("positive", [True, False])
def test_two_classes_of_which_the_test_holds_one(positive):
    page = of_two(positive)
    text = text_of(page)
    only = ("NORMAL", "PNEUMONIA")[positive]
    assert f"AUROC undefined: all images are of class {only}" in text
    lacking, known = ("Specificity", "Sensitivity") if positive else ("Sensitivity", "Specificity")
    assert f"{lacking}: undefined: all images are of class {only}" in text
    assert f"{known}: {'66.7' if positive else '33.3'}%" in text


def test_the_record_has_null_and_a_code():
    record = plain(run_summary(of_two(True)))
    auroc = record["binary_metrics"]["test"]["metrics"]["auroc"]
    assert auroc["value"] is None
    assert auroc["unknown"] == {"code": "one_class", "name": "PNEUMONIA"}
    many = plain(run_summary(of_three([0, 0, 0])))
    assert many["multiclass_metrics"]["absent"] == list(CLASSES[1:])
    assert many["multiclass_metrics"]["metrics"]["auroc"]["unknown"] == {
        "code": "one_class",
        "name": "cat",
    }
    absent = many["test"]["per_class"][1]
    assert absent["recall"] is None
    assert "recall" in absent["undefined"]
