"""What `show` prints for people: layers and sums, dead layers, optimizer and loss."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leadline.cli import console
from leadline.report.equations import SYMBOLS
from leadline.report.language import gettext as _
from leadline.report.retelling import built_in, retold, retold_sum
from leadline.report.wording import count_short, integer, memory, setting, shape

NO_WEIGHTS = "no weights: "
ROOMY = 90
"""Columns from which on there is room for wide gaps between the columns of a table."""


def print_model(found: dict[str, Any], screen: Console | None = None) -> None:
    """Print what `show.describe` found, as wide as the screen is; on standard error by default.

    It is printed in the language in force (`report.language.speaking`).
    """
    screen = screen or console.people()
    screen.print(Text.assemble((found["name"], "bold"), "  ", built_in(found["title"])))
    if found["description"]:
        screen.print(built_in(found["description"]))
    screen.print(_input(found))
    screen.print()
    screen.print(_layers(found["layers"], screen.width))
    screen.print()
    screen.print(_total(found))
    for layer in found["dead_layers"]:
        line = _("dead layer {name} ({type}): {reason}").format(
            name=layer["name"], type=layer["type"], reason=retold(layer["reason"])
        )
        screen.print(line, style=console.CAUTION)
    for part, heading in (("optimizer", _("optimizer")), ("loss", _("loss"))):
        screen.print()
        _formula(screen, heading, found[part])
    screen.print()
    screen.print(_training(found["training"]))


def _input(found: dict[str, Any]) -> str:
    features = dict(found["features"])
    kind = features.pop("kind")
    settings = ", ".join(f"{key} {setting(value)}" for key, value in features.items())
    return _("input: {size} pixels; features: {kind} ({settings}); {classes} classes").format(
        size=" × ".join(map(str, found["input_shape"])),
        kind=kind,
        settings=settings,
        classes=found["classes"],
    )


def _layers(rows: list[dict[str, Any]], width: int) -> Table:
    heads = (_("layer"), _("type"), _("output"), _("weights"), _("by which sum"))
    table = console.table(_("Layers"), *heads)
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
    return Text(retold_sum(reason), style="" if reason == derivation else "dim")


def _total(found: dict[str, Any]) -> Text:
    text = Text.assemble(
        (f"{_('total')} ", "bold"),
        (
            _("{count} weights").format(count=integer(found["total_weights"])),
            f"bold {console.ACCENT}",
        ),
        f" ({memory(found['memory_bytes'])}), ",
        _("{count} multiply-adds an image").format(count=count_short(found["multiply_adds"])),
    )
    held = found["total_weights"] - found["trainable_weights"]
    if not held:
        return text
    return text.append("\n" + _("{count} of them are not trained").format(count=integer(held)))


def _formula(screen: Console, heading: str, formula: dict[str, Any]) -> None:
    """A name, its equations one a line, and every argument in force with its symbol."""
    screen.print(Text.assemble((f"{heading} ", "bold"), (formula["name"], console.ACCENT)))
    arguments = {key: value for key, value in formula.items() if key not in ("name", "equations")}
    given = ", ".join(_argument(*item) for item in arguments.items() if item[1] not in (None, []))
    off = ", ".join(key for key, value in arguments.items() if value is None)
    lines = [Text(line) for line in formula["equations"]] + [Text(given, style="dim")]
    if off:
        lines.append(Text(_("off: {settings}").format(settings=off), style="dim"))
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
    return Text.assemble((f"{_('training')} ", "bold"), said)


def _setting(value: Any) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{key}={_setting(item)}" for key, item in value.items())
        return f"({inside})"
    return setting(value)
