"""Seeds of a study that diverge: the others go on, and everything says which failed."""

import json
import pickle
import re

import pytest
from tests.small_runs import small

import leadline
from leadline import compare
from leadline.analysis.failed_runs import FailedRun
from leadline.errors import DamagedRun, Diverged
from leadline.experiments import Study
from leadline.report.translations.language import speaking
from leadline.runs import FailedSummary, study_failures, survey
from leadline.workflow import report_writing, study_training
from leadline.workflow.events import Event, RunDone, WarningMessage

MESSAGE = (
    "the loss became nan in epoch 4, batch 2 (last finite loss: 0.25); lower "
    "training.optimizer.learning_rate or set training.optimizer.clipnorm = 1.0."
)
SEED_1 = {
    "experiment": "first-hog", "seed": 1, "code": "diverged", "epoch": 4, "batch": 2,
    "loss": "nan", "last_loss": 0.25,
}  # fmt: skip
WILD = (
    "training.optimizer.name=SGD",
    "training.optimizer.learning_rate=1e38",
)


@pytest.fixture
def seed_1_diverges(monkeypatch):
    """Training with seed 1 fails in epoch 4, until the returned function is called."""
    from leadline.training.loop import fit

    def failing(*arguments, seed, **options):
        if seed == 1:
            options["checkpoint"].write_bytes(b"of an earlier epoch")
            raise Diverged.at(4, 2, "nan", 0.25)
        return fit(*arguments, seed=seed, **options)

    monkeypatch.setattr("leadline.workflow.run_training.fit", failing)
    return lambda: monkeypatch.setattr("leadline.workflow.run_training.fit", fit)


def test_the_message_is_made_from_the_values():
    assert FailedRun("first-hog", 1, "diverged", 4, 2, "nan", 0.25).message == MESSAGE
    copy = pickle.loads(pickle.dumps(Diverged.at(4, 2, "nan", 0.25)))
    assert (str(copy), copy.epoch) == (MESSAGE, 4)


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", page).split())


def first_screen(page: str) -> str:
    return words(page.partition('<section class="summary"')[2].partition("</section>")[0])


def record_of(folder):
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_the_other_seeds_go_on_and_the_failed_one_is_told(few_digits, tmp_path, seed_1_diverges):
    events: list[Event] = []
    study = Study(name="two", experiments=(small(), small("first-pixels")))
    # The second has one seed that fails as well.
    done = leadline.study(study, seeds=3, data=few_digits, out=tmp_path, on_event=events.append)
    assert [(run.experiment.name, run.metrics.seed) for run in done.runs] == [
        ("first-hog", 0), ("first-hog", 2), ("first-pixels", 0), ("first-pixels", 2),
    ]  # fmt: skip
    assert done.failed[0] == FailedRun("first-hog", 1, "diverged", 4, 2, "nan", 0.25)
    assert ", 2 failed, " in repr(done)
    warned = [event.text for event in events if isinstance(event, WarningMessage)]
    assert warned.count(f"first-hog seed 1: {MESSAGE}") == 1
    record = record_of(tmp_path)
    assert record["failed"] == [SEED_1, {**SEED_1, "experiment": "first-pixels"}]
    assert [one["seeds"] for one in record["experiments"]] == [[0, 2], [0, 2]]
    assert record["comparison"] is not None
    assert not (tmp_path / "first-hog" / "seed-1.partial").exists()
    assert not (tmp_path / "plan.json").exists()
    page = done.report.read_text(encoding="utf-8")
    said = "2 of 3 seeds; seed 1 diverged in epoch 4"
    assert f"<small>{said}</small>" in page, "the row of the table"
    assert (
        f"Not every seed finished. first-hog: {said}. Its results cover only the seeds that "
        "finished, so they may be too optimistic." in first_screen(page)
    )
    found = compare(tmp_path)
    assert found.failed == done.failed
    assert record["comparison"]["failed"] == record["failed"]
    listed = [one for one in survey(tmp_path) if isinstance(one, FailedSummary)]
    assert [(one.folder, one.experiment, one.seed, one.epoch) for one in listed] == [
        (tmp_path, "first-hog", 1, 4),
        (tmp_path, "first-pixels", 1, 4),
    ]
    report_writing.report(tmp_path, tmp_path / "files" / "en.html", files=True)
    tables = tmp_path / "files" / "tables"
    failed = (tables / "failed.csv").read_text(encoding="utf-8-sig").splitlines()
    assert failed[1] == "first-hog,1,diverged,4,2,nan,0.25"
    assert f"first-hog: {said}." in (tables / "experiments.tex").read_text(encoding="utf-8")
    french = report_writing.report(tmp_path, tmp_path / "fr.html", language="fr")
    assert "first-hog : 2 graines sur 3 ; la graine 1 a divergé à l’époque 4." in first_screen(
        french.read_text(encoding="utf-8")
    )


