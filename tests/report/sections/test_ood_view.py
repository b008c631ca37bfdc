"""The section on the out-of-distribution score: which images are shown, and what is said."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from leadline.analysis.ood.ood_score import OODRecord, false_alarms
from leadline.report.html_pages import render_run, render_study
from leadline.report.page_content import StudyPage
from leadline.report.sections.ood_view import ood_content


def content(n=10, groups=None):
    scores = np.linspace(0.1, 1.2, n).astype(np.float32)
    pixels = np.random.default_rng(0).integers(0, 256, (n, 8, 8, 1)).astype(np.uint8)
    record = OODRecord(
        0.99, "validation", 1234, false_alarms(scores, groups), false_alarms(scores[:2])
    )
    return ood_content(record, pixels, scores, tuple(f"<{k}>.png" for k in range(n)))


def text_of(html):
    """What a reader sees, spaces made single."""
    found = []

    class Reader(HTMLParser):
        def handle_data(self, data):
            found.append(data)

    Reader().feed(html)
    return re.sub(r"\s+", " ", " ".join(found))


def test_the_lowest_scores_come_first_then_the_highest():
    found = content()
    assert [one.name for one in found.usual] == [f"<{k}>.png" for k in (0, 1, 2, 3, 4)]
    assert [one.name for one in found.unusual] == [f"<{k}>.png" for k in (9, 8, 7, 6, 5)]
    assert found.usual[0].score == pytest.approx(0.1)


@pytest.mark.parametrize(("n", "shown"), [(0, 0), (1, 0), (2, 1), (5, 2), (40, 5)])
def test_no_image_is_at_both_ends(n, shown):
    found = content(n)
    names = [one.name for one in (*found.usual, *found.unusual)]
    assert len(names) == len(set(names)) == 2 * shown


def test_the_page_tells_the_false_alarms_by_image_and_by_patient(make_run):
    groups = [f"p{k // 2}" for k in range(10)]
    html = render_run(replace(make_run(), ood=content(groups=groups)))
    text = text_of(html)
    assert "lets 99% of 1,234 images through: the validation images" in text
    assert "Test 10 images 2 20.0%" in text  # 1.08 and 1.2 are above 1
    assert "Test 5 patients 1 20.0%" in text
    assert "Validation 2 images 0 0.0%" in text
    assert "go by the patients" in text
    assert 'alt="&lt;9&gt;.png"' in html
    assert html.count("&gt;.png") == 10


def test_patients_are_left_out_where_they_are_not_known(make_run):
    text = text_of(render_run(replace(make_run(), ood=content())))
    assert "patient" not in text[text.index("Is it such an image") :][:2000]


def test_a_run_without_a_score_has_no_such_section(make_run):
    assert "Is it such an image" not in render_run(replace(make_run(), ood=None))


def test_a_study_tells_the_false_alarms_and_shows_no_images(make_run):
    runs = (replace(make_run("mlp-1"), ood=content()), make_run("hog-1"))
    html = render_study(StudyPage("pets", "Pets", "", runs))
    assert html.count("Is it such an image at all?") == 1
    assert "&gt;.png" not in html
