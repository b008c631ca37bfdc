"""What a hurried reader of a study takes along: the answer, the scale, the cautions."""

import dataclasses
import re
from typing import get_args

import numpy as np
import pytest
from tests.report.comparisons import comparison, pair

from leadline.analysis.significance.comparison import Verdict
from leadline.data.audit import Audit, Finding
from leadline.data.preprocessing import describe
from leadline.data.size_survey import Survey
from leadline.experiments.image_form import ImageForm
from leadline.report.html_pages import render_study
from leadline.report.page_content import StudyPage
from leadline.report.sections.audit_view import audit_view
from leadline.report.sections.study_view import StudyView
from leadline.report.sections.summary_view import SummaryView


def judged(run, accuracy, *, reach=0.01, validated=True):
    """That accuracy on test and on validation, give or take so much."""
    found = dataclasses.replace(
        run.evaluation_test,
        accuracy=accuracy,
        accuracy_interval=(accuracy - reach, min(accuracy + reach, 1.0)),
    )
    return dataclasses.replace(
        run, evaluation_test=found, evaluation_validation=found if validated else None,
        unused_layers=(),
    )  # fmt: skip


@pytest.fixture
def summary(make_run):
    """Of a study with these figures: name to one accuracy a seed."""

    def build(figures, **changes):
        page_changes = {
            key: changes.pop(key) for key in ("comparison", "quick", "audit") if key in changes
        }
        runs = tuple(
            judged(make_run(name, seed), accuracy, **changes)
            for name, accuracies in figures.items()
            for seed, accuracy in enumerate(accuracies)
        )
        return SummaryView(StudyView(StudyPage("s", "S", "", runs, **page_changes)))

    return build


