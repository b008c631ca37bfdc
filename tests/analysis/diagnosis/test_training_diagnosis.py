"""Each rule on a history made to show it, on its near misses, on real ones, and by simulation."""

import json
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.diagnosis.course_of import diagnosed, gap_of, kinds, made, real

from leadline.analysis.diagnosis.generalization_gap import limit_of
from leadline.analysis.diagnosis.training_findings import RULES, Diagnosis
from leadline.experiments import load_experiment
from leadline.report.words.diagnosis_words import finding_sentence, headline
from leadline.runs.typed_json import typed

FALL = [0.5, 0.4, 0.32, 0.26, 0.21]
LEVEL = [0.201, 0.199, 0.2, 0.202, 0.198, 0.2, 0.199, 0.201, 0.2, 0.2]
RISE = [0.21, 0.22, 0.23, 0.24, 0.25, 0.26, 0.27, 0.28, 0.29, 0.3]


def the(found, kind):
    [one] = [finding for finding in found.findings if finding.kind == kind]
    return one


def test_a_loss_that_turns_and_rises_is_over_fitted_and_was_kept_too_late():
    found = diagnosed(made(FALL + RISE))
    assert kinds(found) == ["over-fitting", "stopped late"]
    over, late = found.findings
    # Fifteen epochs, so spans of three: the best are 5 to 7, the end 13 to 15.
    assert (over.first_epoch, over.last_epoch) == (8, 15)
    assert over.number("best_loss") == pytest.approx(0.64 / 3)
    assert over.number("last_loss") == pytest.approx(0.29)
    assert over.number("rise") == pytest.approx(0.29 - 0.64 / 3)
    assert over.number("accuracy_change") == pytest.approx(0.0)
    assert late.number("best_epoch") == 5
    assert (late.last_epoch, late.number("kept_loss")) == (15, 0.3)
    assert found.best_epoch == 5


def test_who_keeps_the_best_epoch_is_not_late():
    assert kinds(diagnosed(made(FALL + RISE), kept_epoch=5)) == ["over-fitting"]


def test_who_kept_one_of_the_best_is_not_late():
    """The first is worse than the best, but it is not too late."""
    assert kinds(diagnosed(made([0.9, *FALL[1:], *RISE]), kept_epoch=1)) == ["over-fitting"]


def test_a_rise_with_the_train_loss_is_not_over_fitting():
    history = made(FALL + RISE, train_loss=[0.3 + 0.001 * epoch for epoch in range(15)])
    assert kinds(diagnosed(history)) == []


def test_few_images_show_no_rise():
    """Their loss is known to 30%: 0.29 after 0.23 may be chance."""
    assert kinds(diagnosed(made(FALL + RISE), 0.3)) == []


def test_the_error_is_that_of_images_and_swings():
    """Halved by the pairing: 0.5 × 0.02 × 0.29; a steady share each epoch does not swing."""
    falling = [0.5 * 0.8**epoch for epoch in range(5)]
    rising = [falling[-1] * 1.1 ** (epoch + 1) for epoch in range(10)]
    over = the(diagnosed(made(falling + rising)), "over-fitting")
    assert over.number("error") == pytest.approx(0.5 * 0.02 * over.number("last_loss"))


def test_a_loss_that_still_falls_was_stopped_early():
    found = diagnosed(made([0.9 * 0.9**epoch for epoch in range(12)]))
    assert kinds(found) == ["stopped early"]
    [early] = found.findings
    assert (early.first_epoch, early.last_epoch) == (9, 12)
    assert early.number("fall") == pytest.approx(0.9**9 * (1 + 0.9 - 0.81 - 0.729) / 2)
    assert found.as_good == (12, 12)


def test_a_loss_that_stays_has_levelled_off():
    found = diagnosed(made(FALL + LEVEL))
    assert kinds(found) == ["plateaued"]
    assert (found.findings[0].first_epoch, found.findings[0].last_epoch) == (6, 15)
    assert found.findings[0].number("level") == pytest.approx(0.2)


def test_swings_in_which_a_fall_could_hide_are_no_plateau():
    swinging = [0.2 * factor for factor in (1, 1.3, 0.8, 1.2, 0.7, 1.3, 0.9, 1.2, 0.8, 1.1)]
    assert "plateaued" not in kinds(diagnosed(made(FALL + swinging), 0.2))


def test_jumps_that_come_back_are_unstable():
    losses = [*FALL, 0.2, 0.35, 0.2, 0.19, 0.3, 0.19, 0.19, 0.19, 0.19, 0.19]
    found = the(diagnosed(made(losses)), "unstable")
    assert found.at == (7, 10)
    assert found.number("largest") == pytest.approx(0.15)
    assert found.number("largest_epoch") == 7


