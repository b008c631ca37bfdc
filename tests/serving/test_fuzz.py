"""Mutated files and odd requests, the same in each run: only answers and problem documents come
out."""

import io
import json
import random

import numpy as np
import pytest
from tests.data.dicom_files import film, panicking_film
from tests.data.formats.structure.test_layouts import GOOD, METADATA
from tests.serving.asking import PREDICT, png, served
from tests.serving.sockets import Client, listening, request

pytest.importorskip("pydicom")
MUTANTS = 12
PROBLEM = "application/problem+json"


def dicom(dataset):
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


SEEDS = {
    **{name: content for name, (_, content) in GOOD.items()},
    **{f"{name} with metadata": content for name, content in METADATA.items() if name != "JPEG"},
    "DICOM": dicom(film(np.arange(900, dtype=np.uint16).reshape(30, 30))),
    "RLE": dicom(panicking_film()),
}


def mutants(seed: bytes, name: str):
    """Bytes changed near the beginning, anywhere, and at the end; parts doubled and left out."""
    draw = random.Random(name)
    for _ in range(MUTANTS):
        content = bytearray(seed)
        for _ in range(draw.randrange(1, 6)):
            at = draw.randrange(min(len(content), draw.choice((64, 400, len(content)))))
            content[at] = draw.choice((0, 1, 0x7F, 0x80, 0xFF, draw.randrange(256)))
        start, end = sorted(draw.randrange(len(content)) for _ in range(2))
        match draw.randrange(4):
            case 0:
                del content[start:end]
            case 1:
                content[start:start] = content[start:end]
            case 2:
                del content[end:]
        yield bytes(content)


@pytest.fixture(scope="module")
def server(two):
    with served(two) as client:
        yield client


@pytest.mark.parametrize("name", SEEDS)
def test_mutated_files(server, name):
    for content in mutants(SEEDS[name], name):
        answer = server.post(
            PREDICT, content=content, headers={"Content-Type": "application/octet-stream"}
        )
        assert answer.status_code in (200, 400, 422), answer.text
        if answer.status_code != 200:
            assert answer.headers["content-type"] == PROBLEM
            assert answer.json()["code"] in ("unreadable-image", "bad-request")
            assert "\n" not in answer.json()["detail"]


IMAGE = png()
ODD = [
    request("GET", "/nowhere"),
    request("GET", "/%ff%fe%00"),
    request("GET", "//"),
    request("GET", "/api/v1/../../etc/passwd"),
    request("GET", "/runs/%2e%2e/%2e%2e/etc/passwd"),
    request("GET", "/runs/%ed%a0%80/report.html"),
    request("GET", "/static/%00"),
    request("GET", "http://127.0.0.1/nowhere"),
    request("OPTIONS", "*"),
    request("TRACE", "/api/v1/healthz"),
    request("BREW", "/api/v1/predict"),
    request("DELETE", "/api/v1/runs"),
    request("GET", "/api/v1/predict"),
    request("POST", "/api/v1/healthz", body=b"x"),
    request("POST", f"{PREDICT}?model=%ff%00", "Content-Type: image/png", body=IMAGE),
    request("POST", f"{PREDICT}?model=%ed%a0%80", "Content-Type: image/png", body=IMAGE),
    request("POST", f"{PREDICT}?prepare=%00", "Content-Type: image/png", body=IMAGE),
    request("POST", PREDICT + "?" + "model=a&" * 20, "Content-Type: image/png", body=IMAGE),
    request("POST", "/api/v1/explain?class=%ed%a0%80", "Content-Type: image/png", body=IMAGE),
    request("POST", PREDICT, body=IMAGE),
    request("POST", PREDICT, "Content-Type: \xff\xfe", body=IMAGE),
    request("POST", PREDICT, "Content-Type: multipart/form-data", body=IMAGE),
    request("POST", PREDICT, "Content-Type: multipart/form-data; boundary=", body=IMAGE),
    request("POST", PREDICT, "Content-Type: multipart/form-data; boundary=\xff", body=IMAGE),
    request("POST", PREDICT, f"Content-Type: multipart/form-data; boundary={'x' * 999}", body=b"x"),
    request("POST", PREDICT, "Content-Type: image/png", "Content-Encoding: gzip", body=b"\x1f\x8b"),
    request("POST", PREDICT, "Content-Type: image/png", "Content-Length: -1"),
    request("POST", PREDICT, "Content-Type: image/png", "Content-Length: 9e9"),
    request("POST", PREDICT, "Content-Type: image/png", "Content-Length: " + "9" * 5000),
    request("POST", PREDICT, "Content-Type: image/png", "Transfer-Encoding: chunked") + b"zz\r\n",
    request("POST", PREDICT, "Content-Type: image/png", "Transfer-Encoding: gzip") + b"0\r\n\r\n",
    request("POST", PREDICT, "Content-Type: image/png"),
    request("GET", "/api/v1/models", "Host: evil.example"),
    request("GET", "/api/v1/models", "Authorization: \xff\xfe"),
    request("GET", "/runs/a", "Cookie: \xff=\xfe; leadline=\xff"),
    b"GET / HTTP/9.9\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"\x00" * 100 + b"\r\n\r\n",
    b"GET " + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
    request(
        "POST",
        PREDICT,
        "Content-Type: multipart/form-data; boundary=x",
        body=b"--x\r\nContent-Disposition: form-data; name=\xff\r\n\r\n\xff\r\n--x--",
    ),
]


@pytest.fixture(scope="module")
def port(two):
    with listening(two, head_timeout_s=2.0, body_timeout_s=2.0) as port:
        yield port


@pytest.mark.parametrize("asked", ODD, ids=range(len(ODD)))
def test_odd_requests(port, asked):
    client = Client(port).send(asked)
    answer = client.answer()
    client.close()
    if answer.status >= 400:
        assert answer.status < 500, answer
        assert f"content-type: {PROBLEM}" in answer.head.lower()
        found = json.loads(answer.body)
        assert (found["status"], bool(found["code"])) == (answer.status, True)
    else:
        assert answer.status in (0, 200, 204, 307), answer
    assert Client(port).send(request("GET", "/api/v1/healthz")).answer().status == 200
