"""Files of few bytes that would keep a decoder busy: refused before, or given up in time."""

import io
import struct
import time

import numpy as np
import pytest
from PIL import Image
from tests.serving.asking import PREDICT, form, png_of, served

from leadline.data.formats.structure.jpeg import MAX_SCANS
from leadline.serving import inference
from leadline.serving.upload_checks import check_alone
from leadline.serving.uploaded_images import UploadedImage

TWO = {"model": "brightness"}


def bit_by_bit(more_scans: int) -> bytes:
    """A progressive JPEG whose last scan is repeated."""
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "JPEG", progressive=True)
    content = buffer.getvalue()
    last = content.rfind(b"\xff\xda")
    return content[:-2] + content[last:-2] * more_scans + content[-2:]


def ask(client, content, kind="image/jpeg"):
    return client.post(PREDICT, content=content, headers={"Content-Type": kind}, params=TWO)


@pytest.mark.parametrize("kind", ["image/jpeg", "application/octet-stream"])
def test_a_jpeg_of_very_many_scans_is_refused_at_once(client, kind):
    usual = bit_by_bit(0)
    assert 2 <= usual.count(b"\xff\xda") <= 12
    assert ask(client, usual).status_code == 200
    assert ask(client, bit_by_bit(80)).status_code == 200
    many = bit_by_bit(5000)
    start_s = time.perf_counter()
    answer = ask(client, many, kind)
    assert time.perf_counter() - start_s < 2
    assert answer.status_code == 422
    assert "in more than 100 scans; refused. Save it again" in answer.json()["detail"]


def test_a_film_that_holds_such_a_jpeg_is_refused_too():
    many = bit_by_bit(MAX_SCANS)
    head = bytes(128) + b"DICM"
    with pytest.raises(Exception, match="scans, and at most 100"):
        check_alone(head + b"1.2.840.10008.1.2.4.50" + many, "x.dcm", "")
    # Of uncompressed pixels any two may be next to each other.
    check_alone(head + b"1.2.840.10008.1.2.1" + many, "x.dcm", "")


def test_all_images_of_a_request_share_its_time(two, monkeypatch):
    read = []

    class Slow(UploadedImage):
        def here(self):
            read.append(self)
            time.sleep(0.1)
            return super().here()

    monkeypatch.setattr(inference, "UploadedImage", Slow)
    with served(two, answer_timeout_s=0.35) as client:
        files = form(*[("a.png", png_of(np.zeros((4, 4), np.uint8)), "image/png")] * 20)
        answer = client.post(PREDICT, files=files)
    assert answer.status_code == 503
    assert "No response within 0.35 seconds" in answer.json()["detail"]
    assert 3 <= len(read) <= 5, "and no more of it is begun"


def test_large_films_of_few_bytes_are_read_or_refused_in_time(client):
    """One grey level: 25 million pixels in 24 kB; and one row too many of them."""
    for height, status in ((5000, 200), (5001, 422)):
        content = png_of(np.full((height, 5000), 7, np.uint8), optimize=False)
        assert len(content) < 100_000
        assert ask(client, content, "image/png").status_code == status


def in_runs(run: bytes, runs: int) -> bytes:
    """A BMP of 500 × 500 px whose pixels are told in runs."""
    header = struct.pack("<IiiHHIIiiII", 40, 500, 500, 1, 8, 1, 0, 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, 54 + 1024) + header + bytes(1024) + run * runs


def test_a_bmp_of_very_many_runs_is_refused_at_once(client):
    assert ask(client, in_runs(b"\xfa\x07\xfa\x07\0\0", 500), "image/bmp").status_code == 200
    answer = ask(client, in_runs(b"\x01\x07", 600_000), "image/bmp")
    assert answer.status_code == 422
    assert (
        "compressed BMP of more than 1 MiB, which is not read; refused. Save it again, as PNG."
        in answer.json()["detail"]
    )