@pytest.mark.parametrize(
    "losses",
    [
        [*FALL, 0.2, 0.35, 0.2, 0.19, 0.19, 0.19, 0.19, 0.19, 0.19, 0.19],
        [0.5, 0.4, 0.32, 0.26, 0.4, 0.25, 0.24, 0.23],
        [*FALL, 0.2, 0.215, 0.2, 0.19, 0.205, 0.19, 0.19, 0.19, 0.19, 0.19],
        [*FALL, 0.2, 0.25, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3],
        [*FALL, 0.2, 0.35, 0.33, 0.33, 0.48, 0.46, 0.46, 0.46, 0.46, 0.46],
        [*FALL, *[0.2] * 20, 0.35, 0.2, 0.35, *[0.2] * 8],
    ],
    ids=[
        "once",
        "once of few",
        "by less than a tenth",
        "never back",
        "hardly back",
        "twice in many epochs",
    ],
)
def test_what_is_not_unstable(losses):
    assert "unstable" not in kinds(diagnosed(made(losses)))


def test_a_train_loss_that_comes_back_has_diverged():
    """From 2.30, guessing, down to 0.3, and back beyond 1.3, the half."""
    train = [1.5, 0.8, 0.4, 0.3, 0.3, 0.6, 1.2, 1.6, 1.6, 1.6]
    found = diagnosed(made([1.0] * 10, train_loss=train))
    assert kinds(found) == ["diverged"]
    [diverged] = found.findings
    assert (diverged.first_epoch, diverged.last_epoch) == (5, 10)
    assert diverged.number("guessing") == pytest.approx(np.log(10))
    train[7:] = [1.25, 1.25, 1.25]
    assert kinds(diagnosed(made([1.0] * 10, train_loss=train))) != ["diverged"]


def test_a_loss_that_wavers_at_that_of_guessing_has_not_diverged():
    train = [2.29, 2.6, 2.31, 2.31, 2.31, 2.31]  # of ten classes; log(10) is 2.303
    assert "diverged" not in kinds(diagnosed(made([2.4] * 6, train_loss=train)))


def test_a_loss_that_is_no_number_has_diverged():
    found = diagnosed(made([0.5, 0.4, float("nan"), float("nan")]))
    assert kinds(found) == ["diverged"]
    assert found.findings[0].first_epoch == 3
    assert found.best_epoch == 2


def test_few_epochs_tell_no_course():
    found = diagnosed(made([0.5, 0.3, 0.25, 0.2]))
    assert kinds(found) == ["short"]
    assert found.swing is None
    assert kinds(diagnosed(made([0.5]))) == ["short"]


@pytest.mark.parametrize(
    ("train", "held", "losses", "limit"),
    [
        ((4000, 5000), (7900, 10000), (0.75, 0.8), "fitting"),
        ((4990, 5000), (9000, 10000), (0.02, 0.4), "generalising"),
        ((4990, 5000), (9000, 10000), (0.39, 0.4), "unclear"),
        ((4000, 5000), (7900, 10000), (0.02, 0.4), "unclear"),
        ((40, 50), (79, 100), (0.75, 0.8), "unclear"),
        ((5000, 5000), (10000, 10000), (0.0, 0.0), "unclear"),
    ],
)
def test_what_errors_come_from(train, held, losses, limit):
    gap = gap_of(train, held, losses)
    assert limit_of(gap) == limit
    found = diagnosed(made(FALL + LEVEL), gap=gap)
    assert ("under-fitting" in kinds(found)) == (limit == "fitting")
    assert found.limit == limit


def test_who_always_names_one_class_has_learned_nothing():
    """Of 74% in one class, and surely less than a tenth of the way from there to perfect."""
    gap = gap_of((3720, 5000), (1488, 2000), (0.57, 0.57), majority=0.744)
    history = made(LEVEL, train_accuracy=0.744)
    found = diagnosed(history, gap=gap, classes=2)
    assert kinds(found) == ["learned nothing"]
    few = gap_of((3720, 5000), (388, 522), (0.57, 0.57), majority=0.744)
    assert "learned nothing" not in kinds(diagnosed(history, gap=few, classes=2))


def test_one_class_alone_can_be_learned_by_nobody():
    gap = gap_of((50, 50), (50, 50), (0.0, 0.0), majority=1.0)
    assert "learned nothing" in kinds(diagnosed(made(LEVEL), gap=gap))


def test_one_image_shows_nothing():
    found = diagnosed(made(FALL + RISE), float("inf"))
    assert kinds(found) == []
    assert found.relative_error is None
    assert found.as_good == (1, 15)


@pytest.mark.parametrize(
    ("name", "relative_error", "classes", "found"),
    [
        ("mlp-1", 0.053, 10, ["stopped early"]),
        ("mlp-3", 0.086, 10, ["plateaued"]),
        ("hog-1", 0.084, 10, ["over-fitting", "stopped late"]),
        ("cnn-1", 0.086, 10, ["short"]),
        ("chest-hog", 0.089, 2, []),
        ("slow-steps", 0.011, 10, ["stopped early"]),
        ("four-units", 0.010, 10, ["stopped early"]),
        ("large-steps", 0.047, 10, ["unstable"]),
        ("memorised", 0.037, 10, ["plateaued"]),
        ("huge-steps", 0.003, 10, ["diverged"]),
    ],
)
def test_real_histories(name, relative_error, classes, found):
    assert kinds(diagnosed(real(name), relative_error, classes=classes)) == found


