"""A `repr` that fits on a line or two, for values that hold thousands of numbers."""

from __future__ import annotations

from dataclasses import fields
from reprlib import Repr
from typing import Any


class _Short(Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 1
        self.maxtuple = self.maxlist = self.maxdict = 3
        self.maxstring = self.maxother = 50

    def repr1(self, x: Any, level: int) -> str:
        if hasattr(x, "dtype") and hasattr(x, "shape"):
            return f"<{x.dtype} {x.shape}>"
        if isinstance(x, tuple | list) and len(x) > self.maxtuple:
            return f"<{len(x):,} items>"
        if isinstance(x, ShortRepr):
            return f"<{type(x).__name__}>"
        if isinstance(x, float):
            return f"{x:.6g}"
        return super().repr1(x, level)


_short = _Short()


class ShortRepr:
    """Give a dataclass declared with `repr=False` a short `repr`.

    Arrays appear as dtype and shape, long sequences as their length, nested values as their type.
    """

    def __repr__(self) -> str:
        # fields() wants a dataclass, which every subclass is.
        shown = (
            f"{one.name}={_short.repr(getattr(self, one.name))}"
            for one in fields(self)  # type: ignore[arg-type]
            if one.repr
        )
        return f"{type(self).__name__}({', '.join(shown)})"
