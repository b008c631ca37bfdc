"""Checks before every request (host, origin, token, rate) and headers of every response.

| check | against |
|---|---|
| Host | a page elsewhere whose name is made to mean this machine (DNS rebinding) |
| Origin, Sec-Fetch-Site | a page elsewhere that sends images or makes the server work |
| token | clients without it, if other machines can reach the server |
| rate | one client that leaves nothing for others |
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import logging
import time
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leadline.serving.problems import STOPPED, UNEXPECTED, Refused, problem
from leadline.serving.prometheus import Metrics
from leadline.serving.rate_limits import Rate
from leadline.serving.server_settings import Settings, is_loopback

COOKIE = "leadline"
OPEN_PATHS = frozenset({"/", "/docs", "/openapi.json", "/api/v1/healthz", "/favicon.ico"})
OPEN_PREFIX = "/static/"
"""Paths without secrets, which are needed to present the token at all."""
REPORTS = "/runs/"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
API = "/api/v1/"
CALLS = ("predict", "explain", "models", "runs", "healthz", "metrics", "session")
ROUTES = frozenset({*(API + call for call in CALLS), "/docs", "/openapi.json"})
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
REPORT_CSP = (
    "sandbox allow-scripts allow-downloads; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""A report gets an opaque origin and cannot make requests; its own policy, in the file, allows the
one script whose hash it names.
"""
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}

PROGRAM_ENDS = (KeyboardInterrupt, SystemExit, GeneratorExit)

logger = logging.getLogger("leadline.serving")


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self._app = app
        self._settings = settings
        self._metrics = metrics
        self._rate = Rate(settings.requests_per_s, settings.burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        start_s = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        failure: Response | None = None
        try:
            await self._answer(scope, receive, sending)
        except asyncio.CancelledError:  # the server is stopped, and this took too long
            failure = problem(503, STOPPED)
        except PROGRAM_ENDS:
            raise
        except BaseException:
            logger.exception("a request failed")  # the client gets no traceback
            failure = problem(500, UNEXPECTED)
        finally:
            if failure is not None and not status:
                await failure(scope, receive, sending)
            self._metrics.request(_route(scope["path"]), status, time.perf_counter() - start_s)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._check(scope)
        except Refused as refused:
            await refused.response()(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        """Raise Refused unless the request may go on."""
        headers = Headers(scope=scope)
        self._check_host(headers)
        self._rate.check(_client(scope))
        if scope["method"] not in SAFE:
            _check_origin(headers, scope["scheme"])
        self._check_token(scope, headers)

    def _check_host(self, headers: Headers) -> None:
        if not self._settings.is_local:  # any name may be ours; the token stands in the way
            return
        host = headers.get("host", "")
        if not is_loopback(_without_port(host)):
            raise Refused(
                HTTPStatus.FORBIDDEN,
                f"Host {host[:100]!r} is not this machine; open it as http://127.0.0.1.",
            )

    def _check_token(self, scope: Scope, headers: Headers) -> None:
        token, path = self._settings.token, scope["path"]
        if token is None or path in OPEN_PATHS or path.startswith(OPEN_PREFIX):
            return
        shown = headers.get("authorization", "")
        kind, _, said = shown.partition(" ")
        if kind.lower() == "bearer" and same(said.strip(), token):
            return
        reads_report = scope["method"] in SAFE and path.startswith(REPORTS)
        if reads_report and same(_cookie(headers), cookie_value(token)):
            return
        raise Refused(
            HTTPStatus.UNAUTHORIZED,
            "The token is missing or wrong; send the header Authorization: Bearer TOKEN, or open "
            "the address that `leadline serve` printed.",
        )


def same(said: str, expected: str) -> bool:
    """Compare two texts in constant time."""
    return hmac.compare_digest(said.encode(), expected.encode())


def cookie_value(token: str) -> str:
    """Return the cookie that opens reports: derived from the token, without revealing it."""
    return hmac.new(token.encode(), b"leadline reports", hashlib.sha256).hexdigest()


def _check_origin(headers: Headers, scheme: str) -> None:
    """Browsers send the origin of a page; other programs do not.

    What a browser says of the sites is so behind a proxy too, where the page's origin is another
    than what reaches us. Older ones, and all over plain HTTP from other machines, say the origin
    alone.
    """
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    own = f"{scheme}://{headers.get('host', '')}"
    from_here = origin in (None, own) if site is None else site in ("same-origin", "none")
    if not from_here:
        raise Refused(
            HTTPStatus.FORBIDDEN,
            f"A page of {str(origin or site)[:100]!r} may not send requests here.",
        )


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0][1:]
    return host.partition(":")[0]


def _client(scope: Scope) -> str:
    """Return the client's key for rate limits: its address, or its /64 network for IPv6."""
    host = str((scope.get("client") or ("",))[0])
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False))


def _route(path: str) -> str:
    """A name for the metrics, of a fixed set."""
    if path in ROUTES:
        return path
    if path.startswith(OPEN_PREFIX) or path == "/":
        return "page"
    return "report" if path.startswith(REPORTS) else "other"
