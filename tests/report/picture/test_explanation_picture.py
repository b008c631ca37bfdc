"""The picture of `explain`: its pixels where they matter, its words, and awkward names."""

import io

import numpy as np
import pytest
from PIL import Image

from leadline.explain.explained_image import Answer, Explained, Strokes
from leadline.report.picture import canvas, explanation_picture
from leadline.report.picture.explanation_picture import (
    BLOCK,
    EDGE,
    FINE,
    PANEL,
    columns_of,
    draw_explained,
)

RUNNER_UP = "well"


def answer(path="film.png", **changes) -> Answer:
    image = np.full((70, 70, 1), 120, np.uint8)
    heat, against = np.zeros((70, 70), np.float32), np.zeros((70, 70), np.float32)
    heat[:, 35:] = 1
    against[:35] = 1
    content = {
        "path": path,
        "image": image,
        "heat": heat,
        "heat_against": against,
        "decided": "ill",
        "explained": "ill",
        "against": RUNNER_UP,
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


@pytest.fixture
def words(monkeypatch):
    """Every line that is written, as (text, colour), in order."""
    seen = []
    line = canvas.Sheet.line

    def listening(self, place, text, size, colour, **more):
        seen.append((text, colour))
        return line(self, place, text, size, colour, **more)

    monkeypatch.setattr(canvas.Sheet, "line", listening)
    return seen


def said(words):
    return [text for text, _ in words]


@pytest.fixture
def pasted(monkeypatch):
    """Every picture that is pasted, with its place in units."""
    seen = []
    paste = canvas.Sheet.paste

    def listening(self, place, picture, rim=""):
        seen.append((place, np.asarray(picture).astype(int)))
        return paste(self, place, picture, rim)

    monkeypatch.setattr(canvas.Sheet, "paste", listening)
    return seen


def test_four_panels_two_by_two(pasted):
    draw_explained(explained(answer()))
    _scale_of_heat, *panels = pasted
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = (place for place, _ in panels)
    assert (x1, x2) == (x3, x4) == (EDGE, EDGE + PANEL + 16)
    assert y1 == y2 < y1 + PANEL < y3 == y4
    assert {picture.shape for _, picture in panels} == {(round(PANEL * FINE),) * 2 + (3,)}
    plain, heat, strokes, against = (picture for _, picture in panels)
    assert np.ptp(plain) == 0
    assert plain[0, 0].tolist() == [120] * 3
    # 0.72 of the strongest colour over 0.28 of the grey: on the right, and above.
    hot = 0.72 * np.array([243, 246, 138]) + 0.28 * 120
    low, high = 100, round(PANEL * FINE) - 100
    assert np.abs(heat[low, high] - hot).max() <= 2
    assert np.abs(heat[low, low] - 120).max() <= 2
    assert np.abs(against[low, high] - hot).max() <= 2
    assert np.abs(against[high, high] - 120).max() <= 2
    # An even image has no strokes, and lies in the dark.
    assert np.abs(strokes - 30).max() <= 1


def test_strokes_are_light_along_an_edge(pasted):
    image = np.zeros((32, 32, 1), np.uint8)
    image[:, 16:] = 200
    none = np.zeros((32, 32), np.float32)
    edge = answer(image=image, heat=none, heat_against=none)
    draw_explained(explained(edge, strokes=Strokes(2, 8)))
    strokes = pasted[3][1][..., 0]
    side = strokes.shape[0]
    # The edge lies between columns 15 and 16, so in the two middle cells of each row: its gradient
    # is of bin 0, 0 to 90 degrees, and its stroke leans at 135.
    for cell_x, light in ((0.125, False), (0.375, True), (0.625, True), (0.875, False)):
        assert (strokes[round(side / 8), round(cell_x * side)] > 200) == light


def test_what_is_said_of_an_image(words):
    draw_explained(explained(answer(), strokes=Strokes(9, 16, "hog")))
    assert said(words) == [
        "Where m seed 0 looks", "Grad-CAM at layer c", "weak", "strong, each map by itself",
        "film.png", "0.800", "ill", "0.200", "runner-up: well",
        "What the network sees", "70 × 70 px, grey, resized",
        "What speaks for ill", "decided for, 0.800",
        "Edges as HOG features",
        "what this model is given: 9 directions,", "cells of 16 px",
        "What speaks for well instead", "the runner-up, 0.200",
        "0.800", "ill", "0.200", "well",
        "30% of the map for ill in the border tenth (an even map: 36%).",
        "No device.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (
            "pixels",
            "as HOG would tell them (12 directions, cells of 4 px); this model is given pixels",
        ),
        ("", "as HOG features tell them: 12 directions, cells of 4 px"),
    ],
)
def test_whose_strokes_they_are(words, kind, expected):
    draw_explained(explained(answer(), strokes=Strokes(kind=kind)))
    assert expected in " ".join(said(words))


def test_a_class_that_was_asked_for_is_set_against_the_one_decided_for(words):
    probabilities = {"a": 0.7, "b": 0.25, "c": 0.05}
    draw_explained(
        explained(
            answer(probabilities=probabilities, decided="a", explained="c", against="a"),
            prepare="digit",
        )
    )
    told = said(words)
    assert "runner-up: b" in told
    assert told[told.index("What speaks for c") + 1] == "asked for, 0.050"
    assert told[told.index("What speaks for a instead") + 1] == "decided for, 0.700"
    assert "70 × 70 px, grey, its ink light, centred" in told