def words(page):
    body = page.partition("<body>")[2].partition("<script>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def titles(found):
    return [one.title for one in found.cautions]


@pytest.mark.parametrize(
    ("top", "answer"),
    [
        (pair("cnn-1", "mlp-1"), "yes"),
        (pair("mlp-1", "cnn-1"), "no"),
        (pair("cnn-1", "mlp-1", 0.001, "equivalent"), "equivalent"),
        (pair("mlp-1", "cnn-1", 0.001, "no difference shown"), "unknown"),
    ],
)
def test_whether_the_best_is_better(summary, top, answer):
    found = summary({"mlp-1": [0.95], "cnn-1": [0.97]}, comparison=comparison(top))
    assert found.best.name == "cnn-1"
    assert found.study.page.best_is_better == answer


UNSURE: Verdict = "no difference shown"


@pytest.mark.parametrize(
    ("others", "headline", "answer"),
    [
        (
            # Better than the next, and worse than the third: not the best.
            (pair("cnn-1", "mlp-1"), pair("hog-1", "cnn-1", 0.02), pair("hog-1", "mlp-1", 0.03)),
            "cnn-1 was chosen, but hog-1 does better",
            "No On the test images hog-1 is better by 2.00 percentage points of accuracy.",
        ),
        (
            (
                pair("mlp-1", "cnn-1", 0.002, UNSURE),
                pair("cnn-1", "hog-1"),
                pair("mlp-1", "hog-1"),
            ),
            "cnn-1 was chosen; mlp-1 is ahead, but not significantly",
            "Not shown mlp-1 is ahead of cnn-1 by 0.20 percentage points of accuracy",
        ),
        (
            (
                pair("mlp-1", "cnn-1", 0.001, "equivalent"),
                pair("cnn-1", "hog-1"),
                pair("mlp-1", "hog-1"),
            ),
            "cnn-1 was chosen, and mlp-1 is as good",
            "No, as good cnn-1 and mlp-1 are equivalent",
        ),
        (
            (
                pair("cnn-1", "mlp-1"),
                pair("hog-1", "cnn-1", 0.002, UNSURE),
                pair("hog-1", "mlp-1"),
            ),
            "cnn-1 was chosen; hog-1 is ahead, but not significantly",
            "Yes cnn-1 is better than mlp-1 by 1.00 percentage points",
        ),
    ],
)
def test_the_headline_does_not_praise_whom_another_leaves_behind_on_test(
    summary, others, headline, answer
):
    found = summary(
        {"cnn-1": [0.97], "mlp-1": [0.95], "hog-1": [0.90]}, comparison=comparison(*others)
    )
    text = words(render_study(found.study.page))
    assert headline in text
    assert answer in text


def test_what_nobody_compared_is_not_answered(summary):
    assert summary({"mlp-1": [0.95], "cnn-1": [0.97]}).study.page.best_is_better == "untested"


def test_the_scale_has_the_best_first_and_every_seed(summary):
    found = summary({"mlp-1": [0.95], "cnn-1": [0.97, 0.98], "hog-1": [0.90]})
    assert [row.name for row in found.scale.rows] == ["cnn-1", "mlp-1", "hog-1"]
    assert [row.seeds for row in found.scale.rows] == [(0.97, 0.98), (), ()]
    assert found.scale.rows[0].figure.value == pytest.approx(0.975)
    assert found.scale.rows[0].target == "cnn-1-seed-0-verdict"
    assert found.left_out == 0


def test_of_equals_the_first_of_the_study_leads_everywhere(summary):
    found = summary({"cnn-1": [0.95], "mlp-1": [0.95]})
    assert found.best.name == next(iter(found.study.page.best.values())).name == "cnn-1"


def test_one_experiment_tells_its_two_chances(summary):
    found = summary({"cnn-1": [0.96, 0.97, 0.98]}, reach=0.02)
    images, seeds = found.scale.rows
    assert images.figure.interval == pytest.approx((0.95, 0.99))
    assert images.seeds == ()
    # Student's t with 2 degrees of freedom is 4.303 at 97.5%; the deviation is 0.01.
    half = 4.302653 * 0.01 / 3**0.5
    assert seeds.figure.interval == pytest.approx((0.97 - half, 0.97 + half))
    assert seeds.seeds == (0.96, 0.97, 0.98)
    assert seeds.target == "seeds"


def test_one_run_has_one_chance(summary):
    assert len(summary({"cnn-1": [0.96]}).scale.rows) == 1


def test_nothing_to_beware_of(summary):
    assert summary({"cnn-1": [0.96, 0.97], "mlp-1": [0.9, 0.91]}).cautions == ()


def test_one_seed_alone_is_a_caution(summary):
    assert titles(summary({"cnn-1": [0.96], "mlp-1": [0.9]})) == ["One seed alone."]
    some = summary({"cnn-1": [0.96, 0.97], "mlp-1": [0.9]})
    assert titles(some) == ["One seed alone of some experiments."]


def test_few_test_images(summary):
    (first, _) = summary({"cnn-1": [0.90]}, reach=0.06).cautions
    assert first.title == "Few test images."
    assert first.text == "Of so few, 30, the accuracy may lie anywhere in 84–96%."


def test_who_was_chosen_by_test_images(summary):
    figures = {"cnn-1": [0.96, 0.97], "mlp-1": [0.9, 0.91]}
    assert titles(summary(figures, validated=False)) == ["Chosen on the test images."]
    alone = summary({"cnn-1": [0.96, 0.97]}, validated=False)
    assert titles(alone) == []


def test_few_validation_images_lead_to_where_it_is_told(make_run):
    run = judged(make_run("cnn-2"), 0.9)
    few = dataclasses.replace(run.evaluation_validation, n=16, accuracy_interval=(0.72, 0.99))
    data = run.experiment.data.model_copy(update={"validation": "given"})
    given = run.experiment.model_copy(update={"data": data})
    run = dataclasses.replace(run, evaluation_validation=few, experiment=given)
    page = StudyPage("s", "S", "", (judged(make_run("cnn-1"), 0.95), run))
    (told,) = [one for one in SummaryView(StudyView(page)).cautions if one.target]
    assert told.title == "Validated on 16 images."
    assert told.text == "By so few no epoch or threshold of cnn-2 can be chosen."
    assert 'id="sides"' in render_study(page)


def audit_of(*kinds, features="file size"):
    details = {
        "classes": {"a": 2}, "images": 2, "share": 0.5, "examples": [],
        "features": features, "auc": 0.9, "interval": [0.8, 0.95],
    }  # fmt: skip
    findings = tuple(Finding(kind, ("train", "test"), 2, details) for kind in kinds)
    return audit_view(Audit("x", {"train": {"a": 4}, "test": {"a": 4}}, findings, (), ()))


def test_only_what_the_audit_found_grave_is_on_the_first_screen(summary):
    found = summary(
        {"cnn-1": [0.96, 0.97]}, audit=audit_of("small-class", "shared-group", "shortcut")
    )
    assert [(one.title, one.target) for one in found.cautions] == [
        ("Patients in two splits.", "audit"),
        ("Classes that differ in simple image properties.", "audit"),
    ]


def test_properties_that_can_be_the_subjects_own_are_not_on_the_first_screen(summary):
    audit = audit_of("shortcut", features="brightness")
    assert audit.kinds[0].severity == "minor"
    assert summary({"cnn-1": [0.96, 0.97]}, audit=audit).cautions == ()


def test_every_caution_that_says_more_leads_somewhere(make_run):
    runs = tuple(make_run(name) for name in ("cnn-1", "mlp-1"))
    page = render_study(StudyPage("s", "S", "", runs, audit=audit_of("shortcut")))
    targets = re.findall(r'<li><strong>[^<]*</strong>[^<]*<a href="#([\w-]+)">', page)
    assert set(targets) == {"audit", "unused"}
    assert all(f'id="{target}"' in page for target in targets)


def test_many_names_are_counted(make_run):
    names = ("cnn-1", "cnn-2", "cnn-3", "mlp-1", "hog-1")
    runs = [make_run(name) for name in names]
    *_, many = SummaryView(StudyView(StudyPage("s", "S", "", tuple(runs)))).cautions
    assert many.text == "Nothing reads l1_mp of 5 experiments."
    *_, few = SummaryView(StudyView(StudyPage("s", "S", "", tuple(runs[:2])))).cautions
    assert few.text == "Nothing reads l1_mp of cnn-1 and cnn-2."


def test_very_many_experiments_are_not_all_on_the_scale(make_run):
    runs = []
    for number in range(12):
        run = judged(make_run(), 0.9 + number / 200)
        named = run.experiment.model_copy(update={"name": f"m{number}"})
        runs.append(dataclasses.replace(run, experiment=named))
    found = SummaryView(StudyView(StudyPage("s", "S", "", tuple(runs))))
    assert [row.name for row in found.scale.rows] == [f"m{number}" for number in range(11, 1, -1)]
    assert found.left_out == 2
    text = " ".join(render_study(StudyPage("s", "S", "", tuple(runs))).split())
    assert '2 more experiments are <a href="#table">in the table</a>.' in text


def test_verdicts_are_all_answered():
    answered = {"better", "no difference shown", "equivalent"}
    assert set(get_args(Verdict)) == answered


def test_lost_pixels_and_colours_are_cautions_once(make_run):
    photographs = Survey(np.array([(200, 300)] * 5), np.ones(5, bool), np.zeros(5, np.int64))
    small, grey = ImageForm((28, 28), 1, "pad"), ImageForm((64, 96), 1, "pad")
    runs = [
        dataclasses.replace(make_run(name), preprocessing=describe(photographs, form, 100))
        for name, form in (("mlp-1", small), ("hog-1", small), ("cnn-1", grey))
    ]
    found = SummaryView(StudyView(StudyPage("s", "S", "", tuple(runs))))
    said = [one.text for one in found.cautions if one.title == "About the images."]
    assert len(said) == 2
    assert "5 of 5" in said[0]
    assert "data.size_px=56" in said[0]
    assert "data.channels=colour" in said[1]
