"""What people send who mean no good, or whose files are damaged: 4xx with a reason, at once."""

import io
import re
import struct
import time
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.data.hostile_files import SLOW
from tests.serving.asking import EXPLAIN, PNG, PREDICT, form, png, png_of, served

from leadline.errors import MissingExtra
from leadline.serving.uploaded_images import UploadedImage

TWO = {"model": "brightness"}
REFUSED_WITHIN_S = 5.0
"""A fraction of a second here; a busy machine is slower."""
NOISE = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)


def refusal(client, content, kind="image/png", path=PREDICT):
    """The status and the reason; a problem in the form of all others."""
    answer = client.post(path, content=content, headers={"Content-Type": kind}, params=TWO)
    said = answer.json()
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert said["status"] == answer.status_code
    assert re.fullmatch("[a-z]+(-[a-z]+)*", said["code"])
    assert "Traceback" not in answer.text
    assert ".py" not in said["detail"]
    assert "BytesIO" not in said["detail"], "what is read is named as the client named it"
    return answer.status_code, said["detail"]


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is this large, of few bytes."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        opened.writestr("evil.txt", "evil")
    return buffer.getvalue()


def dicom(preamble: bytes = b"", syntax: bytes = b"1.2.840.10008.1.2.1") -> bytes:
    return preamble.ljust(128, b"\0") + b"DICM" + syntax + bytes(200)


@pytest.mark.parametrize(
    ("content", "kind", "status", "part"),
    [
        (b"", "image/png", 400, "The body contains no image"),
        (b"hello", "image/png", 422, "its content is something else"),
        (b"hello", "application/octet-stream", 422, "unrecognised image format"),
        (b"hello", "text/plain", 415, "'text/plain'"),
        (b"hello", "", 415, "Content-Type is ''"),
        (png()[:40], "image/png", 422, "cannot be read"),
        (png_of(NOISE)[:-900], "image/png", 422, "cannot be read"),
        (png_of(NOISE)[:-12], "image/png", 422, "cut off"),
        (png_of(NOISE)[:-1], "application/octet-stream", 422, "cut off"),
        (png_of(NOISE, "JPEG")[:-1], "image/jpeg", 422, "cannot be read"),
        (png_of(NOISE, "JPEG")[:-400], "image/jpeg", 422, "cannot be read"),
        (png_of(NOISE, "TIFF")[:-400], "image/tiff", 422, "cannot be read"),
        (bytes(4) + b"ftypheic" + bytes(400), "image/heic", 422, "it is a HEIC photograph"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "application/octet-stream", 422, "it is an EPS drawing"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", 422, "an SVG drawing"),
        (bomb(60_000, 60_000), "image/png", 422, "25,000,000 pixels"),
        (bomb(6_000, 6_000), "image/png", 422, "25,000,000 pixels"),
        (png() + archive(), "image/png", 422, "a ZIP archive as well as an image"),
        (png_of(NOISE, "GIF") + archive(), "image/gif", 422, "a ZIP archive as well"),
        (png()[:-12] + chunk(b"tEXt", b"a\0<script>alert(1)</script>") + png()[-12:], "image/png",
         422, "a web page as well"),
        (png()[:-12] + chunk(b"tEXt", b"a\0%PDF-1.7") + png()[-12:], "image/png", 422, "a PDF"),
        (dicom(b"MZ\x90"), "application/dicom", 422, "a Windows program as well"),
        (dicom(b"\x89PNG\r\n\x1a\n"), "application/dicom", 422, "a PNG as well"),
        (dicom(syntax=b"1.2.840.10008.1.2.1.99"), "application/dicom", 422, "deflated DICOM"),
        (dicom(), "application/dicom", 422, "without pixels"),
        (png_of(NOISE, "JPEG"), "image/png", 422, "said to be image/png"),
    ],
)  # fmt: skip
def test_a_reason_for_each(client, content, kind, status, part):
    pytest.importorskip("pydicom")
    for path in (PREDICT, EXPLAIN):
        found, reason = refusal(client, content, kind, path)
        assert (found, part in reason) == (status, True), reason


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (b"hello", "image/png", "unreadable-image"),
        (b"", "image/png", "bad-request"),
        (b"hello", "text/plain", "unsupported-media-type"),
    ],
)
def test_a_code_for_programs(client, content, kind, code):
    answer = client.post(PREDICT, content=content, headers={"Content-Type": kind}, params=TWO)
    assert answer.json()["code"] == code


