"""Small data on disk, and a server on this machine that can misbehave."""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from leadline.data.formats.idx import encode_idx
from leadline.data.sources import mnist as mnist_module
from leadline.data.sources.mnist import MnistFile


@pytest.fixture
def save_image() -> Callable[..., None]:
    """Write one image; a number is a flat grey."""
    return _save_image


def _save_image(
    path: Path, pixels: np.ndarray | int = 128, size_px: tuple[int, int] = (4, 4)
) -> None:
    array = np.full(size_px, pixels, np.uint8) if isinstance(pixels, int) else pixels
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


@pytest.fixture
def tiny_folder(tmp_path: Path) -> Path:
    """train and test, classes 9 and 10, two and one images each, 4 x 4 px of one grey level."""
    root = tmp_path / "tiny"
    for name, levels in {"9": (10, 20, 30), "10": (40, 50, 60)}.items():
        _save_image(root / "train" / name / "a1.png", levels[0])
        _save_image(root / "train" / name / "a2.png", levels[1])
        _save_image(root / "Test" / name / "a1.png", levels[2])
    return root


@pytest.fixture
def small_mnist(monkeypatch) -> dict[str, bytes]:
    """Four IDX files of 20 and 10 random images, which pass for MNIST in this test."""
    rng = np.random.default_rng(7)
    contents = (
        encode_idx(rng.integers(0, 256, (20, 28, 28), np.uint8)),
        encode_idx(np.arange(20, dtype=np.uint8) % 10),
        encode_idx(rng.integers(0, 256, (10, 28, 28), np.uint8)),
        encode_idx(np.arange(10, dtype=np.uint8)),
    )
    raw_files = {
        file.name: content for file, content in zip(mnist_module.FILES, contents, strict=True)
    }
    _pretend_mnist(monkeypatch, raw_files)
    return raw_files


def _pretend_mnist(monkeypatch, raw_files: dict[str, bytes]) -> None:
    """Let the sums of these files be MNIST's, wherever the sums are looked up."""
    files = tuple(
        MnistFile(name, len(content), hashlib.sha256(content).hexdigest())
        for name, content in raw_files.items()
    )
    for module in ("mnist", "mnist_mirrors", "mnist_packages"):
        monkeypatch.setattr(f"leadline.data.sources.{module}.FILES", files)


@dataclass
class Server:
    """What the server sends, and what it was asked for: (path, Range header)."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    break_after: list[int] = field(default_factory=list)
    """For each coming answer, after how many bytes to break it off."""
    ranges: bool = True
    moved_to: str = ""
    says_length: bool = True
    slow_s: float = 0.0


def handler_of(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            name, asked_range = self.path.lstrip("/"), self.headers.get("Range")
            server.asked.append((name, asked_range))
            time.sleep(server.slow_s)
            if server.moved_to:
                self.send_response(302)
                self.send_header("Location", server.moved_to)
                self.end_headers()
            elif name not in server.files:
                self.send_error(404)
            else:
                self._send(server.files[name], asked_range)

        def _send(self, content: bytes, asked_range: str | None):
            start = int(asked_range[6:-1]) if asked_range and server.ranges else 0
            if asked_range and server.ranges and start >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            if start:
                span = f"bytes {start}-{len(content) - 1}/{len(content)}"
                self.send_header("Content-Range", span)
            if server.says_length:
                self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            rest = content[start:]
            self.wfile.write(rest[: server.break_after.pop(0)] if server.break_after else rest)

        def log_message(self, *_args):
            """Silent."""

    return Handler


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()
    listening = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(state))
    state.url = f"http://127.0.0.1:{listening.server_port}/"
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    listening.shutdown()
    thread.join()
    listening.server_close()


@pytest.fixture
def write_files(tmp_path: Path) -> Callable[..., Path]:
    """Write named contents to a folder; packed: as .gz."""

    def write(contents: dict[str, bytes], *, packed: bool = False) -> Path:
        folder = tmp_path / "given"
        folder.mkdir(exist_ok=True)
        for name, content in contents.items():
            path = folder / (f"{name}.gz" if packed else name)
            path.write_bytes(gzip.compress(content) if packed else content)
        return folder

    return write
