"""Every finding says its epochs and numbers, and the section stands on the page."""

import re

import pytest
from tests.analysis.diagnosis.course_of import diagnosed, gap_of, made, real

from leadline.analysis.diagnosis.advice import Advice
from leadline.analysis.diagnosis.training_findings import Finding, Number
from leadline.report.html_pages import render_run
from leadline.report.sections.diagnosis_view import DiagnosisView
from leadline.report.words import diagnosis_words as words

TURNING = made([0.5, 0.4, 0.32, 0.26, 0.21, *(0.21 + 0.01 * step for step in range(10))])


def finding(kind, first, last, at=(), /, **numbers):
    told = tuple(Number(name, float(value)) for name, value in numbers.items())
    return Finding(kind, first, last, told, (), at)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (
            finding("diverged", 5, 10, lowest=0.3, last=1.6, guessing=2.302585),
            "After epoch 5 the train loss went from 0.3000 to 1.6000; guessing costs 2.3026.",
        ),
        (
            finding("diverged", 1, 10, lowest=13.8, last=14.5, guessing=2.302585),
            "The train loss never came below 13.8000 and ended at 14.5000; guessing costs 2.3026.",
        ),
        (finding("diverged", 3, 9), "In epoch 3 the loss was no number any more."),
        (
            finding("learned nothing", 9, 9, train_accuracy=0.1, held_accuracy=0.11, majority=0.12),
            ("Accuracy is 10.00% on the training images and 11.00% on the test images; always "
            "predicting the most frequent class reaches 12.00%."),
        ),
        (
            finding("under-fitting", 9, 9, train_accuracy=0.8, held_accuracy=0.79),
            ("The model errs on its own training images (80.00% right) nearly as often as on the "
            "test images (79.00%)."),
        ),
        (
            finding(
                "over-fitting", 8, 15,
                best_loss=0.2, last_loss=0.3, rise=0.1, error=0.02, accuracy_change=-0.012,
            ),
            ("From epoch 8 on the test loss rose from 0.2000 to 0.3000, 5.0 times its noise, while "
            "the train loss fell. Accuracy fell by 1.20 percentage points with it."),
        ),
        (
            finding(
                "over-fitting", 8, 15,
                best_loss=0.2, last_loss=0.3, rise=0.1, error=0.02, accuracy_change=0.002,
            ),
            ("From epoch 8 on the test loss rose from 0.2000 to 0.3000, 5.0 times its noise, while "
            "the train loss fell. Accuracy did not fall with it: the model became surer than it "
            "is right."),
        ),
        (
            finding("stopped late", 5, 15, kept_loss=0.3, rise=0.09, error=0.03, best_epoch=6.0),
            ("The model that was kept, of epoch 15, has a test loss of 0.3000, 0.0900 above those "
            "around epoch 6: 3.0 times its noise."),
        ),
        (
            finding("stopped early", 9, 12, before_loss=0.3, last_loss=0.25, fall=0.05, error=0.02),
            ("Over epochs 9–12 the test loss still fell, from 0.3000 to 0.2500, 2.5 times its "
            "noise."),
        ),
        (
            finding("unstable", 4, 16, (4, 16), largest=0.2, largest_epoch=16.0, loss=0.7),
            ("The test loss jumped up and came back 2 times, in epochs 4, 16; most in epoch 16, by "
            "0.2000 to 0.7000. What is kept depends on the epoch at which training ends."),
        ),
        (
            finding("plateaued", 6, 15, level=0.2, swing=0.013),
            "From epoch 6 to the last, 15, the test loss stayed at 0.2000, but for swings of 1.3%.",
        ),
        (
            finding("short", 1, 3, best_epoch=3.0),
            ("In 3 epochs the course of the test loss cannot be told from its swings; the last was "
            "the best, so more may be better."),
        ),
        (
            finding("short", 1, 1, best_epoch=1.0),
            "In 1 epoch the course of the test loss cannot be told from its swings.",
        ),
    ],
    ids=lambda one: one.kind if isinstance(one, Finding) else "",
)  # fmt: skip
def test_sentences(found, text):
    assert words.finding_sentence(found, "test") == text


def test_many_jumps_are_not_all_listed():
    found = finding("unstable", 2, 18, tuple(range(2, 20, 2)), largest=1, largest_epoch=2, loss=2)
    assert "9 times, in epochs 2, 4, 6, 8, 10, 12 and 3 more;" in words.finding_sentence(
        found, "test"
    )


