"""What the server counts, in the text format of Prometheus (version 0.0.4)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counters and gauges of one server. Only its event loop may write them."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, int]] = Counter()
        self._within: dict[str, list[int]] = defaultdict(lambda: [0] * len(BOUNDS_S))
        self._seconds: dict[str, float] = defaultdict(float)
        self._served: Counter[str] = Counter()
        self._images: Counter[str] = Counter()
        self._batches: Counter[str] = Counter()
        self.gauges: dict[str, tuple[str, Callable[[], float]]] = {}
        """By name: what it is, in words, and how it is read."""

    def request(self, route: str, status: int, wall_s: float) -> None:
        """One request was answered. route: of a fixed set, never what a client wrote."""
        self._requests[route, status] += 1
        self._served[route] += 1
        self._seconds[route] += wall_s
        for place, bound_s in enumerate(BOUNDS_S):
            self._within[route][place] += wall_s <= bound_s

    def batch(self, model: str, images: int) -> None:
        """A network was asked once about so many images."""
        self._batches[model] += 1
        self._images[model] += images

    def text(self) -> str:
        """All of it, a sample a line."""
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        yield from _head("leadline_requests_total", "counter", "Requests by route and status.")
        for (route, status), count in sorted(self._requests.items()):
            yield f'leadline_requests_total{{route="{route}",status="{status}"}} {count}'
        yield from self._durations()
        for name, counts, said in (
            ("leadline_images_total", self._images, "Images that a model was asked about."),
            ("leadline_batches_total", self._batches, "Times that a model was asked."),
        ):
            yield from _head(name, "counter", said)
            for model, count in sorted(counts.items()):
                yield f'{name}{{model="{_escaped(model)}"}} {count}'
        for name, (said, read) in sorted(self.gauges.items()):
            yield from _head(name, "gauge", said)
            yield f"{name} {read():g}"

    def _durations(self) -> Iterator[str]:
        name = "leadline_request_seconds"
        yield from _head(name, "histogram", "Time from a request to its answer.")
        for route, within in sorted(self._within.items()):
            for bound_s, count in zip(BOUNDS_S, within, strict=True):
                yield f'{name}_bucket{{route="{route}",le="{bound_s:g}"}} {count}'
            yield f'{name}_bucket{{route="{route}",le="+Inf"}} {self._served[route]}'
            yield f'{name}_sum{{route="{route}"}} {self._seconds[route]:.6f}'
            yield f'{name}_count{{route="{route}"}} {self._served[route]}'


def _head(name: str, kind: str, said: str) -> tuple[str, str]:
    return f"# HELP {name} {said}", f"# TYPE {name} {kind}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
