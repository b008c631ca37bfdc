"""One file that decoders choke on, among good ones: it is named, and all others are read."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.data.dicom_files import panicking_film
from tests.data.hostile_files import NOISE, SLOW, chunk, png_with, saved
from tests.serving.asking import PREDICT, served

from leadline.data.audit.image_scan import scan
from leadline.data.formats.image_files import read_images
from leadline.errors import DataError
from leadline.serving import Inputs, Unreadable, answer_files

pytest.importorskip("rle")


def panic() -> bytes:
    buffer = io.BytesIO()
    panicking_film().save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


BAD = {
    "panic.dcm": panic,
    "segments.jpg": SLOW["jpeg of EXIF segments"],
    "chunks.png": SLOW["png of empty chunks"],
    "strips.tif": SLOW["tiff of strips"],
    "cut.webp": lambda: saved("WEBP")[:90],
    "cut.png": lambda: saved("PNG")[:700],
    "cut.dcm": lambda: panic()[:300],
    "bomb.png": lambda: png_with(b"")[:16] + b"\0\0\xff\xff\0\0\xff\xff" + png_with(b"")[24:],
    "text.png": lambda: b"not an image",
    "chunk.png": lambda: png_with(chunk(b"!!!!")),
}


@pytest.fixture(scope="module", params=BAD)
def folder(request, tmp_path_factory):
    """Two classes of two good images each, and one bad file; and its name."""
    top = tmp_path_factory.mktemp("mixed")
    for index, name in enumerate(("a/1.png", "a/2.png", "b/1.png", "b/2.png")):
        (top / name).parent.mkdir(exist_ok=True)
        Image.fromarray(np.roll(NOISE, index)).save(top / name)
    (top / "a" / request.param).write_bytes(BAD[request.param]())
    return top, request.param


def test_predict_answers_all_others(folder, predictor, capfd):
    top, name = folder
    unreadable = Unreadable()
    batches = answer_files(predictor, Inputs([str(top)]), unreadable)
    names = [Path(one).name for batch in batches for one in batch.names]
    assert names == ["1.png", "2.png", "1.png", "2.png"]
    assert unreadable.count == 1
    assert unreadable.reasons[0].startswith(f"{top}/a/{name}: ")
    assert capfd.readouterr() == ("", "")


def test_training_names_it(folder):
    top, name = folder
    with pytest.raises(DataError) as error:
        read_images(sorted(top.rglob("*.*")), (4, 4), 1, lambda *_: None)
    assert str(error.value).startswith(f"{top}/a/{name}: ")
    assert "\n" not in str(error.value)


def test_the_audit_counts_it(folder):
    top, name = folder
    records = scan(top, 64, lambda *_: None)
    assert len(records.names) == 4
    assert [one.name for one in records.unreadable] == [f"a/{name}"]


def test_the_server_refuses_it(folder, two):
    top, name = folder
    with served(two) as client:
        answer = client.post(
            PREDICT,
            content=(top / "a" / name).read_bytes(),
            headers={"Content-Type": "application/octet-stream"},
            params={"model": "brightness"},
        )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "unreadable-image"


@pytest.mark.skipif(sys.platform != "linux", reason="kills a process by its number")
def test_a_decoder_that_the_system_kills(tmp_path, predictor, monkeypatch):
    """As the system does where memory runs out."""
    monkeypatch.setattr(
        "leadline.data.decoding.decoder_pool.WORKER", "tests.data.decoding.misbehaving_worker"
    )
    from leadline.data.decoding import DecoderPool
    from leadline.data.decoding.decoder_pool import SHARED_LIMITS
    from leadline.data.formats import image_files

    pool = DecoderPool(1, SHARED_LIMITS)
    monkeypatch.setattr(image_files, "shared_pool", lambda: pool)
    monkeypatch.chdir(tmp_path)
    for name in ("a.tif", "killed", "z.tif"):
        Image.fromarray(NOISE).save(name, format="TIFF")
    unreadable = Unreadable()
    found = Inputs(["a.tif", "killed", "z.tif"])
    names = [one for batch in answer_files(predictor, found, unreadable) for one in batch.names]
    pool.close()
    assert names == ["a.tif", "z.tif"]
    (reason,) = unreadable.reasons
    assert reason.startswith("killed: its decoder crashed (SIGKILL); refused. Save it")
