"""Blocks of layers: written once in an experiment file, used by name in its list of layers.

    [[blocks]]
    name = "conv"
    layers = [
        { type = "Conv2D", filters = "{filters}", kernel_size = 3, padding = "same" },
        { type = "MaxPooling2D" },
    ]

    [[layers]]
    block = "conv"
    each = { filters = [32, 64, 128] }

A use of a block is replaced by the block's layers before anything is checked, so that the rest of
the package, run folders and `--set` know layers only. In a block's strings `{filters}` stands for a
value that the use gives, `{n}` for the number of the copy, and `{input}` for the name of the layer
before the copy. A string that is nothing but `{filters}` becomes the value itself.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from leadline.errors import SpecError

MOST_COPIES = 100
"""Copies of a block that one use may ask for."""
MOST_LAYERS = 2_000
"""Layers of an experiment that has blocks, so that nested repeats cannot exhaust the memory."""
MOST_BLOCKS = 100
MOST_CHARACTERS = 1_000
"""Longest string with its values filled in; nested blocks could double it at each level."""
BLOCK_KEYS = ("name", "layers")
USE_KEYS = ("block", "repeat", "each")
NUMBER, INPUT = "n", "input"
FEATURES = "features"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def expand_blocks(table: dict[str, Any], where: str) -> dict[str, Any]:
    """Replace each use of a block in an experiment's table by the block's layers.

    Parameters
    ----------
    table : dict
        An experiment as read from TOML. It is not changed.
    where : str
        The file, for messages.

    Returns
    -------
    dict
        The table without `blocks`, its `layers` written out.

    Raises
    ------
    SpecError
        One line with the fix: for an unknown block or key, a value that is missing or not used, a
        repeat outside 1 to 100, more than 2,000 layers.
    """
    layers = table.get("layers", [])
    uses = isinstance(layers, list) and any(_is_use(layer) for layer in layers)
    if "blocks" not in table and not uses:
        return table
    expansion = _Expansion(where)
    expansion.define(table.get("blocks", []))
    expansion.add(layers, {})
    rest = {key: value for key, value in table.items() if key != "blocks"}
    return rest | {"layers": expansion.layers}


def _is_use(layer: Any) -> bool:
    return isinstance(layer, dict) and "block" in layer


@dataclass
class _Expansion:
    """The layers so far, and the blocks that are defined."""

    where: str
    blocks: dict[str, list[Any]] = field(default_factory=dict)
    layers: list[Any] = field(default_factory=list)

    def define(self, blocks: Any) -> None:
        """Note the blocks; a block may use those before it, so that none can contain itself."""
        if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
            raise self._error("blocks should be a list of tables; write [[blocks]]")
        if len(blocks) > MOST_BLOCKS:
            raise self._error(f"{len(blocks):,} blocks; at most {MOST_BLOCKS} are read")
        for number, block in enumerate(blocks, start=1):
            name = block.get("name")
            here = f"block {number}" + (f" ({name})" if isinstance(name, str) else "")
            for key in block:
                if key not in BLOCK_KEYS:
                    raise self._error(f"{here}: {key} is not a setting; allowed: name, layers")
            if not isinstance(name, str) or not name:
                raise self._error(f'{here} needs a name: name = "stage"')
            if name in self.blocks:
                raise self._error(f"two blocks are named {name!r}; names must differ")
            self.blocks[name] = self._block_layers(block, here)

    def _block_layers(self, block: dict[str, Any], here: str) -> list[Any]:
        layers = block.get("layers")
        if not isinstance(layers, list) or not layers:
            raise self._error(f"{here} needs layers: layers = [{{ type = ... }}, ...]")
        for layer in layers:
            if _is_use(layer):
                self._known(layer["block"], here)
        return layers

    def add(self, layers: Any, values: Mapping[str, Any], block: str = "") -> None:
        """Append layers with the values filled in, uses of blocks expanded."""
        if not isinstance(layers, list):
            raise self._error(f"layers = {layers!r} should be a list of layers")
        for number, layer in enumerate(layers, start=1):
            here = f"block {block!r}, layer {number}" if block else f"layer {number}"
            filled = self._filled(layer, values, here)
            if _is_use(filled):
                self._use(filled, here)
            elif len(self.layers) >= MOST_LAYERS:
                raise self._error(f"blocks give more than {MOST_LAYERS:,} layers; repeat less")
            else:
                self.layers.append(filled)

    def _use(self, use: dict[str, Any], here: str) -> None:
        block = use["block"]
        layers = self._known(block, here)
        copies = self._copies(use, here)
        given = {key: value for key, value in use.items() if key not in USE_KEYS}
        needed = {name for layer in layers for name in _placeholders(layer)}
        for key, value in (*given.items(), *(item for own in copies for item in own.items())):
            if not _is_plain(value):
                raise self._error(f"{here}: {key} should be a number, a string or a list of them")
            if key not in needed and key != INPUT:
                raise self._error(
                    f"{here}: {key} is not used by block {block!r}; it takes "
                    f"{', '.join(sorted(needed - {NUMBER, INPUT})) or 'no values'}"
                )
        for number, own in enumerate(copies, start=1):
            values = given | own | {NUMBER: number}
            if INPUT in needed and (number > 1 or INPUT not in given):
                values[INPUT] = self._before(here, block)
            missing = sorted(needed - values.keys())
            if missing:
                raise self._error(
                    f"{here}: block {block!r} needs {missing[0]}; write {missing[0]} = ..., or a "
                    f"list of values in each = {{ {missing[0]} = [...] }}"
                )
            first = len(self.layers)
            self.add(layers, values, block)
            if INPUT in given and INPUT not in needed and number == 1:
                self._read_from(given[INPUT], first)

    def _read_from(self, name: Any, first: int) -> None:
        """Let the first layer of a copy read the layer of that name."""
        if first < len(self.layers) and isinstance(self.layers[first], dict):
            self.layers[first] = {"input": name, **self.layers[first]}

    def _known(self, name: Any, here: str) -> list[Any]:
        if isinstance(name, str) and name in self.blocks:
            return self.blocks[name]
        near = difflib.get_close_matches(str(name), self.blocks, n=3, cutoff=0.5)
        listed = f"nearest: {', '.join(near)}" if near else _listed(self.blocks)
        raise self._error(f"{here}: block = {name!r} is not defined before it; {listed}")

    def _copies(self, use: dict[str, Any], here: str) -> list[dict[str, Any]]:
        """The values that differ between the copies, a table for each copy."""
        if "each" in use:
            return self._each(use, here)
        repeat = use.get("repeat", 1)
        self._check_count(repeat, f"{here}: repeat = {repeat!r}")
        return [{} for _ in range(repeat)]

    def _each(self, use: dict[str, Any], here: str) -> list[dict[str, Any]]:
        each = use["each"]
        if "repeat" in use:
            raise self._error(f"{here} has both repeat and each; each gives the number of copies")
        if not isinstance(each, dict) or not each:
            raise self._error(f"{here}: each = {each!r} should be a table of lists")
        lengths = {key: len(values) if isinstance(values, list) else 0
                   for key, values in each.items()}  # fmt: skip
        for key, length in lengths.items():
            self._check_count(length, f"{here}: each.{key} has {length} values, and its length")
        if len(set(lengths.values())) > 1:
            sizes = ", ".join(f"{key} has {length}" for key, length in lengths.items())
            raise self._error(f"{here}: the lists in each should be equally long; {sizes}")
        return [dict(zip(each, row, strict=True)) for row in zip(*each.values(), strict=True)]

    def _check_count(self, count: Any, said: str) -> None:
        whole = isinstance(count, int) and not isinstance(count, bool)
        if not whole or not 1 <= count <= MOST_COPIES:
            raise self._error(f"{said} should be a whole number from 1 to {MOST_COPIES}")

    def _before(self, here: str, block: str) -> str:
        """Name of the last layer so far, which `{input}` stands for."""
        if not self.layers:
            return FEATURES
        last = self.layers[-1]
        if isinstance(last, dict) and isinstance(last.get("name"), str):
            return str(last["name"])
        kind = last.get("type") if isinstance(last, dict) else None
        raise self._error(
            f"{here}: block {block!r} reads {{input}}, and the layer before it"
            f"{f' ({kind})' if isinstance(kind, str) else ''} has no name; give that layer a name, "
            'or write input = "..."'
        )

    def _filled(self, value: Any, values: Mapping[str, Any], here: str) -> Any:
        """The value with its placeholders replaced, in lists and tables as well."""
        if isinstance(value, dict):
            return {key: self._filled(item, values, here) for key, item in value.items()}
        if isinstance(value, list):
            return [self._filled(item, values, here) for item in value]
        if not isinstance(value, str) or not values:
            return value
        whole = _PLACEHOLDER.fullmatch(value)
        if whole and whole[1] in values:
            return values[whole[1]]
        filled = _PLACEHOLDER.sub(lambda match: str(values.get(match[1], match[0])), value)
        if len(filled) > MOST_CHARACTERS:
            raise self._error(f"{here}: {value[:40]!r} becomes {len(filled):,} characters long")
        return filled

    def _error(self, message: str) -> SpecError:
        return SpecError(f"{self.where}: {message}.")


def _placeholders(value: Any) -> Iterator[str]:
    """Names of the placeholders in a layer."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _placeholders(item)
    elif isinstance(value, str):
        yield from _PLACEHOLDER.findall(value)


def _is_plain(value: Any) -> bool:
    scalars = value if isinstance(value, list) else [value]
    return all(isinstance(scalar, str | int | float) for scalar in scalars)


def _listed(names: Mapping[str, Any]) -> str:
    return f"known: {', '.join(names)}" if names else "define it with [[blocks]]"
