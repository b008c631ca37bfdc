"""The socket, and the server that runs on it until it is stopped."""

from __future__ import annotations

import _thread
import contextlib
import ctypes
import errno
import ipaddress
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from leadline.errors import LeadlineError
from leadline.serving.connections import MOST_REFUSED, Connections
from leadline.serving.server_settings import Settings

logger = logging.getLogger("leadline.serving")

GRACE_S = 5
"""Time that responses have to finish once the server is stopped."""
END_S = 3
"""After that, until the process ends even where a thread would not."""
NEVER_S = 10**6
BACKLOG = 1024
OTHER_FILES = 128
ELSEWHERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
"""Addresses that nobody has (RFC 5737, RFC 3849)."""
DISCARD = 9
M_MMAP_THRESHOLD = -3
LARGE_BYTES = 2**20


@dataclass(frozen=True)
class Listening:
    """A bound socket, and the address by which a browser finds it."""

    socket: socket.socket
    address: str


@contextlib.contextmanager
def bound(host: str, port: int) -> Iterator[Listening]:
    """Listen at an address; port 0 is any that is free.

    Raises LeadlineError, with the fix, if the port is in use or the address does not exist.
    """
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise LeadlineError(f"--host {host}: not an address of this machine ({error}).") from None
    with listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(place)
        except OSError as error:
            raise _cannot(host, port, error) from None
        listening.listen(BACKLOG)
        address = _address(_reached(host, listening), listening.getsockname()[1])
        yield Listening(listening, address)


def serve(
    app: ASGIApp, listening: Listening, settings: Settings, *, ends_process: bool = False
) -> None:
    """Answer until Ctrl-C or SIGTERM; answers that are under way are finished first.

    ends_process: nothing follows, so the process ends even if some thread does not.
    """
    _give_large_blocks_back()
    _allow_connections(settings.most_connections + MOST_REFUSED)
    serving(app, settings, ends_process=ends_process).run(sockets=[listening.socket])


def serving(app: ASGIApp, settings: Settings, *, ends_process: bool = False) -> uvicorn.Server:
    """A server that has not begun yet; `run` with sockets starts it.

    ends_process: as in `serve`.
    """
    connections = Connections(app, settings)
    config = uvicorn.Config(
        connections,
        http=connections.protocol,
        log_config=None,
        # Failures are logged by `security.Guard`; the rest is what clients do, or that it stops.
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        ws="none",
        lifespan="on",
        timeout_keep_alive=NEVER_S,  # `Connections` closes idle connections
        timeout_graceful_shutdown=GRACE_S,
    )
    return _Server(config, ends_process)


def _give_large_blocks_back() -> None:
    """Have glibc return what a large image took to the system, and not keep it for the next one.

    Of itself it begins to keep such blocks once one was freed: hundreds of MB. Other C libraries
    have no such setting.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)


def _allow_connections(count: int) -> None:
    """Have the system allow so many sockets and other files, as far as it lets us."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # of Unix

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = count + OTHER_FILES
        if soft != resource.RLIM_INFINITY and soft < wanted:
            most = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class _Server(uvicorn.Server):
    """uvicorn's server, but stopping it is not a failure and takes a bounded time."""

    def __init__(self, config: uvicorn.Config, ends_process: bool) -> None:
        super().__init__(config)
        self._ends_process = ends_process

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take Ctrl-C, SIGTERM and SIGHUP as the wish to stop, and don't raise them again."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        ending = _Ending()

        def stop(number: int, frame: FrameType | None) -> None:
            ending.begin(GRACE_S + END_S)
            self.handle_exit(number, frame)

        before = {one: signal.signal(one, stop) for one in _stopping_signals()}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)
            if not self._ends_process:
                ending.cancel()


def _stopping_signals() -> list[signal.Signals]:
    """Ctrl-C, and those of a closed terminal and of a service manager that nobody ignores."""
    others = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    return [
        signal.SIGINT,
        *(other for other in others if signal.getsignal(other) != signal.SIG_IGN),
    ]


class _Ending:
    """Ends the process after some time, whatever its threads do: a network cannot be stopped."""

    def __init__(self) -> None:
        self._begun = False
        self._waiting = _thread.allocate_lock()
        self._waiting.acquire()

    def begin(self, seconds: float) -> None:
        """Begin to wait, in a signal handler: once, however many signals arrive."""
        if self._begun:
            return
        self._begun = True

        def end() -> None:
            if not self._waiting.acquire(timeout=seconds):
                logger.warning("something did not end within %g s; stopped without it", seconds)
                os._exit(0)

        # Not threading.Timer: the handler may have interrupted a frame that holds its locks.
        with contextlib.suppress(RuntimeError):  # no further thread: then without a limit
            _thread.start_new_thread(end, ())

    def cancel(self) -> None:
        """Let the process live; called once, when no signal can arrive any more."""
        self._waiting.release()


def _reached(host: str, listening: socket.socket) -> str:
    """The host; where that means all addresses of this machine, the one that others know it by.

    A socket without connections sends nothing when it is told of another: the system only chooses
    the address by which it would go there.
    """
    if not ipaddress.ip_address(listening.getsockname()[0].partition("%")[0]).is_unspecified:
        return host
    with socket.socket(listening.family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((ELSEWHERE[listening.family], DISCARD))
        except OSError:  # there is no network
            return host
        return str(probe.getsockname()[0])


def _address(host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/"


def _cannot(host: str, port: int, error: OSError) -> LeadlineError:
    if error.errno == errno.EADDRINUSE:
        return LeadlineError(
            f"port {port} of {host} is in use; give another with --port, or 0 for a free one."
        )
    if error.errno == errno.EACCES:
        return LeadlineError(f"port {port} is privileged; give 1024 or higher with --port.")
    return LeadlineError(f"--host {host}: cannot listen there ({error.strerror}).")
