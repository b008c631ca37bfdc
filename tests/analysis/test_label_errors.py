"""Labels that are likely wrong: votes by hand, and errors that were planted on purpose."""

import subprocess
import sys
import warnings
from dataclasses import asdict

import numpy as np
import pytest

from leadline.analysis.label_errors import MOST, LabelErrors, NotSearched, label_errors
from leadline.errors import DataError

NAMES = tuple("abc")


def sure(said, k=3, p=0.97):
    """Probabilities (n, k) of a model that is as sure of each answer as of any."""
    rows = np.full((len(said), k), (1 - p) / (k - 1))
    rows[np.arange(len(said)), said] = p
    return rows


def search(experiments, labels, classes=NAMES):
    found = label_errors(experiments, labels, classes, [f"{at}.png" for at in range(len(labels))])
    assert isinstance(found, LabelErrors)
    return found


def answers(labels, **changed):
    """The labels, but for some: answers(labels, i7=2) says 2 of image 7."""
    said = labels.copy()
    for name, value in changed.items():
        said[int(name[1:])] = value
    return said


LABELS = np.arange(60) % 3


def model(**changed):
    """Surer of what it says otherwise than the label than of the rest."""
    rows = sure(answers(LABELS, **changed), p=0.9)
    for name, value in changed.items():
        rows[int(name[1:])] = 0.005
        rows[int(name[1:]), value] = 0.99
    return rows


def test_a_vote_by_hand():
    """Image 3 (of class a): all three say b. 7 (of b): two say c. 12 (of a): one says c."""
    found = search(
        [[model(i3=1, i7=2, i12=2)], [model(i3=1, i7=2)], [model(i3=1)]],
        LABELS,
    )
    assert (found.n, found.experiments, found.runs) == (60, 3, 3)
    assert (found.likely, found.possible) == (2, 0)
    first, second = found.suspects
    assert (first.index, first.name, first.given, first.suggested) == (3, "3.png", "a", "b")
    assert (first.listed_by, first.agreeing, first.likely) == (3, 3, True)
    assert (second.index, second.given, second.suggested) == (7, "b", "c")
    assert (second.listed_by, second.agreeing, second.likely) == (2, 2, True)
    assert first.p_given == pytest.approx(0.005)
    assert first.p_suggested == pytest.approx(0.99)
    assert second.p_given == pytest.approx((0.005 + 0.005 + 0.9) / 3)
    assert found.ceiling == pytest.approx(58 / 60)


def test_what_all_doubt_but_few_list_is_possible():
    """All three take image 3 for b, but only one of them is sure enough to hold it for wrong."""
    unsure = sure(answers(LABELS, i3=1), p=0.9)
    unsure[3] = [0.4, 0.5, 0.1]
    found = search([[model(i3=1)], [unsure], [unsure]], LABELS)
    assert (found.likely, found.possible, found.ceiling) == (0, 1, 1.0)
    [suspect] = found.suspects
    assert (suspect.index, suspect.listed_by, suspect.agreeing, suspect.likely) == (3, 1, 3, False)


def test_half_of_the_experiments_are_not_more_than_half():
    unsure = sure(LABELS, p=0.9)
    unsure[3] = [0.4, 0.5, 0.1]
    found = search([[model(i3=1)], [unsure]], LABELS)
    assert (found.likely, found.possible) == (0, 1)


def test_the_likely_come_before_those_that_are_believed_even_less():
    """Image 7 is listed by two, and the third believes its label; 3 by one, doubted by all."""
    doubting = [model(i7=2), model()]
    for rows in doubting:
        rows[3] = [0.2, 0.5, 0.3]
    found = search([[model(i3=1, i7=2)], *([rows] for rows in doubting)], LABELS)
    assert [(one.index, one.likely) for one in found.suspects] == [(7, True), (3, False)]
    assert found.suspects[0].p_given > found.suspects[1].p_given


def test_experiments_that_suggest_different_classes_suggest_none():
    found = search([[model(i3=1)], [model(i3=2)]], LABELS)
    assert (found.likely, found.possible, found.suspects) == (0, 0, ())


def test_an_experiment_speaks_with_the_mean_of_its_seeds():
    """One seed of two that says b loudly is outvoted by its own other seed."""
    assert search([[model(i3=1), model()]], LABELS).likely == 0
    both = search([[model(i3=1), model(i3=1)]], LABELS)
    assert (both.likely, both.experiments, both.runs) == (1, 1, 2)


@pytest.mark.parametrize("classes", [2, 6])
def test_labels_that_weak_models_hold_for_wrong_are_not_called_so(classes):
    """No label is wrong here: classes overlap, and five experiments see little of what tells."""
    rng = np.random.default_rng(classes)
    labels = np.arange(60 * classes) % classes
    seen = rng.normal(size=(len(labels), classes)) + np.eye(classes)[labels]
    weak = [seen + 0.3 * rng.normal(size=seen.shape) for _ in range(5)]
    said = [np.exp(0.5 * one) / np.exp(0.5 * one).sum(axis=1, keepdims=True) for one in weak]
    found = search([[one] for one in said], labels, classes=tuple("abcdef"[:classes]))
    assert (found.likely, found.ceiling) == (0, 1.0)


