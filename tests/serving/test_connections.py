"""Clients that never finish a request, or take no answer, and too many of them."""

import contextlib
import json
import subprocess
import sys
import time

import pytest
from tests.serving.asking import PREDICT, png
from tests.serving.sockets import Client, listening, request

PATIENCE = {"head_timeout_s": 0.6, "stall_timeout_s": 0.6, "body_timeout_s": 0.6}
"""And a little more than that, for it is looked eight times whether time is over."""
SOON_S = 3.0


@pytest.fixture(scope="module")
def port(two):
    with listening(two, **PATIENCE) as port:
        yield port


@pytest.fixture
def client(port):
    made = []

    def connect():
        made.append(Client(port))
        return made[-1]

    yield connect
    for one in made:
        one.close()


def healthy(client):
    return client().send(request("GET", "/api/v1/healthz")).answer().status == 200


def problem(said):
    found = json.loads(said.body)
    assert "content-type: application/problem+json" in said.head.lower()
    assert "content-security-policy" in said.head.lower()
    assert found["status"] == said.status
    return said.status, found["detail"]


def test_one_that_sends_nothing_is_let_go(client):
    assert 0.5 < client().closed_after_s() < SOON_S
    assert healthy(client)


@pytest.mark.parametrize("begun", ["", "POST /", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "])
def test_headers_that_trickle_are_not_waited_for(client, begun):
    slow = client().send(begun)
    start_s = time.perf_counter()
    slow.socket.settimeout(0.05)
    answer = None
    while answer is None and time.perf_counter() - start_s < SOON_S:
        try:
            slow.send("a")
            answer = slow.answer()
        except TimeoutError:
            continue
        except ConnectionError:
            break
    assert 0.5 < time.perf_counter() - start_s < SOON_S
    if answer is not None and answer.status:
        assert problem(answer) == (408, "The request did not come within 0.6 seconds.")


def test_a_head_that_stops_is_told_that_it_was_too_slow(client):
    slow = client().send("GET / HTTP/1.1\r\nHost: 127")
    assert problem(slow.answer()) == (408, "The request did not come within 0.6 seconds.")
    assert slow.closed_after_s() < 1


def test_after_an_answer_the_next_head_has_its_time_too(client):
    kept = client()
    for _ in range(4):  # longer in all than one head may take
        assert kept.send(request("GET", "/api/v1/healthz")).answer().status == 200
        time.sleep(0.3)
    kept.send("GET / HTTP")
    assert problem(kept.answer())[0] == 408


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (request("POST", PREDICT, "Content-Type: image/png", "Content-Length: 1000"), 408),
        (request("POST", PREDICT, "Content-Type: image/png", "Transfer-Encoding: chunked"), 408),
        (request("POST", PREDICT, "Content-Type: text/plain", "Content-Length: 99999"), 415),
        (request("GET", "/api/v1/healthz", "Content-Length: 99999"), 200),
        (request("POST", "/nowhere", "Content-Length: 99999"), 404),
    ],
)
def test_a_body_that_stops_is_answered_and_let_go(client, head, status):
    slow = client().send(head, "1")
    assert slow.answer().status == status
    assert slow.closed_after_s() < SOON_S


def test_a_body_that_goes_on_after_its_refusal_is_let_go(client):
    slow = client().send(request("POST", "/nowhere", "Content-Length: 99999"))
    assert slow.answer().status == 404
    start_s = time.perf_counter()

    def go_on():
        while time.perf_counter() - start_s < 2 * SOON_S:
            slow.send("a")
            time.sleep(0.05)

    with pytest.raises(ConnectionError):
        go_on()
    assert time.perf_counter() - start_s < SOON_S


def test_who_takes_no_answer_is_let_go(two, tmp_path):
    report = tmp_path / "runs" / "x"
    report.mkdir(parents=True)
    (report / "report.json").write_text("{}")
    (report / "report.html").write_bytes(b"a" * 30_000_000)
    with listening(two, runs=tmp_path / "runs", **PATIENCE) as port:
        deaf, slow = Client(port), Client(port)
        deaf.socket.setsockopt(1, 8, 4096)
        for one in (deaf, slow):
            one.send(request("GET", "/runs/x/report.html"))
        taken = 0
        while taken < 3_000_000:  # a little at a time, for longer than an answer may stand still
            taken += len(slow.socket.recv(65536))
            time.sleep(0.02)
        assert deaf.closed_after_s() < 1
        while more := slow.socket.recv(1_000_000):
            taken += len(more)
            if taken > 30_000_000:
                break
        assert taken > 30_000_000, "slow is not deaf"


