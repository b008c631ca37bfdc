"""A digit on a page, answered as MNIST's are: from the picture's file to the class."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from leadline import zoo
from leadline.cli import run
from leadline.data.digits.mnist_style import normalise_digit
from leadline.data.formats.image_files import read_image
from leadline.serving.predictor import Predictor


@pytest.fixture
def seven(tmp_path):
    """Dark on light, in a corner of a page in colour."""
    page = Image.new("RGB", (640, 480), (235, 230, 215))
    ImageDraw.Draw(page).line(
        ((420, 250), (560, 250), (470, 430)), fill=(30, 30, 90), width=16, joint="curve"
    )
    page.save(tmp_path / "seven.png")
    return tmp_path / "seven.png"


@pytest.mark.parametrize("name", ["digits-pixels", "digits-hog", "digits-cnn"])
def test_a_drawn_seven_is_a_seven(seven, name, capsys):
    assert run(["predict", name, str(seven), "--format", "csv"]) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.startswith("path,class,probability,decision,in_scope,p_0,p_1,")
    assert row.split(",")[1] == "7"
    assert float(row.split(",")[2]) > 0.8


def test_the_model_file_says_that_its_pictures_are_digits():
    assert Predictor.open(zoo.model_file_path("digits-cnn")).prepare == "digit"
    assert Predictor.open(zoo.model_file_path("chest-cnn")).prepare == "none"


def test_reading_makes_a_digit_of_it(seven):
    found = read_image(seven, (28, 28), 1, prepare="digit")
    assert found.shape == (28, 28, 1)
    assert np.array_equal(found[..., 0], normalise_digit(Image.open(seven)))
    assert not np.array_equal(found, read_image(seven, (28, 28), 1))
