"""Probabilities, decisions and scope, worked out by hand."""

import numpy as np
import pytest
from tests.serving.making import POINTS, brightness

from leadline.errors import ModelFileError
from leadline.metrics.estimates import OperatingPoint
from leadline.serving import Predictor


def flat(*levels: int) -> np.ndarray:
    return np.stack([np.full((4, 4, 1), level, np.uint8) for level in levels])


def test_answers_of_two_classes(predictor):
    said = predictor.answer(flat(0, 51, 102, 255))
    np.testing.assert_allclose(said.probabilities[:, 1], [0, 0.2, 0.4, 1], atol=1e-7)
    assert said.probabilities.dtype == np.float32
    # 0.4 is below a half, and above Youden's 0.3.
    assert said.likeliest.tolist() == [0, 0, 0, 1]
    assert said.decided.tolist() == [0, 0, 1, 1]
    np.testing.assert_allclose(said.scores, [0, 0.25, 0.5, 1.25])
    assert said.in_scope.tolist() == [True, True, True, False]
    # 204 / 204 is 1, and still in scope.
    assert predictor.answer(flat(204, 205)).in_scope.tolist() == [True, False]


def test_what_it_says_of_itself(predictor, three):
    assert predictor.classes == ("dark", "light")
    assert (predictor.size_px, predictor.channels) == ((4, 4), 1)
    assert predictor.positive == "light"
    assert predictor.point == POINTS[0]
    other = Predictor.open(three)
    assert (other.point, other.positive) == (None, None)


def test_more_classes_are_decided_by_the_likeliest_and_need_no_score(three):
    said = Predictor.open(three).answer(flat(0, 255))
    assert said.likeliest.tolist() == said.decided.tolist() == [0, 1]
    assert said.scores is None
    assert said.in_scope is None


def test_another_point(two):
    strict = Predictor.open(two, point="sensitivity")
    assert strict.point == POINTS[1]
    assert strict.answer(flat(153, 204)).decided.tolist() == [0, 1]


def test_from_the_threshold_on_it_is_positive(predictor):
    below, at = np.nextafter(0.3, 0), 0.3
    assert predictor.decide(np.array([[1 - below, below], [1 - at, at]])).tolist() == [0, 1]


def test_the_positive_class_may_be_the_first(tmp_path, predictor):
    path = brightness(tmp_path / "m.onnx", points=())
    import onnx

    model = onnx.load(path)
    value = '{"positive": "dark", "temperature": 1, "calibration": [], "points": [{"name": "youden", "threshold": 0.9}]}'  # noqa: E501
    model.metadata_props.add(key="leadline.decision", value=value)
    onnx.save(model, path)
    said = Predictor.open(path).answer(flat(0, 51))
    # p(dark) is 1 and 0.8, and 0.8 is below 0.9.
    assert said.likeliest.tolist() == [0, 0]
    assert said.decided.tolist() == [0, 1]


def test_the_only_point_there_is(tmp_path):
    half = OperatingPoint("half", 0.5)
    path = brightness(tmp_path / "m.onnx", points=(half,))
    assert Predictor.open(path).point == half


def test_no_images(predictor):
    said = predictor.answer(flat(0)[:0])
    assert said.probabilities.shape == (0, 2)
    assert said.decided.shape == said.in_scope.shape == (0,)


@pytest.mark.parametrize(
    ("model", "point", "words"),
    [
        ("two", "half", "has no operating point 'half'; choose one of youden, sensitivity."),
        (
            "three",
            "youden",
            "has no operating point 'youden'; it predicts the most probable class.",
        ),
    ],
)
def test_no_such_point(request, model, point, words):
    path = request.getfixturevalue(model)
    with pytest.raises(ModelFileError) as raised:
        Predictor.open(path, point=point)
    assert str(raised.value) == f"{path}: {words}"


def test_images_of_another_kind(predictor):
    with pytest.raises(ModelFileError, match=r"brightness takes uint8 images \(n, 4, 4, 1\)"):
        predictor.answer(np.zeros((2, 4, 5, 1), np.uint8))


class Session:
    """Answers whatever it is told to, or raises it."""

    def __init__(self, answer):
        self.answer = answer

    def get_outputs(self):
        return [None]

    def run(self, *_):
        if isinstance(self.answer, Exception):
            raise self.answer
        return [self.answer]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (np.zeros((1, 2), np.float32), "gives (1, 2) to 3 images and 2 classes"),
        (np.full((3, 2), np.nan, np.float32), "probabilities are not finite"),
        (np.array([[0.5, 0.5], [6, 5], [1, 0]], np.float32), "such as 5 to 6 with a sum of 11;"),
        (np.array([[0.5, 0.5], [1, 0], [1.5, -0.5]], np.float32), "such as -0.5 to 1.5 with a"),
        (RuntimeError("no\nkernel"), "its graph does not run (no kernel)"),
    ],
)
def test_graphs_that_do_not_keep_their_promise(predictor, answer, words):
    from leadline.export import ModelFile

    broken = Predictor(ModelFile(predictor.metadata, Session(answer)), None)
    with pytest.raises(ModelFileError) as raised:
        broken.answer(flat(0, 1, 2))
    assert str(raised.value).startswith("brightness: ")
    assert words in str(raised.value)
