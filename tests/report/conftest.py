"""Content worked out by hand, and headless Chromium over its debugging pipe."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
import pytest

from leadline.experiments import load_experiment
from leadline.metrics.classification import evaluate
from leadline.models.built_model import UnusedLayer
from leadline.models.weight_table import LayerRow
from leadline.report.page_content import ConfusedExample, ConfusedExamples, RunPage
from leadline.training.history import EpochRow

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE_S = 600
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
    "--remote-debugging-pipe",
)


def find_browser() -> str | None:
    """Path of an installed Chromium or Chrome, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


CONFUSION = ((8, 2, 0), (0, 9, 1), (1, 0, 9))
"""Of 30 images 26 are right; the loss is -(26 ln 0.8 + 4 ln 0.1) / 30 = 0.5004."""
CLASSES = ("cat", "<script>alert(1)</script>", "dog & co")
HIDDEN = ("(", 12, "×", 400, ")", "+", 400, "=", 5200)
HEAD = ("(", 400, "×", 3, ")", "+", 3, "=", 1203)
LAYERS = (
    LayerRow("image", "InputLayer", (None, 2, 6, 1), 0, 0, (), 0, 0, meaning="image"),
    LayerRow(
        "hidden",
        "Dense",
        (None, 400),
        5200,
        5200,
        ("(", 12, "×", 400, ")", "+", 400, "=", 5200),
        4800,
        20800,
    ),
    LayerRow(
        "head",
        "Dense",
        (None, 3),
        1203,
        1203,
        ("(", 400, "×", 3, ")", "+", 3, "=", 1203),
        1200,
        4812,
    ),
)
HISTORY = (
    EpochRow(1, 0.9, 0.6, 0.7, 0.7, 1.5, 2000.0, 1e-3),
    EpochRow(2, 0.6, 0.8, 0.5, 0.85, 1.25, 2400.0, 1e-3),
    EpochRow(3, 0.4, 0.9, 0.55, 0.8, 1.25, 2400.0, 1e-3),
)


def sample_run(name: str = "mlp-1", seed: int = 0, **changes: Any) -> RunPage:
    """A run of 30 test images and three classes, one of them named to do harm."""
    pairs = [(row, column) for row in range(3) for column in range(3)]
    cells = [pair for pair in pairs for _ in range(CONFUSION[pair[0]][pair[1]])]
    probabilities = np.full((30, 3), 0.1)
    probabilities[np.arange(30), [column for _, column in cells]] = 0.8
    evaluation = evaluate(probabilities, np.array([row for row, _ in cells]), CLASSES)
    example = ConfusedExample(np.full((4, 4, 1), 7, dtype=np.uint8), CLASSES[0], CLASSES[1], 0.8)
    content: dict[str, Any] = {
        "experiment": load_experiment(name),
        "seed": seed,
        "dataset_name": "pets",
        "source": "folder pets",
        "classes": CLASSES,
        "counts": {"train": 90, "validation": 15, "test": 30},
        "validation_is_test": False,
        "layers": LAYERS,
        "history": HISTORY,
        "best_epoch": 2,
        "kept_epoch": 3,
        "stopped": "finished",
        "wall_s": 4.0,
        "evaluation_test": evaluation,
        "evaluation_validation": evaluation,
        "unused_layers": (UnusedLayer("l1_mp", "MaxPooling2D", "not-read", "l2", ("l1",)),),
        "confused": (ConfusedExamples(evaluation.confused_pairs[0], (example,), ()),),
        "environment": {"python": "3.11.2"},
    }
    return RunPage(**(content | changes))


@pytest.fixture(scope="session", name="make_run")
def make_run_fixture() -> Callable[..., RunPage]:
    return sample_run


class Tab:
    """One tab. Everything that the browser reports meanwhile is kept in `events`."""

    def __init__(self, to_browser: BinaryIO, from_browser: BinaryIO) -> None:
        self._to, self._from = to_browser, from_browser
        self._number = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []

    @classmethod
    def open(cls, to_browser: BinaryIO, from_browser: BinaryIO) -> Self:
        tab = cls(to_browser, from_browser)
        target = tab.call("Target.createTarget", url="about:blank")["targetId"]
        session = tab.call("Target.attachToTarget", targetId=target, flatten=True)
        tab._session = session["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            tab.call(f"{domain}.enable")
        return tab

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command and its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        self._to.write(json.dumps(message).encode() + b"\0")
        self._to.flush()
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def show(self, page: Path, width_px: int, *, dark: bool = False, height_px: int = 900) -> None:
        """Load a file at that width, light or dark, and wait until it is there."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width_px, height=height_px, deviceScaleFactor=1, mobile=width_px < 600,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.events.clear()
        self.call("Page.navigate", url=page.resolve().as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._read())

    def value(self, script: str) -> Any:
        """What a JavaScript expression gives in the page."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True)["result"]
        return result.get("value")

    def pdf(self) -> bytes:
        return base64.b64decode(self.call("Page.printToPDF", printBackground=False)["data"])

    def requested(self) -> list[str]:
        """Addresses that the page asked for, the page itself included."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        ]

    def complaints(self) -> list[str]:
        """Errors and warnings of console and log."""
        logged = [
            event["params"]["entry"]["text"]
            for event in self.events
            if event.get("method") == "Log.entryAdded"
        ]
        said = [
            json.dumps(event["params"])
            for event in self.events
            if event.get("method") in {"Runtime.consoleAPICalled", "Runtime.exceptionThrown"}
        ]
        return logged + said

    def _read(self) -> dict[str, Any]:
        parts = bytearray()
        while not parts.endswith(b"\0"):
            byte = self._from.read(1)
            if not byte:
                raise RuntimeError("the browser went away")
            parts += byte
        message: dict[str, Any] = json.loads(parts[:-1])
        return message


@contextmanager
def browser_tab(browser: str, profile: Path) -> Iterator[Tab]:
    """A tab in a browser of its own, with an empty profile."""
    browser_in, to_browser = os.pipe()
    from_browser, browser_out = os.pipe()
    # Chromium reads commands from descriptor 3 and writes answers to 4, whatever ours are called.
    script = f'exec "$0" "$@" 3<&{browser_in} 4>&{browser_out}'
    arguments = [*FLAGS, f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(
        ["/bin/bash", "-c", script, browser, *arguments],
        pass_fds=(browser_in, browser_out),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(browser_in)
    os.close(browser_out)
    # A browser that hangs closes its pipe when it is killed, and the read that waits for it fails.
    patience = threading.Timer(PATIENCE_S, process.kill)
    patience.start()
    try:
        with os.fdopen(to_browser, "wb") as writer, os.fdopen(from_browser, "rb") as reader:
            yield Tab.open(writer, reader)
    finally:
        patience.cancel()
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """A browser tab, new for each file of tests; skipped where no Chromium is installed."""
    browser = find_browser()
    if browser is None:
        pytest.skip(f"none of {', '.join(NAMES)} is installed")
    with browser_tab(browser, tmp_path_factory.mktemp("profile")) as opened:
        yield opened
