"""What large images take is given back once they are answered."""

import platform
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.serving.asking import PREDICT, png_of
from tests.serving.making import brightness
from tests.serving.processes import started
from tests.serving.sockets import Client, request

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or platform.libc_ver()[0] != "glibc",
        reason="reads what Linux says of memory that glibc gave back",
    ),
]


def resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6


def test_memory_is_given_back(tmp_path):
    model = brightness(tmp_path / "m.onnx")
    film = png_of(np.full((5000, 5000, 4), 200, np.uint8))
    with started(str(model)) as (process, address):
        port = int(address.rstrip("/").rpartition(":")[2])
        asked = request("POST", f"{PREDICT}?picture=true", "Content-Type: image/png", body=film)

        def ask():
            client = Client(port, timeout_s=60).send(asked)
            assert client.answer().status == 200
            client.close()

        before_mb = resident_mb(process.pid)
        for _ in range(4):
            ask()
        assert resident_mb(process.pid) < before_mb + 60, "a film alone takes 100 MB"
