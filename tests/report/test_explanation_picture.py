"""The picture of `explain`: its pixels where they matter, and awkward names."""

import io

import numpy as np
import pytest
from PIL import Image

from leadline.explain.answer import Answer, Explained
from leadline.report.explanation_picture import DPI, EDGE, GAP, HEAD, ROW, SIDE, draw_explained


def answer(path="film.png", **changes) -> Answer:
    image = np.full((70, 70, 1), 120, np.uint8)
    heat = np.zeros((70, 70), np.float32)
    heat[:, 35:] = 1
    content = {
        "path": path,
        "image": image,
        "heat": heat,
        "decided": "ill",
        "explained": "ill",
        "probabilities": {"well": 0.2, "ill": 0.8},
        "border": 0.3,
    }
    return Answer(**(content | changes))


def explained(*answers: Answer, **changes) -> Explained:
    content = {
        "model": "m seed 0", "method": "Grad-CAM", "layer": "c", "limits": "No device.",
        "positive": None, "threshold": 0.5, "answers": answers,
    }  # fmt: skip
    return Explained(**(content | changes))


def drawn(found: Explained) -> np.ndarray:
    with Image.open(io.BytesIO(draw_explained(found))) as opened:
        assert opened.format == "PNG"
        return np.asarray(opened.convert("RGB")).astype(int)


def at(picture, x, y):
    """The colour at so many inches from the left and from the top."""
    return picture[round(y * DPI), round(x * DPI)]


def test_the_image_and_its_map_stand_side_by_side():
    picture = drawn(explained(answer()))
    middle = HEAD + SIDE / 2
    assert np.abs(at(picture, EDGE + 1, middle) - 120).max() <= 2
    left_of_map = at(picture, EDGE + SIDE + GAP + 0.7, middle)
    assert np.abs(left_of_map - 120).max() <= 2
    # 0.72 of the strongest colour over 0.28 of the grey.
    expected = 0.72 * np.array([243, 246, 138]) + 0.28 * 120
    assert np.abs(at(picture, EDGE + SIDE + GAP + 2.3, middle) - expected).max() <= 3


def test_a_row_an_image():
    one, three = (drawn(explained(*[answer()] * count)) for count in (1, 3))
    assert three.shape[0] - one.shape[0] == pytest.approx(2 * ROW * DPI, abs=2)
    assert three.shape[1] == one.shape[1]


def test_the_same_answers_give_the_same_bytes():
    assert draw_explained(explained(answer())) == draw_explained(explained(answer()))


@pytest.mark.parametrize(
    "changes",
    [
        {"path": "x" * 300 + "\n$a_b$.png"},
        {"decided": "US$ and $CA_", "probabilities": {"US$ and $CA_": 1.0, "b": 0.0}},
        {"decided": "肺炎", "probabilities": {"肺炎": 0.5, "b": 0.5}},
        {"border": None, "heat": np.zeros((70, 70), np.float32)},
        {"scope": 7.5},
        {"image": np.zeros((40, 90, 3), np.uint8), "heat": np.ones((40, 90), np.float32)},
        {"probabilities": {str(k): 0.1 for k in range(9)} | {"ill": 0.1}},
    ],
)
@pytest.mark.filterwarnings("ignore:Glyph")
def test_whatever_comes_is_drawn(changes):
    assert drawn(explained(answer(**changes), positive="ill", threshold=0.3)).std() > 10


def test_what_needs_care_is_said_in_the_colour_of_care():
    def caution(**changes):
        picture = drawn(explained(answer(**changes)))
        return (np.abs(picture - [138, 90, 0]).max(axis=2) < 12).sum()

    assert caution() == 0
    assert caution(border=0.5) > 50
    assert caution(scope=2.0) > 50
    assert caution(border=None) > 50
    assert caution(scope=0.5) == 0
