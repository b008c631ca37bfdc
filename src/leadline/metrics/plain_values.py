"""Frozen values as JSON has them, and back: dataclasses of numbers, words, tuples, one another."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Value = TypeVar("Value", bound="DataclassInstance")


def from_plain(kind: type[Value], table: Any) -> Value:
    """The dataclass whose `dataclasses.asdict` this is, once through JSON.

    Keys that it does not know are passed over, so that a newer version's file reads, and a missing
    key has the field's default, if there is one. Raises KeyError, TypeError or ValueError, with the
    key, for one that is missing or of another type.
    """
    if not isinstance(table, dict):
        raise TypeError(f"{kind.__name__} should be an object, not {table!r}")
    hints = get_type_hints(kind)
    made = {}
    for field in fields(kind):
        if field.name not in table and field.default is not MISSING:
            continue
        if field.name not in table:
            raise KeyError(f"{kind.__name__}.{field.name}")
        made[field.name] = _read(hints[field.name], table[field.name], field.name)
    return kind(**made)


def _read(hint: Any, value: Any, key: str) -> Any:  # noqa: PLR0911
    if isinstance(hint, type) and is_dataclass(hint):
        return from_plain(hint, value)
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _read_optional(inner, value, key)
    if origin is tuple:
        return _read_tuple(inner, value, key)
    if origin is dict:
        _required(isinstance(value, dict), value, key)
        return {name: _read(inner[1], item, name) for name, item in value.items()}
    if origin is Literal:
        return _required(value in inner, value, key)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return _required(type(value) is hint, value, key)


def _read_optional(options: tuple[Any, ...], value: Any, key: str) -> Any:
    if value is None and NoneType in options:
        return None
    several = [option for option in options if option is not NoneType]
    if len(several) > 1:
        return _required(type(value) in several, value, key)
    return _read(several[0], value, key)


def _read_tuple(inner: tuple[Any, ...], value: Any, key: str) -> tuple[Any, ...]:
    _required(isinstance(value, list | tuple), value, key)
    if len(inner) == 2 and inner[1] is Ellipsis:
        return tuple(_read(inner[0], item, key) for item in value)
    _required(len(value) == len(inner), value, key)
    return tuple(_read(hint, item, key) for hint, item in zip(inner, value, strict=True))


def _required(holds: bool, value: Any, key: str) -> Any:
    if not holds:
        raise ValueError(f"{key} = {value!r}")
    return value
