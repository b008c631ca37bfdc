"""Files that would keep a decoder busy are refused before one sees them."""

import time
import tracemalloc

import pytest
from tests.data.hostile_files import SLOW

from leadline.data.formats.image_files import opened_bytes
from leadline.data.formats.structure import Damaged, Refused, scan
from leadline.errors import DataError

REFUSED_WITHIN_S = 3.0
"""A tenth of a second here; a busy machine is slower."""


@pytest.mark.parametrize("name", SLOW)
def test_refused_at_once(name):
    content = SLOW[name]()
    start_s = time.perf_counter()
    with pytest.raises((Refused, Damaged)):
        scan(content)
    assert time.perf_counter() - start_s < REFUSED_WITHIN_S


def test_refused_in_little_memory():
    content = SLOW["jpeg of empty application segments"]()
    tracemalloc.start()
    with pytest.raises(Refused):
        scan(content)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < len(content)


def test_the_error_names_the_file_and_what_to_do():
    content = SLOW["jpeg of scans"]()
    with (
        pytest.raises(DataError) as error,
        opened_bytes(content, "x.jpg", max_pixels=10**6),
    ):
        pass
    assert str(error.value) == (
        "x.jpg: is a JPEG in more than 100 scans; refused. Save it again, as PNG."
    )
