"""`leadline export`: a run's model as one file, checked, for others to use."""

from __future__ import annotations

import shlex
from enum import StrEnum
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadline.cli import console, extras
from leadline.cli.options import Json, complete_run
from leadline.cli.progress_bars import watching

if TYPE_CHECKING:
    from leadline.workflow.run_export import Exported


class Form(StrEnum):
    """Export formats."""

    ONNX = "onnx"
    KERAS = "keras"
    TORCH = "torch"


def command(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN", help="The folder of a finished run.", autocompletion=complete_run
        ),
    ],
    form: Annotated[
        Form | None,
        typer.Option(
            "--format",
            metavar="onnx|keras|torch",
            help="Output format; by default from FILE's suffix, else onnx. torch: safetensors and "
            "Python.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Output file; by default named after the experiment, in the current folder.",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="PATH", help="Current location of the run's images."),
    ] = None,
    *,
    trust: Annotated[
        bool,
        typer.Option("--trust", metavar="", help="Allow code in the run's model.keras to run."),
    ] = False,
    json: Json = False,
) -> None:
    """Export a run's model to ONNX, Keras or torch.

    The new file is checked on up to 1,000 of the run's test images, which are read
    again: it must match the Keras model, and the Keras model the recorded predictions.
    Otherwise nothing is written.
    """
    extras.require("train")
    with watching() as watch:
        # Inside, for loading Keras and torch takes seconds in which the screen should not be dead.
        from leadline.export.export_paths import form_of
        from leadline.workflow.run_export import export_run

        chosen = form or (output and form_of(output)) or Form.ONNX
        done = export_run(run, Form(chosen).value, output, data=data, trust=trust, on_event=watch)
    if json:
        console.machine(_record(run, done))
    else:
        console.limits(done.limits)
        _tell(done)
        console.where("model", done.path)


def _record(run: Path, done: Exported) -> dict[str, Any]:
    """Return what --json prints."""
    return {
        "run": str(run),
        "format": done.form,
        "path": str(done.path),
        "bytes": done.size_bytes,
        "sha256": done.sha256,
        "images_checked": done.images,
        "largest_difference": done.largest_difference,
        "limits": done.limits,
        "builder": None if done.builder is None else str(done.builder),
        "code": done.code,
    }


def _tell(done: Exported) -> None:
    """Print the written file, how it was checked, and a command to try next."""
    screen = console.people()
    table = console.table("", "", "")
    table.add_row("size", console.size(done.size_bytes))
    table.add_row("SHA-256", done.sha256)
    table.add_row("checked", _agreement(done))
    screen.print(table)
    if done.code:
        screen.print(
            "written without the out-of-distribution score, because ONNX Runtime and NumPy compute "
            "different scores for the images checked; the probabilities agree"
        )
    if done.builder is not None:
        console.said("builder", done.builder)
    # Never wrapped, for it is there to be copied.
    screen.print(f"try: {console.one_line(_following(done))}", soft_wrap=True)


def _following(done: Exported) -> str:
    """The command to try on the file."""
    if done.form == "keras":
        code = f"import leadline; leadline.load_keras({dumps(str(done.path))}).summary()"
        return f"python -c {shlex.quote(code)}"
    if done.builder is not None:
        code = f"import {done.builder.stem} as m; print(m.load({dumps(done.path.name)}))"
        there = done.path.parent
        move = "" if there == Path() else f"cd {shlex.quote(str(there))} && "
        return f"{move}python -c {shlex.quote(code)}"
    return f"leadline predict {shlex.quote(str(done.path))} IMAGE"


def _agreement(done: Exported) -> str:
    from leadline.report.formatting import integer

    images = f"{integer(done.images)} test image{'s' * (done.images != 1)}"
    if done.largest_difference == 0:
        return f"{images}: identical to the Keras model"
    return (
        f"{images}: same classes as the Keras model, probabilities within "
        f"{done.largest_difference:.1g}"
    )
