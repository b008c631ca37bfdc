"""A model that may be guessing, in words: on page, screen and card."""

from dataclasses import replace

import pytest
from tests.analysis.diagnosis.course_of import diagnosed, guess_of, made

from leadline.report.html_pages import render_run, render_study
from leadline.report.json_report import run_summary, study_summary
from leadline.report.page_content import StudyPage
from leadline.report.words import guessing_words as words
from leadline.report.words.diagnosis_words import headline

GUESSING = guess_of(0.25, 1 / 3)
BETTER = guess_of(0.9, 1 / 3, "better")


def test_what_is_said_of_a_guesser():
    assert words.stated(GUESSING) == (
        "Not shown to be better than guessing. Always predicting a is right for 33.33% of the test "
        "images; the model is right for 25.00%: a difference of −8.33 percentage points (95%: "
        "−28.33 to +11.67; one-sided p = 0.870, exact McNemar test; Tango’s interval). "
        "Its AUROC of 0.520 (0.400–0.640) is not shown to be above that of guessing, 0.5 "
        "(p = 0.400)."
    )
    one_class = replace(GUESSING, classes_named=1, named="c")
    assert words.stated(one_class).endswith("The model predicts c for every test image.")


def test_what_is_said_of_others():
    assert words.stated(BETTER) == words.stated(None) == ""
    ranks = replace(GUESSING, verdict="ranking only", p_auroc=0.01)
    assert words.title(ranks) == (
        "Accuracy not shown to exceed always predicting the most frequent class."
    )
    assert "is above that of guessing, 0.5 (p = 0.010)" in words.stated(ranks)
    assert words.with_limits(BETTER, "For digits only.") == "For digits only."
    assert words.with_limits(GUESSING, "For digits only.").endswith(" For digits only.")


def test_seeds_that_fail_among_others_are_named():
    said = words.failing_seeds([(0, BETTER), (1, GUESSING), (2, BETTER), (3, GUESSING)])
    assert said == "Not shown to be better than guessing with seed 1 and 3."
    assert words.failing_seeds([(0, BETTER)]) == words.failing_seeds([(0, GUESSING)]) == ""


def test_none_shown():
    assert words.none_shown([GUESSING, GUESSING])
    assert not words.none_shown([GUESSING, BETTER])
    assert not words.none_shown([])


def test_the_terminal_does_not_say_that_there_is_nothing_to_remark():
    quiet = replace(diagnosed(made([0.6] * 3)), findings=())
    assert headline(quiet) == headline(quiet, BETTER) == "nothing to remark"
    assert headline(quiet, GUESSING) == "not shown to be better than guessing"


def test_the_page_of_a_guesser_has_no_green_tick_on_its_first_screen(make_run):
    quiet = replace(diagnosed(made([0.6] * 3)), findings=())
    page = render_run(make_run(guessing=GUESSING, diagnosis=quiet, unused_layers=()))
    first = page.partition('<section class="summary summary-run"')[2].partition("</section>")[0]
    assert "mark mark-yes" not in first
    assert "Not shown to be better than guessing." in first
    fine = render_run(make_run(guessing=BETTER, diagnosis=quiet, unused_layers=()))
    assert "Not shown to be better" not in fine
    assert "mark mark-yes" in fine


@pytest.fixture
def two(make_run):
    def build(first, second, **changes):
        runs = tuple(
            make_run(name, guessing=found, unused_layers=())
            for name, found in (("mlp-1", first), ("hog-1", second))
        )
        guessing = {"mlp-1": first, "hog-1": second}
        return StudyPage("s", "S", "Trained as the lab did.", runs, guessing=guessing, **changes)

    return build


def heading(page):
    start = page.index('<h2 id="verdict">')
    return " ".join(page[start : page.index("</h2>", start)].split())


def test_a_study_of_guessers_names_no_best(two):
    page = two(GUESSING, GUESSING)
    assert "None of the experiments is significantly better than guessing" in heading(
        render_study(page)
    )
    record = study_summary(page, ["a", "b"])
    assert record.better_than_guessing is False
    for member in record.experiments:
        assert member.guessing is not None
        assert member.guessing.verdict == "not shown"


def test_the_best_carries_that_it_may_be_guessing(two):
    """The first of two equals on validation is chosen."""
    page = render_study(two(GUESSING, BETTER))
    assert "was chosen, but is not significantly better than guessing" in heading(page)
    assert "guessing" not in heading(render_study(two(BETTER, GUESSING)))


def quick_study(make_run, **changes):
    run = make_run("mlp-1", unused_layers=())
    other = make_run("hog-1", unused_layers=())
    runs = tuple(
        replace(one, experiment=one.experiment.model_copy(update={"quick": True}))
        for one in (run, other)
    )
    return StudyPage(
        "lab-quick", "The lab", "Trained as the lab trained them.", runs, quick=True, **changes
    )


def test_a_quick_study_claims_nothing(make_run):
    page = quick_study(make_run, comparison=None)
    text = render_study(page)
    assert "A quick trial: everything works." in text
    for claim in (
        "Trained as the lab trained them", "is the best", "leads",
        "Which differences are significant", "Seven questions", "Families",
        "What accuracy costs", "mark mark-yes", "For comparison",
        "were chosen", "With 95% confidence",
    ):  # fmt: skip
        assert claim not in text, claim
    record = study_summary(page, ["a", "b"])
    assert record.quick
    assert record.best == {}
    assert (record.comparison, record.answers, record.tradeoffs) == (None, None, None)
    assert not any(member.best_of_family for member in record.experiments)
    assert all(run.report.quick for run in record.runs)


def test_a_quick_run_claims_nothing(make_run):
    run = make_run("mlp-1")
    run = replace(run, experiment=run.experiment.model_copy(update={"quick": True}))
    text = render_run(run)
    assert "A quick trial: everything works." in text
    assert "With 95% confidence" not in text
    assert run_summary(run).quick
    assert run_summary(run).reference is None
    assert run_summary(make_run("mlp-1")).reference is not None
    assert not run_summary(make_run("mlp-1")).quick
