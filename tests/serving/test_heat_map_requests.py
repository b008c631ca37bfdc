"""Heat maps from answers alone, worked out by hand."""

import io
import threading
import time

import numpy as np
import pytest
from PIL import Image
from tests.serving.asking import EXPLAIN, png_of
from tests.serving.sockets import Client, listening, request

from leadline.serving.heat_map_requests import explain, heat_png
from leadline.serving.problems import Refused


def test_only_the_light_corner_speaks_for_light(predictor):
    image = np.zeros((4, 4, 1), np.uint8)
    image[0, 0] = 160
    # p(light) = 10 / 255, below Youden's threshold: the answer is dark.
    assert explain(predictor, image, None, timeout_s=9).explained == 0
    found = explain(predictor, image, 1, timeout_s=9)
    assert found.explained == 1
    assert found.probabilities[1] == pytest.approx(10 / 255)
    assert found.heat[0, 0] == 1
    assert found.heat[3, 3] == 0
    assert found.wall_ms > 0


def test_an_even_image_has_an_empty_map(predictor):
    found = explain(predictor, np.full((4, 4, 1), 90, np.uint8), 1, timeout_s=9)
    assert (found.border, found.heat.any()) == (None, np.False_)


def test_it_ends_in_time(predictor):
    with pytest.raises(Refused, match="longer than 0 seconds") as refused:
        explain(predictor, np.zeros((4, 4, 1), np.uint8), 1, timeout_s=0)
    assert refused.value.status == 503


def test_it_is_broken_off_where_nobody_wants_it_any_more(predictor):
    pixels = np.zeros((4, 4, 1), np.uint8)
    pixels[0] = 200
    with pytest.raises(Refused, match="being stopped"):
        explain(predictor, pixels, 1, timeout_s=9, wanted=lambda: False)
    assert explain(predictor, pixels, 1, timeout_s=9, wanted=lambda: True).explained == 1


def test_one_whose_client_has_left_makes_room_for_the_next(two, monkeypatch):
    begun, left = threading.Event(), threading.Event()

    def slow(*arguments, wanted, **others):
        if begun.is_set():
            return explain(*arguments, wanted=wanted, **others)
        begun.set()
        end_s = time.monotonic() + 20
        while wanted() and time.monotonic() < end_s:
            time.sleep(0.01)
        left.set()
        raise Refused(503, "broken off")

    monkeypatch.setattr("leadline.serving.inference.explain", slow)
    asked = request(
        "POST", EXPLAIN, "Content-Type: image/png", body=png_of(np.zeros((4, 4), np.uint8))
    )
    with listening(two, most_explaining=1) as port:
        first = Client(port).send(asked)
        assert begun.wait(10)
        assert not left.wait(0.3), "as long as it is waited for"
        assert Client(port).send(asked).answer().status == 429
        first.close()
        assert left.wait(5)
        time.sleep(0.1)
        assert Client(port).send(asked).answer().status == 200


def test_the_picture_is_clear_where_the_map_is_0():
    picture = np.asarray(Image.open(io.BytesIO(heat_png(np.array([[0, 0.25, 1]], np.float32)))))
    # Opacity is the square root: 0, a half, the whole.
    assert picture[0, :, 3].tolist() == [0, 128, 255]
    assert picture[0, 2, :3].tolist() == [243, 246, 138]