def test_real_histories_with_what_the_training_images_say():
    four = gap_of((6354, 8000), (7806, 10000), (0.755, 0.796))
    assert kinds(diagnosed(real("four-units"), 0.01, gap=four)) == [
        "under-fitting",
        "stopped early",
    ]
    none = gap_of((204, 2000), (1009, 10000), (2.44, 2.44), majority=0.1125)
    assert kinds(diagnosed(real("no-steps"), 0.002, gap=none))[0] == "learned nothing"


def test_the_lab_s_hog_1_turns_where_one_sees_it():
    found = diagnosed(real("hog-1"), 0.084)
    over = the(found, "over-fitting")
    assert found.best_epoch == 14
    assert over.first_epoch == 16
    assert over.number("rise") == pytest.approx(0.0164, abs=1e-4)
    assert over.number("accuracy_change") > 0


@pytest.mark.parametrize("epochs", [5, 8, 15, 30, 60])
def test_chance_shows_at_most_one_in_twenty(epochs):
    """A course that has levelled off, swinging by 3%, of endless images: the worst case."""
    rng = np.random.default_rng(epochs)
    steps = np.arange(epochs)
    course = 0.1 + 0.3 * np.exp(-12 * steps / epochs)
    counts = dict.fromkeys(("over-fitting", "stopped late", "stopped early", "unstable"), 0)
    draws = 200
    for _ in range(draws):
        losses = course * (1 + 0.03 * rng.standard_normal(epochs))
        for kind in kinds(diagnosed(made(list(losses)), 0.0)):
            if kind in counts:
                counts[kind] += 1
    # One in twenty, and two standard errors of 200 draws on top.
    assert max(counts.values()) <= draws * 0.05 + 2 * np.sqrt(draws * 0.05 * 0.95), counts


def test_a_rise_of_four_errors_is_seen_four_times_in_five():
    rng = np.random.default_rng(0)
    course = np.concatenate([np.linspace(0.5, 0.2, 10), np.linspace(0.2, 0.24, 20)])
    seen = 0
    for _ in range(100):
        losses = course * (1 + 0.03 * rng.standard_normal(30))
        seen += "over-fitting" in kinds(diagnosed(made(list(losses)), 0.02))
    assert seen >= 80


LOSSES = st.floats(0, 1e3) | st.just(float("nan")) | st.just(float("inf"))


@given(st.lists(st.tuples(LOSSES, LOSSES), min_size=1, max_size=40), st.floats(0, 2), st.booleans())
def test_any_history_has_a_diagnosis(losses, relative_error, gapped):
    train, held = map(list, zip(*losses, strict=True))
    gap = gap_of((40, 50), (79, 100), (0.75, 0.8)) if gapped else None
    found = diagnosed(made(held, train_loss=train), relative_error, gap=gap)
    json.dumps(asdict(found), allow_nan=False)
    assert 1 <= found.as_good[0] <= found.best_epoch <= found.as_good[1] <= len(losses)
    for one in found.findings:
        assert 1 <= one.first_epoch <= one.last_epoch <= len(losses)
        assert all(one.first_epoch <= epoch <= one.last_epoch for epoch in one.at)
        assert finding_sentence(one, "test").endswith(".")
    assert headline(found)


def test_each_rule_is_written_down():
    """One row each of the table of rules, and the keys of what is told."""
    text = (Path(__file__).parents[3] / "docs" / "diagnosis.md").read_text(encoding="utf-8")
    for kind in [rule.code for rule in RULES]:
        assert f"\n| {kind} |" in text
    for field in fields(Diagnosis):
        assert f"`{field.name}`" in text


def test_it_survives_json():
    gap = gap_of((4000, 5000), (7900, 10000), (0.75, 0.8))
    for found in (diagnosed(made(FALL + RISE), gap=gap), diagnosed(made([0.5]), float("inf"))):
        text = json.dumps(asdict(found), allow_nan=False)
        assert typed(Diagnosis, json.loads(text)) == found


def test_settings_are_those_of_the_experiment():
    early = diagnosed(made([0.9 * 0.9**epoch for epoch in range(12)]))
    assert [(one.key, one.value) for one in early.findings[0].advice] == [("training.epochs", "18")]
    late = the(diagnosed(made(FALL + RISE), validation_is_test=True), "stopped late")
    assert late.advice[0].key == "data.validation"
    kept = load_experiment("mlp-1", ["data.validation=carve", "training.keep_epoch=best"])
    carved = the(diagnosed(made(FALL + RISE), experiment=kept), "stopped late")
    assert [one.key for one in carved.advice] == ["training.early_stopping.patience"]
