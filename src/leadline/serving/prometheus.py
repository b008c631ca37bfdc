"""Counters, histogram and gauges of a server, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable

import prometheus_client
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, Counter, Gauge, Histogram

BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class Metrics:
    """Metrics of one server, in a registry of its own."""

    def __init__(self) -> None:
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # not annotated
        self._registry = CollectorRegistry()
        self._requests = self._counter("requests", "Requests by route and status.", "route status")
        self._seconds = Histogram(
            "leadline_request_seconds",
            "Time from a request to its response.",
            ["route"],
            buckets=BOUNDS_S,
            registry=self._registry,
        )
        self._images = self._counter("images", "Images that a model predicted.", "model")
        self._batches = self._counter("batches", "Batches that a model predicted.", "model")

    def _counter(self, name: str, text: str, labels: str) -> Counter:
        return Counter(f"leadline_{name}", text, labels.split(), registry=self._registry)

    def request(self, route: str, status: int, wall_s: float) -> None:
        """Count a request. route: from a fixed set, never a path that a client sent."""
        self._requests.labels(route, status).inc()
        self._seconds.labels(route).observe(wall_s)

    def batch(self, model: str, images: int) -> None:
        """Count a batch of images that a model predicted."""
        self._batches.labels(model).inc()
        self._images.labels(model).inc(images)

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Add a value that is read each time the metrics are."""
        Gauge(f"leadline_{name}", text, registry=self._registry).set_function(read)

    def text(self) -> str:
        """All metrics in Prometheus's text format, version 0.0.4."""
        return prometheus_client.generate_latest(self._registry).decode()
