"""How much is too much, by a clock that the test turns."""

import pytest

from leadline.serving import rate_limits
from leadline.serving.problems import Refused
from leadline.serving.rate_limits import Rate, Room
from leadline.serving.server_settings import Settings


@pytest.fixture
def clock():
    class Clock:
        now_s = 100.0

        def __call__(self):
            return self.now_s

    return Clock()


def test_a_burst_and_then_an_even_pace(clock):
    rate = Rate(2.0, 3, clock)
    assert [rate.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    clock.now_s += 0.5
    assert [rate.take("a"), rate.take("a")] == [0, 0.5]
    clock.now_s += 1000
    assert [rate.take("a") for _ in range(4)] == [0, 0, 0, 0.5], "no more is saved than the burst"


def test_each_client_has_its_own(clock):
    rate = Rate(1.0, 1, clock)
    assert [rate.take("a"), rate.take("b"), rate.take("a")] == [0, 0, 1]


def test_refused_with_when_to_come_back(clock):
    rate = Rate(0.4, 1, clock)
    rate.check("a")
    with pytest.raises(Refused) as refused:
        rate.check("a")
    assert (refused.value.status, refused.value.retry_after_s) == (429, 3)


def test_no_limit(clock):
    rate = Rate(0, 0, clock)
    assert [rate.take("a") for _ in range(100)] == [0] * 100


def test_clients_that_were_away_longest_are_forgotten(clock, monkeypatch):
    monkeypatch.setattr(rate_limits, "MOST_CLIENTS", 2)
    rate = Rate(1.0, 1, clock)
    for name in ("a", "b", "a", "c"):
        rate.take(name)
    assert rate.take("a") == 1, "asked later than b"
    assert rate.take("b") == 0


def test_room_is_given_back_whatever_happens():
    room = Room(3, "full")
    with room.taken(2):
        room.take()
        with pytest.raises(Refused, match="busy: full;"):
            room.take()
        room.give()
    with pytest.raises(ValueError, match="inside"), room.taken(3):
        raise ValueError("inside")
    assert room.held == 0


@pytest.mark.parametrize(
    ("requests_per_s", "burst"), [(400, 800), (5, 10), (1, 2), (0.4, 1), (0.001, 1), (0, 1)]
)
def test_the_burst_follows_the_rate(requests_per_s, burst):
    assert Settings(requests_per_s=requests_per_s).burst == burst


@pytest.mark.parametrize("requests_per_s", [5.0, 0.5])
def test_no_client_gets_more_than_its_rate_and_one_burst(requests_per_s, clock):
    settings = Settings(requests_per_s=requests_per_s)
    rate = Rate(settings.requests_per_s, settings.burst, clock)
    answered = 0
    for _ in range(6000):  # for a minute, a hundred times a second
        answered += rate.take("a") == 0
        clock.now_s += 0.01
    assert answered == pytest.approx(settings.burst + 60 * requests_per_s, abs=1)