def test_so_many_and_no_more(two):
    with listening(two, most_connections=5, head_timeout_s=30) as port:
        kept = [Client(port) for _ in range(5)]
        assert kept[0].send(request("GET", "/api/v1/healthz")).answer().status == 200
        late = Client(port).send(request("GET", "/api/v1/healthz"))
        said = late.answer()
        assert problem(said) == (
            429, "The server has as many connections as it takes; try again in a second.",
        )  # fmt: skip
        assert "retry-after: 1" in said.head.lower()
        assert late.closed_after_s() < 1
        kept.pop().close()
        time.sleep(0.2)
        assert Client(port).send(request("GET", "/api/v1/healthz")).answer().status == 200
        for one in kept:
            one.close()


def test_far_too_many_are_closed_at_once(two, monkeypatch):
    monkeypatch.setattr("leadline.serving.connections.MOST_REFUSED", 3)
    with listening(two, most_connections=2, head_timeout_s=30) as port:
        kept = [Client(port) for _ in range(5)]
        time.sleep(0.2)
        start_s = time.perf_counter()
        with contextlib.suppress(ConnectionError):  # it may be so quick
            Client(port).closed_after_s()
        assert time.perf_counter() - start_s < 1
        for one in kept:
            one.close()


def test_one_address_does_not_take_all_where_others_come_too(two):
    bounds = {"most_connections": 50, "most_connections_of_one": 2, "head_timeout_s": 30}
    shown = "Authorization: Bearer a-token-of-some-length"
    with listening(two, host="192.168.0.7", token="a-token-of-some-length", **bounds) as port:
        kept = [Client(port), Client(port)]
        assert kept[1].send(request("GET", "/api/v1/models", shown)).answer().status == 200
        assert Client(port).send(request("GET", "/api/v1/models", shown)).answer().status == 429
        for one in kept:
            one.close()


@pytest.mark.parametrize(
    "said",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),  # TLS
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: \x00\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nbad header\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5, 6\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA: " + b"a" * 100_000,
        b"GET /" + b"a" * 100_000,
        bytes(range(256)) * 10,
    ],
)
def test_what_is_not_http_is_refused_with_a_reason(client, said, caplog):
    refused = client().send(said)
    assert problem(refused.answer())[0] in (400, 403, 501)
    assert refused.closed_after_s() < 1
    assert caplog.text == ""


@pytest.mark.parametrize("path", [PREDICT, "/api/v1/healthz", "/nowhere"])
def test_chunks_that_are_none_are_refused_while_they_are_read(client, path, caplog):
    head = request("POST", path, "Content-Type: image/png", "Transfer-Encoding: chunked")
    said = client().send(head, b"5\r\nabcde\r\nzzzz\r\n").answer()
    assert said.status in (400, 404, 405)
    assert healthy(client)
    assert caplog.text == ""


def test_requests_in_a_row_without_waiting_are_answered_in_order(client):
    pipelined = client()
    pipelined.send(
        request("GET", "/api/v1/healthz"),
        request("POST", f"{PREDICT}?model=brightness", "Content-Type: image/png", body=png(51)),
        request("GET", "/nowhere"),
    )
    data = b""
    while data.count(b"HTTP/1.1 ") < 3:
        data += pipelined.socket.recv(65536)
    statuses = [one[:3] for one in data.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200", b"200", b"404"]


def test_a_client_of_old(client):
    old = client().send("GET /api/v1/healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
    assert old.answer().status == 200
    assert old.closed_after_s() < 1


def test_sockets_of_the_web_are_not_spoken(client):
    said = client().send(
        request("GET", "/", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: a")
    )
    assert said.answer().status == 200


def test_what_waits_for_leave_to_send_is_given_it(client):
    patient = client()
    body = png(51)
    head = request(
        "POST", f"{PREDICT}?model=brightness", "Content-Type: image/png", "Expect: 100-continue",
        f"Content-Length: {len(body)}",
    )  # fmt: skip
    assert patient.send(head).answer().status == 100
    assert patient.send(body).answer().status == 200


def test_none_of_many_at_once_is_lost(two):
    with listening(two, most_connections=5, head_timeout_s=30) as port:
        many = [Client(port) for _ in range(60)]
        for one in many:
            one.send(request("GET", "/api/v1/healthz"))
        statuses = [one.answer().status for one in many]
        for one in many:
            one.close()
    assert set(statuses) == {200, 429}
    assert statuses[:5] == [200] * 5


@pytest.mark.skipif(sys.platform == "win32", reason="a bound of Unix")
def test_the_system_is_asked_for_as_many_sockets():
    line = (
        "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (64, {hard}));"
        "from leadline.serving.server import _allow_connections as allow;"
        "allow(100); print(r.getrlimit(r.RLIMIT_NOFILE)[0])"
    )
    for hard, expected in ((1000, "228"), (200, "200"), (64, "64")):
        said = subprocess.run(
            [sys.executable, "-c", line.format(hard=hard)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert said.stdout.strip() == expected
