"""Work done ahead: in order, a little at a time, and no archive closed too early."""

import threading
import time
from pathlib import Path

import pytest

from leadline.errors import DataError
from leadline.serving.input_paths import InputFile
from leadline.serving.prefetch import done_ahead


def paths(n: int) -> list[Path]:
    return [Path(f"{number}.png") for number in range(n)]


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("most", [1, 4, 100])
def test_the_order_is_that_of_the_files(threads, most):
    def work(part):
        time.sleep(0.005 * (part[0].stem in "048"))
        return part

    parts = list(done_ahead(paths(20), work, threads=threads, most=most))
    assert [path for part in parts for path in part] == paths(20)
    assert [len(part) for part in parts[:-1]] == [most] * (len(parts) - 1)


def test_what_has_no_file_keeps_its_place():
    wrong = DataError("x: no such file.")
    found: list[InputFile] = [Path("0.png"), wrong, Path("1.png")]
    parts = list(done_ahead(found, lambda part: part, threads=2, most=2))
    assert parts == [[Path("0.png"), wrong], [Path("1.png")]]


def test_few_are_held_however_many_there_are():
    asked = held = 0

    def endless():
        nonlocal asked
        while True:
            asked += 1
            yield Path(f"{asked}.png")

    parts = done_ahead(endless(), lambda part: part, threads=2, most=5)
    for taken in range(1, 1_001):
        assert len(next(parts)) == 5
        held = max(held, asked - 5 * taken)
    parts.close()
    # Two threads and two parts: four in all, of which one is in hand.
    assert held == 15


def test_an_archive_is_open_until_all_of_it_is_read():
    open_now = True
    late = []

    def found():
        nonlocal open_now
        yield from paths(7)
        yield None
        open_now = False
        yield Path("after.png")

    def work(part):
        time.sleep(0.005)
        if part != [Path("after.png")] and not open_now:
            late.append(part)
        return part

    parts = list(done_ahead(found(), work, threads=3, most=2))
    assert [len(part) for part in parts] == [2, 2, 2, 1, 1]
    assert late == []


def test_archives_alone_are_no_empty_parts():
    assert list(done_ahead([None, None], len, threads=1, most=2)) == []


def test_threads_end_with_whoever_asked():
    before = threading.active_count()
    parts = done_ahead(paths(500), len, threads=2, most=3)
    next(parts)
    parts.close()
    assert threading.active_count() == before


def test_an_unforeseen_failure_is_not_swallowed():
    def work(_part):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(done_ahead(paths(2), work, threads=1, most=1))


def test_work_that_has_not_begun_is_dropped_and_the_rest_told_to_end():
    begun = []
    second_has_begun, ended = threading.Event(), threading.Event()

    def work(part):
        begun.append(part[0].stem)
        if part[0].stem == "1":
            second_has_begun.set()
            ended.wait(30)  # as long as `on_end` is not called
        return part

    parts = done_ahead(paths(20), work, threads=1, most=1, on_end=ended.set)
    next(parts)
    assert second_has_begun.wait(30)
    start_s = time.monotonic()
    parts.close()
    assert time.monotonic() - start_s < 10
    assert begun == ["0", "1"]
