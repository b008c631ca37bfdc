"""Size, channels and aspect ratio of a model's input images, and the ways to write them.

In a file or with `--set`, `data.size_px` is one side (96), [height, width], "96x128" (height x
width) or "auto"; `data.channels` is 1, 3, a word such as "grey" or "colour", or "auto"; `data.fit`
is "pad", "crop", "stretch" or "auto". What is left open is chosen from the images.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

AUTO = "auto"
LARGEST_SIDE_PX = 4096
TWO_SIDES = re.compile(r"[(\[]?\s*(\d{1,9})\s*(?:px)?\s*[x×*,; ]\s*(\d{1,9})\s*(?:px)?\s*[)\]]?")
ONE_SIDE = re.compile(r"(\d{1,9})\s*(?:px)?")
CHANNEL_WORDS = {
    "1": 1, "grey": 1, "gray": 1, "grayscale": 1, "greyscale": 1, "l": 1, "mono": 1,
    "3": 3, "colour": 3, "color": 3, "rgb": 3,
}  # fmt: skip
SIZE_HINT = 'one side (96), [height, width], "96x128" or "auto"'
SIZE_TEXT = r"^(auto|[1-9][0-9]{0,2}(x[1-9][0-9]{0,2})?)$"
"""The usual ways to write a size as text, for the JSON Schema; more spellings are understood."""
CHANNELS_HINT = '1 (grey), 3 (colour), "grey", "colour" or "auto"'
FIT_HINT = '"pad", "crop", "stretch" or "auto"'

FitMode = Literal["pad", "crop", "stretch"]
SidePx = Annotated[int, Field(ge=1, le=LARGEST_SIDE_PX)]


@dataclass(frozen=True)
class ImageForm:
    """Form that every image is converted to before a model sees it.

    Parameters
    ----------
    size_px : (height, width)
    channels : 1 or 3
        Grey, or red, green and blue.
    fit : {"pad", "crop", "stretch"}
        How an image of another aspect ratio is made to fit: black bars are added, the longer side
        is cut at both ends, or the image is distorted.
    """

    size_px: tuple[int, int]
    channels: Literal[1, 3]
    fit: FitMode

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""
        return (*self.size_px, self.channels)


def _read_size(value: Any) -> Any:
    """One side or two, as numbers or as text; lists are left to the field's own type."""
    if isinstance(value, str):
        value = _size_from_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(f"{value!r} is not a whole number of pixels; write {SIZE_HINT}")
    side = int(value)
    if not 1 <= side <= LARGEST_SIDE_PX:
        raise ValueError(f"{side} should be from 1 to {LARGEST_SIDE_PX:,} px")
    return (side, side)


def _size_from_text(text: str) -> Any:
    word = text.strip().lower()
    if word == AUTO:
        return None
    if match := TWO_SIDES.fullmatch(word):
        return tuple(int(side) for side in match.groups())
    if match := ONE_SIDE.fullmatch(word):
        return int(match.group(1))
    raise ValueError(f"{text!r} is not a size; write {SIZE_HINT}")


def _read_channels(value: Any) -> Any:
    if isinstance(value, str):
        word = value.strip().lower()
        if word == AUTO:
            return None
        value = CHANNEL_WORDS.get(word, value)
    if value is not None and (isinstance(value, bool) or value not in (1, 3)):
        raise ValueError(f"{value!r} is not a number of channels; write {CHANNELS_HINT}")
    return value


def _read_fit(value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip().lower()
        if value == AUTO:
            return None
    if value not in (None, "pad", "crop", "stretch"):
        raise ValueError(f"{value!r} is not a way to fit an image; write {FIT_HINT}")
    return value


SizeInput = SidePx | tuple[SidePx, SidePx] | Annotated[str, Field(pattern=SIZE_TEXT)]
ChannelsInput = Literal[1, 3, "grey", "gray", "grayscale", "colour", "color", "rgb", "auto"]
FitInput = Literal["pad", "crop", "stretch", "auto"]
SizePx = Annotated[
    tuple[SidePx, SidePx] | None,
    BeforeValidator(_read_size, json_schema_input_type=SizeInput),
]
Channels = Annotated[
    Literal[1, 3] | None,
    BeforeValidator(_read_channels, json_schema_input_type=ChannelsInput),
]
OpenFit = Annotated[
    FitMode | None,
    BeforeValidator(_read_fit, json_schema_input_type=FitInput),
]
