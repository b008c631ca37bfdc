"""Pictures of digits, read and answered as `leadline predict` does: how many are recognised.

Floors lie under what was measured (`python -m benchmarks.digits`). A ground that is one smooth
surface, without closing, has 0.2 to 0.5 where there is a shadow, a table or white ink on nothing.
"""

import numpy as np
import pytest
from tests.zoo.digit_ink import HEIGHT_PX, by_others, printed, written
from tests.zoo.digit_reading import as_asked, pictures
from tests.zoo.digit_scenes import SCENES, on_coloured_paper

from leadline import zoo
from leadline.export import ModelFile, open_model_file

NAMES = ("digits-pixels", "digits-hog", "digits-cnn")
SLOW = {"4,000 px"}
LEAST = {"digits-pixels": 0.9, "digits-hog": 0.88, "digits-cnn": 0.94}
LEAST_IN_SHADOW = {"digits-pixels": 0.86, "digits-hog": 0.86, "digits-cnn": 0.88}
"""Where its edge crosses broad, blurred strokes, some are cut."""


@pytest.fixture(scope="module")
def models() -> dict[str, ModelFile]:
    return {name: open_model_file(zoo.model_file_path(name), threads=1) for name in NAMES}


def shares_right(models, files, truth) -> dict[str, float]:
    seen = as_asked(files)
    return {
        name: float(np.mean(model.answer(seen)[0].argmax(axis=1) == truth))
        for name, model in models.items()
    }


@pytest.mark.parametrize("title", [one for one in SCENES if one not in SLOW])
def test_written_digits(models, title):
    rng = np.random.default_rng(7)
    shares = shares_right(models, *pictures(SCENES[title], written, 10, rng))
    assert min(shares.values()) >= 0.9, shares


@pytest.mark.slow
@pytest.mark.parametrize("title", SCENES)
def test_as_many_are_recognised_as_was_measured(models, title):
    rng = np.random.default_rng(1)
    half = 20 if title in SLOW else 50
    halves = [pictures(SCENES[title], ink, half, rng) for ink in (written, by_others)]
    files = [file for some, _ in halves for file in some]
    shares = shares_right(models, files, np.concatenate([truth for _, truth in halves]))
    least = LEAST_IN_SHADOW if title == "a shadow across" else LEAST
    assert all(shares[name] >= least[name] for name in NAMES), shares


def test_printed_digits(models):
    """Of typefaces whose 1 has a foot; `test_digits` tells of one that has none."""
    files, truth = pictures(on_coloured_paper, printed, 30, np.random.default_rng(1))
    assert min(shares_right(models, files, truth).values()) >= 0.95


@pytest.mark.parametrize("ink", [written, by_others, printed])
def test_ink_is_full_and_of_one_height(ink):
    rng = np.random.default_rng(3)
    for digit in range(10):
        drawn = ink(digit, rng)
        assert max(drawn.shape) == HEIGHT_PX
        assert drawn.dtype == np.float32
        assert drawn.min() >= 0
        assert 0.9 < drawn.max() <= 1


def test_the_same_generator_draws_the_same_files():
    first, again = (
        pictures(SCENES["on squared paper"], written, 2, np.random.default_rng(5))[0]
        for _ in range(2)
    )
    assert first == again
    assert first[0] != first[1]
