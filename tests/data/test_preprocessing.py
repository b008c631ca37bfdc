"""Size, channels and fit chosen from images, and what they cost, worked out by hand."""

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.data.preprocessing import Range, chosen_size, describe, resolve
from leadline.data.size_survey import Survey, uniform
from leadline.experiments import Data
from leadline.experiments.image_form import FitMode, ImageForm

PHOTOGRAPH = (200, 300)


def survey(
    sizes: list[tuple[int, int]],
    coloured: list[bool] | None = None,
    labels: list[int] | None = None,
    name: str = "",
) -> Survey:
    return Survey(
        np.array(sizes, np.int64).reshape(-1, 2),
        np.array(coloured or [False] * len(sizes)),
        np.array(labels or [0] * len(sizes), np.int64),
        name=name,
    )


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([(28, 28)] * 3, (28, 28)),
        ([(30, 45)] * 3, (30, 45)),
        ([(96, 28)], (96, 28)),
        ([PHOTOGRAPH] * 5, (64, 96)),
        ([(300, 400)], (72, 96)),
        ([(1080, 1920)], (56, 96)),
        ([(97, 97)], (96, 96)),
        ([(27, 27)], (32, 32)),
        ([(8, 8)] * 2, (32, 32)),
        ([(20, 30)], (32, 48)),
        ([(300, 1)], (96, 32)),
        ([(1, 1)], (32, 32)),
        ([(500, 6000)], (32, 96)),
        ([(50, 50), (50, 50), (52, 50)], (48, 48)),
        # One portrait in ten, and the form is a square.
        ([PHOTOGRAPH] * 9 + [(300, 200)], (96, 96)),
        ([PHOTOGRAPH] * 19 + [(300, 200)], (64, 96)),
        ([(60, 90), (90, 60)], (88, 88)),
    ],
)
def test_the_size_is_that_of_the_images_within_bounds(sizes, expected):
    assert chosen_size(np.array(sizes)) == expected


sides = st.integers(1, 65_535)


@given(st.lists(st.tuples(sides, sides), min_size=1, max_size=20))
def test_any_images_get_a_size_that_networks_can_take(sizes):
    chosen = chosen_size(np.array(sizes))
    assert min(chosen) >= 28
    assert max(chosen) <= 96
    assert chosen_size(np.array(sizes[::-1])) == chosen
    if len(set(sizes)) > 1 or not 28 <= min(sizes[0]) <= max(sizes[0]) <= 96:
        assert [side % 8 for side in chosen] == [0, 0]


def test_only_what_is_open_is_chosen():
    photographs = survey([PHOTOGRAPH], [True])
    assert resolve(Data(), photographs).form == ImageForm((64, 96), 3, "pad")
    said = Data(size_px=(5, 7), channels=1, fit="crop")
    assert resolve(said, photographs) == said
    assert resolve(Data(channels=1), photographs).form == ImageForm((64, 96), 1, "pad")


@pytest.mark.parametrize(
    ("coloured", "labels", "channels"),
    [
        ([False] * 20, [0] * 20, 1),
        ([True] + [False] * 19, [0] * 20, 1),
        ([True, True] + [False] * 18, [0] * 20, 3),
        # One of twenty images, but one of the two of its class.
        ([True] + [False] * 19, [1, 1] + [0] * 18, 3),
    ],
)
def test_a_tenth_of_any_class_decides_for_colour(coloured, labels, channels):
    assert resolve(Data(), survey([(40, 40)] * 20, coloured, labels)).channels == channels


@pytest.mark.parametrize("name", ["mnist", "pneumoniamnist"])
def test_known_data_sets_keep_their_form_from_whatever_file(name):
    assert resolve(Data(), uniform(name, (28, 28))).form == ImageForm((28, 28), 1, "stretch")
    assert resolve(Data(), uniform(name, (224, 224))).form.size_px == (28, 28)
    assert resolve(Data(size_px=(56, 56)), uniform(name, (28, 28))).form.size_px == (56, 56)


def test_where_nothing_can_be_read_reading_is_left_to_say_so():
    assert resolve(Data(), survey([])).form == ImageForm((28, 28), 1, "stretch")
    assert describe(survey([]), ImageForm((28, 28), 1, "pad"), 3) is None


def test_photographs_made_grey_and_tiny_lose_pixels_and_colour():
    done = describe(survey([PHOTOGRAPH] * 4, [True] * 4), ImageForm((28, 28), 1, "pad"), 96)
    assert done is not None
    assert asdict(done) == {
        "images": 96,
        "surveyed": 4,
        "width_px": {"least": 300, "median": 300, "most": 300},
        "height_px": {"least": 200, "median": 200, "most": 200},
        "coloured": 4,
        "size_px": (28, 28),
        "channels": 1,
        "fit": "pad",
        "chosen": (),
        "reduced": 4,
        "enlarged": 0,
        "refitted": 4,
        "few_pixels": 4,
        "losses": ("pixels-lost", "colour-lost"),
    }


def test_photographs_at_the_size_that_is_chosen_keep_a_tenth():
    """96 × 64 of 300 × 200 pixels are 10.24%."""
    done = describe(survey([PHOTOGRAPH], [True]), ImageForm((64, 96), 3, "pad"), 1)
    assert done is not None
    assert (done.reduced, done.refitted, done.few_pixels, done.losses) == (1, 0, 0, ())


@pytest.mark.parametrize(
    ("fit", "size", "few"),
    [
        # 100 × 100 to 40 × 20, height first: padded to 20 × 20, cropped to 40 × 20 of 100 × 50.
        ("pad", (40, 20), True),
        ("crop", (40, 20), True),
        ("stretch", (40, 20), True),
        ("pad", (100, 20), True),
        ("stretch", (100, 20), False),
        ("crop", (100, 20), False),
        ("crop", (400, 20), True),
        ("pad", (32, 32), False),
        ("pad", (31, 400), True),
    ],
)
def test_pixels_that_are_left_hang_on_the_fit(fit: FitMode, size, few):
    done = describe(survey([(100, 100)]), ImageForm(size, 1, fit), 1)
    assert done is not None
    assert (done.few_pixels == 1) == few


def test_counts_are_of_images():
    done = describe(
        survey([(10, 10), (40, 20), (200, 100)], [True, False, False]),
        ImageForm((32, 16), 3, "crop"),
        3,
    )
    assert done is not None
    assert (done.reduced, done.enlarged, done.refitted, done.coloured) == (2, 1, 1, 1)
    assert (done.width_px, done.height_px) == (Range(10, 20, 100), Range(10, 40, 200))
