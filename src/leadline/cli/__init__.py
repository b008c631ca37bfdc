"""The command line: one thin module a command, one place where errors become a line.

| module | holds |
|---|---|
| `failures` | what is said, and which status is returned, when something goes wrong |
| `console` | where output goes: people on standard error, machines on standard output |
| `options` | the arguments that several commands share, with their shell completion |
| `progress` | events of a pipeline, as live bars on a terminal or as lines in a pipe |
| `extras` | the optional extras, and what to install |
| `libraries` | what Keras, torch and matplotlib find in the environment |
| `topology_text` | what `show` prints |
| `answer_file`, `answer_table` | where `predict` writes, and what it shows |
| `catalogue`, `cache` | what is built in, and what has been fetched |

Nothing heavy is imported before a command runs: `leadline --help` loads neither NumPy nor Pydantic.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from leadline import __version__
from leadline.cli import (
    compare,
    data,
    doctor,
    error_handler,
    explain,
    export,
    library_settings,
    listing,
    predict,
    report,
    serve,
    show,
    study,
    train,
)
from leadline.system import process

app = typer.Typer(
    name="leadline",
    help="Train shallow, feature-based and deep image classifiers under one protocol.",
    epilog="Start with: leadline study first-look",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("list", epilog="Example: leadline list --json")(listing.command)
app.command("show", epilog="Example: leadline show cnn-3 --set layers.8.units=64")(show.command)
app.add_typer(data.app, name="data")
app.command("train", epilog="Example: leadline train mlp-1 --set training.epochs=3 --seed 1")(
    train.command
)
app.command("study", epilog="Example: leadline study first-look --seeds 3")(study.command)
app.command("compare", epilog="Example: leadline compare runs/lab/cnn-3/* runs/lab/hog-3/*")(
    compare.command
)
app.command("report", epilog="Example: leadline report runs/first-look -o look.html")(
    report.command
)
app.command(
    "explain", epilog="Example: leadline explain runs/chest/chest-cnn/seed-0 film.dcm -o why.png"
)(explain.command)
app.command("predict", epilog="Example: leadline predict chest-cnn films/ -o answers.csv")(
    predict.command
)
app.command(
    "export", epilog="Example: leadline export runs/lab/cnn-3/seed-0 --format onnx -o model.onnx"
)(export.command)
app.command("serve", epilog="Example: leadline serve runs/first-look/*/seed-0 --port 0")(
    serve.command
)
app.command("doctor", epilog="Example: leadline doctor --json")(doctor.command)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"leadline {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            metavar="",
            callback=_print_version,
            is_eager=True,
            help="Print the version, and exit.",
        ),
    ] = False,
) -> None:
    """Train shallow, feature-based and deep image classifiers under one protocol."""
    library_settings.require_memory(library_settings.NUMPY_BYTES)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status; `arguments` default to the process's own."""
    process.prepare()
    given = sys.argv[1:] if arguments is None else list(arguments)
    process.stopping.last_words = lambda: error_handler.interrupted(given)
    try:
        status = run(given)
        status = _flushed(status, given)
    except KeyboardInterrupt as error:  # while an error was being reported
        status = error_handler.report(error, given)
    process.stopping.release()
    sys.exit(status)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status. Whatever goes wrong becomes one line."""
    command = typer.main.get_command(app)
    try:
        status = command.main(list(arguments) or ["--help"], "leadline", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  the one place that may
        return error_handler.report(error, arguments)
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):  # of which Typer says status 1
            return error_handler.PIPE_CLOSED
        raise
    # Typer turns Ctrl-C into this status without a word.
    if status == error_handler.INTERRUPTED:
        return error_handler.report(KeyboardInterrupt(), arguments)
    return status if isinstance(status, int) else 0


def _flushed(status: int, arguments: Sequence[str]) -> int:
    """The status, once all output is written; Python would report what fails here by itself."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        try:
            if stream is not None:
                stream.flush()
        except OSError as error:
            setattr(sys, name, None)  # or Python tries once more when it ends
            if isinstance(error, BrokenPipeError):
                return error_handler.PIPE_CLOSED
            if status == 0:  # else the command has reported why it failed, most likely for this
                status = error_handler.report(error, arguments)
    return status
