"""Base class of all settings: frozen, typed, no unknown keys.

Numbers and flags are strict: the string "3" is no number, `true` is no 1, 3.0 is no whole number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Flag = Annotated[bool, Field(strict=True)]
Number = Annotated[float, Field(strict=True)]
PositiveInt = Annotated[int, Field(ge=1, strict=True)]
NonNegativeFloat = Annotated[float, Field(ge=0, strict=True)]
PositiveFloat = Annotated[float, Field(gt=0, strict=True)]
Fraction = Annotated[float, Field(ge=0, lt=1, strict=True)]
OpenFraction = Annotated[float, Field(gt=0, lt=1, strict=True)]

NAME = r"^[a-z0-9][a-z0-9._-]*$"
LAYER_NAME = r"^[A-Za-z0-9_-]+$"
BUILDER = r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$"
PATTERNS = {
    NAME: "be lower-case letters, digits, '.', '_' or '-', a letter or digit first",
    LAYER_NAME: "be letters, digits, '_' or '-'",
    BUILDER: "be written module:function",
}
"""Each pattern in words, for messages: what follows "should"."""


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(
            f"{pattern!r} is not a valid regular expression ({error}); write, for instance, "
            "'^(patient[0-9]+)_'"
        ) from None
    return pattern


Expression = Annotated[str, AfterValidator(_compiles)]
"""A regular expression."""


class Part(BaseModel):
    """A frozen piece of a specification; unknown keys and wrong types are errors."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Show only the values that differ from their defaults."""
        for key, value in super().__repr_args__():
            field = type(self).model_fields.get(key or "")
            if field is None or value != field.get_default(call_default_factory=True):
                yield key, value
