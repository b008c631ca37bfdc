"""Headless Chromium over its debugging pipe: what a page does at a given width, for tests."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Self

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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

    def screenshot(self) -> bytes:
        """PNG of the whole page, not only of what fits the window."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(shot["data"])

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
    try:
        with os.fdopen(to_browser, "wb") as writer, os.fdopen(from_browser, "rb") as reader:
            yield Tab.open(writer, reader)
    finally:
        process.terminate()
        process.wait(timeout=20)
