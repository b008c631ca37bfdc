"""Experiments of two classes side by side; who is chosen, and the tale of a tiny validation set."""

import dataclasses

import numpy as np
import pytest
from tests.report.svg_reading import marks, texts
from tests.report.test_html_pages import outline
from tests.report.two_classes import two_class_run

from leadline.analysis.experiment_results import mean_estimate
from leadline.data.audit import Audit, Finding
from leadline.metrics.classification import evaluate
from leadline.metrics.estimates import Estimate
from leadline.report.html_pages import render_study
from leadline.report.page_content import StudyPage
from leadline.report.sections.audit_view import audit_view
from leadline.report.sections.study_view import StudyView
from leadline.report.words.estimate_words import score_text


def lab_run(seed=0):
    """A network that gets 15 of its 16 validation images right, and fewer of test."""
    run = two_class_run("cnn-2", seed, spread=3.0)
    labels = np.arange(16) % 2
    probabilities = np.full((16, 2), 0.1)
    probabilities[np.arange(16), labels] = 0.9
    probabilities[0] = [0.1, 0.9]
    data = run.experiment.data.model_copy(update={"validation": "given"})
    assert run.binary is not None
    assert run.binary.validation is not None
    # Nobody is better on validation than who has so little of it.
    perfect = dataclasses.replace(
        run.binary.validation,
        metrics=run.binary.validation.metrics | {"auroc": Estimate(1, 0.8, 1, "delong")},
    )
    return dataclasses.replace(
        run,
        binary=dataclasses.replace(run.binary, validation=perfect),
        evaluation_validation=evaluate(probabilities, labels, run.classes),
        experiment=run.experiment.model_copy(update={"data": data}),
    )


def many_validated(run):
    """As if validated on so many images that its accuracy there is narrow enough."""
    assert run.evaluation_validation is not None
    wide = dataclasses.replace(run.evaluation_validation, accuracy_interval=(0.88, 0.92))
    return dataclasses.replace(run, evaluation_validation=wide)


def study(*runs, **changes):
    return StudyPage("films", "Films", "", runs, **changes)


@pytest.fixture(scope="module")
def films():
    ours = [many_validated(two_class_run("cnn-1", seed, spread=1.3)) for seed in (0, 1)]
    return study(lab_run(), many_validated(two_class_run("hog-1", spread=1.9)), *ours)


@pytest.fixture(scope="module")
def view(films):
    return StudyView(films)


@pytest.fixture(scope="module")
def outlined(films):
    """Of two of the runs alone, for figures take their time."""
    lab, _, ours, _ = films.runs
    return outline(render_study(study(lab, ours)))


@pytest.fixture(scope="module")
def said(outlined):
    return outlined.text()


def test_means_over_seeds_are_of_values_and_of_bounds():
    mean = mean_estimate([Estimate(0.9, 0.8, 0.95, "delong"), Estimate(0.8, 0.7, 0.85, "delong")])
    assert (mean.value, mean.low, mean.high) == pytest.approx((0.85, 0.75, 0.9))
    assert mean.method == "seed_mean"


def test_a_single_seed_stays_what_it_is():
    one = Estimate(0.9, 0.8, 0.95, "delong")
    assert mean_estimate([one]) is one


def test_a_seed_without_a_value_leaves_no_mean():
    assert (
        mean_estimate([Estimate(None, 0, 1, "unknown"), Estimate(1, 0, 1, "delong")]).value is None
    )


def test_it_is_judged_by_its_area(view, films):
    ours = [run.binary.test.auroc.value for run in films.runs[2:]]
    score = view.page.scores["cnn-1"]
    assert score.metric == "auroc"
    assert score.value == pytest.approx(sum(ours) / 2)
    assert score_text(score) == f"{score.value:.3f}"


def test_who_was_validated_on_few_images_is_not_chosen(view):
    assert view.page.best["cnn"].name == "cnn-1"
    assert [run.experiment.name for run in view.page.few_validated] == ["cnn-2"]


def test_unless_there_is_no_other():
    assert study(lab_run()).best["cnn"].name == "cnn-2"


def test_the_tale_has_its_numbers(said):
    # Wilson: 15 of 16 is 72 to 99%.
    assert "cnn-2 was validated on 16 images. There it got 15 of 16 right, 93.8%" in said
    assert "anything in 72–99%. On the 160 test images it gets" in said
    assert "but not on sets as small as that of cnn-2" in said


def test_every_seed_is_a_dot_beside_the_mean(view):
    auroc = view.binary.forests[0][1]
    tips = marks(auroc)
    assert sum("seed:" in tip for tip in tips) == 2
    places = {tip.partition(":")[0]: at for tip, at in tips.items() if "seed" not in tip}
    assert places["cnn-2"][0] < places["hog-1"][0] < places["cnn-1"][0]


def test_curves_of_one_family_differ_in_dashes(view):
    svg = view.binary.roc_svg
    assert any(text.startswith("cnn-1: 0.") for text in texts(svg))
    assert svg.count("stroke: var(--cnn)") > 2
    solid = [part for part in svg.split("<path")[1:] if "var(--cnn)" in part.partition("/>")[0]]
    assert any("stroke-dasharray" in part.partition("/>")[0] for part in solid)
    assert any("stroke-dasharray" not in part.partition("/>")[0] for part in solid)


def test_unfitted_thresholds_are_named():
    runs = [two_class_run("hog-1", validated=False), two_class_run("cnn-1")]
    page = outline(render_study(study(*runs))).text()
    assert "but not those of hog-1, where 0.5 stands in" in page


def test_the_page_begins_with_the_area_and_ends_with_the_audit():
    small = Finding("small-split", ("test",), 10, {"right": 9, "interval": [0.6, 0.98]})
    audit = Audit("films", {"train": {"<small>.": 4, "p": 6}}, (small,), (), ())
    runs = two_class_run("cnn-1"), two_class_run("mlp-1")
    page = render_study(study(*runs, audit=audit_view(audit)))
    said = outline(page).text()
    places = [said.rindex(one) for one in ("Side by side", "Test has 10 images")]
    assert said.index("AUROC 0.") < said.index("Audit of the images") < places[0]
    assert said.index("The best of each family") < places[0] < places[1]
    assert "<small>." not in page


def test_more_classes_are_not_set_side_by_side(make_run):
    view = StudyView(study(make_run("mlp-1"), make_run("cnn-1")))
    assert view.binary is None
    assert score_text(view.page.scores["mlp-1"]) == "86.67%"


def test_no_id_is_there_twice(outlined):
    assert len(set(outlined.ids)) == len(outlined.ids)
