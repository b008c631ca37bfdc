"""What counts as the same answer."""

from pathlib import Path

import numpy as np
import pytest

from leadline.errors import ModelFileError
from leadline.export.parity import check_probabilities

EXPECTED = np.array([[0.7, 0.3], [0.50004, 0.49996], [0.1, 0.9]], np.float32)
PATH = Path("folder/m.keras")


def shifted(by: float) -> np.ndarray:
    return EXPECTED + np.array([by, -by], np.float32)


def test_the_largest_difference_is_told():
    assert check_probabilities(PATH, "Keras", shifted(5e-5), EXPECTED) == pytest.approx(5e-5, 1e-2)
    none = np.empty((0, 2), np.float32)
    assert check_probabilities(PATH, "Keras", none, none) == 0


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (
            shifted(2e-4),
            r"m\.keras: the Keras file and the Keras model differ by 0\.0002 .* of 0 of",
        ),
        (shifted(-6e-5), r"differ by 6e-05 .* and in the class of 1 of 3 images; nothing was writ"),
        (EXPECTED * np.float32(np.nan), r"differ by nan \(at most 0\.0001 is allowed\)"),
        (EXPECTED[:2], r"the Keras file gives \(2, 2\), and the Keras model \(3, 2\); nothing"),
        (EXPECTED[:, :1], r"gives \(3, 1\), and the Keras model \(3, 2\)"),
    ],
)
def test_other_answers_are_refused(answers, said):
    with pytest.raises(ModelFileError, match=said):
        check_probabilities(PATH, "Keras", answers, EXPECTED)
