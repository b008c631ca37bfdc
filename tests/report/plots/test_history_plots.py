"""History and confusion matrix: what they say, in words and in marks."""

from xml.etree import ElementTree as ET

import numpy as np
import pytest

from leadline.report.plots.history_plots import (
    ShadedEpochs,
    _heat_steps,
    confusion_plot,
    history_plot,
)


def texts(svg):
    return [element.text for element in ET.fromstring(svg).iter("text")]


def tips(svg):
    return [element.text for element in ET.fromstring(svg).findall(".//g/title")]


def description(svg):
    return ET.fromstring(svg).findtext("desc")


def test_history_in_words():
    svg = history_plot("loss", [0.9, 0.6, 0.4], [0.7, 0.5, 0.55], best_epoch=2, uid="h")
    assert description(svg) == (
        "Train loss goes from 0.9000 to 0.4000, validation loss from 0.7000 to 0.5500 "
        "in 3 epochs; at the best epoch, 2, it is 0.5000."
    )
    assert {"train", "validation", "best: epoch 2", "epoch"} <= set(texts(svg))
    assert "epoch 2: validation loss 0.5000" in tips(svg)
    assert len(tips(svg)) == 6


def test_what_is_shaded_and_ringed_says_so():
    values = [0.9, 0.6, 0.4, 0.5, 0.6]
    shaded = ShadedEpochs("over-fitting", 4, 5)
    plain = history_plot("loss", values, values, best_epoch=3, uid="h")
    svg = history_plot("loss", values, values, best_epoch=3, uid="h", shaded=shaded, ringed=(4, 5))
    assert set(tips(svg)) - set(tips(plain)) == {
        "over-fitting: epochs 4 to 5", "epoch 4: jump", "epoch 5: jump",
    }  # fmt: skip


def test_history_of_accuracy_is_in_percent():
    svg = history_plot(
        "accuracy", [0.6, 0.8], [0.7, 0.85], best_epoch=2, validation_name="test", uid="h"
    )
    assert "test accuracy from 70.00% to 85.00%" in description(svg)
    assert "70%" in texts(svg)


@pytest.mark.parametrize("epochs", [1, 2, 200])
def test_history_of_any_length(epochs):
    values = list(np.linspace(1, 0.5, epochs))
    svg = history_plot("loss", values, values, best_epoch=epochs, uid="h")
    assert f"best: epoch {epochs}" in texts(svg)


def test_one_epoch_is_counted_as_one():
    svg = history_plot("loss", [0.75], [0.5], best_epoch=1, uid="h")
    below = texts(svg)[: texts(svg).index("epoch")]
    assert below == ["1"]
    assert "in 1 epoch; at the best epoch, 1, it is 0.5000." in svg


def test_labels_at_the_ends_do_not_touch():
    svg = history_plot("loss", [1.0, 0.5], [0.9, 0.5], best_epoch=2, uid="h")
    ends = [one for one in ET.fromstring(svg).iter("text") if one.text in {"train", "validation"}]
    heights = [float(one.attrib["y"]) for one in ends]
    assert abs(heights[0] - heights[1]) >= 14


def test_confusions_in_words_and_numbers():
    confusion = np.array([[8, 2, 0], [0, 9, 1], [1, 0, 9]])
    svg = confusion_plot(confusion, ("cat", "dog", "eel"), uid="c")
    assert description(svg) == (
        "26 of 30 images lie on the diagonal. "
        "The most frequent confusion: cat taken for dog, 2 times."
    )
    assert sorted(text for text in texts(svg) if text.isdigit()) == ["1", "1", "2", "8", "9", "9"]
    assert "cat taken for dog: 2" in tips(svg)


def test_nothing_confused():
    svg = confusion_plot(np.diag([5, 5]), ("a", "b"), uid="c")
    assert description(svg) == "10 of 10 images lie on the diagonal."


def test_heat_counts_shares_of_the_true_class():
    astray = np.array([[0.0, 0.2], [0.1, 0.0]])
    assert _heat_steps(astray).tolist() == [[0, 7], [3, 0]]
    assert _heat_steps(np.zeros((2, 2))).tolist() == [[0, 0], [0, 0]]


def test_the_diagonal_has_no_heat():
    svg = confusion_plot(np.array([[90, 10], [0, 100]]), ("a", "b"), uid="c")
    filled = [path.get("style") for path in ET.fromstring(svg).iter("path")]
    assert sum("--heat-7" in (style or "") for style in filled) == 1
    assert sum("--heat-" in (style or "") for style in filled) == 1


def test_many_classes_have_no_numbers():
    classes = tuple(f"class {number}" for number in range(30))
    confusion = np.eye(30, dtype=np.int64) * 7 + np.eye(30, k=1, dtype=np.int64) * 3
    svg = confusion_plot(confusion, classes, uid="c")
    assert not [text for text in texts(svg) if text.isdigit()]
    assert "class 3 taken for class 4: 3" in tips(svg)


def test_long_names_are_cut():
    svg = confusion_plot(np.eye(2, dtype=np.int64), ("a very long name indeed", "b"), uid="c")
    assert "a very long n…" in texts(svg)


@pytest.mark.parametrize("name", ["US$ and CA$", r"$\frac$", "a_b^c", "p<q & r"])
def test_class_names_are_shown_as_they_are_written(name):
    svg = confusion_plot(np.array([[3, 1], [0, 2]]), (name, "b"), uid="c")
    assert name in texts(svg)
    assert f"{name} taken for b: 1" in tips(svg)
