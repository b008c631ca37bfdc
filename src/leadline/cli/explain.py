"""`leadline explain`: where a model looks in images of one's own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadline.cli import console, library_settings
from leadline.cli.options import Json, Threads, complete_model
from leadline.cli.terminal_tables import Column
from leadline.errors import DataError, StorageError

if TYPE_CHECKING:
    from leadline.explain.explained_image import Answer, Explained

PICTURE = Path("explanation.png")
MOST_IMAGES = 100
SHOWN_FROM = 2
"""Images, from which on progress is shown."""


def command(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL",
            help="A run's folder, its model.onnx, or a zoo name.",
            autocompletion=complete_model,
        ),
    ],
    images: Annotated[
        list[str],
        typer.Argument(
            metavar="IMAGE...", help="PNG, JPEG, DICOM and others, folders, globs; 100 at most."
        ),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="Output picture (PNG)."),
    ] = PICTURE,
    class_name: Annotated[
        str | None,
        typer.Option(
            "--class", metavar="NAME", help="Class to explain; by default the predicted one."
        ),
    ] = None,
    trust: Annotated[
        bool,
        typer.Option("--trust", metavar="", help="Allow code in the run's model.keras to run."),
    ] = False,
    _threads: Threads = None,
    json: Json = False,
) -> None:
    """Show where a model looks in an image.

    For each image the picture shows the network's input, heat maps for the predicted
    class and for the runner-up, the edges as HOG features, and the prediction. Runs
    with a convolution use Grad-CAM if leadline[train] is installed; other runs, model
    files and zoo models use occlusion.
    """
    _check(output)
    library_settings.prepare()
    entries = _entries(images)
    if any(entry.exists() and output.exists() and entry.samefile(output) for entry in entries):
        raise StorageError(f"{output}: is one of the images; choose another file with -o.")
    from leadline.report.picture.explanation_picture import draw_explained, is_explanation

    if output.exists() and not is_explanation(output):
        raise StorageError(
            f"{output}: already exists and was not made by explain; choose another file with -o, "
            f"or remove it."
        )
    from leadline.runs import write_bytes
    from leadline.workflow.image_explanation import why

    with _counting(len(entries)) as told:
        found = why(model, entries, class_name, trust=trust, on_progress=told)
        write_bytes(output, draw_explained(found))
    _warn_of_letters(found)
    if json:
        console.machine({**found.as_dict(), "picture": str(output)})
    else:
        _tell(found)
        console.where("picture", output)


def _warn_of_letters(found: Explained) -> None:
    """Warn about characters that no installed font has."""
    from leadline.report.picture.lettering import lacking
    from leadline.report.plots.installed_fonts import missing_letters_text

    texts = {found.model, found.limits}
    for answer in found.answers:
        texts |= {answer.path, *answer.probabilities}
    if letters := lacking(texts):
        characters = missing_letters_text(letters)
        console.people().print(
            "warning: Characters shown as codes in the picture, because no installed font has "
            f"them: {characters}",
            style=console.CAUTION,
            soft_wrap=True,
        )


def _check(output: Path) -> None:
    """Check the output path before anything slow starts."""
    if output.is_dir():
        raise StorageError(f"{output}: is a folder; give a file name, as in -o {output / PICTURE}.")
    if output.suffix.lower() != ".png":
        raise StorageError(f"{output}: the picture is a PNG file; use a name that ends in .png.")
    if not output.parent.is_dir():
        raise StorageError(
            f"{output}: there is no folder {output.parent}; create it, or choose another file."
        )


def _entries(paths: Sequence[str]) -> list[Path]:
    """Return the named images in order; raise DataError for anything else, or too many."""
    from leadline.serving import Inputs

    entries: list[Path] = []
    for found in Inputs(paths):
        if isinstance(found, DataError):
            raise found
        if not isinstance(found, Path):
            raise DataError(f"{found}: archives are not read; unpack it first.")
        entries.append(found)
        if len(entries) > MOST_IMAGES:
            raise DataError(f"more than {MOST_IMAGES} images for one picture; give fewer.")
    return entries


@contextlib.contextmanager
def _counting(images: int) -> Iterator[Callable[[int], None]]:
    """Report how many images are done, as a bar on a terminal if there are several."""
    if images < SHOWN_FROM or not console.on_a_terminal():
        yield lambda _done: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    bar = BarColumn(bar_width=24, complete_style=console.ACCENT, finished_style=console.ACCENT)
    columns = (bar, MofNCompleteColumn(), "images", TimeRemainingColumn())
    with Progress(*columns, console=console.people(), transient=True) as progress:
        task = progress.add_task("", total=images)
        yield lambda done: progress.update(task, completed=done)


def _tell(found: Explained) -> None:
    """Print the text of the picture."""
    from leadline.explain.sanity_checks import even_share
    from leadline.report.formatting import percent

    screen = console.people()
    screen.print(console.one_line(f"{found.model}, {found.how}"), soft_wrap=True)
    table = console.table(
        "",
        Column("image", "path"),
        Column("class", "path"),
        Column("runner-up", "path", secondary=True),
        Column("in the border", "number"),
        "",
    )
    for one in found.answers:
        table.add_row(*_row(one))
    screen.print(table)
    screen.print(f"A uniform map has {percent(even_share(), 0)} there.", style="dim")
    console.limits(found.limits)


def _row(answer: Answer) -> tuple[str, ...]:
    from leadline.report.formatting import percent

    remarks = []
    if answer.in_scope is False:
        remarks.append("unlike the training images")
    if answer.explained != answer.decided:
        remarks.append(f"map for {console.one_line(answer.explained)}")
    return (
        console.one_line(answer.path),
        _class(answer, answer.decided),
        _class(answer, answer.runner_up),
        "map empty" if answer.border is None else percent(answer.border, 0),
        ", ".join(remarks),
    )


def _class(answer: Answer, name: str) -> str:
    """A class with its probability: "ill 0.812"."""
    from leadline.report.formatting import probability

    return f"{console.one_line(name)} {probability(answer.probabilities[name])}"
