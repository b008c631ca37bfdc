"""Terminal output of `show`: layers, unused layers, optimizer and loss."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from leadline.cli import console
from leadline.cli.terminal_tables import Column, TerminalTable
from leadline.models.built_model import UnusedLayer
from leadline.models.weight_table import LayerRow
from leadline.report.formatting import count_short, integer, memory, setting, shape
from leadline.report.translations.language import built_in
from leadline.report.translations.language import gettext as _
from leadline.report.words.equations import symbol
from leadline.report.words.layer_words import size_text, unused_text, weights_text

NOT_ARGUMENTS = ("name", "equations", "keras_defaults", "own_step")


def print_model(found: dict[str, Any], screen: Console | None = None) -> None:
    """Print what `show.describe` found, as wide as the screen is; on standard error by default.

    It is printed in the language in force (`report.language.speaking`).
    """
    screen = screen or console.people()
    screen.print(Text.assemble((found["name"], "bold"), "  ", built_in(found["title"])))
    if found["description"]:
        screen.print(built_in(found["description"]))
    if found["assumed"]:
        settings = ", ".join(f"{key}={setting(value)}" for key, value in found["assumed"].items())
        message = _("assumed, not stated by the source: {settings}")
        screen.print(message.format(settings=settings))
    screen.print(_input(found))
    screen.print()
    screen.print(_layers(found["layers"]))
    screen.print()
    screen.print(_total(found))
    for layer in found["unused_layers"]:
        line = _("unused layer {name} ({type}): {reason}").format(
            name=layer["name"], type=layer["type"], reason=unused_text(UnusedLayer(**layer))
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


def _layers(rows: list[dict[str, Any]]) -> TerminalTable:
    table = console.table(
        _("Layers"),
        Column(_("layer"), "path"),
        Column(_("type"), "path", secondary=True),
        Column(_("output"), "number", secondary=True),
        Column(_("weights"), "number"),
        Column(_("formula")),
    )
    for row in rows:
        table.add_row(
            row["name"],
            row["type"],
            shape(tuple(row["output_shape"])),
            integer(row["weights"]),
            _sum(row),
            style="" if row["weights"] else "dim",
        )
    return table


def _sum(row: dict[str, Any]) -> str:
    """The formula of the weights, or what the layer does; below it, that of another size."""
    layer = LayerRow(**{field.name: row[field.name] for field in fields(LayerRow)})
    text, size = weights_text(layer), size_text(layer)
    return f"{text}\n" + _("output: {size}").format(size=size) if size else text


def _total(found: dict[str, Any]) -> Text:
    text = Text.assemble(
        (f"{_('total')} ", "bold"),
        (
            _("{count} weights").format(count=integer(found["total_weights"])),
            f"bold {console.ACCENT}",
        ),
        f" ({memory(found['memory_bytes'])}), ",
        _("{count} multiply-adds per image").format(count=count_short(found["multiply_adds"])),
    )
    held = found["total_weights"] - found["trainable_weights"]
    if not held:
        return text
    return text.append("\n" + _("{count} of them are not trained").format(count=integer(held)))


def _formula(screen: Console, heading: str, formula: dict[str, Any]) -> None:
    """A name, its equations one a line, and every argument in force with its symbol."""
    screen.print(Text.assemble((f"{heading} ", "bold"), (formula["name"], console.ACCENT)))
    arguments = {key: value for key, value in formula.items() if key not in NOT_ARGUMENTS}
    given = ", ".join(_argument(*item) for item in arguments.items() if item[1] not in (None, []))
    off = ", ".join(key for key, value in arguments.items() if value is None)
    lines = [Text(line) for line in formula["equations"]] + [Text(given, style="dim")]
    if off:
        lines.append(Text(_("off: {settings}").format(settings=off), style="dim"))
    defaults = ", ".join(f"{key}={value}" for key, value in formula["keras_defaults"].items())
    message = _("fixed at Keras’s defaults: {settings}")
    lines.append(Text(message.format(settings=defaults), style="dim"))
    if "own_step" in formula:
        step = (
            _("update step: leadline’s own") if formula["own_step"] else _("update step: Keras’s")
        )
        lines.append(Text(step, style="dim"))
    for line in lines:
        screen.print(Padding(line, (0, 0, 0, 2), expand=False))


def _argument(name: str, value: object) -> str:
    letter = symbol(name)
    return f"{name}={setting(value)}{f' ({letter})' if letter else ''}"


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
