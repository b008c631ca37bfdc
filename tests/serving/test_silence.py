"""Nothing of what is sent gets into the terminal, or into a log of it."""

import io
import struct
import zlib

import numpy as np
import pytest
from tests.data.dicom_files import film
from tests.serving.asking import PREDICT, png_of
from tests.serving.making import brightness
from tests.serving.processes import started
from tests.serving.sockets import Client, request

SECRET = b"WHO-HE-IS"


def odd_film() -> bytes:
    """A film of which pydicom warns, in words that hold a value of it."""
    dataset = film(np.arange(16, dtype=np.uint16).reshape(4, 4))
    buffer = io.BytesIO()
    dataset.PatientID = "123456789"
    dataset.save_as(buffer, enforce_file_format=True)
    study = struct.pack("<HH2sH", 0x0008, 0x0050, b"DS", 10) + SECRET + b" "
    window = struct.pack("<HH2sH", 0x0028, 0x1050, b"DS", 10) + SECRET + b" "
    content = buffer.getvalue()
    at = content.index(struct.pack("<HH", 0x7FE0, 0x0010))
    return content[:at] + window + window.replace(b"\x50\x10", b"\x51\x10") + study + content[at:]


def large_png() -> bytes:
    """Of 100 million pixels, of which Pillow warns."""
    header = struct.pack(">IIBBBBB", 10_000, 10_000, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


def test_files_that_are_odd_say_nothing_in_the_terminal(tmp_path):
    pytest.importorskip("pydicom")
    model = brightness(tmp_path / "m.onnx")
    with started(str(model)) as (process, address):
        port = int(address.rstrip("/").rpartition(":")[2])
        for content in (odd_film(), large_png(), png_of(np.zeros((4, 4), np.uint8))[:30], b"\xff"):
            client = Client(port).send(
                request("POST", f"{PREDICT}?secret={SECRET.decode()}",
                        "Content-Type: application/octet-stream", body=content))  # fmt: skip
            assert client.answer().status in (200, 422)
            client.close()
        Client(port).send(SECRET, b"\r\n\r\n").answer()
        process.terminate()
        _, said = process.communicate(timeout=20)
    assert SECRET.decode() not in said
    assert said.splitlines()[1:] == ["stopped"]
