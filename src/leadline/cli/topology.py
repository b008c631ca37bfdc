"""What `show` prints for people: layers and sums, dead layers, optimizer and loss."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from leadline.cli import console


def print_topology(found: dict[str, Any]) -> None:
    """Print what `show.describe` found, as wide as the screen is."""
    screen = console.people()
    screen.print(Text(f"{found['name']}  ", style="bold") + Text(found["title"]))
    if found["description"]:
        screen.print(found["description"])
    screen.print()
    screen.print(_layers(found["layers"]))
    screen.print()
    screen.print(_totals(found))
    _say_dead(screen, found["dead_layers"])


def _layers(rows: list[dict[str, Any]]) -> Any:
    table = console.table("Layers", "layer", "type", "output", "weights", "by which sum")
    table.columns[3].justify = "right"
    for column in table.columns[:4]:
        column.no_wrap = True
    for row in rows:
        table.add_row(
            row["name"],
            row["type"],
            shape_text(row["output_shape"]),
            f"{row['weights']:,}",
            row["derivation"],
        )
    return table


def shape_text(shape: list[int | None]) -> str:
    """(None, 28, 28, 32) as "28 × 28 × 32": the batch axis is left out."""
    return " × ".join(str(size) for size in shape[1:])


def _totals(found: dict[str, Any]) -> Text:
    text = Text.assemble(
        ("total  ", "bold"),
        (f"{found['total_weights']:,} weights", f"bold {console.ACCENT}"),
        f", {console.bytes_text(found['memory_bytes'])} as float32, ",
        f"{found['multiply_adds']:,} multiply-adds an image",
    )
    held = found["total_weights"] - found["trainable_weights"]
    return text.append(f", {held:,} of them not trained") if held else text


def _say_dead(screen: Console, layers: list[dict[str, str]]) -> None:
    for layer in layers:
        line = f"dead layer {layer['name']} ({layer['type']}): {layer['reason']}"
        screen.print(line, style=console.CAUTION)