def test_models_that_say_what_the_labels_say_find_nothing():
    assert search([[model()]], LABELS).suspects == ()


def test_the_least_believed_come_first_and_no_more_than_24_are_kept():
    rng = np.random.default_rng(0)
    labels = np.arange(300) % 3
    wrong = rng.choice(300, 40, replace=False)
    said = labels.copy()
    said[wrong] = (said[wrong] + 1) % 3
    rows = sure(said, p=0.9)
    doubt = rng.uniform(0.001, 0.03, 40)
    rows[wrong] = 0.001
    rows[wrong, labels[wrong]] = doubt
    rows[wrong, said[wrong]] = 0.999 - doubt
    found = search([[rows]], labels)
    assert found.likely == 40
    assert len(found.suspects) == MOST
    assert [one.index for one in found.suspects] == wrong[np.argsort(doubt)][:MOST].tolist()


def test_a_class_with_few_images_is_said():
    labels = np.array([0] * 50 + [1] * 50 + [2] * 9)
    found = label_errors([[sure(labels)]], labels, NAMES, [""] * 109)
    assert found == NotSearched(109, "rare class", "c", 9, 10)


@pytest.mark.parametrize("n", [1, 5])
def test_a_tiny_test_set_and_a_class_without_images_are_said(n):
    labels = np.zeros(n, np.int64)
    found = label_errors([[sure(labels)]], labels, NAMES, [""] * n)
    assert found == NotSearched(n, "rare class", "b", 0, 10)


def test_two_classes_are_searched_as_well():
    labels = np.arange(80) % 2
    rows = sure(labels, k=2, p=0.9)
    rows[10] = [0.01, 0.99]
    found = search([[rows]], labels, ("n", "p"))
    [suspect] = found.suspects
    assert (suspect.index, suspect.given, suspect.suggested) == (10, "n", "p")


def test_cleanlab_says_nothing(capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        search([[model(i3=1)]], LABELS)
    assert capfd.readouterr() == ("", "")


def test_cleanlab_is_loaded_when_something_is_searched():
    code = "import sys, leadline.analysis.label_errors; print('cleanlab' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


def test_the_values_are_plain():
    suspect = asdict(search([[model(i3=1)]], LABELS))["suspects"][0]
    assert {type(value) for value in suspect.values()} == {int, str, float, bool}


@pytest.mark.parametrize(
    "experiments", [[], [[]], [[sure(LABELS)], [sure(LABELS)[:9]]], [[sure(LABELS, k=4)]]]
)
def test_answers_of_other_shapes_are_refused(experiments):
    with pytest.raises(DataError, match="expected a run or more"):
        label_errors(experiments, LABELS, NAMES, [""] * 60)


# Planted errors, in real digits.


@pytest.fixture(scope="module")
def small_digits():
    """scikit-learn's 1,797 digits: three models' answers to those they were not trained on."""
    from sklearn.datasets import load_digits
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict
    from sklearn.neighbors import KNeighborsClassifier

    pixels, labels = load_digits(return_X_y=True)
    models = (
        LogisticRegression(max_iter=200),
        KNeighborsClassifier(9),
        LinearDiscriminantAnalysis(),
    )
    said = [
        cross_val_predict(model, pixels / 16, labels, cv=3, method="predict_proba")
        for model in models
    ]
    return said, labels


def test_planted_errors_are_found_and_few_others(small_digits):
    """100 of 1,797 labels drawn and changed at random: the most are found, and the most are these.

    The models never saw the changed labels, as those of a study never see the test images.
    """
    said, labels = small_digits
    rng = np.random.default_rng(1)
    planted = rng.choice(len(labels), 100, replace=False)
    changed = labels.copy()
    changed[planted] = (changed[planted] + rng.integers(1, 10, 100)) % 10
    found = label_errors(
        [[one] for one in said], changed, [str(d) for d in range(10)], [""] * len(labels)
    )
    assert isinstance(found, LabelErrors)
    assert 85 <= found.likely <= 110
    hits = [one.index in planted for one in found.suspects]
    assert sum(hits) >= 0.95 * len(hits)
    right = [
        one.suggested == str(labels[one.index]) for one in found.suspects if one.index in planted
    ]
    assert sum(right) >= 0.9 * len(right)


def test_labels_as_they_are_are_held_for_right(small_digits):
    said, labels = small_digits
    found = label_errors(
        [[one] for one in said], labels, [str(d) for d in range(10)], [""] * len(labels)
    )
    assert isinstance(found, LabelErrors)
    assert found.likely <= 0.01 * len(labels)
