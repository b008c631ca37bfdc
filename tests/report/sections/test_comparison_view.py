"""A study's page says which difference is real: up front, in a figure, in a table."""

import re

import pytest
from tests.report.comparisons import comparison, pair
from tests.report.svg_reading import texts
from tests.report.two_classes import two_class_run

from leadline.analysis.significance.comparison import Verdict, rank
from leadline.report.html_pages import render_study
from leadline.report.page_content import StudyPage
from leadline.report.sections.comparison_view import ComparisonView
from leadline.report.sections.study_view import StudyView

WEIGHTS = {"cnn-1": 900, "mlp-1": 400, "hog-1": 100}
NAMES = tuple(WEIGHTS)


def view(*pairs, ranking=NAMES, **changes):
    weights = {name: WEIGHTS[name] for name in ranking}
    return ComparisonView(rank(comparison(*pairs, **changes), weights, "accuracy", {}), weights)


def words(page):
    body = page.partition("<body>")[2].partition("<script>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


@pytest.fixture
def page(make_run):
    """A study's page with these pairs; its runs are all alike, so that cnn-1 leads."""

    def build(*pairs, names=("cnn-1", "mlp-1", "hog-1"), seeds=1, **changes):
        runs = tuple(make_run(name, seed) for name in names for seed in range(seeds))
        return StudyPage("s", "S", "", runs, comparison=comparison(*pairs, **changes))

    return build


def three(top, **changes):
    return (top, pair("cnn-1", "hog-1"), pair("mlp-1", "hog-1", 0.0, "no difference shown"))


TOPS = [
    (
        pair("cnn-1", "mlp-1"),
        (
            "cnn-1 is the best",
            "Yes cnn-1 is better than mlp-1 by 1.00 percentage points of accuracy.",
            "95% interval +0.60 to +1.40; p = 0.012 , corrected for 3 pairs.",
        ),
    ),
    (
        pair("cnn-1", "mlp-1", 0.002, within_margin=True),
        (
            "Yes cnn-1 is better than mlp-1 by 0.20 percentage points of accuracy.",
            "This is below the equivalence margin of 0.50 percentage points.",
        ),
    ),
    (
        pair("mlp-1", "cnn-1"),
        (
            "cnn-1 was chosen, but mlp-1 does better",
            "No On the test images mlp-1 is better by 1.00 percentage points of accuracy.",
        ),
    ),
    (
        pair("mlp-1", "cnn-1", 0.001, "equivalent"),
        (
            "cnn-1 was chosen, and mlp-1 is as good",
            "No, as good cnn-1 and mlp-1 are equivalent within 0.50 percentage points.",
        ),
    ),
    (
        pair("cnn-1", "mlp-1", 0.002, "no difference shown"),
        (
            "cnn-1 leads, but not significantly",
            "Not shown cnn-1 is ahead of mlp-1 by 0.20 percentage points of accuracy, which may be",
            "chance. Minimum detectable difference: 0.62 percentage points.",
            "95% interval −0.20 to +0.60; p = 0.400 , corrected for 3 pairs.",
        ),
    ),
    (
        pair("cnn-1", "mlp-1", 0.0, "no difference shown", minimum_detectable_difference=None),
        (
            "Not shown Neither is ahead.",
            "With so few images, or so much seed variation, no difference is detectable.",
        ),
    ),
]


@pytest.mark.parametrize(("top", "told"), TOPS)
def test_whether_the_best_is_better_than_the_next_stands_up_front(page, top, told):
    text = words(render_study(page(*three(top))))
    for said in told:
        assert said in text
    assert text.index("Is it significantly better than the next?") < text.index(
        "The best of each family"
    )


def test_what_overlaps_is_not_spoken_of_where_pairs_are_tested(page):
    text = words(render_study(page(*three(pair("cnn-1", "mlp-1")))))
    assert "these figures alone do not show which is better" not in text
    assert "which this page does not make" not in text


def test_without_comparison_the_page_says_that_it_makes_none(page, make_run):
    runs = (make_run("cnn-1"), make_run("mlp-1"))
    text = words(render_study(StudyPage("s", "S", "", runs)))
    assert "Which differences are significant" not in text
    assert "which this page does not make" in text


def test_the_smallest_that_is_equivalent():
    found = view(
        pair("cnn-1", "mlp-1", 0.001, "equivalent"),
        pair("cnn-1", "hog-1", 0.002, "equivalent"),
        pair("mlp-1", "hog-1", 0.001, "equivalent"),
    )
    assert found.ranked.smallest_equivalent == "hog-1"
    assert not found.is_smallest


def test_what_is_slightly_worse_than_the_margin_lets_pass_is_as_good():
    found = view(
        pair("cnn-1", "mlp-1", 0.002, within_margin=True),
        pair("cnn-1", "hog-1"),
        pair("mlp-1", "hog-1"),
    )
    assert found.ranked.smallest_equivalent == "mlp-1"


def test_no_smaller_one_and_the_smallest_itself():
    pairs = three(pair("cnn-1", "mlp-1"))
    assert view(*pairs).ranked.smallest_equivalent is None
    alike = pair("hog-1", "mlp-1", 0.0, "equivalent"), *three(pair("cnn-1", "mlp-1"))[:2]
    best = view(*alike, ranking=("hog-1", "mlp-1", "cnn-1"))
    assert best.ranked.smallest_equivalent is None
    assert best.is_smallest


def test_what_is_said_up_front_for_programs():
    pairs = three(pair("cnn-1", "mlp-1", 0.001, "equivalent"))
    found = view(*pairs).ranked
    assert (found.judged_by, found.best, found.next) == ("accuracy", "cnn-1", "mlp-1")
    assert found.smallest_equivalent == "mlp-1"
    assert found.measures == comparison(*pairs).measures


def test_the_page_names_the_smallest(page, make_run):
    alike = page(*three(pair("cnn-1", "mlp-1", 0.001, "equivalent")))
    assert "No experiment has fewer weights than cnn-1 with its 6,403." in words(
        render_study(alike)
    )


def test_who_does_better_than_what_validation_chose():
    found = view(
        pair("cnn-1", "mlp-1"), pair("hog-1", "cnn-1"), pair("hog-1", "mlp-1"),
    )  # fmt: skip
    assert found.ranked.beaten_by == ("hog-1",)
    assert found.ranked.ahead == found.ranked.decisive.first == "hog-1"


def test_who_is_ahead_of_what_validation_chose_though_nobody_is_shown_to_be():
    unsure: Verdict = "no difference shown"
    found = view(
        pair("mlp-1", "cnn-1", 0.004, unsure), pair("hog-1", "cnn-1", 0.006, unsure),
        pair("hog-1", "mlp-1", 0.002, unsure),
    )  # fmt: skip
    assert found.ranked.ahead == "hog-1"
    assert found.ranked.decisive == found.ranked.top
    assert view(*three(pair("cnn-1", "mlp-1"))).ranked.ahead is None


def test_one_seed_alone_is_said(page):
    alone = [pair("cnn-1", "mlp-1", of_seeds=False)]
    text = words(render_study(page(*alone, names=("cnn-1", "mlp-1"))))
    assert "One seed alone. Intervals cover the sampling of test images" in text
    assert "cover the chance in the test images alone, for these very models" in text
    both = words(render_study(page(pair("cnn-1", "mlp-1"), names=("cnn-1", "mlp-1"), seeds=2)))
    assert "One seed alone" not in both
    assert "cover the chance in the test images and that in the seeds" in both


def test_every_pair_stands_in_the_table_and_the_figure(page):
    html = render_study(page(*three(pair("cnn-1", "mlp-1"))))
    text = words(html)
    assert "cnn-1 mlp-1 +1.00 +0.60 to +1.40 0.012 0.62 better" in text
    assert "mlp-1 hog-1 ±0.00 −0.40 to +0.40 0.400 0.62 no difference shown" in text
    assert "corrected for all 3 pairs (Holm)" in text
    assert "Tests: t-test over images and seeds." in text


def test_the_best_is_said_first_whichever_way_it_goes():
    found = view(*three(pair("mlp-1", "cnn-1"))).first
    ((pairs, svg),) = found.parts
    shown = " ".join(texts(f"<g>{svg}</g>"))  # a wide and a narrow plot
    assert [one.first for one in pairs] == ["mlp-1", "cnn-1", "mlp-1"]
    assert "cnn-1 over mlp-1" in shown
    assert "−1.00 (−1.40 to −0.60)" in shown
    assert "cnn-1 over hog-1" in shown


def test_many_pairs_are_told_in_two_parts():
    names = [f"m{number}" for number in range(6)]
    pairs = [pair(one, other) for at, one in enumerate(names) for other in names[at + 1 :]]
    weights = dict.fromkeys(names, 1)
    found = ComparisonView(rank(comparison(*pairs), weights, "accuracy", {}), weights).first
    assert [len(part) for part, _ in found.parts] == [5, 10]
    assert all("m0" in (one.first, one.second) for one in found.parts[0][0])


def test_two_classes_are_judged_by_area_and_accuracy_is_folded():
    runs = tuple(two_class_run(name) for name in ("cnn-1", "mlp-1"))
    compared = comparison(
        pair("mlp-1", "cnn-1"), areas=(pair("cnn-1", "mlp-1", 0.031),), n_groups=12
    )
    study = StudyPage("s", "S", "", runs, comparison=compared)
    found = StudyView(study).compared
    assert found is not None
    assert [one.name for one in found.measures] == ["AUROC", "accuracy"]
    text = words(render_study(study))
    assert "by 0.031 of AUROC. 95% interval +0.027 to +0.035; p = 0.012 ." in text
    assert "30 test images of 12 patients" in text
    assert "The same by accuracy" in text


def test_without_area_two_classes_are_judged_by_accuracy():
    runs = tuple(two_class_run(name) for name in ("cnn-1", "mlp-1"))
    study = StudyPage("s", "S", "", runs, comparison=comparison(pair("mlp-1", "cnn-1")))
    found = StudyView(study).compared
    assert found is not None
    assert found.first.name == "accuracy"
