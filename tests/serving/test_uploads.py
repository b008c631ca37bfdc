"""Bodies as they arrive, piece by piece: how far they are read, and what is held meanwhile."""

import asyncio

import pytest
from starlette.requests import Request
from tests.serving.asking import run_alone

from leadline.serving.problems import Refused
from leadline.serving.rate_limits import Room
from leadline.serving.server_settings import Settings
from leadline.serving.uploads import uploads

FORM = (
    b'--x\r\nContent-Disposition: form-data; name="image"; filename="C:\\\\films\\\\one.png"\r\n'
    b"Content-Type: Image/PNG; a=b\r\n\r\nfirst\r\n"
    b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\npassed over\r\n'
    b'--x\r\nContent-Disposition: form-data; name="image"\r\n\r\nsecond\r\n--x--\r\n'
)


class Sent:
    """A request whose body comes in pieces; read counts how many were asked for."""

    def __init__(self, *pieces, kind="image/png", pause_s=0.0, breaks=False, **headers):
        self.pieces, self.pause_s, self.breaks = list(pieces), pause_s, breaks
        self.read = 0
        named = {"content-type": kind, **headers}
        scope = {
            "type": "http",
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        }
        self.request = Request(scope, self.receive)

    async def receive(self):
        await asyncio.sleep(self.pause_s)
        self.read += 1
        if self.breaks and not self.pieces:
            return {"type": "http.disconnect"}
        body = self.pieces.pop(0) if self.pieces else b""
        more = bool(self.pieces) or self.breaks
        return {"type": "http.request", "body": body, "more_body": more}


def take(sent, memory=None, **settings):
    """The uploads, and how much memory they held."""
    memory = memory or Room(10_000, "full")

    async def work():
        async with uploads(sent.request, Settings(**settings), memory) as found:
            return found, memory.held

    try:
        return run_alone(work())
    finally:
        assert memory.held == 0, "whatever happens, it is given back"


def test_pieces_are_put_together_and_count_while_they_are_held():
    (one,), held = take(Sent(b"ab", b"", b"cde"))
    assert (one.name, one.content, one.kind) == ("image", b"abcde", "image/png")
    assert held == 5


def test_a_form_in_pieces():
    pieces = [FORM[at : at + 7] for at in range(0, len(FORM), 7)]
    found, _ = take(Sent(*pieces, kind="multipart/form-data; boundary=x"))
    assert [(one.name, one.content, one.kind) for one in found] == [
        ("one.png", b"first", "image/png"),
        ("image 2", b"second", ""),
    ]


def test_it_is_read_no_further_than_allowed():
    sent = Sent(*[bytes(1000)] * 100)
    with pytest.raises(Refused, match="larger than 2,500 bytes") as refused:
        take(sent, most_body_bytes=2500)
    assert (refused.value.status, sent.read) == (413, 3)


@pytest.mark.parametrize("length", ["2501", "9" * 5000])
def test_what_says_that_it_is_too_large_is_not_read_at_all(length):
    sent = Sent(bytes(10), **{"content-length": length})
    with pytest.raises(Refused, match="larger than"):
        take(sent, most_body_bytes=2500)
    assert sent.read == 0


def test_nor_when_memory_is_full():
    sent = Sent(*[bytes(1000)] * 100)
    with pytest.raises(Refused, match="memory is full") as refused:
        take(sent, Room(2500, "memory is full"))
    assert (refused.value.status, sent.read) == (429, 3)


def test_one_that_dawdles_is_not_waited_for():
    sent = Sent(*[b"a"] * 100, pause_s=0.02)
    with pytest.raises(Refused, match=r"within 0\.1 seconds") as refused:
        take(sent, body_timeout_s=0.1)
    assert refused.value.status == 408
    assert sent.read < 10


def test_one_that_breaks_off():
    with pytest.raises(Refused, match="was cut short") as refused:
        take(Sent(b"a", breaks=True))
    assert refused.value.status == 400
