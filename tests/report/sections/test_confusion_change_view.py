"""Fixed confusions and likely label errors on a study's page; a gallery on a run's."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from leadline.analysis.label_errors import LabelErrors, LabelRecord, NotSearched, Suspect
from leadline.analysis.significance.confusion_change import (
    ConfusedCounts,
    ConfusionChange,
    ConfusionChanges,
    Step,
)
from leadline.explain.gallery import Gallery, Shown
from leadline.report.html_rendering import templates
from leadline.report.sections.confusion_change_view import ConfusionChangeRow, ConfusionChangesView
from leadline.report.sections.gallery_view import GalleryView
from leadline.report.sections.label_errors_view import LabelsView

CHANGE = ConfusionChange(
    a="4",
    b="<9>",
    both_ways=True,
    n=2000,
    before=ConfusedCounts(9.5, 9.0),
    after=ConfusedCounts(4.5, 5.5),
    fewer=0.0042,
    low=0.001,
    high=0.0075,
    righter=0.004,
    p=0.01,
    p_corrected=0.02,
    minimum_detectable_difference=0.006,
    of_seeds=True,
    method="t_test_with_seeds",
    verdict="fixed",
)
SAME = replace(
    CHANGE, a="3", b="5", fewer=0.0, minimum_detectable_difference=0.02, verdict="no change shown"
)
STEP = Step("hog-1", "cnn-1", 2, 2, 2, (CHANGE, SAME))


def confusion_changes(*steps, **changes):
    values: dict[str, Any] = {"n": 10_000, "n_groups": None, "beyond_chance": True}
    return ConfusionChangesView(ConfusionChanges(**(values | changes), steps=steps), by_family=True)


def said(template, *arguments):
    """What the section says, as its HTML with all white space as one space."""
    module = templates().get_template(template).module
    return " ".join(vars(module)["section"](*arguments).split())


def test_a_confusion_in_words():
    row = ConfusionChangeRow(CHANGE, STEP)
    assert row.before == ("18.5", "9.5", "9.0")
    assert row.after == ("10.0", "4.5", "5.5")
    assert (row.change_in_images, row.share) == ("−8.5", "−0.42")
    assert row.interval == "−15.0 to −2.0"
    assert row.share_interval == "−0.75 to −0.10"
    assert (row.minimum_detectable_difference, row.verdict) == ("12.0", "fixed")


def test_one_seed_has_whole_images():
    change = replace(
        CHANGE,
        before=ConfusedCounts(9, 9),
        after=ConfusedCounts(4, 5),
        minimum_detectable_difference=None,
        both_ways=False,
    )
    row = ConfusionChangeRow(change, replace(STEP, first_runs=1, second_runs=1))
    assert (row.before, row.after, row.change_in_images) == (("18",), ("9",), "−9")
    assert row.minimum_detectable_difference == "none"


def test_verdicts_are_counted_and_what_could_never_show():
    view = confusion_changes(STEP)
    assert [len(view.of(verdict)) for verdict in ("fixed", "no change shown", "made worse")] == [
        1, 1, 0,
    ]  # fmt: skip
    # It could show 40 of 2,000 images, and 18.5 are confused.
    assert view.hopeless == 1
    assert view.of_seeds
    assert view.methods == ("t-test over images and seeds",)


def test_the_section_says_it():
    text = said("confusion_changes.html.j2", confusion_changes(STEP))
    assert (
        "Of 2 confusions tested: <strong>fixed 1</strong>, moved elsewhere 0, made worse 0, "
        "no change shown 1." in text
    )
    assert "In 1 of these, a change could not be expected to show" in text
    assert "<bdi>4</bdi> and <bdi>&lt;9&gt;</bdi>" in text
    assert "<strong>−8.5</strong>" in text
    assert "both ways are tested" not in text


def test_what_was_cut_off_is_said():
    assert "The 2 surest pairs of 15." in said(
        "confusion_changes.html.j2", confusion_changes(replace(STEP, found=15))
    )


def test_a_step_without_confusions_says_so():
    text = said("confusion_changes.html.j2", confusion_changes(replace(STEP, found=0, changes=())))
    assert "There is nothing to test" in text
    assert "No two classes are confused more often than chance would have it." in text
    assert "<table" not in text


def test_of_two_classes_both_ways_stand_and_patients_are_named():
    change = replace(CHANGE, both_ways=False, of_seeds=False)
    step = replace(STEP, changes=(change,), found=1)
    text = said(
        "confusion_changes.html.j2", confusion_changes(step, beyond_chance=False, n_groups=428)
    )
    assert "both ways are tested" in text
    assert "of 428 patients" in text
    assert "another seed may turn it round" in text


SUSPECT = Suspect(7, "test/<7>.png", "6", "<4>", 0.005, 0.962, 2, 3, likely=True)
POSSIBLE = replace(SUSPECT, index=8, name="8", listed_by=1, likely=False)


def labels(*suspects, experiments=3, likely=1, possible=0, side_px=4):
    found = LabelErrors(10_000, experiments, 9, likely, possible, suspects)
    pixels = np.zeros((len(suspects), side_px, side_px, 1), np.uint8)
    return LabelsView(LabelRecord(found, pixels))


def test_suspects_are_shown_by_how_likely_they_are():
    view = labels(SUSPECT, POSSIBLE, possible=1)
    assert [one.suspect.index for one in view.likely] == [7]
    assert [one.suspect.index for one in view.possible] == [8]
    assert view.reversible == pytest.approx(2 / 10_000)
    assert view.pixelated
    assert not labels(SUSPECT, side_px=65).pixelated


def test_a_study_says_who_holds_what_and_what_it_bounds():
    text = said("labels.html.j2", labels(SUSPECT, POSSIBLE, possible=30))
    assert "<strong>1 of the 10,000 test labels looks wrong</strong>" in text
    assert "more than half of the 3 experiments" in text
    assert "a perfect model scores at most 99.99% here" in text
    assert "smaller than 0.02 percentage points" in text
    assert "labelled <bdi>6</bdi>, perhaps <strong><bdi>&lt;4&gt;</bdi></strong>" in text
    assert "judged wrong by 2 models, <bdi>&lt;4&gt;</bdi> predicted by 3 of 3" in text
    assert 'alt="Image test/&lt;7&gt;.png, labelled 6, perhaps &lt;4&gt;"' in text
    assert "30 more that a single experiment, or a few, hold for wrong" in text
    assert "Least plausible labels: 1 of 30." in text
    assert "no label was changed" in text


def test_one_model_alone_is_weaker_evidence():
    text = said("labels.html.j2", labels(SUSPECT, experiments=1))
    assert "by this model alone" in text
    assert "weaker evidence" in text
    assert "judged wrong by" not in text


@pytest.mark.parametrize(
    ("experiments", "expected"),
    [(1, "holds none of the 10,000"), (3, "None of the 10,000 test labels is judged wrong")],
)
def test_nothing_found_is_said_and_bounds_nothing(experiments, expected):
    text = said("labels.html.j2", labels(experiments=experiments, likely=0))
    assert expected in text
    assert "perfect model" not in text


def test_why_nothing_was_looked_for_is_said():
    record = LabelRecord(
        NotSearched(16, "rare class", "<c>", 2, 10), np.empty((0, 1, 1, 1), np.uint8)
    )
    text = said("labels.html.j2", LabelsView(record))
    assert (
        "there are 2 test images of <bdi>&lt;c&gt;</bdi>, and the search needs 10 of each class"
        in text
    )


def shown(**changes):
    values: dict[str, Any] = {
        "image": np.zeros((4, 4, 1), np.uint8),
        "name": "test/a.png",
        "index": 3,
        "true": 0,
        "first": 1,
        "second": 2,
        "p_first": 0.991,
        "p_second": 0.008,
    }
    return Shown(**(values | changes))


class Run:
    """As much of a run as the gallery asks for."""

    uid = "run"

    def __init__(self, *wrong, unsure=(), classes=("a", "<b>", "c")):
        self.gallery = GalleryView(Gallery(wrong, tuple(unsure)), classes)


def test_a_gallery_names_classes_and_probabilities():
    text = said("gallery.html.j2", Run(shown()), 2)
    assert 'id="run-gallery"' in text
    assert "<strong><bdi>&lt;b&gt;</bdi></strong>, not <bdi>a</bdi>" in text
    assert "<p>99.1%</p>" in text
    assert "next <bdi>c</bdi>, 0.8%" in text
    assert 'alt="Image test/a.png, labelled a, taken for &lt;b&gt;"' in text
    assert '<p class="path">a.png</p>' in text


def test_the_unsure_are_told_right_or_wrong():
    close = [shown(p_first=0.4, p_second=0.38, true=true) for true in (1, 0, 1)]
    text = said("gallery.html.j2", Run(unsure=close), 2)
    assert (
        "the 3 test images whose two most probable classes are closest; 2 of them are right."
        in text
    )
    assert "40.0% against 38.0%" in text
    assert text.count("<p>right</p>") == 2
    assert "wrong: <bdi>a</bdi>" in text
    assert "No test image was taken for another class." in text


def test_of_two_classes_the_next_is_not_repeated():
    text = said("gallery.html.j2", Run(shown(second=0), classes=("a", "b")), 2)
    assert "next" not in text
