"""Confusions beyond chance on the page."""

import re

import numpy as np

from leadline.metrics.classification import evaluate
from leadline.report.html_pages import render_run


def page(make_run, confusion, classes):
    cells = [cell for cell in np.ndindex(confusion.shape) for _ in range(confusion[cell])]
    said = np.full((len(cells), len(classes)), 0.1 / len(classes))
    said[np.arange(len(cells)), [predicted for _, predicted in cells]] += 0.9
    labels = np.array([true for true, _ in cells])
    judged = evaluate(said, labels, classes)
    html = render_run(make_run(evaluation_test=judged, classes=classes, confused=()))
    return " ".join(re.sub("<[^>]+>", "", html).split())


CONFUSION = np.array([[50, 9, 1, 0], [7, 50, 0, 3], [3, 2, 50, 8], [4, 0, 12, 50]])


def test_they_are_named_with_what_was_expected(make_run):
    text = page(make_run, CONFUSION, ("cat", "<b>", "dog", "owl"))
    assert "More often than chance would have it" in text
    assert "cat taken for &lt;b&gt;: 9 images, 3.4 expected (p &lt; 0.001)" in text


def test_where_there_is_none_the_page_says_so(make_run):
    even = np.full((4, 4), 2) + np.diag([20] * 4)
    assert "No class is taken for another more often" in page(make_run, even, tuple("abcd"))


def test_of_two_classes_nothing_is_said(make_run):
    text = page(make_run, np.array([[9, 3], [2, 9]]), ("ill", "well"))
    assert "chance would have it" not in text
    assert "chance would have it" not in page(make_run, np.diag([4, 4, 4]), tuple("abc"))
