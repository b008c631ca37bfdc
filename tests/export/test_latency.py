"""Times by a clock that is wound by hand, and by the real one."""

from itertools import count

import pytest

from leadline.errors import ModelFileError
from leadline.export import time_model_files
from leadline.export.latency import IN_A_ROW, MOST


def ticking(step_s):
    """A clock that goes on by a step each time it is read, so that everything takes one step."""
    readings = count()
    return lambda: step_s * next(readings)


def test_a_quick_model_is_timed_often_enough_and_no_more(written):
    [found] = time_model_files([(written.path, written.images)], clock=ticking(0.001))
    assert (found.n, found.threads, found.together) == (MOST, 1, 1)
    assert (found.low_ms, found.median_ms, found.high_ms) == pytest.approx((1, 1, 1))


def test_a_slow_model_is_timed_as_long_as_allowed_but_for_warming_up(written):
    """0.45 s allow five predictions of 0.1 s; the first warms up."""
    [found] = time_model_files([(written.path, written.images)], limit_s=0.45, clock=ticking(0.1))
    assert found.n == 4
    assert found.median_ms == pytest.approx(100)


def test_the_slowest_is_timed_once(written):
    [found] = time_model_files([(written.path, written.images)], limit_s=0.5, clock=ticking(3.0))
    assert (found.n, found.median_ms) == (1, 3000)


def test_the_first_of_each_turn_is_left_out(written):
    """Every sixth prediction takes a second, the others a millisecond."""
    clock = _clock_of(lambda number: 1.0 if number % IN_A_ROW == 0 else 0.001)
    [found] = time_model_files(
        [(written.path, written.images)], limit_s=1e9, clock=lambda: next(clock)
    )
    assert found.high_ms == pytest.approx(1)


def _clock_of(taken_s):
    """Readings before and after each prediction, which takes what its number says."""
    now = 0.0
    for number in count():
        yield now
        now += taken_s(number)
        yield now


def test_several_take_turns_and_all_are_told(written):
    pair = [(written.path, written.images), (written.path, written.images[:1])]
    one, other = time_model_files(pair)
    assert one.together == other.together == 2
    assert 0 < one.low_ms <= one.median_ms <= one.high_ms
    assert one.runtime.startswith("ONNX Runtime ")
    assert one.processor


def test_no_models_take_no_time():
    assert time_model_files([]) == ()


def test_what_is_no_model_file_is_refused(tmp_path, written):
    (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(ModelFileError, match="not an ONNX file"):
        time_model_files([(tmp_path / "model.onnx", written.images)])
