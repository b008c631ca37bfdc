"""Told to stop in the midst of all it can be at, it ends soon, and without a traceback."""

import select
import signal
import threading
import time
from collections import Counter

import numpy as np
import pytest
from tests.serving.asking import EXPLAIN, PREDICT, png_of
from tests.serving.making import brightness
from tests.serving.processes import started
from tests.serving.sockets import Client, request

pytestmark = pytest.mark.slow
IMAGE_PIXELS = np.random.default_rng(0).integers(0, 256, (300, 300), np.uint8)
IMAGE = png_of(IMAGE_PIXELS)
STOPPED_WITHIN_S = 9
"""5 s for answers under way, and what the machine is slower than usual."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_under_load(number):
    with started("chest-cnn", "--rate", "0") as (process, address):
        port = int(address.rstrip("/").rpartition(":")[2])
        seen: Counter[int] = Counter()
        over = threading.Event()

        def load(path: str) -> None:
            while not over.is_set():
                try:
                    client = Client(port).send(
                        request("POST", path, "Content-Type: image/png", body=IMAGE)
                    )
                    seen[client.answer().status] += 1
                    client.close()
                except OSError:
                    time.sleep(0.02)

        threads = [threading.Thread(target=load, args=(path,)) for path in [PREDICT, EXPLAIN] * 6]
        for thread in threads:
            thread.start()
        begun = [Client(port).send("GET / HT") for _ in range(20)]
        halved = request("POST", PREDICT, "Content-Type: image/png", "Content-Length: 999")
        begun.append(Client(port).send(halved, "a"))
        time.sleep(1.5)
        start_s = time.perf_counter()
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
        wall_s = time.perf_counter() - start_s
        assert begun[-1].answer().status == 503
        over.set()
        for thread in threads:
            thread.join()
        for client in begun:
            client.close()
    assert wall_s < STOPPED_WITHIN_S
    assert (process.returncode, said.splitlines()[1:]) == (0, ["stopped"])
    assert seen[200] > 0
    assert set(seen) <= {0, 200, 429, 503}


def slow_film() -> bytes:
    """A JPEG within all bounds that keeps its decoder busy for seconds."""
    noise = np.random.default_rng(0).integers(0, 256, (500, 500), np.uint8)
    whole = png_of(np.tile(noise, (4, 4)), "JPEG", progressive=True, quality=20)
    last = whole.rfind(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * 70 + whole[-2:]


def test_while_decoders_are_busy(tmp_path):
    film = slow_film()
    ask = request("POST", PREDICT, "Content-Type: image/jpeg", body=film)
    with started(str(brightness(tmp_path / "m.onnx"))) as (process, address):
        port = int(address.rstrip("/").rpartition(":")[2])
        busy = [Client(port, timeout_s=60).send(ask) for _ in range(4)]
        time.sleep(1)
        for pixels in (IMAGE_PIXELS, np.tile(IMAGE_PIXELS, (5, 5))):  # in this process, and not
            body = png_of(pixels)
            other = Client(port, timeout_s=60)
            other.send(request("POST", PREDICT, "Content-Type: image/png", body=body))
            assert other.answer().status == 200
            other.close()
        assert not any(select.select([client.socket for client in busy], [], [], 0)[0])
        start_s = time.perf_counter()
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
        wall_s = time.perf_counter() - start_s
        for client in busy:
            client.close()
    assert wall_s < STOPPED_WITHIN_S
    assert (process.returncode, said.splitlines()[1:]) == (0, ["stopped"])