def test_a_missing_extra_has_its_own_code(client, monkeypatch):
    def missing(*_):
        raise MissingExtra("needs the dicom extra")

    monkeypatch.setattr(UploadedImage, "here", missing)
    answer = client.post(PREDICT, content=png(), headers=PNG, params=TWO)
    assert (answer.status_code, answer.json()["code"]) == (422, "missing-extra")


@pytest.mark.parametrize("name", SLOW)
def test_files_that_keep_decoders_busy_are_refused(client, name):
    start_s = time.perf_counter()
    assert refusal(client, SLOW[name](), "application/octet-stream")[0] == 422
    assert time.perf_counter() - start_s < REFUSED_WITHIN_S


def test_the_first_bad_image_of_a_batch_is_named(client):
    files = form(("good.png", png(), "image/png"), ("bad.png", b"bad", "image/png"))
    answer = client.post(PREDICT, files=files, params=TWO)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("bad.png: ")


@pytest.mark.parametrize(
    ("body", "kind", "part"),
    [
        (b"--x\r\n", "multipart/form-data", "is not valid multipart"),
        (b"--x\r\n", "multipart/form-data; boundary=y", "is not valid multipart"),
        (b"--x--\r\n", "multipart/form-data; boundary=x", "no image"),
        (b"--x\r\n\r\nabc", "multipart/form-data; boundary=x", "it has no end"),
        (b"--x\r\n" + b"A" * 70_000 + b": b\r\n\r\n\r\n--x--", "multipart/form-data; boundary=x",
         ""),
        (b"--x\r\nContent-Type: " + b"a" * 9000 + b"\r\n\r\nabc\r\n--x--",
         "multipart/form-data; boundary=x", "is not valid multipart"),
    ],
)  # fmt: skip
def test_forms_that_are_none(client, body, kind, part):
    status, reason = refusal(client, body, kind)
    assert (status, part in reason) == (400, True), reason


def test_a_body_that_is_too_large(two):
    with served(two, most_body_bytes=5000) as client:
        answer = client.post(PREDICT, content=bytes(5001), headers={"Content-Type": "image/png"})
    assert answer.status_code == 413
    assert "larger than 5,000 bytes" in answer.json()["detail"]


def test_all_bodies_together_are_bounded(two):
    with served(two, most_waiting_bytes=100) as client:
        status, reason = refusal(client, png_of(NOISE))
    assert (status, "the image buffer is full" in reason) == (429, True)


def test_too_many_images(two):
    with served(two, most_images=2) as client:
        files = form(*[(f"{one}.png", png(), "image/png") for one in range(3)])
        answer = client.post(PREDICT, files=files)
    assert (answer.status_code, answer.json()["detail"]) == (413, "More than 2 images; send fewer.")


SEEDS = [png_of(NOISE), png_of(NOISE, "JPEG"), png_of(NOISE, "GIF"), png_of(NOISE, "WEBP"),
         png_of(NOISE, "BMP"), dicom()]  # fmt: skip


@settings(max_examples=60)
@given(st.sampled_from(SEEDS), st.data())
def test_damaged_files_are_answered_or_refused(client, seed, data):
    damaged = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(seed) - 1))] = data.draw(st.integers(0, 255))
    del damaged[data.draw(st.integers(1, len(seed))) :]
    answer = client.post(
        PREDICT, content=bytes(damaged), headers={"Content-Type": "application/octet-stream"},
        params=TWO,
    )  # fmt: skip
    assert answer.status_code in (200, 422), answer.text


def test_colour_depth_and_transparency_are_read_as_elsewhere(client):
    deep = Image.fromarray(np.full((4, 4), 51 * 257, np.uint16))
    buffer = io.BytesIO()
    deep.save(buffer, "PNG")
    answer = client.post(
        PREDICT, content=buffer.getvalue(), headers={"Content-Type": "image/png"}, params=TWO
    )
    light = answer.json()["answers"][0]["models"][0]["probabilities"]["light"]
    assert light == pytest.approx(0.8)  # of 14 bits: 13,107 / 16,383
