"""Decoding requests and results as messages between processes.

A message is a header in JSON and the raw bytes of arrays: whatever a crashed or corrupted worker
sends, nothing is executed. Each part has its length in front, in 8 bytes, big-endian.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from leadline.data.digits.mnist_style import normalise_digit
from leadline.data.image_fitting import REDUCING_GAP, fit_image
from leadline.system.bounded_files import read_exactly

if TYPE_CHECKING:
    # A process that decodes images does without Pydantic, which the package would import.
    from leadline.experiments.image_form import FitMode

Pixels = NDArray[np.uint8]
LENGTH_BYTES = 8
MAX_HEADER_BYTES = 2**20


@dataclass(frozen=True)
class Fit:
    """One form in which an image is wanted: resized, or made like the digits of MNIST.

    `prepare` is "none" or "digit"; a digit has 28 x 28 px, one channel. `fit` is "pad", "crop" or
    "stretch", for images of another aspect ratio.
    """

    height_px: int
    width_px: int
    channels: int
    prepare: str = "none"
    fit: FitMode = "stretch"


@dataclass(frozen=True)
class Request:
    """Request to decode one file.

    Attributes
    ----------
    fits : tuple of Fit
    max_pixels : int
        Larger images are refused.
    checksums : bool
        SHA-256 of the file and of its pixels.
    preview_px : int
        Longer side of a picture to look at; 0 for none.
    """

    fits: tuple[Fit, ...]
    max_pixels: int
    checksums: bool = False
    preview_px: int = 0


@dataclass(frozen=True, eq=False)
class Decoded:
    """One image file, decoded.

    Attributes
    ----------
    width_px, height_px : int
        Its own size, upright.
    arrays : tuple of uint8 array (height, width, channels)
        One for each Fit.
    file_bytes : int
    file_sum, pixel_sum : str
        SHA-256, 64 hexadecimal digits; "" unless asked for.
    preview : uint8 array (height, width, 1 or 3), or None
    """

    width_px: int
    height_px: int
    arrays: tuple[Pixels, ...]
    file_bytes: int
    file_sum: str = ""
    pixel_sum: str = ""
    preview: Pixels | None = None


def render(image: Image.Image, content: bytes, request: Request) -> Decoded:
    """Make everything that is wanted of an open image; content: its file's bytes."""
    return Decoded(
        image.width,
        image.height,
        tuple(_fitted(image, fit) for fit in request.fits),
        len(content),
        hashlib.sha256(content).hexdigest() if request.checksums else "",
        _pixel_sum(image) if request.checksums else "",
        _preview(image, request.preview_px) if request.preview_px else None,
    )


def _fitted(image: Image.Image, fit: Fit) -> Pixels:
    if fit.prepare == "digit":
        return normalise_digit(image)[..., None]
    return fit_image(image, (fit.height_px, fit.width_px), fit.channels, fit=fit.fit)


def _pixel_sum(image: Image.Image) -> str:
    pixels = hashlib.sha256(f"{image.mode} {image.size} ".encode())
    pixels.update(image.tobytes())
    return pixels.hexdigest()


def _preview(image: Image.Image, longer_px: int) -> Pixels:
    grey = image.mode in ("1", "L")
    plain = image if image.mode in ("L", "RGB") else image.convert("L" if grey else "RGB")
    share = min(1.0, longer_px / max(plain.size))
    width, height = (max(1, round(side * share)) for side in plain.size)
    small = plain.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=REDUCING_GAP)
    return np.asarray(small).reshape(height, width, -1)


def send(file: IO[bytes], header: dict[str, Any], payload: bytes = b"") -> None:
    """Write one message."""
    packed = json.dumps(header).encode("ascii")
    for part in (packed, payload):
        file.write(len(part).to_bytes(LENGTH_BYTES, "big"))
        file.write(part)
    file.flush()


def receive(file: IO[bytes], max_payload_bytes: int) -> tuple[dict[str, Any], bytes] | None:
    """Read one message; None at the end of the stream.

    Raises ValueError where the message is cut off or longer than it may be.
    """
    head = file.read(LENGTH_BYTES)
    if not head:
        return None
    header = json.loads(read_exactly(file, _length(head, MAX_HEADER_BYTES)))
    payload = read_exactly(file, _length(read_exactly(file, LENGTH_BYTES), max_payload_bytes))
    if not isinstance(header, dict):
        raise ValueError("a header that is no object")
    return header, payload


def _length(packed: bytes, most: int) -> int:
    length = int.from_bytes(packed, "big")
    if length > most:
        raise ValueError(f"a message of {length:,} bytes")
    return length


def pack_request(request: Request, name: str, path: str | None) -> dict[str, Any]:
    """Header of a request. path: where the file is read; None where its bytes are sent along."""
    return {**asdict(request), "name": name, "path": path}


def unpack_request(header: dict[str, Any]) -> tuple[Request, str, str | None]:
    """Request, name and path from a header of `pack_request`."""
    request = Request(
        tuple(Fit(**fit) for fit in header["fits"]),
        header["max_pixels"],
        header["checksums"],
        header["preview_px"],
    )
    return request, header["name"], header["path"]


def pack_decoded(decoded: Decoded) -> tuple[dict[str, Any], bytes]:
    """Header and payload of an image; the preview comes after the arrays."""
    preview = [] if decoded.preview is None else [decoded.preview]
    every = [*decoded.arrays, *preview]
    header = {
        "size_px": [decoded.width_px, decoded.height_px],
        "file_bytes": decoded.file_bytes,
        "sums": [decoded.file_sum, decoded.pixel_sum],
        "shapes": [array.shape for array in every],
        "has_preview": bool(preview),
    }
    return header, b"".join(array.tobytes() for array in every)


def unpack_decoded(header: dict[str, Any], payload: bytes) -> Decoded:
    """Image from a message of `pack_decoded`. Raises ValueError where parts do not fit."""
    every = list(_arrays(header["shapes"], payload))
    if sum(array.size for array in every) != len(payload):
        raise ValueError("arrays that are not as large as their payload")
    preview = every.pop() if header["has_preview"] else None
    width_px, height_px = map(int, header["size_px"])
    file_sum, pixel_sum = map(str, header["sums"])
    return Decoded(
        width_px, height_px, tuple(every), int(header["file_bytes"]), file_sum, pixel_sum, preview
    )


def _arrays(shapes: list[list[int]], payload: bytes) -> Iterator[Pixels]:
    at = 0
    for shape in shapes:
        count = math.prod(shape)
        yield np.frombuffer(payload, np.uint8, count, at).reshape(shape)
        at += count
