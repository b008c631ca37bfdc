"""What `show` prints for people: layers and sums, dead layers, optimizer and loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leadline.cli import console
from leadline.report.equations import SYMBOLS
from leadline.report.wording import count_short, integer, memory, setting, shape


def print_model(found: dict[str, Any], screen: Console | None = None) -> None:
    """Print what `show.describe` found, as wide as the screen is; on standard error by default."""
    screen = screen or console.people()
    screen.print(Text.assemble((found["name"], "bold"), "  ", found["title"]))
    if found["description"]:
        screen.print(found["description"])
    screen.print(_input(found))
    screen.print()
    screen.print(_layers(found["layers"]))
    screen.print()
    screen.print(_total(found))
    for layer in found["dead_layers"]:
        line = f"dead layer {layer['name']} ({layer['type']}): {layer['reason']}"
        screen.print(line, style=console.CAUTION)
    for part in ("optimizer", "loss"):
        screen.print()
        _formula(screen, part, found[part])
    screen.print()
    screen.print(_training(found["training"]))


def _input(found: dict[str, Any]) -> str:
    size = " × ".join(map(str, found["input_shape"]))
    features = dict(found["features"])
    kind = features.pop("kind")
    how = ", ".join(f"{key} {setting(value)}" for key, value in features.items())
    return f"input: {size} pixels; features: {kind} ({how}); {found['classes']} classes"


def _layers(rows: list[dict[str, Any]]) -> Table:
    table = console.table("Layers", "layer", "type", "output", "weights", "by which sum")
    table.columns[3].justify = "right"
    for column in table.columns[:4]:
        column.no_wrap = True
    for row in rows:
        table.add_row(
            row["name"],
            row["type"],
            shape(tuple(row["output_shape"])),
            integer(row["weights"]),
            row["derivation"],
        )
    return table


def _total(found: dict[str, Any]) -> Text:
    text = Text.assemble(
        ("total ", "bold"),
        (f"{integer(found['total_weights'])} weights", f"bold {console.ACCENT}"),
        f" ({memory(found['memory_bytes'])}), ",
        f"{count_short(found['multiply_adds'])} multiply-adds an image",
    )
    held = found["total_weights"] - found["trainable_weights"]
    return text.append(f"; {integer(held)} weights are not trained") if held else text


def _formula(screen: Console, part: str, formula: dict[str, Any]) -> None:
    """A name, its equations one a line, and every argument in force with its symbol."""
    screen.print(Text.assemble((f"{part} ", "bold"), (formula["name"], console.ACCENT)))
    for line in formula["equations"]:
        screen.print(Padding(Text(line), (0, 0, 0, 2)))
    screen.print(Padding(Text(", ".join(_arguments(formula)), style="dim"), (0, 0, 0, 2)))


def _arguments(formula: dict[str, Any]) -> Iterator[str]:
    for name, value in formula.items():
        if name not in ("name", "equations"):
            symbol = f" {SYMBOLS[name].text}" if name in SYMBOLS and value is not None else ""
            yield f"{name}{symbol} = {setting(value)}"


def _training(training: dict[str, Any]) -> Text:
    """Every other setting of the training that is in force."""
    said = ", ".join(
        f"{key} = {_setting(value)}" for key, value in training.items() if value is not None
    )
    return Text.assemble(("training ", "bold"), said)


def _setting(value: Any) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{key} {_setting(item)}" for key, item in value.items())
        return f"({inside})"
    return setting(value)