@pytest.mark.parametrize(
    ("advice", "typed", "why"),
    [
        (Advice("training.epochs", "set", "18"), "training.epochs = 18", "train longer"),
        (Advice("training.epochs", "lower"), "training.epochs", "lower it: fewer epochs would do"),
        (
            Advice("training.augmentation", "raise"),
            "training.augmentation",
            "raise random changes of the training images",
        ),
        (Advice("layers", "enlarge"), "layers", "more units, filters or layers"),
        (
            Advice("training.optimizer.learning_rate", "raise", "0.01"),
            "training.optimizer.learning_rate = 0.01",
            "larger steps",
        ),
    ],
)
def test_what_to_type(advice, typed, why):
    assert words.advised(advice) == (typed, why)


def test_one_line_for_the_screen():
    assert (
        words.headline(diagnosed(real("hog-1"), 0.084))
        == "over-fitting from epoch 16, stopped late"
    )
    gap = gap_of((4990, 5000), (9795, 10000), (0.02, 0.09))
    assert words.headline(diagnosed(real("chest-hog"), 0.089, classes=2, gap=gap)) == (
        "nothing to remark; 99.80% of training images right, 97.95% of test images"
    )


def test_the_gap_has_its_interval():
    found = diagnosed(TURNING, gap=gap_of((990, 1000), (900, 1000), (0.02, 0.4)))
    # Newcombe: Wilson of 990 of 1,000 is 98.17 to 99.46%, of 900 it is 87.99 to 91.71%.
    assert words.gap_sentence(found) == (
        "The kept model recognises 99.00% of 1,000 training images and 90.00% of 1,000 test "
        "images: a gap of +9.00 percentage points (95%: +7.10 to +11.07)."
    )
    assert "new images only" in words.limit_sentence(found)
    assert (words.gap_sentence(diagnosed(TURNING)), words.limit_sentence(diagnosed(TURNING))) == (
        "",
        "",
    )


@pytest.mark.parametrize(
    ("relative_error", "text"),
    [
        (
            0.02,
            "The test loss was lowest at epoch 5; some of epochs 5 to 6 cannot be told from it.",
        ),
        (3.0, "lowest at epoch 5; some of epochs 1 to 15 cannot be told from it."),
        (0.001, "The test loss was lowest at epoch 5; some of epochs 5 to 6"),
    ],
)
def test_the_best_epoch_and_those_as_good(relative_error, text):
    assert text in words.best_sentence(diagnosed(TURNING, relative_error), "test")


def test_noise_is_told_where_it_is_known():
    assert words.noise_sentence(diagnosed(TURNING, 0.1), "test").startswith(
        "The test loss is known to within ±20% (95%), and swings by"
    )
    short = words.noise_sentence(diagnosed(made([0.5, 0.4]), 0.1), "test")
    assert short == "The test loss is known to within ±20% (95%)."
    assert "too few validation images" in words.noise_sentence(
        diagnosed(TURNING, float("inf")), "validation"
    )


def test_the_section_stands_on_the_page(make_run):
    gap = gap_of((990, 1000), (900, 1000), (0.02, 0.4))
    page = render_run(make_run(diagnosis=diagnosed(TURNING, gap=gap)))
    text = " ".join(re.sub("<[^>]+>", " ", page).split())
    assert "How the training went Over-fitting. From epoch 8 on the validation loss rose" in text
    assert "Stopped late. The model that was kept, of epoch 15, has a validation loss" in text
    assert "<code>training.keep_epoch = &#34;best&#34;</code>" in page
    assert "a gap of +9.00 percentage points" in text
    assert "How the training went" not in render_run(make_run())


@pytest.mark.parametrize(
    ("name", "relative_error", "shaded"),
    [
        ("hog-1", 0.084, ("over-fitting", 16, 50)),
        ("mlp-1", 0.053, ("stopped early", 7, 10)),
        ("mlp-3", 0.086, ("levelled off", 16, 30)),
        ("cnn-1", 0.086, None),
    ],
)
def test_what_the_figure_shades(name, relative_error, shaded):
    assert DiagnosisView(diagnosed(real(name), relative_error), "test").shaded == shaded


def test_what_the_figure_rings():
    view = DiagnosisView(diagnosed(real("large-steps"), 0.047), "test")
    assert view.ringed == (4, 10, 12, 14, 16)


def test_nothing_is_an_answer_too(make_run):
    found = diagnosed(real("chest-hog"), 0.089, classes=2)
    assert "Nothing to remark" in render_run(make_run(diagnosis=found))
    assert DiagnosisView(found, "validation").findings == ()
