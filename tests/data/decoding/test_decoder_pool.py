"""Processes that decode: what they give, what they bear, and that they end."""

import io
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from tests.data.decoding.misbehaving_worker import DAMAGED
from tests.data.hostile_files import NOISE, saved

from leadline.data.decoding import DecoderPool, Fit, Request, decoder_pool
from leadline.data.decoding.decode_request import (
    MAX_HEADER_BYTES,
    pack_decoded,
    receive,
    render,
    send,
    unpack_decoded,
)
from leadline.data.decoding.process_limits import Limits
from leadline.data.formats.image_files import decode_here
from leadline.errors import DataError

ASKED = Request((Fit(48, 64, 1), Fit(6, 8, 3)), 10**6, checksums=True, preview_px=32)
IMAGE = saved("PNG")
LIMITS = Limits(memory_bytes=2**30, cpu_s=60, wall_s=120.0)


@pytest.fixture(scope="module")
def two_workers():
    decoders = DecoderPool(2, LIMITS)
    yield decoders
    decoders.close()


@pytest.fixture
def misbehaving(monkeypatch):
    """A pool of one worker that does what a file's name says, under the limits that are given."""
    monkeypatch.setattr(decoder_pool, "WORKER", "tests.data.decoding.misbehaving_worker")
    started = []

    def start(**limits):
        decoders = DecoderPool(1, Limits(**{**LIMITS.__dict__, **limits}))
        started.append(decoders)
        return decoders

    yield start
    for decoders in started:
        decoders.close()


def same(found, expected):
    assert (found.width_px, found.height_px, found.file_bytes) == (64, 48, len(IMAGE))
    assert (found.file_sum, found.pixel_sum) == (expected.file_sum, expected.pixel_sum)
    for one, other in zip(
        [*found.arrays, found.preview], [*expected.arrays, expected.preview], strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_the_same_as_in_this_process(two_workers, tmp_path):
    expected = decode_here(IMAGE, "x.png", ASKED)
    np.testing.assert_array_equal(expected.arrays[0][..., 0], NOISE)
    assert expected.preview is not None
    assert expected.preview.shape == (24, 32, 1)
    same(two_workers.decode(ASKED, "x.png", content=IMAGE), expected)
    path = tmp_path / "fotografía \udcff.png"
    path.write_bytes(IMAGE)
    same(two_workers.decode(ASKED, str(path), path=path), expected)


def test_messages_are_read_as_they_were_written():
    file = io.BytesIO()
    header, payload = pack_decoded(decode_here(IMAGE, "x.png", ASKED))
    send(file, header, payload)
    file.seek(0)
    message = receive(file, 10**6)
    assert message is not None
    same(unpack_decoded(*message), decode_here(IMAGE, "x.png", ASKED))
    assert receive(file, 10**6) is None


@pytest.mark.parametrize(
    "content",
    [
        b"\0",
        bytes(7) + b"\x05{}",
        bytes(7) + b"\x02{]" + bytes(8),
        bytes(7) + b"\x02[]" + bytes(8),
        (MAX_HEADER_BYTES + 1).to_bytes(8, "big"),
        bytes(7) + b"\x02{}" + (101).to_bytes(8, "big") + bytes(101),
        bytes(7) + b"\x02{}" + (9).to_bytes(8, "big"),
    ],
)
def test_other_bytes_are_no_message(content):
    with pytest.raises(ValueError, match=r"cut short|message|header|JSON|Expecting|Unterminated"):
        receive(io.BytesIO(content), 100)


def test_an_error_names_the_file(two_workers, tmp_path):
    with pytest.raises(DataError, match=r"^é\.png: cannot be read as an image \(it is empty\)"):
        two_workers.decode(ASKED, "é.png")
    gone = tmp_path / "gone.png"
    with pytest.raises(DataError, match=r"gone\.png: .*No such file"):
        two_workers.decode(ASKED, str(gone), path=gone)


def test_threads_share_the_workers(two_workers):
    def ask(_):
        return two_workers.decode(ASKED, "x.png", content=IMAGE).pixel_sum

    with ThreadPoolExecutor(6) as threads:
        assert len(set(threads.map(ask, range(30)))) == 1
    assert len(two_workers._idle) <= 2


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("crash", r"its decoder crashed \(SIGSEGV\)"),
        ("abort", r"its decoder crashed \(SIGABRT\)"),
        ("exit", r"its decoder crashed \(exit status 3\)"),
        ("memory", "takes more memory than is allowed"),
        ("panic", r"called `Option::unwrap\(\)` on a `None` value"),
    ],
)
def test_one_file_stops_no_other(misbehaving, name, reason):
    decoders = misbehaving()
    decoders.decode(ASKED, "x.png", content=IMAGE)
    with pytest.raises(DataError, match=rf"^{name}: .*{reason}"):
        decoders.decode(ASKED, name, content=IMAGE)
    same(decoders.decode(ASKED, "x.png", content=IMAGE), decode_here(IMAGE, "x", ASKED))


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_answers_are_not_taken_for_images(name):
    with pytest.raises((KeyError, TypeError, ValueError)):
        decoder_pool._unpacked(*DAMAGED[name])


