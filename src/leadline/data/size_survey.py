"""A sample of the training images: their own sizes, and which of them hold colour."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from leadline.data.dataset import Dataset, Images
from leadline.data.decoding import Request
from leadline.data.formats.class_folders import list_tree
from leadline.data.formats.image_files import MAX_IMAGE_PIXELS, decode_file
from leadline.data.formats.zip_tree import Entry
from leadline.data.image_fitting import in_threads
from leadline.data.progress import Progress
from leadline.errors import LeadlineError

Item = TypeVar("Item")

MOST_SURVEYED = 120
"""Training images, as many of each class as of the others. More would change a median little."""
COLOUR_LEVELS = 16
"""Of 255: channels further apart are colour. JPEG keeps the channels of a grey image closer."""
COLOUR_SHARE = 0.01
"""Of an image's pixels: fewer are a stamp, a marker or the rounding of a decoder."""
COLOUR_AT_PX = 256
"""The longer side at which an image is searched for colour."""


@dataclass(frozen=True, eq=False)
class Survey:
    """Sizes and colours of a sample of the training images, before anything is resized.

    Parameters
    ----------
    sizes_px : int array (n, 2)
        Height and width of each image of the sample, upright.
    coloured : bool array (n,)
        True for images that hold colour; an image saved as RGB with equal channels does not.
    labels : int array (n,)
    classes : int
        Of the training images; 0 where they were not counted.
    name : str
        Of the data set, if its images show which one it is; else "".
    arrays : Dataset or None
        The images themselves, where they came as arrays of one size.
    """

    sizes_px: NDArray[np.int64]
    coloured: NDArray[np.bool_]
    labels: NDArray[np.int64]
    classes: int = 0
    name: str = ""
    arrays: Dataset | None = None

    def __len__(self) -> int:
        return len(self.sizes_px)


def uniform(name: str, size_px: tuple[int, int]) -> Survey:
    """The survey of a data set whose images are known to be grey and of one size."""
    return Survey(
        np.array([size_px], np.int64), np.array([False]), np.zeros(1, np.int64), name=name
    )


def survey_tree(root: Entry, on_progress: Progress) -> Survey:
    """Look at image files in class folders; those that cannot be read are passed over here.

    Raises DataError as `list_tree` does.
    """
    by_class = list(list_tree(root).splits["train"].values())
    quota = max(1, MOST_SURVEYED // max(1, len(by_class)))
    files = [
        (file, label) for label, files in enumerate(by_class) for file in _evenly(files, quota)
    ]
    files = _evenly(files, MOST_SURVEYED)
    seen: dict[int, tuple[tuple[int, int], bool]] = {}

    request = Request((), MAX_IMAGE_PIXELS, preview_px=COLOUR_AT_PX)

    def look(place: int) -> None:
        with contextlib.suppress(LeadlineError):
            decoded = decode_file(files[place][0], request)
            size = decoded.height_px, decoded.width_px
            seen[place] = size, decoded.preview is not None and holds_colour(decoded.preview)

    with _quietly():
        in_threads(look, range(len(files)), "look", on_progress)
    order = sorted(seen)
    return Survey(
        sizes_px=np.array([seen[place][0] for place in order], np.int64).reshape(-1, 2),
        coloured=np.array([seen[place][1] for place in order], np.bool_),
        labels=np.array([files[place][1] for place in order], np.int64),
        classes=len([one for one in by_class if one]),
    )


def survey_arrays(dataset: Dataset) -> Survey:
    """Look at images that came as arrays, which all have one size."""
    images = dataset.train
    chosen = _sample(images)
    return Survey(
        sizes_px=np.tile(np.array(images.pixels.shape[1:3], np.int64), (len(chosen), 1)),
        coloured=np.array([holds_colour(images.pixels[index]) for index in chosen]),
        labels=images.labels[chosen],
        classes=len(dataset.classes),
        name=dataset.name,
        arrays=dataset,
    )


def holds_colour(pixels: NDArray[np.uint8]) -> bool:
    """True where at least 1% of the pixels (height, width, channels) differ between channels.

    They differ where two channels are more than 16 of 255 apart.
    """
    if pixels.shape[2] == 1:
        return False
    levels = pixels.astype(np.int16)
    spread = levels.max(axis=2) - levels.min(axis=2)
    return bool((spread > COLOUR_LEVELS).mean() >= COLOUR_SHARE)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Without warnings of decoders: reading the images for training decides what is refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        warnings.filterwarnings("ignore", module="pydicom")
        yield


def _sample(images: Images) -> NDArray[np.int64]:
    by_class = [np.flatnonzero(images.labels == label) for label in np.unique(images.labels)]
    quota = max(1, MOST_SURVEYED // len(by_class))
    chosen = np.concatenate([_evenly(list(one), quota) for one in by_class])
    return np.array(_evenly(list(chosen), MOST_SURVEYED), np.int64)


def _evenly(items: Sequence[Item], most: int) -> list[Item]:
    """At most so many, evenly spaced from the first to the last."""
    if len(items) <= most:
        return list(items)
    places = np.linspace(0, len(items) - 1, most).round().astype(int)
    return [items[place] for place in places]
