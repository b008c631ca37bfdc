"""The lab's claims in words, and every model's confusions in one table."""

import re
from dataclasses import replace

import numpy as np
import pytest
from tests.report.conftest import sample_run

from leadline.analysis.significance.confusion_claims import LAB_CLAIMS, Claim, ClaimTest
from leadline.metrics.classification import evaluate
from leadline.report.html_pages import render_study
from leadline.report.page_content import StudyPage
from leadline.report.sections.questions.claims_answer import SENTENCES, ClaimRow, claims_view
from leadline.report.sections.study_view import StudyView

CLASSES = tuple("0123456789")
COMPARED = ClaimTest(
    claim=Claim("hog-1 tells 2 and 7", "hog-1", (("2", "7"),), "fewer", "mlp-3"),
    pairs=(("2", "7"),),
    n=2060,
    count=12.0,
    other=13.0,
    expected=None,
    change=(1.0, -8.5, 10.5),
    p=1.0,
    of_seeds=False,
    verdict="not shown",
)
ALONE = replace(
    COMPARED,
    claim=Claim("mlp-1 confuses", "mlp-1", (("2", "7"),), "confused"),
    other=None,
    expected=5.24,
    change=None,
    p=0.0004,
    verdict="confirmed",
)


def test_every_claim_of_the_lab_has_its_sentence():
    assert {claim.key for claim in LAB_CLAIMS} == SENTENCES.keys()


def test_a_comparison_in_words():
    row = ClaimRow(COMPARED)
    assert row.tested == "2 and 7: mlp-3, then hog-1"
    assert (row.counts, row.interval) == ("13 → 12", "−1 (−10.5 to +8.5)")
    assert row.verdict == "not shown"


def test_a_model_alone_in_words():
    row = ClaimRow(ALONE)
    assert (row.tested, row.counts, row.interval) == ("2 and 7: mlp-1", "12, by chance 5.2", "")


def test_means_over_seeds_have_a_decimal():
    assert ClaimRow(replace(COMPARED, count=12.5)).counts == "13 → 12.5"


def test_sentences_keep_their_tests_together():
    view = claims_view((ALONE, COMPARED, replace(COMPARED, verdict="contradicted")))
    assert view is not None
    assert [len(rows) for _sentence, rows in view.sentences] == [1, 2]
    counts = [view.count(one) for one in ("confirmed", "contradicted", "not shown")]
    assert counts == [1, 1, 1]
    assert claims_view(()) is None


def digits_run(name, *confused):
    """Ten digits, 100 images each, with so many of one taken for another."""
    labels = np.repeat(np.arange(10), 100)
    said = labels.copy()
    for a, b, count in confused:
        said[np.flatnonzero(labels == a)[:count]] = b
    probabilities = np.full((1000, 10), 0.01)
    probabilities[np.arange(1000), said] = 0.91
    found = evaluate(probabilities, labels, CLASSES)
    return sample_run(
        name, classes=CLASSES, confused=(), evaluation_test=found, evaluation_validation=found
    )


@pytest.fixture(scope="module")
def page():
    runs = [
        digits_run("mlp-1", (2, 7, 13), (4, 9, 30), (0, 1, 1), (8, 5, 1), (6, 3, 1)),
        digits_run("hog-1", (2, 7, 12), (7, 9, 25), (0, 1, 1), (8, 5, 1), (6, 3, 1)),
        digits_run("cnn-1", (0, 1, 1)),
    ]
    return StudyPage("lab", "The lab", "", tuple(runs), claims=(ALONE, COMPARED))


def test_every_model_has_a_row_and_every_pair_a_column(page):
    table = StudyView(page).answers.pairs
    assert table is not None
    assert set(table.pairs[:3]) == {("4", "9"), ("2", "7"), ("7", "9")}
    rows = {model.name: dict(zip(table.pairs, cells, strict=True)) for model, cells in table.rows}
    assert set(rows) == {"mlp-1", "hog-1", "cnn-1"}
    counts = {name: (row["2", "7"].count, row["4", "9"].count) for name, row in rows.items()}
    assert counts == {"mlp-1": (13, 30), "hog-1": (12, 0), "cnn-1": (0, 0)}
    assert rows["mlp-1"]["4", "9"].beyond
    assert not rows["cnn-1"]["4", "9"].beyond


def test_the_page_answers_each_claim(page):
    text = " ".join(re.sub(r"<[^>]+>", " ", render_study(page)).split())
    assert "With HOG, 2 and 7 are no longer hard to separate as they were on pixels." in text
    assert "2 and 7: mlp-3, then hog-1 13 → 12 −1 (−10.5 to +8.5) 1.000 not shown" in text
    assert "confirmed 1, contradicted 0, not shown 1" in text
