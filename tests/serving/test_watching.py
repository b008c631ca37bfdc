"""A study while it is trained, as the page is told of it."""

import pytest
from tests.small_runs import small

import leadline
from leadline.experiments import Study
from leadline.serving.study_reports import Studies
from leadline.workflow import study_training
from leadline.workflow.events import EpochDone, Event, Stage


def test_it_is_seen_to_go_on_run_by_run_and_epoch_by_epoch(few_digits, tmp_path):
    studies = Studies(tmp_path)
    seen: list[object] = []

    def watch(event: Event) -> None:
        if not isinstance(event, EpochDone | Stage) or "features" in str(event):
            return
        for study in studies.now().studies:
            assert (study.name, study.state, study.report) == ("two", "running", None)
            told = [(one.state, one.step, one.epoch, one.epochs) for one in study.runs]
            if told not in seen:
                seen.append(told)

    study = Study(name="two", experiments=(small(), small("first-pixels")))
    leadline.study(study, data=few_digits, out=tmp_path / "two", on_event=watch)
    waiting, finished = ("waiting", None, None, None), ("finished", None, None, None)

    def running(step, epoch):
        return ("running", step, epoch, 2)

    assert seen == [
        [running("training", 0), waiting],
        [running("training", 1), waiting],
        [running("training", 2), waiting],
        [running("judging", 2), waiting],
        [finished, waiting],
        [finished, running("training", 0)],
        [finished, running("training", 1)],
        [finished, running("training", 2)],
        [finished, running("judging", 2)],
    ]
    (done,) = studies.now().studies
    assert (done.state, done.report) == ("finished", "/runs/two/report.html")
    assert [one.report for one in done.runs] == [
        "/runs/two/first-hog/seed-0/report.html",
        "/runs/two/first-pixels/seed-0/report.html",
    ]


def test_one_that_breaks_off_says_how_far_it_was(few_digits, tmp_path):
    def stop(event: Event) -> None:
        if isinstance(event, EpochDone):
            raise KeyboardInterrupt

    study = Study(name="two", experiments=(small(), small("first-pixels")))
    with pytest.raises(KeyboardInterrupt):
        leadline.study(study, data=few_digits, out=tmp_path / "two", on_event=stop)
    (said,) = Studies(tmp_path).now().studies
    assert said.state == "interrupted"
    assert [(one.experiment, one.state, one.epoch, one.epochs) for one in said.runs] == [
        ("first-hog", "interrupted", 1, 2),
        ("first-pixels", "waiting", None, None),
    ]
    assert [one.seed for one in said.runs] == [0, 0]


def test_seeds_of_one_experiment_are_a_study_with_a_page(few_digits, tmp_path):
    study_training.repeat(small(), seeds=2, data=few_digits, out=tmp_path / "first-hog")
    (said,) = Studies(tmp_path).now().studies
    assert (said.path, said.report) == ("first-hog", "/runs/first-hog/report.html")
    assert [(one.path, one.seed) for one in said.runs] == [
        ("first-hog/seed-0", 0), ("first-hog/seed-1", 1),
    ]  # fmt: skip
