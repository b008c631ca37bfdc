"""The command line: one thin module a command, one place where errors become a line.

`COMMANDS` is the table of commands. A command's module is imported when the command is used, and
heavy libraries when it runs: `leadline --help` loads neither NumPy, Pydantic nor Rich.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup

from leadline import __version__
from leadline.cli import error_handler, library_settings
from leadline.system import process


class Command(NamedTuple):
    """A command of `leadline`.

    `module`, below `leadline.cli`, has a function `command`, or a Typer `app` of subcommands.
    """

    module: str
    summary: str
    example: str = ""


COMMANDS = {
    "list": Command("listing", "List experiments, studies, data sources, the zoo, runs.", "--json"),
    "show": Command(
        "show",
        "Show a model: layers, weight formulas, optimizer and loss.",
        "cnn-3 --set layers.8.units=64",
    ),
    "data": Command("data", "Download a dataset, or audit one."),
    "train": Command(
        "train",
        "Train one model and write its run folder and report.",
        "mlp-1 --set training.epochs=3 --seed 1",
    ),
    "study": Command(
        "study", "Train the models of a study and compare them.", "first-look --seeds 3"
    ),
    "compare": Command(
        "compare", "Compare finished runs pair by pair.", "runs/lab/cnn-3/* runs/lab/hog-3/*"
    ),
    "report": Command(
        "report", "Rewrite the report of a run or a study.", "runs/first-look -o look.html"
    ),
    "explain": Command(
        "explain",
        "Show where a model looks in an image.",
        "runs/chest/chest-cnn/seed-0 film.dcm -o why.png",
    ),
    "predict": Command(
        "predict", "Classify images with a model.", "chest-cnn films/ -o answers.csv"
    ),
    "export": Command(
        "export",
        "Export a run's model to ONNX, Keras or torch.",
        "runs/lab/cnn-3/seed-0 --format onnx -o model.onnx",
    ),
    "serve": Command(
        "serve", "Serve models: a web page and an HTTP API.", "runs/first-look/*/seed-0 --port 0"
    ),
    "doctor": Command("doctor", "Show what is installed and which device trains.", "--json"),
}
"""All commands, in the order of `leadline --help`."""


class LazyCommands(Mapping[str, Any]):
    """Typer's commands by name; a command's module is imported when its command is looked up."""

    def __getitem__(self, name: str) -> Any:
        entry = COMMANDS[name]
        module = importlib.import_module(f"leadline.cli.{entry.module}")
        if hasattr(module, "app"):
            return typer.main.get_command(module.app)
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        epilog = f"Example: leadline {name} {entry.example}"
        single.command(name, epilog=epilog, short_help=entry.summary)(module.command)
        return typer.main.get_command(single)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class LazyGroup(TyperGroup):
    """All commands. Printing their table imports none of their modules."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = LazyCommands()  # type: ignore[assignment]  # read only

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        """Write the table of commands."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


app = typer.Typer(
    name="leadline",
    cls=LazyGroup,
    help="Train shallow, feature-based and deep image classifiers under one protocol.",
    epilog="Start with: leadline study first-look",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: Rich's takes twice as long to load as all else
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
            help="Print the version and exit.",
        ),
    ] = False,
) -> None:
    """Train shallow, feature-based and deep image classifiers under one protocol."""
    library_settings.require_memory(library_settings.NUMPY_BYTES)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status; `arguments` default to the process's own."""
    process.prepare()
    # Pydantic would look through all installed packages for plug-ins.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
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