def test_a_damaged_answer_is_about_its_file_alone(misbehaving):
    decoders = misbehaving()
    name = "error of no kind"
    with pytest.raises(
        DataError, match=rf"^{name}: its decoder returned a damaged result; refused"
    ):
        decoders.decode(ASKED, name, content=IMAGE)
    same(decoders.decode(ASKED, "x.png", content=IMAGE), decode_here(IMAGE, "x", ASKED))


def test_a_worker_imports_from_the_folder_of_work(tmp_path, monkeypatch):
    """As this process does where the search path holds an empty entry."""
    (tmp_path / "worker_here.py").write_text(
        "import sys\n"
        "from leadline.data.decoding.decode_worker import Limits, main\n"
        "main(Limits.from_text(sys.argv[1]))\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path, ""])
    monkeypatch.setattr(decoder_pool, "WORKER", "worker_here")
    decoders = DecoderPool(1, LIMITS)
    same(decoders.decode(ASKED, "x.png", content=IMAGE), decode_here(IMAGE, "x", ASKED))
    decoders.close()


def test_what_libraries_print_reaches_nobody(misbehaving, capfd):
    same(misbehaving().decode(ASKED, "print", content=IMAGE), decode_here(IMAGE, "x", ASKED))
    assert capfd.readouterr() == ("", "")


def test_a_file_that_takes_too_much_processor_time(misbehaving):
    with pytest.raises(DataError, match=r"^spin: decoding it took more than 1 s of processor"):
        misbehaving(cpu_s=1).decode(ASKED, "spin", content=IMAGE)


def test_a_file_that_takes_too_long(misbehaving):
    decoders = misbehaving()
    decoders.decode(ASKED, "x.png", content=IMAGE)
    with pytest.raises(DataError, match=r"^sleep: was not decoded within 0\.3 s; refused"):
        decoders.decode(ASKED, "sleep", content=IMAGE, timeout_s=0.3)
    decoders.decode(ASKED, "x.png", content=IMAGE)


def test_closing_ends_what_is_under_way(misbehaving):
    decoders = misbehaving()
    decoders.decode(ASKED, "x.png", content=IMAGE)
    failures = []

    def ask():
        try:
            decoders.decode(ASKED, "sleep", content=IMAGE)
        except decoder_pool.Stopped as error:
            failures.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    while not decoders._busy:
        time.sleep(0.01)
    (worker,) = decoders._busy
    time.sleep(0.2)
    decoders.close()
    thread.join(20)
    assert len(failures) == 1
    assert worker._process.poll() is not None
    with pytest.raises(decoder_pool.Stopped):
        decoders.decode(ASKED, "x.png", content=IMAGE)


def test_a_worker_that_does_not_start(monkeypatch):
    monkeypatch.setattr(decoder_pool, "WORKER", "leadline.data.decoding.no_such_module")
    process = decoder_pool._popen(LIMITS)
    monkeypatch.setattr(decoder_pool, "_popen", lambda _limits: process)
    decoders = DecoderPool(1, LIMITS)
    with pytest.raises(
        decoder_pool.DecoderUnavailable, match=r"did not start \(exit status 1\); LEADLINE_DEBUG=1"
    ):
        decoders.decode(ASKED, "x.png", content=IMAGE)
    assert process.stdin is not None
    assert process.stdin.closed
    assert process.stdout is not None
    assert process.stdout.closed
    decoders.close()


def test_a_worker_ends_with_the_process_that_started_it():
    decoders = DecoderPool(1, LIMITS)
    decoders.decode(ASKED, "x.png", content=IMAGE)
    process = decoders._idle[0]._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()  # as the system does with a process that was killed
    assert process.wait(30) == 0
    decoders.close()


def test_a_worker_needs_neither_torch_nor_onnx_runtime(two_workers):
    two_workers.decode(ASKED, "x.png", content=IMAGE)
    maps = Path(f"/proc/{two_workers._idle[0]._process.pid}/maps")
    if not maps.exists():
        pytest.skip("reads what Linux says of a process")
    loaded = maps.read_text(encoding="utf-8", errors="replace")
    assert "numpy" in loaded
    assert "torch" not in loaded
    assert "onnxruntime" not in loaded


def test_render_is_what_arrays_hold():
    from PIL import Image

    found = render(Image.fromarray(NOISE), b"abc", Request((Fit(48, 64, 1),), 1))
    np.testing.assert_array_equal(found.arrays[0][..., 0], NOISE)
    assert (found.file_sum, found.pixel_sum, found.preview) == ("", "", None)
