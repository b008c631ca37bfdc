"""Frozen dataclasses from JSON tables, strictly typed."""

from __future__ import annotations

import json
from collections.abc import Hashable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Value = TypeVar("Value")


def typed(kind: type[Value], table: Any) -> Value:
    """Return the dataclass whose `dataclasses.asdict` this is, once through JSON.

    Unknown keys are ignored, and a missing key has the field's default, if there is one. Raises
    ValueError with the key and the value of the first that is missing or of another type.
    """
    from pydantic import ValidationError

    try:
        value: Value = _adapter(cast("Hashable", kind)).validate_json(
            json.dumps(table), strict=True
        )
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(map(str, first["loc"])) or kind.__name__
        if first["type"] == "missing":
            raise ValueError(f"{kind.__name__} has no key {key}") from None
        raise ValueError(f"{key} = {first['input']!r}: {first['msg']}") from None
    return value


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(cast("type[Any]", kind))
