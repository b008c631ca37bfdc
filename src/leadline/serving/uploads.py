"""The images in a request's body: read up to a bound and no further, kept in memory alone.

A body is one image, or multipart/form-data with an image in each part. The framework's own forms
are not used: they read everything before they can refuse, and put large files on the disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from leadline.serving.problems import Refused
from leadline.serving.rate_limits import Room
from leadline.serving.server_settings import Settings

MULTIPART = "multipart/form-data"
RAW = ("application/octet-stream", "application/dicom")
FIELD = b"image"
MOST_NAME = 200
LARGE_BYTES = 2**20


@dataclass(frozen=True)
class Upload:
    """One uploaded image. kind: its declared media type, in lower case."""

    name: str
    content: bytes
    kind: str


@asynccontextmanager
async def uploads(
    request: Request, settings: Settings, memory: Room
) -> AsyncIterator[tuple[Upload, ...]]:
    """Receive the images of a request; their bytes count in `memory` until the block ends.

    Raises Refused: 408 where the body does not come in time, 411 to 415 for what it is, 429 where
    memory is full.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    said = kind.decode("latin-1").lower()
    _check_kind(said)
    held = _Held(memory)
    try:
        body = await _body(request, settings, held)
        if len(body) > LARGE_BYTES:  # taken apart for up to a second
            yield await asyncio.to_thread(_images, body, said, options, settings)
        else:
            yield _images(body, said, options, settings)
    finally:
        held.release()


class _Held:
    """Memory held by one request."""

    def __init__(self, memory: Room) -> None:
        self._memory = memory
        self._bytes = 0

    def more(self, count_bytes: int) -> None:
        self._memory.take(count_bytes)
        self._bytes += count_bytes

    def release(self) -> None:
        self._memory.give(self._bytes)
        self._bytes = 0


def _check_kind(kind: str) -> None:
    if kind == MULTIPART or kind in RAW or kind.startswith("image/"):
        return
    raise Refused(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        f"Content-Type is {kind[:MOST_NAME]!r}; send an image (image/png, image/jpeg, "
        f"application/dicom), or {MULTIPART} with several.",
    )


async def _body(request: Request, settings: Settings, held: _Held) -> bytes:
    most = settings.most_body_bytes
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length[:20]) > most:
        raise _too_large(most)
    chunks: list[bytes] = []
    total = 0
    try:
        async with asyncio.timeout(settings.body_timeout_s):
            async for chunk in request.stream():
                total += len(chunk)
                if total > most:
                    raise _too_large(most)
                held.more(len(chunk))
                chunks.append(chunk)
    except TimeoutError:
        raise Refused(
            HTTPStatus.REQUEST_TIMEOUT,
            f"The body did not arrive within {settings.body_timeout_s:g} seconds.",
        ) from None
    except ClientDisconnect:
        raise Refused(HTTPStatus.BAD_REQUEST, "The request body was cut short.") from None
    return b"".join(chunks)


def _too_large(most_bytes: int) -> Refused:
    return Refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"The body is larger than {most_bytes:,} bytes; send a smaller image, or fewer at a time.",
    )


def _images(
    body: bytes, kind: str, options: dict[bytes, bytes], settings: Settings
) -> tuple[Upload, ...]:
    if kind != MULTIPART:
        found = [Upload("image", body, kind)]
    else:
        found = _parts(body, options.get(b"boundary", b""), settings.most_images)
    if not found or not all(one.content for one in found):
        raise Refused(HTTPStatus.BAD_REQUEST, "The body contains no image, or an empty one.")
    return tuple(found)


@dataclass
class _Part:
    """A part of a multipart body while it is read."""

    data: bytearray = field(default_factory=bytearray)
    headers: dict[bytes, bytes] = field(default_factory=dict)
    field_name: bytearray = field(default_factory=bytearray)
    value: bytearray = field(default_factory=bytearray)

    def end_header(self) -> None:
        self.headers[bytes(self.field_name).lower()] = bytes(self.value)
        self.field_name.clear()
        self.value.clear()

    @property
    def options(self) -> dict[bytes, bytes]:
        """Return the field name and file name of a Content-Disposition."""
        return parse_options_header(self.headers.get(b"content-disposition", b""))[1]

    @property
    def is_image(self) -> bool:
        """Other fields than files and the field of that name are passed over."""
        return b"filename" in self.options or self.options.get(b"name") == FIELD

    def upload(self, number: int) -> Upload:
        name = self.options.get(b"filename", b"").decode("utf-8", "replace")
        kind = self.headers.get(b"content-type", b"").decode("latin-1").partition(";")[0]
        return Upload(_shown(name) or f"image {number}", bytes(self.data), kind.strip().lower())


def _parts(body: bytes, boundary: bytes, most: int) -> list[Upload]:
    found: list[_Part] = []

    def begin() -> None:
        if len(found) == most:
            raise Refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"More than {most} images; send fewer."
            )
        found.append(_Part())

    def end_header() -> None:
        found[-1].end_header()

    ended: list[bool] = []
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": begin,
                "on_header_field": lambda data, a, b: found[-1].field_name.extend(data[a:b]),
                "on_header_value": lambda data, a, b: found[-1].value.extend(data[a:b]),
                "on_header_end": end_header,
                "on_part_data": lambda data, a, b: found[-1].data.extend(data[a:b]),
                "on_end": lambda: ended.append(True),
            },
        )
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise _no_form(str(error)) from None
    if not ended:
        raise _no_form("it has no end")
    images = [part for part in found if part.is_image]
    return [part.upload(number) for number, part in enumerate(images, 1)]


def _no_form(reason: str) -> Refused:
    return Refused(
        HTTPStatus.BAD_REQUEST,
        f"The body is not valid {MULTIPART} ({reason.rstrip('.')[:MOST_NAME]}).",
    )


def _shown(name: str) -> str:
    """The last part of a file's name, without what cannot be printed; only ever shown."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in last if char.isprintable())[:MOST_NAME]
