"""What `show` prints for people: layers and sums, dead layers, optimizer and loss."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leadline.cli import console
from leadline.report.equations import SYMBOLS
from leadline.report.wording import count_short, integer, setting, shape

NO_WEIGHTS = "no weights: "
ROOMY = 90
"""Columns from which on there is room for wide gaps between the columns of a table."""


def print_model(found: dict[str, Any], screen: Console | None = None) -> None:
    """Print what `show.describe` found, as wide as the screen is; on standard error by default."""
    screen = screen or console.people()
    screen.print(Text.assemble((found["name"], "bold"), "  ", found["title"]))
    if found["description"]:
        screen.print(found["description"])
    screen.print(_input(found))
    screen.print()
    screen.print(_layers(found["layers"], screen.width))
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


def _layers(rows: list[dict[str, Any]], width: int) -> Table:
    table = console.table("Layers", "layer", "type", "output", "weights", "by which sum")
    table.columns[2].no_wrap = table.columns[3].no_wrap = True
    table.columns[3].justify = "right"
    if width < ROOMY:
        table.padding = (0, 1, 0, 0)
    for row in rows:
        table.add_row(
            row["name"],
            row["type"],
            shape(tuple(row["output_shape"])),
            integer(row["weights"]),
            _sum(row["derivation"]),
        )
    return table


def _sum(derivation: str) -> Text:
    """The sum; or, dimmed, why there is none, for the column before says that it is 0."""
    reason = derivation.removeprefix(NO_WEIGHTS)
    return Text(reason, style="" if reason == derivation else "dim")


def _total(found: dict[str, Any]) -> Text:
    text = Text.assemble(
        ("total ", "bold"),
        (f"{integer(found['total_weights'])} weights", f"bold {console.ACCENT}"),
        f" ({console.size(found['memory_bytes'])}), ",
        f"{count_short(found['multiply_adds'])} multiply-adds an image",
    )
    held = found["total_weights"] - found["trainable_weights"]
    return text.append(f"\n{integer(held)} of them are not trained") if held else text


def _formula(screen: Console, part: str, formula: dict[str, Any]) -> None:
    """A name, its equations one a line, and every argument in force with its symbol."""
    screen.print(Text.assemble((f"{part} ", "bold"), (formula["name"], console.ACCENT)))
    arguments = {key: value for key, value in formula.items() if key not in ("name", "equations")}
    said = ", ".join(_argument(*item) for item in arguments.items() if item[1] not in (None, []))
    off = ", ".join(key for key, value in arguments.items() if value is None)
    lines = [Text(line) for line in formula["equations"]] + [Text(said, style="dim")]
    if off:
        lines.append(Text(f"off: {off}", style="dim"))
    for line in lines:
        screen.print(Padding(line, (0, 0, 0, 2), expand=False))


def _argument(name: str, value: object) -> str:
    symbol = f" ({SYMBOLS[name].text})" if name in SYMBOLS else ""
    return f"{name}={setting(value)}{symbol}"


def _training(training: dict[str, Any]) -> Text:
    """Every other setting of the training that is in force."""
    said = ", ".join(
        f"{key}={_setting(value)}" for key, value in training.items() if value is not None
    )
    return Text.assemble(("training ", "bold"), said)


def _setting(value: Any) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{key}={_setting(item)}" for key, item in value.items())
        return f"({inside})"
    return setting(value)
