"""Labels that are likely wrong, written into a folder and read back."""

import numpy as np
import pytest

from leadline.errors import RunError
from leadline.evaluation.label_errors import LabelErrors, LabelRecord, NotSearched, Suspect
from leadline.runs import read_label_errors, write_label_errors

SUSPECT = Suspect(7, "ж/7.png", "six", "four", 0.005, 0.96, 2, 3, likely=True)
FOUND = LabelErrors(100, 3, 9, 1, 0, (SUSPECT,))
PIXELS = np.arange(4, dtype=np.uint8).reshape(1, 2, 2, 1)


def test_what_is_written_is_read(tmp_path):
    write_label_errors(tmp_path, LabelRecord(FOUND, PIXELS))
    back = read_label_errors(tmp_path)
    assert back is not None
    assert back.found == FOUND
    assert (back.pixels == PIXELS).all()


def test_why_nothing_was_looked_for_is_read_too(tmp_path):
    missing = NotSearched(16, "c", 2, 10)
    write_label_errors(tmp_path, LabelRecord(missing, PIXELS[:0]))
    back = read_label_errors(tmp_path)
    assert back is not None
    assert back.found == missing


def test_an_older_folder_has_none(tmp_path):
    assert read_label_errors(tmp_path) is None


def test_a_damaged_file_is_named(tmp_path):
    path = tmp_path / "label_errors.npz"
    write_label_errors(tmp_path, LabelRecord(FOUND, PIXELS))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RunError, match=r"label_errors\.npz: damaged"):
        read_label_errors(tmp_path)


@pytest.mark.parametrize("pixels", [PIXELS[:0], PIXELS.astype(np.float32), PIXELS[0]])
def test_images_that_are_not_those_of_the_suspects_are_damage(tmp_path, pixels):
    write_label_errors(tmp_path, LabelRecord(FOUND, pixels))
    with pytest.raises(RunError, match="1 suspects with pixels"):
        read_label_errors(tmp_path)