def test_the_failed_seeds_are_trained_again(few_digits, tmp_path, seed_1_diverges):
    first = study_training.repeat(small(), seeds=2, data=few_digits, out=tmp_path)
    assert (
        study_failures(tmp_path)
        == first.failed
        == (FailedRun("first-hog", 1, "diverged", 4, 2, "nan", 0.25),)
    )
    assert "1 of 2 seeds; seed 1 diverged in epoch 4" in first_screen(
        first.report.read_text(encoding="utf-8")
    )
    seed_1_diverges()
    events: list[Event] = []
    again = study_training.repeat(
        small(), seeds=2, data=few_digits, out=tmp_path, on_event=events.append
    )
    assert [event.reused for event in events if isinstance(event, RunDone)] == [True, False]
    assert again.failed == study_failures(tmp_path) == ()
    assert record_of(tmp_path)["failed"] == []
    assert "diverged" not in again.report.read_text(encoding="utf-8")


def test_an_experiment_without_a_finished_seed_is_left_out(few_digits, tmp_path):
    study = Study(name="two", experiments=(small(), small("first-pixels", *WILD)))
    done = leadline.study(study, data=few_digits, out=tmp_path)
    assert [run.experiment.name for run in done.runs] == ["first-hog"]
    record = record_of(tmp_path)
    assert [one["name"] for one in record["experiments"]] == ["first-hog"]
    assert record["comparison"] is None
    [failed] = record["failed"]
    assert (failed["experiment"], failed["seed"]) == ("first-pixels", 0)
    assert (failed["code"], failed["epoch"]) == ("diverged", 1)
    assert failed["loss"] in ("nan", "inf", "-inf")
    assert (
        "No seed finished. first-pixels: 0 of 1 seeds; seed 0 diverged in epoch 1. It has no "
        "figures and is left out of every comparison."
        in first_screen(done.report.read_text(encoding="utf-8"))
    )


def test_a_quick_study_says_it_too(few_digits, tmp_path):
    study = Study(name="two", experiments=(small(), small("first-pixels", *WILD)))
    done = leadline.study(study, quick=True, data=few_digits, out=tmp_path)
    page = words(done.report.read_text(encoding="utf-8"))
    assert "first-pixels: 0 of 1 seeds; seed 0 diverged in epoch 1." in page


def test_where_every_run_fails_the_first_error_is_raised(few_digits, tmp_path):
    with pytest.raises(Diverged, match="in epoch 1, batch") as caught:
        study_training.repeat(small("first-pixels", *WILD), seeds=2, data=few_digits, out=tmp_path)
    assert caught.value.epoch == 1
    assert not (tmp_path / "report.json").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {**SEED_1, "code": "tired"}, {**SEED_1, "seed": -1}, {**SEED_1, "epoch": 0},
        {**SEED_1, "loss": "large"}, {**SEED_1, "batch": 0}, "first-hog", {},
    ],
)  # fmt: skip
def test_a_record_that_was_edited_is_damaged(tmp_path, wrong):
    (tmp_path / "report.json").write_text(json.dumps({"failed": [wrong]}))
    with pytest.raises(DamagedRun, match=r"report\.json: damaged"):
        study_failures(tmp_path)
    (tmp_path / "report.json").write_text('{"failed": 3}')
    with pytest.raises(DamagedRun, match=r"report\.json: damaged"):
        study_failures(tmp_path)


def test_the_words_in_both_languages():
    from leadline.report.words.failed_words import sentence, shortfall

    two = [FailedRun("cnn-1", seed, "diverged", 1000 + seed, 2, "nan", None) for seed in (1, 3)]
    assert shortfall([], 3) == ""
    assert shortfall(two, 3) == (
        "3 of 5 seeds; seed 1 diverged in epoch 1,001; seed 3 diverged in epoch 1,003"
    )
    with speaking("fr"):
        assert sentence("cnn-1", two[:1], 0).startswith(
            "cnn-1\u00a0: 0 graines sur 1\u202f; la graine 1 a divergé à l’époque 1\u202f001. Elle"
        )
