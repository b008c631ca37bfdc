"""HTTP API: what is answered, in which words, and what is refused."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from tests.serving.asking import EXPLAIN, PNG, PREDICT, form, png, png_of, served, seven
from tests.serving.making import brightness

from leadline.data.digits.mnist_style import normalise_digit
from leadline.serving.batching import Batcher

TWO = {"model": "brightness"}


def ask(client, content=None, path=PREDICT, **params):
    return client.post(path, content=content or png(), headers=PNG, params={**TWO, **params})


def test_one_image_of_two_classes(client):
    answer = ask(client, png(102))
    assert answer.status_code == 200, answer.text
    (image,) = answer.json()["answers"]
    (said,) = image["models"]
    assert (image["width_px"], image["height_px"], image["seen_png"]) == (4, 4, None)
    # 102 / 255 = 0.4, below a half and above Youden's 0.3; 102 / 204 = 0.5 is in scope.
    assert (said["model"], said["class"], said["decision"]) == ("brightness", "dark", "light")
    assert said["probability"] == pytest.approx(0.6)
    assert said["probabilities"] == pytest.approx({"dark": 0.6, "light": 0.4})
    assert (said["runner_up"], said["runner_up_probability"]) == ("light", pytest.approx(0.4))
    assert (said["point"], said["threshold"], said["positive"]) == ("youden", 0.3, "light")
    assert said["decisions"] == [
        {"point": "youden", "threshold": 0.3, "decision": "light"},
        {"point": "sensitivity", "threshold": 0.7, "decision": "dark"},
    ]
    assert (said["in_scope"], said["ood_score"]) == (True, pytest.approx(0.5))
    assert (said["prepared"], said["batch"], said["weights"]) == ("none", 1, None)
    assert said["latency_ms"] > 0
    assert said["limits"].startswith("This is a test.")


def test_a_batch_keeps_its_order_and_its_names(client):
    files = form(
        ("a.png", png(0), "image/png"), ("../b.png", png(255), "image/png"),
        ("c\u202e.png", png(51), ""),
    )  # fmt: skip
    answers = client.post(PREDICT, files=files, params=TWO).json()["answers"]
    assert [one["image"] for one in answers] == ["a.png", "b.png", "c.png"]
    light = [one["models"][0]["probabilities"]["light"] for one in answers]
    assert light == pytest.approx([0, 1, 0.2])
    assert [one["models"][0]["in_scope"] for one in answers] == [True, False, True]
    assert {one["models"][0]["batch"] for one in answers} == {3}


def test_without_a_name_those_that_know_digits_answer(client):
    (image,) = client.post(PREDICT, content=seven(), headers=PNG).json()["answers"]
    assert [one["model"] for one in image["models"]] == ["brightness-2"]
    assert image["models"][0]["prepared"] == "digit"
    seen = np.asarray(Image.open(io.BytesIO(base64.b64decode(image["seen_png"]))))
    expected = normalise_digit(Image.open(io.BytesIO(seven())))
    np.testing.assert_array_equal(seen, expected)
    # The model answers to what is sent back.
    assert image["models"][0]["probabilities"]["1"] == pytest.approx(expected.mean() / 255, 1e-4)


def test_a_digit_may_be_left_as_it_is(client):
    params = {"model": "brightness-2", "prepare": "none"}
    (image,) = client.post(PREDICT, content=png(51), headers=PNG, params=params).json()["answers"]
    assert (image["seen_png"], image["models"][0]["prepared"]) == (None, "none")
    assert image["models"][0]["probabilities"]["1"] == pytest.approx(0.2)


def test_what_says_nothing_of_digits_is_made_one_only_where_it_is_asked_for(tmp_path):
    plain = brightness(tmp_path / "m.onnx", tuple("0123456789"), size_px=(28, 28))
    with served(plain) as client:
        for prepare, expected in (("auto", "none"), ("none", "none"), ("digit", "digit")):
            said = client.post(PREDICT, content=png(), headers=PNG, params={"prepare": prepare})
            assert said.json()["answers"][0]["models"][0]["prepared"] == expected


def test_a_model_of_another_form_takes_no_digits(client):
    (answer,) = ask(client, prepare="digit").json()["answers"]
    assert answer["models"][0]["prepared"] == "none"


def test_several_models_each_once(client):
    params = {"model": ["brightness", "brightness-2", "brightness"]}
    (image,) = client.post(PREDICT, content=seven(), headers=PNG, params=params).json()["answers"]
    assert [one["model"] for one in image["models"]] == ["brightness", "brightness-2"]
    assert [one["prepared"] for one in image["models"]] == ["none", "digit"]


def test_the_picture_comes_back_as_it_was_read(client):
    wide = png(80, (10, 3000))
    (image,) = ask(client, wide, picture=True).json()["answers"]
    shown = Image.open(io.BytesIO(base64.b64decode(image["picture_jpeg"])))
    assert (shown.format, shown.mode, shown.width) == ("JPEG", "L", 1024)
    assert (image["width_px"], image["height_px"]) == (3000, 10)


def test_an_explanation_of_two_classes(client):
    pixels = np.zeros((4, 4), np.uint8)
    pixels[0, 0] = 255
    said = ask(client, png_of(pixels), EXPLAIN, **{"class": "light"}).json()
    (one,) = said["explanations"]
    assert (one["model"], one["class"], one["runner_up"]) == ("brightness", "light", "dark")
    assert one["probability"] == pytest.approx(1 / 16, 1e-3)
    assert (said["strokes"], one["method"]) == (None, "occlusion")
    heat = Image.open(io.BytesIO(base64.b64decode(one["heat_png"])))
    assert (heat.size, heat.mode) == ((4, 4), "RGBA")
    # Only covering the light corner makes "light" less likely.
    alpha = np.asarray(heat)[..., 3]
    assert alpha[0, 0] == 255
    assert alpha[3, 3] == 0


@pytest.mark.parametrize("name", ["caf\u00e9", "cafe\u0301", "CAFÉ"])
def test_a_class_is_found_in_any_spelling(tmp_path, name):
    with served(brightness(tmp_path / "two.onnx", ("caf\u00e9", "tea"))) as client:
        (one,) = ask(client, png(), EXPLAIN, **{"class": name}).json()["explanations"]
    assert one["class"] == "caf\u00e9"


def test_an_explanation_of_a_digit_has_strokes(client):
    said = client.post(EXPLAIN, content=seven(), headers=PNG).json()
    assert np.shape(said["strokes"]["values"]) == (7, 7, 12)
    assert (said["strokes"]["cell_px"], said["strokes"]["degrees"][:2]) == (4, [97.5, 112.5])
    assert len(said["explanations"]) == 1


def test_strokes_are_those_of_the_model_on_hog_features(ten, tmp_path):
    own = {"kind": "hog", "orientations": 9, "cell_px": 7}
    hog = brightness(
        tmp_path / "hog.onnx", tuple("0123456789"), size_px=(28, 28), prepare="digit", features=own
    )
    with served(ten, hog) as client:
        said = client.post(EXPLAIN, content=seven(), headers=PNG).json()["strokes"]
        assert "directions in cells of 7 px" in client.get("/").text
    assert (said["cell_px"], np.shape(said["values"])) == (7, (4, 4, 9))
    assert said["degrees"] == [100, 120, 140, 160, 0, 20, 40, 60, 80]
    assert np.max(said["values"]) == 1


def test_models_say_what_they_are(client):
    two, ten = client.get("/api/v1/models").json()["models"]
    assert (two["name"], two["digits"], two["usual"]) == ("brightness", False, False)
    assert (ten["name"], ten["digits"], ten["usual"]) == ("brightness-2", True, True)
    assert (two["classes"], two["size_px"], two["channels"]) == (["dark", "light"], [4, 4], 1)
    assert two["points"][1] == {
        "name": "sensitivity", "threshold": 0.7, "reached": 0.96, "largest": None,
        "standard_error": None, "floor": 0.95,
    }  # fmt: skip
    assert (two["positive"], two["point"]) == ("light", "youden")


def test_the_page_asks_for_films_where_all_are_of_films(tmp_path, two, ten):
    film = brightness(tmp_path / "film.onnx", data="chest-xray, from a folder")
    for models, expected in (((film, ten), True), ((film, two, ten), False), ((ten,), False)):
        with served(*models) as client:
            page = client.get("/").text
        assert ("X-ray</a>" in page, "Your image</a>" in page) == (expected, not expected)


def test_health_and_metrics(client):
    assert client.get("/api/v1/healthz").json()["status"] == "ok"
    ask(client)
    answer = client.get("/api/v1/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    assert any(
        line.startswith('leadline_requests_total{route="/api/v1/predict",status="200"}')
        for line in lines
    )
    assert "leadline_requests_in_hand 0.0" in lines
    assert "leadline_body_bytes 0.0" in lines


@pytest.mark.parametrize(
    ("path", "params", "status", "part"),
    [
        (PREDICT, {"model": "nobody"}, 404, "No model 'nobody' here; available: brightness"),
        (PREDICT, {"prepare": "magic"}, 422, "'auto', 'digit' or 'none'"),
        (EXPLAIN, {**TWO, "class": "owl"}, 422, "brightness has no class 'owl'; it has dark"),
        ("/api/v1/nothing", {}, 404, "No such address"),
        ("/api/v1/models", {}, 405, "another method"),
    ],
)
def test_what_is_refused_says_why(client, path, params, status, part):
    answer = client.post(path, content=png(), headers=PNG, params=params)
    said = answer.json()
    assert (answer.status_code, said["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert part in said["detail"]


def test_one_image_is_explained_at_a_time(client):
    files = form(("a.png", png(), "image/png"), ("b.png", png(), "image/png"))
    answer = client.post(EXPLAIN, files=files, params=TWO)
    assert (answer.status_code, answer.json()["detail"][:9]) == (400, "2 images;")


class Panic(BaseException):
    """As PyO3 raises for a panic in Rust."""


@pytest.mark.parametrize("error", [RuntimeError, RecursionError, MemoryError, Panic])
def test_what_goes_wrong_inside_is_no_traceback(client, monkeypatch, caplog, error):
    async def fail(*_):
        raise error("secret of the machine")

    monkeypatch.setattr(Batcher, "answer", fail)
    answer = ask(client)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "internal-error"
    assert answer.json()["detail"] == "Internal server error; see the server's log."
    assert "secret" not in answer.text
    assert "secret of the machine" in caplog.text


def test_too_many_at_a_time_are_told_to_come_back(two):
    with served(two, most_requests=0) as client:
        answer = ask(client)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert "busy" in answer.json()["detail"]


def test_the_page_and_the_docs(client):
    page = client.get("/")
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert 'style="' not in page.text
    docs = client.get("/docs").text
    for name in ("POST /api/v1/predict", "GET /api/v1/models", "ModelAnswer", "in_scope"):
        assert name in docs
    assert "http" not in docs.replace("http://127.0.0.1:8420", "").replace("HTTP", "")
    described = client.get("/openapi.json").json()
    assert set(described["paths"]) == {
        f"/api/v1/{name}" for name in ("predict", "explain", "models", "runs", "healthz", "metrics")
    }
