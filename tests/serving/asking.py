"""A server in this process, and images to ask it about, in memory."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from starlette.testclient import TestClient

from leadline.serving.app import create_app
from leadline.serving.model_registry import open_models
from leadline.serving.server_settings import Settings

ADDRESS = "http://127.0.0.1:8420"
PNG = {"Content-Type": "image/png"}
PREDICT, EXPLAIN = "/api/v1/predict", "/api/v1/explain"


@contextmanager
def served(*models: Path, **settings: Any) -> Iterator[TestClient]:
    """A client of a server of these models."""
    app = create_app(open_models(models), Settings(**settings))
    with TestClient(app, ADDRESS, raise_server_exceptions=False) as client:
        yield client


def png(level: int = 102, size_px: tuple[int, int] = (4, 4)) -> bytes:
    """An image of one grey level."""
    return png_of(np.full(size_px, level, np.uint8))


def png_of(pixels: np.ndarray, form: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form, **options)
    return buffer.getvalue()


def seven(side_px: int = 140) -> bytes:
    """A seven in dark ink on white, two strokes."""
    from PIL import ImageDraw

    image = Image.new("L", (side_px, side_px), 255)
    corners = [(0.28, 0.25), (0.72, 0.24), (0.45, 0.82)]
    points = [(round(x * side_px), round(y * side_px)) for x, y in corners]
    ImageDraw.Draw(image).line(points, fill=0, width=side_px // 14, joint="curve")
    return png_of(np.asarray(image))


def form(*images: tuple[str, bytes, str]) -> list[tuple[str, tuple[str, bytes, str]]]:
    """Files of a form, for the client: name, content, media type."""
    return [("image", one) for one in images]


def run_alone(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine in a thread of its own.

    Playwright keeps an event loop running in the thread of the tests once a browser was opened.
    """
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
