"""`leadline explain`: where a model looks in images of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadline.cli import console, extras
from leadline.cli.options import Json
from leadline.errors import DataError, StorageError

if TYPE_CHECKING:
    from leadline.explain.answer import Answer, Explained

PICTURE = Path("explanation.png")
MOST_IMAGES = 100


def command(
    model: Annotated[
        Path,
        typer.Argument(metavar="MODEL", help="A run's folder, its model.onnx, or a zoo name."),
    ],
    images: Annotated[
        list[Path],
        typer.Argument(metavar="IMAGE...", help="PNG, JPEG, DICOM and others; 100 at most."),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="The picture, a PNG."),
    ] = PICTURE,
    class_name: Annotated[
        str | None,
        typer.Option(
            "--class", metavar="NAME", help="Show what speaks for this class, not for the answer."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Show where a model looks in an image: a heat map, and how much of it is border.

    The picture has a row for each image: what the network sees, where something speaks for the
    class, and what the model says. Convolutional runs are asked by Grad-CAM; other runs, and
    artefacts, by covering parts of the image.
    """
    _check(images, output)
    extras.require("train")
    from leadline.report.explanation_picture import draw_explained
    from leadline.runs import write_bytes
    from leadline.why import why

    found = why(model, images, class_name)
    write_bytes(output, draw_explained(found))
    if json:
        console.machine({**found.as_dict(), "picture": str(output)})
    else:
        _tell(found)
        console.where("picture", output)


def _check(images: list[Path], output: Path) -> None:
    """Whatever can be refused before seconds go by."""
    if len(images) > MOST_IMAGES:
        raise DataError(f"{len(images)} images for one picture; give {MOST_IMAGES} at most.")
    if output.is_dir():
        raise StorageError(f"{output}: is a folder; name a file, as in -o {output / PICTURE}.")
    if output.suffix.lower() != ".png":
        raise StorageError(f"{output}: the picture is a PNG; end its name in .png.")
    if output.exists() and any(one.exists() and one.samefile(output) for one in images):
        raise StorageError(f"{output}: is one of the images; name another file with -o.")


def _tell(found: Explained) -> None:
    """The picture's words, for the screen."""
    from leadline.explain.border import even_share
    from leadline.report.wording import percent

    screen = console.people()
    screen.print(console.one_line(f"{found.model}, {found.how}"), soft_wrap=True)
    table = console.table("", "image", "class", "probability", "in the border", "")
    for one in found.answers:
        table.add_row(*_row(one))
    screen.print(table)
    screen.print(f"An even map has {percent(even_share(), 0)} in the border tenth.", style="dim")
    console.limits(found.limits)


def _row(answer: Answer) -> tuple[str, ...]:
    from leadline.report.wording import decimal, percent

    remarks = []
    if answer.in_scope is False:
        remarks.append("out of scope")
    if answer.explained != answer.decided:
        remarks.append(f"map for {console.one_line(answer.explained)}")
    return (
        console.one_line(answer.path),
        console.one_line(answer.decided),
        decimal(answer.probabilities[answer.decided], 3),
        "map empty" if answer.border is None else percent(answer.border, 0),
        ", ".join(remarks),
    )
