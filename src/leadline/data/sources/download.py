"""Download a file over HTTPS: bounded in size, and resumed after an interruption."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import urlsplit

from leadline.data.progress import Progress
from leadline.errors import DataError, StorageError

HTTPS_ONLY = frozenset({"https"})
CHUNK_BYTES = 1 << 18
TIMEOUT_S = 10.0
ATTEMPTS = 3


class _Response(Protocol):
    status: int
    headers: Any

    def read(self, amount: int, /) -> bytes: ...


class _Broken(Exception):
    """The connection broke; the received bytes are kept, so that another attempt can resume."""


class _SameSchemes(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but never out of the allowed schemes."""

    def __init__(self, schemes: frozenset[str]) -> None:
        self.schemes = schemes

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        _check_scheme(newurl, self.schemes)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download(
    url: str,
    path: Path,
    *,
    max_bytes: int,
    on_progress: Progress = lambda *_: None,
    schemes: frozenset[str] = HTTPS_ONLY,
    timeout_s: float = TIMEOUT_S,
) -> bool:
    """Download `url` to `path`, resuming what an interrupted call left there.

    Parameters
    ----------
    max_bytes
        A larger file is refused, and not kept.
    schemes
        URL schemes that may be fetched; redirects to others are refused.
    timeout_s
        Longest wait for the server, in seconds, at any time.

    Returns
    -------
    bool
        True if the file was put together from several responses. A caller whose checksum does not
        match should then delete the file and try once more: it may have changed in between.

    Raises
    ------
    DataError
        With the cause. Received bytes stay in `path` if another call can resume from them.
    StorageError
        If the file cannot be written.
    """
    _check_scheme(url, schemes)
    opener = urllib.request.build_opener(_SameSchemes(schemes))
    resumed = False
    for attempt in range(1, ATTEMPTS + 1):
        try:
            resumed |= _attempt(opener, url, path, max_bytes, on_progress, timeout_s)
        except urllib.error.HTTPError as error:
            if error.code != http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
                raise DataError(f"{url}: HTTP status {error.code} {error.reason}") from None
            path.unlink(missing_ok=True)
        except DataError:
            path.unlink(missing_ok=True)
            raise
        except (_Broken, OSError, http.client.HTTPException) as error:
            if attempt == ATTEMPTS or not _size(path):
                raise DataError(f"{url}: {_reason(error)}") from None
        else:
            return resumed
    raise DataError(f"{url}: the server refused every range")


def _attempt(
    opener: urllib.request.OpenerDirector,
    url: str,
    path: Path,
    max_bytes: int,
    on_progress: Progress,
    timeout_s: float,
) -> bool:
    """Send one request; return True if it resumed a file."""
    start = _size(path)
    request = urllib.request.Request(url)  # noqa: S310 - the scheme was checked
    if start:
        request.add_header("Range", f"bytes={start}-")
    with opener.open(request, timeout=timeout_s) as response:
        resumes = start > 0 and _continues(response, start)
        start = start if resumes else 0
        length = response.headers.get("Content-Length")
        total = start + int(length) if re.fullmatch("[0-9]{1,18}", length or "") else 0
        with path.open("ab" if resumes else "wb") as file:
            _copy(response, file, start, total, max_bytes, _reporter(url, on_progress))
    return resumes


def _reporter(url: str, on_progress: Progress) -> Callable[[int, int], None]:
    name = urlsplit(url).path.rsplit("/", 1)[-1]
    return lambda done, total: on_progress(name, done, total)


def _copy(
    response: _Response,
    file: IO[bytes],
    done: int,
    total: int,
    max_bytes: int,
    report: Callable[[int, int], None],
) -> None:
    if total > max_bytes:
        raise DataError(f"the server sends {total:,} bytes, expected at most {max_bytes:,}")
    while chunk := response.read(CHUNK_BYTES):
        done += len(chunk)
        if done > max_bytes:
            raise DataError(f"the server sends more than {max_bytes:,} bytes")
        _write(file, chunk)
        report(done, total)
    if total and done < total:
        raise _Broken(f"broke off after {done:,} of {total:,} bytes")


def _write(file: IO[bytes], chunk: bytes) -> None:
    """Write a chunk; a full disk raises another error than a broken connection."""
    try:
        file.write(chunk)
    except OSError as error:
        raise StorageError(f"{file.name}: cannot be written: {error.strerror}.") from None


def _continues(response: _Response, start: int) -> bool:
    """Return True if the response continues the file; a server may also send all of it again."""
    sent = str(response.headers.get("Content-Range", ""))
    return response.status == http.client.PARTIAL_CONTENT and sent.startswith(f"bytes {start}-")


def _check_scheme(url: str, schemes: frozenset[str]) -> None:
    if urlsplit(url).scheme not in schemes:
        raise DataError(f"{url}: only {' and '.join(sorted(schemes))} is fetched")


def _reason(error: Exception) -> str:
    cause = getattr(error, "reason", None) or error
    return str(getattr(cause, "strerror", None) or cause)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