def test_of_many_classes_the_five_likeliest(words):
    probabilities = {str(k): 0.05 for k in range(9)} | {"ill": 0.55}
    draw_explained(explained(answer(probabilities=probabilities, against="0")))
    assert said(words)[-4:-2] == ["0.250", "5 more classes, together"]


def bars(picture, colour):
    return int((np.abs(picture - colour).max(axis=2) == 0).sum())


def test_bars_are_as_long_as_their_probabilities():
    picture = drawn(explained(answer()))
    decided, second, track = (
        bars(picture, colour) for colour in ([0, 103, 165], [111, 168, 204], [230, 233, 234])
    )
    assert decided / (decided + second) == pytest.approx(0.8, abs=0.01)
    assert track / (decided + second) == pytest.approx(1, abs=0.02)


def test_the_threshold_is_marked_on_the_bar_of_its_class(words):
    draw_explained(explained(answer(), positive="ill", threshold=0.3125))
    assert "The mark is the threshold of ill, 0.312." in said(words)


def test_what_needs_care_is_said_in_the_colour_of_care(words):
    def caution(**changes):
        words.clear()
        draw_explained(explained(answer(**changes)))
        return [text for text, colour in words if colour == explanation_picture.CAUTION]

    assert caution() == []
    assert caution(ood_score=0.5) == []
    assert caution(border=0.5) == ["50% of the map for ill in the border tenth (an even map: 36%)."]
    assert caution(border=None) == ["Nothing speaks for ill: its map is empty."]
    assert caution(ood_score=2.0)[0].startswith("Out of scope: unlike the images it was trained on")


def test_an_answer_out_of_scope_is_grey_and_said_before_the_pictures(words):
    draw_explained(explained(answer(ood_score=2.0)))
    told = said(words)
    line = told.index("Out of scope: unlike the images it was trained on; do not use the answer.")
    assert told.index("runner-up: well") < line < told.index("What the network sees")
    assert {("0.800", explanation_picture.MUTED), ("ill", explanation_picture.MUTED)} <= set(words)
    words.clear()
    draw_explained(explained(answer(ood_score=0.5)))
    assert {("0.800", explanation_picture.INK), ("ill", explanation_picture.INK)} <= set(words)
    assert ("ill", explanation_picture.MUTED) not in words


def test_a_map_without_a_place_is_said_to_show_none(words):
    draw_explained(explained(answer(heat=np.ones((70, 70), np.float32))))
    assert "decided for, 0.800; all places alike, so the map shows none" in " ".join(said(words))


def test_an_empty_map_is_said_to_be_empty(words):
    draw_explained(explained(answer(heat_against=np.zeros((70, 70), np.float32))))
    told = said(words)
    assert told[told.index("What speaks for well instead") + 1] == "nothing does: the map is empty"


@pytest.mark.parametrize(
    ("blocks", "columns"), [(1, 1), (3, 1), (4, 2), (5, 2), (20, 4), (45, 6), (100, 6)]
)
def test_blocks_side_by_side(blocks, columns):
    assert columns_of(blocks) == columns


def test_one_three_and_twenty_images():
    one, three, twenty = (drawn(explained(*[answer()] * count)) for count in (1, 3, 20))
    assert one.shape[1] == three.shape[1] == BLOCK * FINE
    assert twenty.shape[1] == BLOCK * 4
    block = (three.shape[0] - one.shape[0]) / 2
    assert block > 2 * PANEL * FINE
    # The third block is the first one again.
    below = one.shape[0] - round(block) - 20
    np.testing.assert_array_equal(three[below + round(block) * 2 :][:10], one[below:][:10])


def test_a_hundred_images_are_no_bomb():
    picture = draw_explained(explained(*[answer()] * 100))
    with Image.open(io.BytesIO(picture)) as opened:
        assert opened.width * opened.height < 50_000_000


def test_the_same_answers_give_the_same_bytes():
    assert draw_explained(explained(answer())) == draw_explained(explained(answer()))


@pytest.mark.parametrize(
    "changes",
    [
        {"path": "x" * 300 + "\n$a_b$.png"},
        {"decided": "US$ and $CA_" * 20, "probabilities": {"US$ and $CA_" * 20: 0.7, "well": 0.3}},
        {"decided": "肺炎", "probabilities": {"肺炎": 0.5, "well": 0.5}},
        {"border": None, "heat": np.zeros((70, 70), np.float32)},
        {"ood_score": 7.5},
        *(
            {
                "image": np.zeros((*size, 3), np.uint8),
                "heat": np.ones(size, np.float32),
                "heat_against": np.ones(size, np.float32),
            }
            for size in ((40, 90), (1, 1), (1, 200), (300, 2), (28, 28))
        ),
        {"probabilities": {str(k): 0.1 for k in range(8)} | {"ill": 0.1, "well": 0.1}},
    ],
)
def test_whatever_comes_is_drawn(changes):
    changes = {"explained": changes["decided"], **changes} if "decided" in changes else changes
    assert drawn(explained(answer(**changes), positive="well", threshold=0.3)).std() > 10
