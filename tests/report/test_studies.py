"""A study's page: the best of each family, and what its figures do not show."""

import dataclasses
import re

import pytest

from leadline.data.remarks import remark
from leadline.experiments import shortened_experiment
from leadline.report.html_pages import render_study
from leadline.report.page_content import RunPage, StudyPage
from leadline.report.sections.study_view import StudyView


def with_accuracy(run, accuracy, interval, validation=None):
    test = dataclasses.replace(run.evaluation_test, accuracy=accuracy, accuracy_interval=interval)
    checked = None
    if validation is not None:
        checked = dataclasses.replace(test, accuracy=validation)
    return dataclasses.replace(run, evaluation_test=test, evaluation_validation=checked)


@pytest.fixture
def study(make_run):
    """Name, accuracy, interval and validation accuracy of each run, to a study."""

    def build(*figures, **changes):
        runs: list[RunPage] = []
        for name, *rest in figures:
            seed = sum(run.experiment.name == name for run in runs)
            runs.append(with_accuracy(make_run(name, seed), *rest))
        return StudyPage(changes.pop("name", "s"), "S", "", tuple(runs), **changes)

    return build


def words(page):
    body = page.partition("<body>")[2].partition("<script>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_the_best_of_each_family_comes_first(study):
    view = study(
        ("mlp-1", 0.97, (0.96, 0.98)),
        ("mlp-2", 0.98, (0.97, 0.99)),
        ("cnn-1", 0.99, (0.985, 0.995)),
    )
    assert {family: row.name for family, row in view.best.items()} == {
        "cnn": "cnn-1", "pixels": "mlp-2",
    }  # fmt: skip
    assert list(view.best) == ["cnn", "pixels"]
    assert not view.chosen_on_validation


def test_validation_chooses_where_there_is_any(study):
    view = study(
        ("mlp-1", 0.97, (0.96, 0.98), 0.985),
        ("mlp-2", 0.98, (0.97, 0.99), 0.975),
    )
    assert view.chosen_on_validation
    assert [row.name for row in view.best.values()] == ["mlp-1"]


def test_a_choice_that_does_not_carry_over_is_said(study):
    page = study(("mlp-1", 0.90, (0.89, 0.91), 0.99), ("cnn-1", 0.97, (0.96, 0.98), 0.98))
    view = page
    assert [row.name for row in view.best.values()] == ["mlp-1", "cnn-1"]
    assert [row.name for row in view.better_on_test] == ["cnn-1"]
    assert "But cnn-1 did better on the test images, so what validation chose" in words(
        render_study(page)
    )


def test_intervals_that_touch_are_said_to_overlap(study):
    page = study(
        ("cnn-1", 0.99, (0.98, 0.995)),
        ("mlp-1", 0.97, (0.96, 0.98)),
        ("hog-1", 0.95, (0.94, 0.96)),
    )
    view = page
    assert [row.name for row in view.overlapping] == ["mlp-1"]
    assert [row.name for row in view.apart] == ["hog-1"]
    said = words(render_study(page))
    assert "The interval lies clear of that of hog-1, the best of its family." in said
    assert "overlaps with that of mlp-1: these figures alone do not show" in said
    assert said.count("significant") == 1  # in the question alone


def test_one_family_alone_is_compared_with_none(study):
    said = words(render_study(study(("cnn-1", 0.99, (0.98, 0.995)))))
    assert "lies clear of" not in said
    assert "overlaps with" not in said


def test_seeds_are_averaged_and_their_range_shown(study):
    page = study(("cnn-1", 0.98, (0.97, 0.99)), ("cnn-1", 0.99, (0.98, 1.0)))
    (row,) = page.rows
    assert row.accuracy == pytest.approx(0.985)
    assert row.interval == pytest.approx((0.975, 0.995))
    said = words(render_study(page))
    assert "98.50% 98.00–99.00%" in said
    assert "(mean of 2 seeds, n = 30;" in said
    assert "cnn-1 , seed 1" in said


def test_the_difference_from_the_lab(study):
    page = study(("mlp-1", 0.9746, (0.97, 0.98)))
    (row,) = page.rows
    assert row.accuracy_difference == pytest.approx(0.002)
    assert row.loss_difference == pytest.approx(0.5004 - 0.0904, abs=1e-4)
    assert "97.26% +0.20 0.0904 +0.4100" in words(render_study(page))


def test_the_span_of_differences(study):
    page = study(("mlp-1", 0.9746, (0.97, 0.98)), ("hog-1", 0.9756, (0.97, 0.98)))
    assert StudyView(page).difference_span == pytest.approx((-0.002, 0.002))
    assert "accuracies differ by −0.20 to +0.20 percentage points" in words(render_study(page))
    (alone,) = page.runs[:1]
    said = words(render_study(dataclasses.replace(page, runs=(alone,))))
    assert "the accuracy differs by +0.20 percentage points" in said


def test_without_reference_there_are_no_columns_for_it(study, make_run):
    page = study(("cnn-1-pooled", 0.99, (0.98, 0.995)))
    assert page.rows[0].accuracy_difference is None
    assert "the lab" not in words(render_study(page)).replace("that the lab drew", "")


def test_unused_layers_are_said_once_for_all_that_have_them(study):
    page = study(("cnn-1", 0.99, (0.98, 0.995)), ("cnn-2", 0.99, (0.98, 0.995)))
    ((layers, names),) = page.unused_layers.items()
    assert [layer.name for layer in layers] == ["l1_mp"]
    assert names == ("cnn-1", "cnn-2")
    said = "cnn-1, cnn-2 : l1_mp (MaxPooling2D), nothing reads its output: l2 reads l1."
    assert said in words(render_study(page))


def test_a_study_says_which_images_it_is_of(study, make_run):
    page = study(("cnn-1", 0.99, (0.98, 0.995)), ("cnn-2", 0.99, (0.98, 0.995)))
    assert "Study · pets · 2 experiments · 2 runs" in words(render_study(page))
    digits = dataclasses.replace(page, runs=(*page.runs, make_run("cnn-3", dataset_name="mnist")))
    assert "Study · pets, MNIST · 3 experiments · 3 runs" in words(render_study(digits))


@pytest.mark.parametrize(
    ("changes", "command"),
    [
        ({"name": "lab"}, "leadline study lab"),
        ({"name": "mine"}, ""),
        ({"name": "mine", "command": "leadline study mine.toml"}, "leadline study mine.toml"),
    ],
)
def test_the_command_that_does_it_again(study, changes, command):
    names = [f"{family}-{number}" for family in ("mlp", "hog", "cnn") for number in (1, 2, 3)]
    page = study(*((name, 0.98, (0.97, 0.99)) for name in names), **changes)
    assert page.study_command == command


LAB = [f"{family}-{number}" for family in ("mlp", "hog", "cnn") for number in (1, 2, 3)]


def changed(page, **settings):
    """The same study, its first experiment trained with other settings."""
    first, *others = page.runs
    training = first.experiment.training.model_copy(update=settings)
    experiment = first.experiment.model_copy(update={"training": training})
    return dataclasses.replace(
        page, runs=(dataclasses.replace(first, experiment=experiment), *others)
    )


def test_a_study_with_other_settings_is_not_the_built_in_one(study):
    page = study(*((name, 0.98, (0.97, 0.99)) for name in LAB), name="lab")
    assert changed(page, batch_size=64).study_command == ""
    assert changed(page, epochs=2).study_command == ""


def test_a_quick_study_is_the_built_in_one_shortened_and_nothing_else(study):
    page = study(*((name, 0.98, (0.97, 0.99)) for name in LAB), name="lab-quick", quick=True)
    assert page.study_command == ""  # trained in full, whatever the page says
    runs = tuple(
        dataclasses.replace(run, experiment=shortened_experiment(run.experiment))
        for run in page.runs
    )
    short = dataclasses.replace(page, runs=runs)
    assert short.study_command == "leadline study lab --quick"
    assert short.full_command == "leadline study lab"
    assert changed(short, batch_size=64).study_command == ""


def test_the_users_own_images_are_in_the_command(study):
    page = study(*((name, 0.98, (0.97, 0.99)) for name in LAB), name="lab")
    runs = tuple(dataclasses.replace(run, data="my images") for run in page.runs)
    again = dataclasses.replace(page, runs=runs).study_command
    assert again == "leadline study lab --data 'my images'"


def test_several_seeds_are_in_the_command(study):
    names = [f"{family}-{number}" for family in ("mlp", "hog", "cnn") for number in (1, 2, 3)]
    runs = [(name, 0.98, (0.97, 0.99)) for name in names for _ in range(3)]
    assert study(*runs, name="lab").study_command == "leadline study lab --seeds 3"


def test_warnings_are_said_once(study):
    page = study(("cnn-1", 0.99, (0.98, 0.995)), ("mlp-1", 0.97, (0.96, 0.98)))
    runs = tuple(dataclasses.replace(run, warnings=(remark("transposed"),)) for run in page.runs)
    assert dataclasses.replace(page, runs=runs).warnings == (remark("transposed"),)


def test_equals_stay_in_the_order_of_the_study(study):
    """Two seeds of each, 19,744 of 20,000 images right in all: their means differ by a rounding."""
    shares = (("cnn-1", 0.9871), ("cnn-1", 0.9873), ("cnn-2", 0.9865), ("cnn-2", 0.9879))
    view = study(*((name, share, (0.98, 0.99)) for name, share in shares))
    assert view.rows[0].accuracy < view.rows[1].accuracy
    assert [row.name for row in view.ranking] == ["cnn-1", "cnn-2"]
