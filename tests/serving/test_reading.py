"""Files read ahead: in order, few at a time, and no archive closed too early."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from leadline.errors import DataError
from leadline.serving.inputs import Found
from leadline.serving.reading import name_of, read_ahead

PIXEL = np.zeros((1, 1, 1), np.uint8)


def paths(n: int) -> list[Path]:
    return [Path(f"{number}.png") for number in range(n)]


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("chunk", [1, 4, 100])
def test_the_order_is_that_of_the_files(threads, chunk):
    def read(path):
        time.sleep(0.002 * (path.stem in "048"))
        return np.full((1, 1, 1), int(path.stem), np.uint8)

    found = list(read_ahead(paths(20), read, threads=threads, chunk=chunk))
    assert [name for name, _ in found] == [f"{number}.png" for number in range(20)]
    levels = [int(pixels.max()) for _, pixels in found if isinstance(pixels, np.ndarray)]
    assert levels == list(range(20))


def test_what_has_no_pixels_keeps_its_place():
    def read(path):
        if path.stem == "1":
            raise DataError("1.png: damaged.")
        return PIXEL

    found: list[Found] = [Path("0.png"), DataError("x: no such file."), *paths(3)[1:]]
    read_all = read_ahead(found, read, threads=2, chunk=2)
    said = [str(one) if isinstance(one, DataError) else name for name, one in read_all]
    assert said == ["0.png", "x: no such file.", "1.png: damaged.", "2.png"]


def test_few_are_held_however_many_there_are():
    asked = read = held = 0

    def endless():
        nonlocal asked
        while True:
            asked += 1
            yield Path(f"{asked}.png")

    def count(_path):
        nonlocal read
        read += 1
        return PIXEL

    reading = read_ahead(endless(), count, threads=2, chunk=5)
    for taken in range(1, 1_001):
        next(reading)
        held = max(held, asked - taken)
    reading.close()
    # Four chunks of five, but for the one in hand.
    assert held == 19
    assert read <= asked


def test_an_archive_is_open_until_all_of_it_is_read():
    open_now = True
    late = []

    def found():
        nonlocal open_now
        yield from paths(7)
        yield None
        open_now = False
        yield Path("after.png")

    def read(path):
        time.sleep(0.005)
        if path.stem != "after" and not open_now:
            late.append(path)
        return PIXEL

    assert len(list(read_ahead(found(), read, threads=3, chunk=2))) == 8
    assert late == []


def test_threads_end_with_whoever_asked():
    before = threading.active_count()
    reading = read_ahead(paths(500), lambda _: PIXEL, threads=2)
    next(reading)
    reading.close()
    assert threading.active_count() == before


def test_an_unforeseen_failure_is_not_swallowed():
    def read(path):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(read_ahead(paths(2), read, threads=1))


def test_names_are_text():
    assert name_of(Path("a/é.png")) == "a/é.png"
    assert name_of(Path("a/\udce9.png")) == r"a/\xe9.png"
